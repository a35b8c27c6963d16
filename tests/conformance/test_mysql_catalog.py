"""What MariaDB holds is read whole: every field of every object, in a fixed number of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.column import Column, Computed
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.sequence import Sequence
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.unique import Unique
from asyncmigrate.schema.kinds.view import View
from asyncmigrate.schema.scope import Scope
from asyncmigrate.schema.snapshot import Key, Snapshot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

DATABASE = Scope()


@pytest.fixture
async def mariadb(mysql_url: str) -> AsyncIterator[AsyncConnection]:
    """A connection to an empty database of MariaDB, whose texts these tests know."""
    engine = create_async_engine(mysql_url, poolclass=NullPool)
    async with engine.connect() as connection:
        if not connection.dialect.is_mariadb:  # type: ignore[attr-defined]
            pytest.skip("the texts in these tests are MariaDB's, and this server is MySQL")
        yield connection


async def reading(
    connection: AsyncConnection, *statements: str, scope: Scope = DATABASE
) -> Snapshot:
    def read(sync: Connection) -> Snapshot:
        for statement in statements:
            sync.exec_driver_sql(statement.replace("%", "%%"))
        return catalog_of("mysql").read(sync, scope)

    return await connection.run_sync(read)


async def column(connection: AsyncConnection, definition: str) -> Column:
    """The column `c` of a table."""
    found = await reading(connection, f"CREATE TABLE t (id INT, {definition})")
    read = found[Key("column", "", "t", "c")]
    assert isinstance(read, Column)
    return read


def of_kind(snapshot: Snapshot, kind: str) -> list[Any]:
    return [each for key, each in snapshot.items() if key.kind == kind]


COLUMNS: dict[str, tuple[str, dict[str, Any]]] = {
    "an integer": ("c INT", {"type": "int(11)", "nullable": True, "default": None}),
    "not null": ("c INT NOT NULL", {"nullable": False, "default": None}),
    "unsigned": ("c INT UNSIGNED", {"type": "int(10) unsigned"}),
    "zerofill": ("c INT ZEROFILL", {"type": "int(10) unsigned zerofill"}),
    "a boolean": ("c BOOL DEFAULT TRUE", {"type": "tinyint(1)", "default": "1"}),
    "an enum": ("c ENUM('a', 'it''s')", {"type": "enum('a','it''s')", "collation": None}),
    "a set": ("c SET('a', 'b')", {"type": "set('a','b')"}),
    "json": ("c JSON", {"type": "json", "collation": None}),
    "fractions of a second": ("c DATETIME(3)", {"type": "datetime(3)"}),
    "a decimal": ("c DECIMAL(5, 2) DEFAULT 1.5", {"type": "decimal(5,2)", "default": "1.50"}),
    "a string default": ("c VARCHAR(9) DEFAULT 'it''s'", {"default": "'it''s'"}),
    "an empty default": ("c VARCHAR(9) DEFAULT ''", {"default": "''"}),
    "the word null": ("c VARCHAR(9) DEFAULT 'NULL'", {"default": "'NULL'"}),
    "an expression": ("c INT DEFAULT (1 + 2)", {"default": "(1 + 2)"}),
    "a function": ("c VARCHAR(36) DEFAULT (uuid())", {"default": "uuid()"}),
    "bits": ("c BIT(3) DEFAULT b'101'", {"type": "bit(3)", "default": "b'101'"}),
    "a moment": ("c DATETIME DEFAULT now()", {"default": "current_timestamp()"}),
    "ON UPDATE": (
        "c DATETIME DEFAULT now() ON UPDATE now()",
        {"default": "current_timestamp() ON UPDATE current_timestamp()"},
    ),
    "ON UPDATE alone": (
        "c DATETIME(6) ON UPDATE now(6)",
        {"default": "NULL ON UPDATE current_timestamp(6)"},
    ),
    "a counter": (
        "c INT NOT NULL AUTO_INCREMENT PRIMARY KEY",
        {"autoincrement": True, "default": None},
    ),
    "a virtual value": (
        "c INT AS (id * 2)",
        {"computed": Computed("`id` * 2", persisted=False), "default": None},
    ),
    "a stored value": ("c INT AS (id + 1) STORED", {"computed": Computed("`id` + 1", True)}),
    "a comment": ("c INT COMMENT 'it''s 100%'", {"comment": "it's 100%"}),
    "no comment": ("c INT", {"comment": None}),
    "the table's collation": (
        "c VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        {"type": "varchar(9)", "collation": None},
    ),
    "another collation": (
        "c VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_bin",
        {"type": "varchar(9)", "collation": "latin1_bin"},
    ),
    "a type that SQLAlchemy has none for": ("c GEOMETRY", {"type": "geometry"}),
}


@pytest.mark.parametrize("case", COLUMNS)
async def test_a_column_is_read_with_(case: str, mariadb: AsyncConnection) -> None:
    definition, expected = COLUMNS[case]
    await mariadb.exec_driver_sql("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")

    found = await column(mariadb, definition)

    assert {name: getattr(found, name) for name in expected} == expected


TYPES: dict[str, Any] = {
    "INT": sa.Integer(),
    "INT(5)": mysql.INTEGER(display_width=5),
    "SMALLINT": sa.SmallInteger(),
    "BIGINT": sa.BigInteger(),
    "BIGINT UNSIGNED": mysql.BIGINT(unsigned=True),
    "MEDIUMINT": mysql.MEDIUMINT(),
    "TINYINT": mysql.TINYINT(),
    "TINYINT(1)": sa.Boolean(),
    "INT ZEROFILL": mysql.INTEGER(unsigned=True, zerofill=True),
    "DECIMAL(5,2)": sa.Numeric(5, 2),
    "DECIMAL(5,2) UNSIGNED": mysql.DECIMAL(5, 2, unsigned=True),
    "FLOAT": sa.Float(),
    "FLOAT(7,3)": mysql.FLOAT(7, 3),
    "DOUBLE": sa.Double(),
    "BIT(5)": mysql.BIT(5),
    "YEAR": mysql.YEAR(),
    "DATE": sa.Date(),
    "TIME": sa.Time(),
    "TIME(3)": mysql.TIME(fsp=3),
    "DATETIME": sa.DateTime(),
    "DATETIME(6)": mysql.DATETIME(fsp=6),
    "TIMESTAMP": sa.TIMESTAMP(),
    "TIMESTAMP(6)": mysql.TIMESTAMP(fsp=6),
    "CHAR(3)": sa.CHAR(3),
    "VARCHAR(9)": sa.String(9),
    "VARCHAR(9) COLLATE utf8mb4_bin": sa.String(9, collation="utf8mb4_bin"),
    "TEXT": sa.Text(),
    "LONGTEXT": mysql.LONGTEXT(),
    "BLOB": sa.LargeBinary(),
    "MEDIUMBLOB": mysql.MEDIUMBLOB(),
    "BINARY(5)": sa.BINARY(5),
    "VARBINARY(5)": sa.VARBINARY(5),
    "ENUM('a', 'it''s', 'b,c')": sa.Enum("a", "it's", "b,c"),
    "ENUM('a') COLLATE utf8mb4_bin": mysql.ENUM("a", collation="utf8mb4_bin"),
    "SET('a', 'b')": mysql.SET("a", "b"),
    "JSON": sa.JSON(),
}


@pytest.mark.parametrize("text", TYPES)
async def test_a_type_is_what_a_script_would_write(text: str, mariadb: AsyncConnection) -> None:
    found = await column(mariadb, f"c {text}")

    assert repr(found.sa_type) == repr(TYPES[text])


@pytest.mark.parametrize("text", [*TYPES, "GEOMETRY", "UUID", "INET6"])
async def test_a_type_makes_the_same_column_again(text: str, mariadb: AsyncConnection) -> None:
    before = await column(mariadb, f"c {text}")

    again = sa.Table("u", sa.MetaData(), sa.Column("c", before.sa_type))
    await mariadb.run_sync(again.create)
    after = (await reading(mariadb))[Key("column", "", "u", "c")]

    assert isinstance(after, Column)
    assert (after.type, after.collation) == (before.type, before.collation)


async def test_a_table_has_its_comment_and_every_option(mariadb: AsyncConnection) -> None:
    found = await reading(
        mariadb,
        "CREATE TABLE t (id INT) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_bin"
        " ROW_FORMAT=DYNAMIC COMMENT='it''s'",
    )

    assert found[Key("table", "", "", "t")] == Table(
        "",
        "t",
        "it's",
        (
            ("mysql_charset", "latin1"),
            ("mysql_collate", "latin1_bin"),
            ("mysql_engine", "InnoDB"),
            ("mysql_row_format", "DYNAMIC"),
        ),
    )


async def test_how_a_table_is_partitioned(mariadb: AsyncConnection) -> None:
    found = await reading(
        mariadb,
        "CREATE TABLE t (id INT) PARTITION BY HASH (id) PARTITIONS 3",
        "CREATE TABLE u (i INT)",
    )

    assert [(each.name, each.partition_by) for each in of_kind(found, "table")] == [
        ("t", "HASH (`id`)"),
        ("u", None),
    ]


async def test_primary_keys_have_no_name_and_keep_their_order(mariadb: AsyncConnection) -> None:
    found = await reading(
        mariadb, "CREATE TABLE t (a INT, b INT, CONSTRAINT pk PRIMARY KEY (b, a))"
    )

    assert of_kind(found, "primary_key") == [PrimaryKey("", "t", "", ("b", "a"))]


async def test_unique_indexes_of_plain_columns_are_constraints(mariadb: AsyncConnection) -> None:
    found = await reading(
        mariadb,
        "CREATE TABLE t (a INT, b INT, s TEXT, UNIQUE (a), CONSTRAINT uq UNIQUE (b, a))",
        "CREATE UNIQUE INDEX ux ON t (b)",
        "CREATE UNIQUE INDEX some ON t (s(10))",
    )

    assert of_kind(found, "unique") == [
        Unique("", "t", "a", ("a",)),
        Unique("", "t", "uq", ("b", "a")),
        Unique("", "t", "ux", ("b",)),
    ]
    assert of_kind(found, "index") == [
        Index("", "t", "some", (Indexed("s", length=10),), unique=True)
    ]


async def test_indexes_with_prefixes_order_and_methods(mariadb: AsyncConnection) -> None:
    found = await reading(
        mariadb,
        "CREATE TABLE t (a INT, s VARCHAR(50), f TEXT, p POINT NOT NULL, KEY i1 (s(5), a DESC),"
        " KEY i2 (a) USING HASH, FULLTEXT KEY i3 (f), SPATIAL KEY i4 (p))",
    )

    assert of_kind(found, "index") == [
        Index("", "t", "i1", (Indexed("s", length=5), Indexed("a", order="DESC"))),
        Index("", "t", "i2", (Indexed("a"),)),
        Index("", "t", "i3", (Indexed("f"),), method="fulltext"),
        Index("", "t", "i4", (Indexed("p"),), method="spatial"),
    ]


async def test_foreign_keys_with_actions_that_are_not_the_default(
    mariadb: AsyncConnection,
) -> None:
    found = await reading(
        mariadb,
        "CREATE TABLE p (a INT, b INT, PRIMARY KEY (a, b), KEY (b))",
        "CREATE TABLE t (x INT, y INT, FOREIGN KEY (y) REFERENCES p (b) ON DELETE RESTRICT"
        " ON UPDATE NO ACTION, CONSTRAINT fk FOREIGN KEY (x, y) REFERENCES p (a, b)"
        " ON DELETE CASCADE ON UPDATE SET NULL)",
    )

    assert of_kind(found, "foreign_key") == [
        ForeignKey("", "t", "fk", ("x", "y"), "", "p", ("a", "b"), "CASCADE", "SET NULL"),
        ForeignKey("", "t", "t_ibfk_1", ("y",), "", "p", ("b",)),
    ]


async def test_checks_of_tables_and_of_columns_but_not_those_of_json(
    mariadb: AsyncConnection,
) -> None:
    found = await reading(
        mariadb,
        "CREATE TABLE t (a INT CHECK (a > 0), j JSON, k JSON CHECK (json_length(k) < 3),"
        " CHECK (a <> 7), CONSTRAINT ck CHECK (a IN (1, 2) OR j IS NULL))",
    )

    assert of_kind(found, "check") == [
        Check("", "t", "CONSTRAINT_1", "`a` <> 7"),
        Check("", "t", "a", "`a` > 0"),
        Check("", "t", "ck", "`a` in (1,2) or `j` is null"),
        Check("", "t", "k", "json_length(`k`) < 3"),
    ]


async def test_views_do_not_name_their_own_database(mariadb: AsyncConnection) -> None:
    found = await reading(
        mariadb,
        "CREATE TABLE t (a INT)",
        "CREATE VIEW v AS SELECT a AS b FROM t WHERE a > 3",
        "CREATE VIEW w AS SELECT b FROM v",
    )

    assert of_kind(found, "view") == [
        View("", "v", "select `t`.`a` AS `b` from `t` where `t`.`a` > 3"),
        View("", "w", "select `v`.`b` AS `b` from `v`"),
    ]
    assert [each.references for each in of_kind(found, "view")] == [
        (Key("table", "", "", "t"),),
        (Key("view", "", "", "v"),),
    ]
    assert [key for key in found if key.table in ("v", "w")] == []


async def test_sequences_with_what_is_not_the_default(mariadb: AsyncConnection) -> None:
    found = await reading(
        mariadb,
        "CREATE SEQUENCE plain",
        "CREATE SEQUENCE special START WITH 5 INCREMENT BY 2 MAXVALUE 99 CACHE 10 CYCLE",
    )

    assert of_kind(found, "sequence") == [
        Sequence("", "plain"),
        Sequence(
            "",
            "special",
            (("cache", 10), ("cycle", True), ("increment", 2), ("maxvalue", 99), ("start", 5)),
        ),
    ]
    assert of_kind(found, "table") == []


async def test_another_database_is_a_schema(mariadb: AsyncConnection, other_mysql_url: str) -> None:
    other = str(make_url(other_mysql_url).database)

    found = await reading(
        mariadb,
        f"CREATE TABLE `{other}`.p (id INT PRIMARY KEY)",
        f"CREATE TABLE t (p INT, CONSTRAINT fk FOREIGN KEY (p) REFERENCES `{other}`.p (id))",
        scope=Scope(schemas=frozenset({"", other})),
    )

    await mariadb.exec_driver_sql("DROP TABLE t")  # or the other database could not go
    assert {key for key in found if key.kind == "table"} == {
        Key("table", other, "", "p"),
        Key("table", "", "", "t"),
    }
    assert of_kind(found, "foreign_key") == [ForeignKey("", "t", "fk", ("p",), other, "p", ("id",))]


async def test_databases_out_of_scope_are_not_looked_at(
    mariadb: AsyncConnection, other_mysql_url: str
) -> None:
    other = make_url(other_mysql_url).database

    found = await reading(mariadb, f"CREATE TABLE `{other}`.t (id INT PRIMARY KEY)")

    assert found == {}


async def test_tables_of_the_tool_and_excluded_ones_are_never_listed(
    mariadb: AsyncConnection,
) -> None:
    scope = Scope(own=frozenset({("", "alembic_version")}), exclude=("tmp_*",))

    found = await reading(
        mariadb,
        "CREATE TABLE alembic_version (id INT PRIMARY KEY, CHECK (id > 0))",
        "CREATE TABLE tmp_1 (id INT UNIQUE)",
        "CREATE VIEW tmp_v AS SELECT 1 AS a",
        scope=scope,
    )

    assert found == {}


async def test_temporary_tables_are_never_listed(mariadb: AsyncConnection) -> None:
    found = await reading(mariadb, "CREATE TEMPORARY TABLE t (id INT PRIMARY KEY, CHECK (id > 0))")

    assert found == {}


async def test_names_that_need_quotes(mariadb: AsyncConnection) -> None:
    found = await reading(
        mariadb,
        "CREATE TABLE `odd ``%: größe` (`sel``ect` INT, `a%b` INT AS (`sel``ect` + 1),"
        " UNIQUE `u %` (`a%b`))",
    )

    assert of_kind(found, "unique") == [Unique("", "odd `%: größe", "u %", ("a%b",))]
    assert found[Key("column", "", "odd `%: größe", "a%b")].computed == Computed(  # type: ignore[attr-defined]
        "`sel``ect` + 1", persisted=False
    )


async def test_the_number_of_queries_does_not_grow_with_the_database(
    mysql_engine: AsyncEngine,
) -> None:
    async with mysql_engine.connect() as connection:
        few = await connection.run_sync(_statements_of_reading)
        for number in range(8):
            await connection.exec_driver_sql(
                f"CREATE TABLE t{number} (id INT PRIMARY KEY, a INT UNIQUE, p INT, KEY (a, p),"
                f" CHECK (a > 0), FOREIGN KEY (p) REFERENCES t{number} (id))"
            )
            await connection.exec_driver_sql(f"CREATE VIEW v{number} AS SELECT 1 AS a")
        many = await connection.run_sync(_statements_of_reading)

    assert many == few
    assert many <= 10


def _statements_of_reading(connection: Connection) -> int:
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(connection, "before_cursor_execute", count)
    catalog_of("mysql").read(connection, DATABASE)
    sa.event.remove(connection, "before_cursor_execute", count)
    return len(statements)
