"""The words that random models are made of: names, types, defaults, conditions of each database.

A type belongs to a family; defaults, conditions and expressions are written for families.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeDecorator, UserDefinedType

Made: TypeAlias = Callable[[], Any]


class Upper(TypeDecorator[str]):
    """A project's own type over an ordinary one."""

    impl = sa.String(20)
    cache_ok = True


class Code(UserDefinedType[str]):
    """A project's own type that says how it is written."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "VARCHAR(7)"


TABLES = (
    *("users", "order", "Group", "ключ", "a b", "posts", 'qu"ote', "per%cent", "co:lon"),
    "a_table_whose_name_is_nearly_as_long_as_names_can_be_at",
)
COLUMNS = (
    *("name", "select", "Mixed", "имя", "two words", "n", 'do"uble', "pct%", "c:d", "b`t", "it's"),
    "a_column_with_a_name_that_is_almost_as_long_as_it_can_possibly",
)
KEYS = ("id", "code", "Nr")
PREFIXES = ("owner", "parent", "Odd ref")
COMMENTS = ("plain", "it's", '50% "x"', "a:b :c", "two\nlines", "back\\slash")
VALUES = ("a", "b", "it's", "50%", "x:y", "Ünï", "two words")
PART_NAMES = ("one", "Two", "три", "f o u r", "pct%", "it's")

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_ALL: dict[str, tuple[str, Made]] = {
    "integer": ("number", sa.Integer),
    "bigint": ("number", sa.BigInteger),
    "smallint": ("number", sa.SmallInteger),
    "numeric": ("number", sa.Numeric),
    "numeric(10,2)": ("number", lambda: sa.Numeric(10, 2)),
    "float": ("number", sa.Float),
    "double": ("number", sa.Double),
    "varchar(10)": ("string", lambda: sa.String(10)),
    "varchar(20)": ("string", lambda: sa.String(20)),
    "char(30)": ("string", lambda: sa.CHAR(30)),
    "text": ("text", sa.Text),
    "unicode(10)": ("string", lambda: sa.Unicode(10)),
    "boolean": ("boolean", sa.Boolean),
    "datetime": ("moment", sa.DateTime),
    "date": ("date", sa.Date),
    "time": ("time", sa.Time),
    "json": ("json", sa.JSON),
    "uuid": ("uuid", sa.Uuid),
    "binary": ("bytes", sa.LargeBinary),
    "interval": ("interval", sa.Interval),
    "decorated": ("string", Upper),
    "own": ("string", Code),
    "words": ("words", lambda: sa.Enum("a", "it's", native_enum=False, length=9)),
    "checked words": (
        "words",
        lambda: sa.Enum("a", "it's", native_enum=False, create_constraint=True, name="checked"),
    ),
    "checked boolean": ("boolean", lambda: sa.Boolean(create_constraint=True, name="yes_no")),
}

_POSTGRESQL: dict[str, tuple[str, Made]] = {
    "varchar": ("text", sa.String),
    "varchar(10) C": ("string", lambda: sa.String(10, collation="C")),
    "timestamptz": ("moment", lambda: sa.DateTime(timezone=True)),
    "timestamp(3)": ("moment", lambda: postgresql.TIMESTAMP(precision=3)),
    "timetz": ("time", lambda: sa.Time(timezone=True)),
    "interval day": ("interval", lambda: postgresql.INTERVAL(fields="DAY")),
    "jsonb": ("jsonb", postgresql.JSONB),
    "integer[]": ("numbers", lambda: postgresql.ARRAY(sa.Integer)),
    "text[]": ("strings", lambda: postgresql.ARRAY(sa.Text)),
    "varchar(5)[]": ("strings", lambda: sa.ARRAY(sa.String(5))),
    "inet": ("inet", postgresql.INET),
    "int4range": ("range", postgresql.INT4RANGE),
    "tsvector": ("document", postgresql.TSVECTOR),
    "bit(3)": ("bits", lambda: postgresql.BIT(3)),
}

_MYSQL: dict[str, tuple[str, Made]] = {
    "unsigned": ("number", lambda: mysql.INTEGER(unsigned=True)),
    "tinyint": ("number", mysql.TINYINT),
    "longtext": ("text", mysql.LONGTEXT),
    "datetime(3)": ("moment", lambda: mysql.DATETIME(fsp=3)),
    "timestamp": ("moment", sa.TIMESTAMP),
    "varbinary(10)": ("bytes", lambda: sa.VARBINARY(10)),
    "set": ("words", lambda: mysql.SET("a", "b c")),
    "enum": ("words", lambda: sa.Enum("a", "it's", "50%")),
    "varchar(10) bin": ("string", lambda: sa.String(10, collation="utf8mb4_bin")),
}

_SQLITE: dict[str, tuple[str, Made]] = {
    "varchar": ("text", sa.String),
    "varchar(10) nocase": ("string", lambda: sa.String(10, collation="NOCASE")),
}

# An Interval is a date since 1970 where a database has no such type.
TYPES: dict[str, Mapping[str, tuple[str, Made]]] = {
    "postgresql": {**_ALL, **_POSTGRESQL},
    "sqlite": {**_ALL, **_SQLITE, "interval": ("moment", sa.Interval)},
    "mysql": {
        **{name: made for name, made in _ALL.items() if name != "interval"},
        **_MYSQL,
    },
}

KEY_TYPES = {
    "postgresql": ("integer", "bigint", "varchar(10)", "uuid"),
    "sqlite": ("integer", "bigint", "varchar(10)", "uuid"),
    "mysql": ("integer", "bigint", "varchar(10)"),
}

_DEFAULTS: dict[str, tuple[Any, ...]] = {
    "number": ("0", "7", sa.text("-1"), sa.text("(1 + 2)")),
    "string": ("x", "it's", "5%", "a:b", "", "b\\s", sa.text("'q'")),
    "text": ("it's a longer one", "50% :x", ""),
    "boolean": (sa.true(), sa.false()),
    "moment": (sa.func.now(), sa.text("CURRENT_TIMESTAMP"), "2020-01-01 00:00:00"),
    "date": ("2020-01-01",),
    "time": ("12:30:00",),
    "json": ("{}", '{"a": "it\'s 5% :x"}'),
    "words": ("a", "it's"),
}

DEFAULTS: dict[str, Mapping[str, tuple[Any, ...]]] = {
    "postgresql": {
        **_DEFAULTS,
        "date": ("2020-01-01", sa.func.current_date(), sa.text("'2020-01-01'::date + 1")),
        "string": (*_DEFAULTS["string"], sa.text("lower('A')"), sa.text("'q'::text")),
        "jsonb": ("{}", sa.text("'[1]'::jsonb"), sa.text("jsonb_build_object('a', 1)")),
        "uuid": (sa.text("gen_random_uuid()"),),
        "interval": ("1 day", sa.text("interval '2 days'")),
        "numbers": ("{}", sa.text("ARRAY[1, 2]")),
        "strings": ("{}", "{a,it's}", sa.text("ARRAY['a', 'b:c']")),
        "inet": ("127.0.0.1",),
        "range": ("[1,5)",),
        "bits": ("101",),
    },
    "sqlite": {**_DEFAULTS, "uuid": (sa.text("(hex(randomblob(16)))"),)},
    "mysql": {
        **_DEFAULTS,
        "number": ("0", "7", sa.text("1"), sa.text("(1 + 2)")),
        "string": (*_DEFAULTS["string"], sa.text("(lower('A'))")),
        "words": ("a",),
        "uuid": (),
    },
}

_CHECKS: dict[str, tuple[str, ...]] = {
    "number": (
        "{c} > 0",
        "{c} BETWEEN 1 AND 5",
        "{c} IN (1, 2)",
        "{c} <> -1 OR {c} IS NULL",
        "NOT ({c} = 3 AND {c} < 4)",
        "{c} + 1 > 2 * 3",
    ),
    "string": (
        "{c} <> ''",
        "length({c}) > 2",
        "{c} IN ('a', 'b''c')",
        "{c} LIKE 'a%'",
        "{c} <> 'a:b'",
        "{c} = lower({c})",
    ),
    "boolean": ("{c} IS NOT NULL",),
    "moment": ("{c} > '2020-01-01'",),
    "date": ("{c} > '2020-01-01'",),
}
_CHECKS["text"] = _CHECKS["string"][:5]

CHECKS: dict[str, Mapping[str, tuple[str, ...]]] = {
    "postgresql": {
        **_CHECKS,
        "boolean": ("{c}", "{c} IS NOT NULL", "NOT {c}"),
        "jsonb": ("{c} ? 'a'", "{c}->>'a' = 'x'"),
        "numbers": ("array_length({c}, 1) > 0", "1 = ANY ({c})"),
        "string": (*_CHECKS["string"], "{c} ~ '^a:b%$'", "{c}::text = 'x'"),
    },
    "sqlite": {
        **_CHECKS,
        "json": ("json_valid({c})",),
        "string": (*_CHECKS["string"], "{c} GLOB 'a*'"),
    },
    "mysql": _CHECKS,
}

_EXPRESSIONS: dict[str, tuple[str, ...]] = {
    "number": ("({c} + 1)", "abs({c})"),
    "string": ("lower({c})", "({c} || 'x')"),
    "text": ("lower({c})",),
}

EXPRESSIONS: dict[str, Mapping[str, tuple[str, ...]]] = {
    "postgresql": {**_EXPRESSIONS, "jsonb": ("({c}->>'a')",)},
    "sqlite": _EXPRESSIONS,
    "mysql": {},
}

COMPUTED: dict[str, Mapping[str, tuple[str, ...]]] = {
    "postgresql": {"number": ("{c} * 2", "{c} + 1"), "string": ("lower({c})", "{c} || 'x%'")},
    "sqlite": {"number": ("{c} * 2", "{c} + 1"), "string": ("lower({c})", "{c} || 'x%'")},
    "mysql": {"number": ("{c} * 2", "{c} + 1")},
}

UNINDEXED = {
    "postgresql": frozenset({"json", "document"}),
    "sqlite": frozenset[str](),
    "mysql": frozenset({"json", "text", "bytes"}),
}
"""The families that no index can be on, without more words."""


@dataclass(frozen=True, slots=True)
class Words:
    """The vocabulary of one database."""

    dialect: str

    def family(self, type_: str) -> str:
        """Return the family of a type."""
        return "enum" if type_.startswith("enum ") else TYPES[self.dialect][type_][0]

    def make(self, type_: str) -> Any:
        """Return a new type."""
        return TYPES[self.dialect][type_][1]()

    def quoted(self, name: str) -> str:
        """Return a name as it stands in SQL."""
        mark = "`" if self.dialect == "mysql" else '"'
        return f"{mark}{name.replace(mark, mark * 2)}{mark}"

    def text(self, template: str, column: str) -> str:
        """Return SQL about a column, for `sa.text`."""
        return template.replace("{c}", self.quoted(column)).replace(":", r"\:")
