"""What SQLite holds is read whole: every part of every object, in one query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.errors import UnsupportedOperationError
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.column import Column, Computed
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.unique import Unique
from asyncmigrate.schema.kinds.view import View
from asyncmigrate.schema.scope import Scope
from asyncmigrate.schema.snapshot import Key, Object, Snapshot, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

EVERYTHING = Scope()


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'main.db'}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def read(connection: Connection, *statements: str, scope: Scope = EVERYTHING) -> Snapshot:
    for statement in statements:
        connection.exec_driver_sql(statement)
    return catalog_of("sqlite").read(connection, scope)


def parts(found: Snapshot, kind: str, table: str = "t", schema: str = "") -> list[Object]:
    """The parts of one kind that a table has, in their order."""
    owned = parts_of(found, Key("table", schema, "", table))
    return [each for each in owned if each.key.kind == kind]


def column(connection: Connection, text: str) -> Column:
    """The column `c` of a table."""
    found = read(connection, f"CREATE TABLE t (id INTEGER, {text})")[Key("column", "", "t", "c")]
    assert isinstance(found, Column)
    return found


def names(found: Snapshot, kind: str) -> list[str]:
    return [key.name for key in found if key.kind == kind]


# --- columns -----------------------------------------------------------------------------------


def test_a_column_has_its_type_position_and_nothing_that_was_not_said(
    connection: Connection,
) -> None:
    found = column(connection, "c varchar (10)")

    assert found == Column("", "t", "c", "VARCHAR(10)")
    assert (str(found.sa_type), found.position) == ("VARCHAR(10)", 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c", Column("", "t", "c", "")),
        ("c INT NOT NULL", Column("", "t", "c", "INT", nullable=False)),
        ("c INT NULL", Column("", "t", "c", "INT")),
        ("c INT CONSTRAINT x NOT NULL", Column("", "t", "c", "INT", nullable=False)),
        ("c TEXT DEFAULT 'It''s'", Column("", "t", "c", "TEXT", default="'It''s'")),
        ('c TEXT DEFAULT "x"', Column("", "t", "c", "TEXT", default="'x'")),
        ("c INT DEFAULT (1+2)", Column("", "t", "c", "INT", default="(1 + 2)")),
        ("c INT DEFAULT -1 NOT NULL", Column("", "t", "c", "INT", nullable=False, default="-1")),
        ("c INT DEFAULT NULL", Column("", "t", "c", "INT")),
        (
            "c DATETIME CONSTRAINT d DEFAULT (current_timestamp)",
            Column("", "t", "c", "DATETIME", default="CURRENT_TIMESTAMP"),
        ),
        ("c TEXT COLLATE nocase", Column("", "t", "c", "TEXT", collation="NOCASE")),
        ('c TEXT COLLATE "BINARY"', Column("", "t", "c", "TEXT")),
        (
            "c INT GENERATED ALWAYS AS (ID * 2) STORED",
            Column("", "t", "c", "INT", computed=Computed("id * 2", persisted=True)),
        ),
        (
            "c INT AS (id||',(')",
            Column("", "t", "c", "INT", computed=Computed("id || ',('", persisted=False)),
        ),
    ],
)
def test_everything_that_a_column_says_is_read(
    connection: Connection, text: str, expected: Column
) -> None:
    assert column(connection, text) == expected


@pytest.mark.parametrize(
    ("statement", "nullable"),
    [
        ("CREATE TABLE t (id INTEGER PRIMARY KEY, b)", False),
        ("CREATE TABLE t (id INTEGER, b, PRIMARY KEY (ID))", False),
        ("CREATE TABLE t (id INTEGER PRIMARY KEY DESC, b)", True),
        ("CREATE TABLE t (id INT PRIMARY KEY, b)", True),
        ("CREATE TABLE t (id TEXT PRIMARY KEY, b)", True),
        ("CREATE TABLE t (id TEXT PRIMARY KEY, b) WITHOUT ROWID", False),
        ("CREATE TABLE t (id TEXT PRIMARY KEY, b ANY) STRICT", False),
        ("CREATE TABLE t (id INTEGER, b INTEGER, PRIMARY KEY (id, b))", True),
    ],
)
def test_a_key_may_be_null_only_where_sqlite_lets_it(
    connection: Connection, statement: str, nullable: bool
) -> None:
    found = read(connection, statement)[Key("column", "", "t", "id")]

    connection.exec_driver_sql("INSERT OR IGNORE INTO t VALUES (NULL, 1)")
    nulls = connection.exec_driver_sql("SELECT count(*) FROM t WHERE id IS NULL").scalar_one()
    assert found.nullable is nullable is bool(nulls)  # type: ignore[attr-defined]


def test_autoincrement_is_told_from_an_ordinary_key(connection: Connection) -> None:
    found = read(
        connection,
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)",
        "CREATE TABLE u (id INTEGER PRIMARY KEY)",
    )

    assert found[Key("column", "", "t", "id")].autoincrement is True  # type: ignore[attr-defined]
    assert found[Key("column", "", "u", "id")].autoincrement is False  # type: ignore[attr-defined]
    assert names(found, "table") == ["t", "u"]


# --- constraints -------------------------------------------------------------------------------


def test_constraints_of_columns_and_of_tables_are_read_alike(connection: Connection) -> None:
    in_columns = read(
        connection,
        "CREATE TABLE t (a INTEGER CONSTRAINT pk PRIMARY KEY, b INT CONSTRAINT uq UNIQUE"
        " CONSTRAINT ck CHECK (b>0) CONSTRAINT fk REFERENCES T (A) ON DELETE CASCADE)",
    )
    connection.exec_driver_sql("DROP TABLE t")
    of_table = read(
        connection,
        'CREATE TABLE t (a INTEGER, b INT, CONSTRAINT pk PRIMARY KEY ("A"), CONSTRAINT uq'
        " UNIQUE (B), CONSTRAINT ck CHECK ((t.b > 0)), CONSTRAINT fk FOREIGN KEY (b) REFERENCES t"
        " ON UPDATE NO ACTION ON DELETE cascade)",
    )

    assert parts(of_table, "primary_key") == [PrimaryKey("", "t", "pk", ("a",))]
    assert parts(of_table, "unique") == [Unique("", "t", "uq", ("b",))]
    assert parts(of_table, "check") == [Check("", "t", "ck", "b > 0")]
    assert parts(of_table, "foreign_key") == [
        ForeignKey("", "t", "fk", ("b",), "", "t", ("a",), on_delete="CASCADE")
    ]
    assert in_columns == of_table


def test_constraints_without_a_name_are_told_apart(connection: Connection) -> None:
    found = read(
        connection,
        "CREATE TABLE t (a INT UNIQUE, b INT UNIQUE, CHECK (a > 0), CHECK (b > 0), UNIQUE (b, a),"
        " FOREIGN KEY (a) REFERENCES p (x), FOREIGN KEY (b) REFERENCES p (x))",
    )

    assert parts(found, "unique") == [
        Unique("", "t", "", ("a",)),
        Unique("", "t", "", ("b",)),
        Unique("", "t", "", ("b", "a")),
    ]
    assert names(found, "check") == ["(a > 0)", "(b > 0)"]
    assert [each.columns for each in parts(found, "foreign_key")] == [("a",), ("b",)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", {}),
        ("ON DELETE SET NULL", {"on_delete": "SET NULL"}),
        (
            "ON UPDATE set  default ON DELETE RESTRICT",
            {"on_update": "SET DEFAULT", "on_delete": "RESTRICT"},
        ),
        ("MATCH FULL", {"match": "FULL"}),
        ("MATCH SIMPLE", {}),
        ("DEFERRABLE", {"deferrable": "DEFERRABLE"}),
        ("DEFERRABLE INITIALLY IMMEDIATE", {"deferrable": "DEFERRABLE"}),
        ("deferrable initially deferred", {"deferrable": "DEFERRABLE INITIALLY DEFERRED"}),
        ("NOT DEFERRABLE", {}),
        ("NOT DEFERRABLE INITIALLY DEFERRED", {}),
        ("NOT NULL DEFERRABLE INITIALLY DEFERRED", {"deferrable": "DEFERRABLE INITIALLY DEFERRED"}),
    ],
)
def test_what_a_foreign_key_does_is_read(
    connection: Connection, words: str, expected: dict[str, str]
) -> None:
    found = read(connection, f"CREATE TABLE t (a INT CONSTRAINT fk REFERENCES p (match) {words})")
    (key,) = parts(found, "foreign_key")

    assert key == ForeignKey("", "t", "fk", ("a",), "", "p", ("match",), **expected)  # type: ignore[arg-type]


def test_a_foreign_key_that_names_no_columns_refers_to_the_key(connection: Connection) -> None:
    found = read(
        connection,
        'CREATE TABLE "Parent" (x INT, y INT, PRIMARY KEY (y, x))',
        "CREATE TABLE t (a INT, b INT, FOREIGN KEY (a, b) REFERENCES parent)",
    )
    (key,) = parts(found, "foreign_key")

    assert key == ForeignKey("", "t", "", ("a", "b"), "", "Parent", ("y", "x"))


def test_options_of_a_table_are_those_of_sqlalchemy(connection: Connection) -> None:
    found = read(
        connection,
        "CREATE TABLE a (id INTEGER)",
        "CREATE TABLE b (id INTEGER PRIMARY KEY) without rowid, strict",
    )

    assert found[Key("table", "", "", "a")] == Table("", "a")
    options = (("sqlite_strict", "True"), ("sqlite_with_rowid", "False"))
    assert found[Key("table", "", "", "b")] == Table("", "b", options=options)


# --- indexes and views -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("CREATE INDEX i ON t (a, b)", Index("", "t", "i", (Indexed("a"), Indexed("b")))),
        ('CREATE INDEX i ON "T" ([A])', Index("", "t", "i", (Indexed("a"),))),
        ("CREATE UNIQUE INDEX i ON t (a)", Index("", "t", "i", (Indexed("a"),), unique=True)),
        (
            "create unique index if not exists i on t(a desc, b asc)",
            Index("", "t", "i", (Indexed("a", order="DESC"), Indexed("b")), unique=True),
        ),
        (
            "CREATE INDEX i ON t (a COLLATE rtrim, c COLLATE nocase, c COLLATE binary DESC)",
            Index(
                "",
                "t",
                "i",
                (
                    Indexed("a", collation="RTRIM"),
                    Indexed("c"),
                    Indexed("c", order="DESC", collation="BINARY"),
                ),
            ),
        ),
        (
            "CREATE INDEX i ON t (lower (B) COLLATE NOCASE DESC, a+1)",
            Index(
                "",
                "t",
                "i",
                (
                    Indexed("lower(b)", is_expression=True, order="DESC", collation="NOCASE"),
                    Indexed("a + 1", is_expression=True),
                ),
            ),
        ),
        (
            "CREATE INDEX i ON t (a) WHERE (a IS NOT null and b<>'where')",
            Index("", "t", "i", (Indexed("a"),), where="a IS NOT NULL AND b != 'where'"),
        ),
    ],
)
def test_everything_that_an_index_says_is_read(
    connection: Connection, statement: str, expected: Index
) -> None:
    found = read(connection, "CREATE TABLE t (a INT, b TEXT, c TEXT COLLATE NOCASE)", statement)

    assert parts(found, "index") == [expected]


def test_the_indexes_of_constraints_are_not_listed(connection: Connection) -> None:
    found = read(connection, "CREATE TABLE t (a TEXT PRIMARY KEY, b INT UNIQUE)")

    assert parts(found, "index") == []


def test_a_view_is_its_select_and_what_it_reads(connection: Connection) -> None:
    found = read(
        connection,
        "CREATE TABLE t (a INT)",
        "CREATE VIEW v AS SELECT T.a FROM t WHERE a>0",
        "CREATE VIEW w (n) AS SELECT a FROM v",
    )
    view, other = found[Key("view", "", "", "v")], found[Key("view", "", "", "w")]

    assert view == View("", "v", 'SELECT "T".a FROM t WHERE a > 0')
    assert other == View("", "w", "WITH w (n) AS (SELECT a FROM v) SELECT * FROM w")
    assert view.references == (Key("table", "", "", "t"),)
    assert Key("view", "", "", "v") in other.references


# --- what is looked at -------------------------------------------------------------------------


def test_names_of_all_sorts_come_out_plain(connection: Connection) -> None:
    found = read(
        connection,
        'CREATE TABLE "select" ("a""b" INT, [c d] INT, `ключ` INT, "CamelCase" INT,'
        ' CONSTRAINT "the ""key""" UNIQUE ("a""b", [c d]), CHECK (`ключ`> "CamelCase"))',
        'CREATE INDEX "i ""x""" ON "select" (ключ, "CAMELCASE")',
    )

    columns = ['a"b', "c d", "ключ", "CamelCase"]
    assert [each.name for each in parts(found, "column", "select")] == columns  # type: ignore[attr-defined]
    assert names(found, "unique") == ['the "key"']
    assert names(found, "check") == ['("ключ" > camelcase)']
    index = found[Key("index", "", "select", 'i "x"')]
    assert index.columns == (Indexed("ключ"), Indexed("CamelCase"))  # type: ignore[attr-defined]


def test_only_what_is_in_scope_is_read(connection: Connection) -> None:
    scope = Scope(own=frozenset({("", "alembic_version")}), exclude=("tmp_*",))
    found = read(
        connection,
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)",
        "CREATE TABLE alembic_version (version_num TEXT)",
        "CREATE TABLE tmp_1 (a INT)",
        "CREATE INDEX tmp_index ON tmp_1 (a)",
        "CREATE VIEW tmp_view AS SELECT 1",
        "ANALYZE",
        scope=scope,
    )

    assert {key.table or key.name for key in found} == {"t"}


def test_virtual_tables_and_what_they_are_made_of_are_not_listed(connection: Connection) -> None:
    found = read(
        connection,
        "CREATE TABLE docs_data_2 (a INT)",
        "CREATE VIRTUAL TABLE docs USING fts5(body)",
        "CREATE VIRTUAL TABLE places USING rtree(id, a, b)",
    )

    assert names(found, "table") == ["docs_data_2"]


def test_attached_files_are_schemas(connection: Connection, tmp_path: Path) -> None:
    connection.exec_driver_sql(f"ATTACH '{tmp_path / 'other.db'}' AS \"o'x\"")
    statements = (
        "CREATE TABLE t (id INTEGER PRIMARY KEY)",
        'CREATE TABLE "o\'x".t (id INTEGER PRIMARY KEY, up INT REFERENCES t)',
        'CREATE INDEX "o\'x".i ON t (up)',
        'CREATE VIEW "o\'x".v AS SELECT id FROM t',
    )
    scope = Scope(schemas=frozenset({"", "o'x", "not attached"}))

    found = read(connection, *statements, scope=scope)

    assert names({key: found[key] for key in found if not key.schema}, "column") == ["id"]
    assert parts(found, "foreign_key", schema="o'x") == [
        ForeignKey("o'x", "t", "", ("up",), "o'x", "t", ("id",))
    ]
    assert parts(found, "index", schema="o'x") == [Index("o'x", "t", "i", (Indexed("up"),))]
    assert Key("view", "o'x", "", "v") in found
    assert {key.schema for key in read(connection)} == {""}


def test_what_alter_table_has_written_into_the_text_is_read(connection: Connection) -> None:
    found = read(
        connection,
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (a INT, CHECK (a > 0))",
        "CREATE INDEX i ON t (a) WHERE a > 1",
        "CREATE VIEW v AS SELECT a FROM t",
        "ALTER TABLE t ADD COLUMN b INT CONSTRAINT fk REFERENCES p (id)",
        'ALTER TABLE t RENAME COLUMN a TO "n"',
        'ALTER TABLE p RENAME TO "parents"',
        'ALTER TABLE t RENAME TO "things"',
    )

    assert [each.name for each in parts(found, "column", "things")] == ["n", "b"]  # type: ignore[attr-defined]
    assert parts(found, "check", "things") == [Check("", "things", "", "n > 0")]
    assert parts(found, "index", "things") == [
        Index("", "things", "i", (Indexed("n"),), where="n > 1")
    ]
    assert parts(found, "foreign_key", "things") == [
        ForeignKey("", "things", "fk", ("b",), "", "parents", ("id",))
    ]
    assert found[Key("view", "", "", "v")] == View("", "v", "SELECT n FROM things")


def test_a_table_made_from_a_select_is_read(connection: Connection) -> None:
    found = read(
        connection,
        "CREATE TABLE s (a VARCHAR(3), b REAL)",
        "CREATE TABLE t AS SELECT a, b, a || b AS c FROM s",
    )

    assert [each.type for each in parts(found, "column")] == ["TEXT", "REAL", ""]  # type: ignore[attr-defined]


def test_an_empty_database_is_an_empty_snapshot(connection: Connection) -> None:
    assert read(connection) == {}


@pytest.mark.parametrize("count", [1, 60])
def test_one_query_is_sent_whatever_the_number_of_tables(
    connection: Connection, count: int
) -> None:
    made = [
        f"CREATE TABLE t{number} (a INTEGER PRIMARY KEY, b INT UNIQUE REFERENCES t0 (a), CHECK (b))"
        for number in range(count)
    ]
    indexes = [f"CREATE INDEX i{number} ON t{number} (b)" for number in range(count)]
    read(connection, *made, *indexes)
    sent: list[str] = []
    sa.event.listen(
        connection, "before_cursor_execute", lambda _, __, statement, *___: sent.append(statement)
    )

    found = read(connection)

    assert len(sent) == 1
    assert len(names(found, "index")) == count


def test_a_table_that_cannot_be_taken_apart_is_named(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE t (a INT)")
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql("UPDATE sqlite_master SET sql = 'CREATE TABLE t (a INT' ")

    with pytest.raises(UnsupportedOperationError, match="'t' cannot be compared") as caught:
        read(connection)
    assert "exclude = ['t']" in caught.value.next
    assert read(connection, scope=Scope(exclude=("t",))) == {}
