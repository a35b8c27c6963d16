"""How MySQL and MariaDB print what models declare.

MariaDB prints every integer with a width, MySQL none; both have other words than standard SQL
for much, and give what it leaves open a value of their own.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa

from asyncmigrate.dialects.forms import StandardForms
from asyncmigrate.dialects.mysql_expressions import spelled
from asyncmigrate.dialects.mysql_reconcile import implied_index
from asyncmigrate.schema.declared_parts import dialect_options
from asyncmigrate.schema.kinds.column_values import Column
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Indexed
from asyncmigrate.schema.parentheses import unwrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.dialects.mysql_server import MySQLServer
    from asyncmigrate.schema.snapshot import Object, Snapshot

_WORDS = re.compile(r"([a-z]+(?: [a-z]+)*?)\s*(?:\((.*)\))?((?: unsigned| zerofill)*)", re.DOTALL)
_CHARSET = re.compile(r"\s+(CHARACTER SET \S+|CHARSET \S+|BINARY|ASCII|UNICODE)\b", re.IGNORECASE)
_MOMENT = re.compile(
    r"\(?(current_timestamp|now|localtime|localtimestamp)(?:\((\d*)\))?\)?", re.IGNORECASE
)
_LITERAL_MOMENT = re.compile(r"current_timestamp(\(\d*\))?|now\(\d+\)", re.IGNORECASE)
_ON_UPDATE = re.compile(r"\s+ON\s+UPDATE\s+", re.IGNORECASE)
_SIMPLE = re.compile(r"[bxBX]?'(?:[^'\\]|\\.|'')*'|[-+]?[\w.]+|\w+\([^()]*\)", re.DOTALL)
_WORDS_OF_VALUES = {"true": "1", "false": "0", "null": "NULL"}
_NUMERIC = (sa.Integer, sa.Numeric, sa.Float, sa.Boolean)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")

_NAMES = {
    "integer": "int",
    "numeric": "decimal",
    "dec": "decimal",
    "fixed": "decimal",
    "real": "double",
    "double precision": "double",
    "national char": "char",
    "nchar": "char",
    "national varchar": "varchar",
    "nvarchar": "varchar",
}
_WIDTHS = {"tinyint": 4, "smallint": 6, "mediumint": 9, "int": 11, "bigint": 20}
_LENGTHS = {"char": "1", "binary": "1", "bit": "1", "decimal": "10,0"}
_SINGLE = 24
"""The most bits of precision that FLOAT(n) has; more is DOUBLE."""

_ENGINES = ("InnoDB", "MyISAM", "MEMORY", "Aria", "CSV", "ARCHIVE", "ROCKSDB", "MRG_MyISAM")


class MySQLForms(StandardForms):
    """What both servers print; asks `MySQLServer` where they differ."""

    kept: ClassVar[frozenset[str]] = frozenset(
        {"table", "column", "primary_key", "unique", "check", "index", "foreign_key", "view"}
    )
    """No schemas: one is a database here, and a migration makes no databases."""

    passed_on: ClassVar[frozenset[str]] = frozenset(
        {"auto_increment", "data_directory", "index_directory", "partitions", "subpartition_by"}
        | {"subpartitions", "tablespace", "with_parser"}
    )
    not_options: ClassVar[frozenset[str]] = (
        StandardForms.not_options | passed_on | {"*", "comment", "length", "prefix"}
    )

    usual_numbers: ClassVar[dict[str, int | bool]] = {
        "start": 1,
        "increment": 1,
        "minvalue": 1,
        "maxvalue": 9223372036854775806,
        "cycle": False,
        "cache": 1000,
    }

    def __init__(self, server: MySQLServer, dialect: Any) -> None:
        super().__init__(dialect, server.database)
        self.server = server

    def keeps(self, kind: str) -> bool:
        """Return whether the server has objects of this kind: only MariaDB has sequences."""
        return super().keeps(kind) or (kind == "sequence" and self.server.mariadb)

    def type_text(self, compiled: str) -> str:
        """Return the server's words for a type."""
        text = _CHARSET.sub("", compiled).strip()
        head, paren, rest = text.partition("(")
        if head.strip().upper() in ("ENUM", "SET"):
            return f"{head.strip().lower()}({rest}" if paren else text
        match = _WORDS.fullmatch(text.lower())
        return text.lower() if match is None else self._worded(match[1], match[2], match[3])

    def _worded(self, name: str, words: str | None, flags: str) -> str:
        name = _NAMES.get(name, name)
        parameters = (words or "").replace(" ", "")
        if name in ("bool", "boolean"):
            return "tinyint(1)"
        if name == "float" and parameters.isdigit():
            name, parameters = ("float" if int(parameters) <= _SINGLE else "double"), ""
        if name == "decimal" and parameters.isdigit():
            parameters += ",0"
        if "zerofill" in flags:
            flags = " unsigned zerofill"
        parameters = self._printed(name, parameters or _LENGTHS.get(name, ""), flags)
        return f"{name}({parameters}){flags}" if parameters else f"{name}{flags}"

    def _printed(self, name: str, parameters: str, flags: str) -> str:
        """Return the parameters that the server prints: widths are where the two differ."""
        if parameters == "0" and name in ("datetime", "timestamp", "time"):
            return ""
        if name == "year":
            return "4" if self.server.mariadb else ""
        if name not in _WIDTHS:
            return parameters
        if self.server.mariadb or "zerofill" in flags:
            usual = _WIDTHS[name] - ("unsigned" in flags and name != "bigint")
            return parameters or str(usual)
        return parameters if (name, parameters, flags) == ("tinyint", "1", "") else ""

    def collation(self, type_: Any) -> str | None:
        """Return the collation that a type asks for, be it by its character set."""
        own = self.own_type(type_)
        if getattr(own, "national", False):
            return self.server.collations.get("utf8mb3", "utf8_general_ci")
        collation, charset = getattr(own, "collation", None), getattr(own, "charset", None)
        if collation is None and charset is not None:
            suffix = "_bin" if getattr(own, "binary", False) else None
            return f"{charset}{suffix}" if suffix else self.server.collations.get(charset)
        return None if collation is None else str(collation)

    def default(self, column: sa.Column[Any]) -> str | None:
        """Return the declared server default as SQL; NULL is none."""
        found = super().default(column)
        return None if found == "NULL" else found

    def default_text(self, compiled: str, column: sa.Column[Any]) -> str:
        """Return a default with the ON UPDATE that may stand behind it."""
        default, *on_update = _ON_UPDATE.split(compiled.strip(), maxsplit=1)
        if on_update:
            return f"{self._moment(default)} ON UPDATE {self._moment(on_update[0])}"
        default = _WORDS_OF_VALUES.get(default.lower(), default)
        if default == "NULL":
            return default
        if self.server.mariadb:
            return self._default_of_mariadb(default, column)
        return self._default_of_mysql(default, column)

    def _default_of_mariadb(self, text: str, column: sa.Column[Any]) -> str:
        """MariaDB prints a number as one, and parentheses around what is not just one call."""
        plain = unwrapped(text, escapes=True)
        number = self._number(plain, column)
        if number is not None:
            return number
        return self._moment(plain) if _SIMPLE.fullmatch(plain) else f"({self.expression(plain)})"

    def _number(self, text: str, column: sa.Column[Any]) -> str | None:
        """Return a number as a column of this type prints it, or None if it is none."""
        inner = text[1:-1] if text[:1] == text[-1:] == "'" else text
        type_ = self.own_type(column.type)
        if type_._type_affinity not in _NUMERIC or not _NUMBER.fullmatch(inner):
            return None
        scale = getattr(type_, "scale", None) if isinstance(type_, sa.Numeric) else None
        return inner if scale is None else f"{Decimal(inner):.{scale}f}"

    def _default_of_mysql(self, text: str, column: sa.Column[Any]) -> str:
        """MySQL keeps a literal, and CURRENT_TIMESTAMP; what SQLAlchemy wraps is an expression."""
        if text.startswith("'"):
            number = self._number(text, column)
            return text if number is None else f"'{number}'"
        if text.startswith("b'"):
            return text
        if re.fullmatch(r"\d+", text):
            return f"'{text}'"
        if _LITERAL_MOMENT.fullmatch(text):
            return self._moment(text)
        return f"({self.expression(text)})"

    def _moment(self, text: str) -> str:
        match = _MOMENT.fullmatch(text)
        if text.upper() == "NULL":
            return "NULL"
        if match is None:
            return text if text.startswith(("'", "b'")) else self.expression(text)
        if self.server.mariadb:
            return f"current_timestamp({match[2] or ''})"
        return f"CURRENT_TIMESTAMP({match[2]})" if match[2] else "CURRENT_TIMESTAMP"

    def expression(self, text: str) -> str:
        """Return a condition, a computed value or an index's expression, spelled as usual here."""
        return spelled(text, mariadb=self.server.mariadb)

    def autoincrement(self, column: sa.Column[Any]) -> bool:
        """Return whether SQLAlchemy writes AUTO_INCREMENT for it."""
        counts = column.table is not None and column is column.table._autoincrement_column
        own = column.server_default is None or column.identity is not None
        of_sequence = isinstance(column.default, sa.Sequence) and not column.default.optional
        return counts and own and not (self.dialect.supports_sequences and of_sequence)

    def action(self, words: str | None) -> str:
        """Return ON DELETE or ON UPDATE: RESTRICT, NO ACTION and nothing are the same here."""
        found = super().action(words)
        return "" if found == "RESTRICT" else found

    def indexed_part(self, index: sa.Index, element: Any) -> Indexed:
        """Return one part of what an index is on, with the length of its prefix."""
        found = super().indexed_part(index, element)
        name = found.text.strip("`")
        if found.is_expression and index.table is not None and name in index.table.c:
            found = Indexed(name, order=found.order)  # desc("name"): models give it as text
        length = dialect_options(index, self.dialect.name).get("length")
        if isinstance(length, dict):
            length = length.get(found.text, length.get(getattr(element, "key", None)))
        if length is None or found.is_expression:
            return found
        return Indexed(found.text, order=found.order, length=int(length))

    def index_method(self, index: sa.Index) -> str:
        """Return `fulltext` or `spatial`. InnoDB makes a BTREE of whatever USING asks for."""
        prefix = dialect_options(index, self.dialect.name).get("prefix")
        return str(prefix or "").strip().lower()

    def options(self, element: sa.Table | sa.Index) -> tuple[tuple[str, str], ...]:
        """Return the options of a table; whatever an index has stands in fields of its own."""
        if isinstance(element, sa.Index):
            return ()
        prefix = f"{self.dialect.name}_"
        found = dict(super().options(element))
        return tuple(sorted((prefix + _option(name, prefix), text) for name, text in found.items()))

    def option_text(self, name: str, value: Any) -> str:
        """Return the value as the server prints it."""
        text = super().option_text(name, value).strip()
        plain = _option(name, "")
        if plain == "engine":
            return next((each for each in _ENGINES if each.lower() == text.lower()), text)
        if plain in ("charset", "collate"):
            # MySQL and MariaDB used to call it utf8, and both take that for it still.
            known = self.server.collations
            text = text.lower()
            return re.sub(r"^utf8(?=_|$)", "utf8mb3", text) if "utf8mb3" in known else text
        return text.upper() if plain == "row_format" else text

    def holds(self, before: Object, after: Object) -> bool:
        """Return whether a column cannot change so while a foreign key is on it."""
        old, new = (e for e in (before, after) if isinstance(e, Column))
        return (old.type, old.collation) != (new.type, new.collation)

    def implied_index(self, foreign_key: Object, snapshot: Snapshot) -> Object | None:
        """Return the index that the server makes along with a foreign key, and leaves behind."""
        if not isinstance(foreign_key, ForeignKey):
            return None
        return implied_index(foreign_key, snapshot)

    def constraint_name(self, kind: str, table: str, columns: Sequence[str]) -> str:
        """Return the name that the server gives to the first such constraint of a table."""
        if kind == "unique":
            return next(iter(columns), "")
        if kind == "foreign_key":
            return f"{table}_ibfk_1"
        if kind == "check":
            return "CONSTRAINT_1" if self.server.mariadb else f"{table}_chk_1"
        return ""


def _option(name: str, prefix: str) -> str:
    """Return an option's one name; models may write `mysql_default_charset` and more."""
    plain = name.removeprefix(prefix).lower().replace(" ", "_").removeprefix("default_")
    return "charset" if plain == "character_set" else plain
