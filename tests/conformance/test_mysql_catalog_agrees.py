"""What models declare, what the server says of it, and what is read after create_all: the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.schema.compare import compare
from asyncmigrate.schema.declared import declared
from asyncmigrate.schema.diff import diff
from asyncmigrate.schema.match import matched, with_server_names
from asyncmigrate.schema.scope import Scope
from asyncmigrate.scripts.comparing import read_sides

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence as Several

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmigrate.schema.kinds.view import View
    from asyncmigrate.schema.operations import Change
    from asyncmigrate.schema.snapshot import Snapshot

NOBODY: Several[View] = ()


def statements_of(connection: Connection, act: Callable[[], Any]) -> list[str]:
    """What is sent while something is done."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(" ".join(statement.split()))

    sa.event.listen(connection, "before_cursor_execute", note)
    act()
    sa.event.remove(connection, "before_cursor_execute", note)
    return sent


def changes(connection: Connection, metadata: sa.MetaData, *, asking: bool) -> list[Change]:
    """What would have to change, by the forms alone or after asking the server for its words."""
    catalog = catalog_of("mysql")
    forms = catalog.forms(connection)
    named, unnamed = with_server_names(declared([metadata], forms), forms)
    printed: Snapshot = {}
    if asking:
        printed = catalog.printed(connection, list(metadata.tables.values()), NOBODY)
    live = catalog.reconcile(catalog.read(connection, Scope()), named)
    agreed = {**named, **{key: each for key, each in printed.items() if key in named}}
    return diff(live, matched(agreed, unnamed, live))


def created(connection: Connection, metadata: sa.MetaData, *, asking: bool) -> list[Change]:
    metadata.create_all(connection)
    return changes(connection, metadata, asking=asking)


def both(words: dict[str, Any]) -> dict[str, Any]:
    """Keywords for the URL that says mysql and for the one that says mariadb."""
    return {
        f"{dialect}_{name}": value
        for dialect in ("mysql", "mariadb")
        for name, value in words.items()
    }


def wide() -> sa.MetaData:
    """Everything at once."""
    metadata = sa.MetaData()
    sa.Table(
        "parent",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(10), unique=True, nullable=False),
        sa.Column("up_id", sa.ForeignKey("parent.id", ondelete="SET NULL"), index=True),
        comment="it's 100%",
    )
    sa.Table(
        "wide",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("parent_id", sa.ForeignKey("parent.id")),
        sa.Column("other_id", sa.ForeignKey("parent.id", ondelete="RESTRICT")),
        sa.Column("named_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(20), server_default="it's"),
        sa.Column("text", sa.Text, comment="words"),
        sa.Column("at", sa.DateTime, server_default=sa.func.now()),
        sa.Column("amount", sa.Numeric(10, 2), server_default="1.5"),
        sa.Column("flag", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("data", sa.JSON, sa.CheckConstraint("json_length(data) < 3")),
        sa.Column("twice", sa.Integer, sa.Computed("named_id * 2"), index=True),
        sa.Column("odd `%: größe", sa.Integer, unique=True),
        sa.Column("kind", sa.Enum("a", "b", native_enum=False, create_constraint=True, name="k")),
        sa.UniqueConstraint("name", "at"),
        sa.UniqueConstraint("named_id", "name", name="uq_named"),
        sa.ForeignKeyConstraint(
            ["named_id"], ["parent.id"], name="fk_named", ondelete="CASCADE", onupdate="NO ACTION"
        ),
        sa.CheckConstraint("amount > 0 AND NOT (name IS NULL)", name="ck_named"),
        sa.CheckConstraint("wide.amount < 100", name="ck_table"),
        sa.Index("ix_both", "name", sa.desc("at")),
        sa.Index("ix_text", "text", **both({"length": 10})),
        sa.Index("ux", "amount", "name", unique=True),
        sa.Index("ft", "text", **both({"prefix": "FULLTEXT"})),
        **both({"engine": "innodb", "default_charset": "utf8mb4", "row_format": "dynamic"}),
    )
    sa.Table(
        "order",
        metadata,
        sa.Column("select", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Integer, primary_key=True),
        sa.PrimaryKeyConstraint("select", "key", name="pk_order"),
    )
    sa.Table(
        "latin",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("own", sa.String(5)),
        sa.Column("same", sa.String(5, collation="latin1_swedish_ci")),
        sa.Column("other", sa.String(5, collation="utf8mb4_bin")),
        **both({"charset": "latin1"}),
    )
    sa.Table(
        "parted",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        **both({"partition_by": "HASH(id)", "partitions": "3"}),
    )
    return metadata


async def test_after_create_all_there_is_no_difference(mysql_engine: AsyncEngine) -> None:
    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(created, wide(), asking=True)

    assert found == []


async def test_after_create_all_the_tool_finds_nothing_to_do(mysql_engine: AsyncEngine) -> None:
    metadata = wide()

    async with mysql_engine.connect() as connection:
        await connection.run_sync(metadata.create_all)
        sides = await connection.run_sync(read_sides, [metadata], Scope())

    assert compare(sides).changes == ()
    assert sides.not_compared == ("1 FULLTEXT parser: wide.ft",)


async def test_a_naming_convention_names_the_same_in_a_scratch_table(
    mysql_engine: AsyncEngine,
) -> None:
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer, unique=True, nullable=False),
        sa.Column("b", sa.Integer, index=True),
        sa.Column("up", sa.ForeignKey("t.id")),
        sa.CheckConstraint("a > 0 AND NOT (b > 3)", name="a"),
    )

    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(created, metadata, asking=True)

    assert found == []


async def test_sequences_of_mariadb_agree(mysql_engine: AsyncEngine) -> None:
    metadata = sa.MetaData()
    counter = sa.Sequence("counter", start=5, increment=2, metadata=metadata)
    sa.Sequence("plain", metadata=metadata)
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("n", sa.Integer, server_default=counter.next_value()),
    )

    async with mysql_engine.connect() as connection:
        if not connection.dialect.supports_sequences:
            pytest.skip("MySQL has no sequences")
        found = await connection.run_sync(created, metadata, asking=False)

    assert found == []


async def test_asking_about_more_tables_costs_five_statements_each(
    mysql_engine: AsyncEngine,
) -> None:
    def count(connection: Connection, *tables: sa.Table) -> int:
        printed = catalog_of("mysql").printed
        return len(statements_of(connection, lambda: printed(connection, tables, NOBODY)))

    tables = list(table().tables.values())

    async with mysql_engine.connect() as connection:
        none = await connection.run_sync(count)
        one = await connection.run_sync(count, *tables)
        two = await connection.run_sync(count, *tables, *tables)

    assert (one - none, two - none) == (5, 10)


DEFAULTS: dict[str, tuple[Any, Any]] = {
    "a number in quotes": (sa.Integer(), "5"),
    "a number": (sa.Integer(), sa.text("5")),
    "a negative number": (sa.Integer(), sa.text("-5")),
    "a sum": (sa.Integer(), sa.text("(1 + 2)")),
    "a hexadecimal number": (sa.Integer(), sa.text("0x10")),
    "true": (sa.Boolean(), sa.true()),
    "the word true": (sa.Boolean(), sa.text("TRUE")),
    "a decimal": (sa.Numeric(10, 2), "1.5"),
    "a decimal without scale": (sa.Numeric(), sa.text("3")),
    "a float": (sa.Float(), sa.text("-1e3")),
    "a function of numbers": (sa.Double(), sa.text("(pi())")),
    "a string": (sa.String(40), "abc"),
    "quotes and percent": (sa.String(40), 'it\'s 100% "so"'),
    "a backslash and a line": (sa.String(40), "a\\b\nc"),
    "the empty string": (sa.String(40), ""),
    "the word null": (sa.String(40), "NULL"),
    "a number as a string": (sa.String(40), "5"),
    "umlauts": (sa.String(40), "größe"),
    "a call": (sa.String(40), sa.text("(uuid())")),
    "a call of two": (sa.String(40), sa.text("(concat('a', 'b'))")),
    "a call of other letters": (sa.String(40), sa.text("(concat('größe', 'имя'))")),
    "a call with another column": (sa.String(40), sa.text("(upper(other))")),
    "a text": (sa.Text(), sa.text("('x')")),
    "bytes": (sa.BINARY(5), sa.text("'ab'")),
    "bits": (mysql.BIT(3), sa.text("b'101'")),
    "json": (sa.JSON(), sa.text("('{}')")),
    "an enum's value": (sa.Enum("a", "it's"), "it's"),
    "a set": (mysql.SET("a", "b"), "a,b"),
    "a date": (sa.Date(), "2020-01-02"),
    "today": (sa.Date(), sa.text("(curdate())")),
    "now": (sa.DateTime(), sa.func.now()),
    "CURRENT_TIMESTAMP": (sa.DateTime(), sa.text("CURRENT_TIMESTAMP")),
    "now with fractions": (mysql.DATETIME(fsp=6), sa.text("CURRENT_TIMESTAMP(6)")),
    "ON UPDATE": (sa.TIMESTAMP(), sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")),
    "ON UPDATE alone": (sa.DateTime(), sa.text("NULL ON UPDATE CURRENT_TIMESTAMP")),
    "NULL": (sa.Integer(), sa.text("NULL")),
    "a time": (sa.Time(), "10:11:12"),
}

EXPRESSIONS = {
    "a comparison": "a > 3",
    "not equal": "a != 3",
    "and, or, not": "a > 3 AND (b < 2 OR NOT (a = b))",
    "parentheses that mean something": "(a + b) * 2 > 3",
    "parentheses that do not": "((a) > (3))",
    "a list": "s IN ('x', 'it''s')",
    "other letters": "s NOT IN ('größe', 'имя', '€ ''Ã¶''')",
    "a pattern": "s LIKE '100%' AND s NOT LIKE 'a\\_b'",
    "a range": "a BETWEEN 1 AND 2",
    "null": "a IS NOT NULL",
    "functions": "length(lower(s)) > char_length(concat(s, 'x'))",
    "a case": "CASE WHEN a > 0 THEN b ELSE 3 END > 1",
    "a cast": "CAST(a AS CHAR(10)) <> s",
    "a collation": "s COLLATE utf8mb4_bin <> 'x'",
    "a regular expression": "s REGEXP '^[a-z]+$'",
    "negative numbers": "a > -1 AND b - -2 > +3",
    "an interval": "d + INTERVAL 1 DAY > '2020-01-01'",
    "the table's name": "t.a > 3",
    "quoted names": "`odd ``%: name` > 3",
    "bit operators": "(a & 1) = 1 AND (a | b) ^ 2 > 0",
    "modulo": "a % 2 = 0 AND mod(b, 3) = 1",
    "xor and if": "(a > 1 XOR b > 1) AND if(a, b, 3) > 0",
    "a text with a comma": "s <> 'a,b (c'",
    "coalesce": "coalesce(a, b, 0) > 0",
}


def table(*parts: Any) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Integer),
        sa.Column("d", sa.Date),
        sa.Column("s", sa.String(40)),
        sa.Column("other", sa.String(40)),
        sa.Column("odd `%: name", sa.Integer),
        *parts,
    )
    return metadata


@pytest.mark.parametrize("case", DEFAULTS)
async def test_a_default_reads_as_it_is_printed(case: str, mysql_engine: AsyncEngine) -> None:
    type_, default = DEFAULTS[case]
    metadata = table(sa.Column("c", type_, server_default=default))

    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(created, metadata, asking=True)

    assert found == []


@pytest.mark.parametrize("case", EXPRESSIONS)
async def test_a_check_reads_as_it_is_printed(case: str, mysql_engine: AsyncEngine) -> None:
    text = EXPRESSIONS[case].replace(":", "\\:")
    metadata = table(sa.CheckConstraint(text), sa.CheckConstraint(text, name="ck"))

    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(created, metadata, asking=True)

    assert found == []


async def test_an_index_of_an_expression_reads_as_it_is_printed(
    mysql_engine: AsyncEngine, serves_mariadb: bool
) -> None:
    if serves_mariadb:
        pytest.skip("MariaDB has no expressions in indexes")
    metadata = table(
        sa.Index("ix", sa.text("(concat(s, 'größe, it''s'))")),
        sa.Index("iy", sa.text("(a + b)"), "s", unique=True),
    )

    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(created, metadata, asking=True)

    assert found == []


@pytest.mark.parametrize("case", sorted(set(EXPRESSIONS) - {"the table's name"}))
async def test_a_computed_value_reads_as_it_is_printed(
    case: str, mysql_engine: AsyncEngine
) -> None:
    text = EXPRESSIONS[case].replace(":", "\\:")
    metadata = table(
        sa.Column("v", sa.Integer, sa.Computed(text)),
        sa.Column("p", sa.Integer, sa.Computed(text, persisted=True)),
    )

    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(created, metadata, asking=True)

    assert found == []


TYPES: list[Any] = [
    sa.Integer(),
    sa.SmallInteger(),
    sa.BigInteger(),
    sa.Boolean(),
    sa.Numeric(),
    sa.Numeric(5),
    sa.Numeric(5, 2),
    sa.Float(),
    sa.Float(24),
    sa.Float(53),
    sa.Double(),
    sa.REAL(),
    sa.String(5),
    sa.Unicode(5),
    sa.CHAR(),
    sa.CHAR(5),
    sa.Text(),
    sa.UnicodeText(),
    sa.Enum("a", "it's", "b,c"),
    sa.Enum("a", "b", native_enum=False),
    sa.Date(),
    sa.DateTime(),
    sa.DateTime(timezone=True),
    sa.Time(),
    sa.TIMESTAMP(),
    sa.Interval(),
    sa.LargeBinary(),
    sa.BINARY(),
    sa.BINARY(5),
    sa.VARBINARY(5),
    sa.JSON(),
    sa.Uuid(),
    sa.Uuid(native_uuid=False),
    sa.PickleType(),
    sa.String(5, collation="latin1_bin"),
    mysql.INTEGER(unsigned=True),
    mysql.INTEGER(display_width=5),
    mysql.INTEGER(zerofill=True),
    mysql.BIGINT(unsigned=True),
    mysql.SMALLINT(unsigned=True),
    mysql.MEDIUMINT(),
    mysql.MEDIUMINT(unsigned=True),
    mysql.TINYINT(),
    mysql.TINYINT(1),
    mysql.TINYINT(1, unsigned=True),
    mysql.DECIMAL(5, 2, unsigned=True),
    mysql.FLOAT(7, 3),
    mysql.DOUBLE(7, 3, unsigned=True),
    mysql.BIT(),
    mysql.BIT(5),
    mysql.YEAR(),
    mysql.DATETIME(fsp=6),
    mysql.TIMESTAMP(fsp=3),
    mysql.TIME(fsp=2),
    mysql.VARCHAR(5, charset="latin1"),
    mysql.VARCHAR(5, charset="latin1", collation="latin1_german1_ci"),
    mysql.TINYTEXT(),
    mysql.MEDIUMTEXT(),
    mysql.LONGTEXT(),
    mysql.LONGTEXT(charset="ascii"),
    mysql.NVARCHAR(5),
    mysql.TINYBLOB(),
    mysql.LONGBLOB(),
    mysql.SET("a", "b"),
    mysql.ENUM("a", "b", charset="latin1"),
]


@pytest.mark.parametrize("type_", TYPES, ids=repr)
async def test_the_form_of_a_type_is_what_the_server_prints(
    type_: Any, mysql_engine: AsyncEngine
) -> None:
    metadata = table(sa.Column("c", type_))

    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(created, metadata, asking=False)

    assert found == []


ORDINARY: dict[str, Callable[[], Any]] = {
    "a string": lambda: sa.Column("c", sa.String(9), server_default="x"),
    "a number": lambda: sa.Column("c", sa.Integer, server_default="5"),
    "a decimal": lambda: sa.Column("c", sa.Numeric(9, 2), server_default="1.5"),
    "false": lambda: sa.Column("c", sa.Boolean, server_default=sa.false()),
    "now": lambda: sa.Column("c", sa.DateTime, server_default=sa.func.now()),
    "ON UPDATE": lambda: sa.Column(
        "c", sa.DateTime, server_default=sa.text("now() ON UPDATE now()")
    ),
    "a call": lambda: sa.Column("c", sa.String(36), server_default=sa.text("(uuid())")),
    "a sum": lambda: sa.Column("c", sa.Integer, server_default=sa.text("(1 + 2)")),
    "a product": lambda: sa.Column("c", sa.Integer, sa.Computed("a * 2")),
    "a stored text": lambda: sa.Column(
        "c", sa.String(90), sa.Computed("concat(s, ' ', other)", persisted=True)
    ),
    "a unique index": lambda: sa.Column("c", sa.Integer, index=True, unique=True),
    "a check": lambda: sa.CheckConstraint("s IN ('x', 'y')"),
    "a named check": lambda: sa.CheckConstraint("t.a <> b", name="ck"),
    "a unique constraint": lambda: sa.UniqueConstraint("a"),
    "an index": lambda: sa.Index("ix", sa.desc("a"), "b"),
}


ORDINARY_ON_MARIADB: dict[str, Callable[[], Any]] = {
    "a check of two": lambda: sa.CheckConstraint("a > 0 AND s IN ('x', 'y')"),
    "a named check of two": lambda: sa.CheckConstraint("t.a <> b OR s LIKE '%x'", name="ck"),
}
"""MySQL prints parentheses around each comparison, so it is asked."""


@pytest.mark.parametrize("case", ORDINARY_ON_MARIADB)
async def test_what_is_ordinary_on_mariadb_needs_no_scratch_table(
    case: str, mysql_engine: AsyncEngine
) -> None:
    metadata = table(ORDINARY_ON_MARIADB[case]())

    async with mysql_engine.connect() as connection:
        if not connection.dialect.is_mariadb:
            pytest.skip("MySQL is asked")
        found = await connection.run_sync(created, metadata, asking=False)

    assert found == []


@pytest.mark.parametrize("case", ORDINARY)
async def test_what_is_ordinary_needs_no_scratch_table(
    case: str, mysql_engine: AsyncEngine
) -> None:
    metadata = table(ORDINARY[case]())

    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(created, metadata, asking=False)

    assert found == []
