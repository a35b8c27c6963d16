"""Whatever is altered in whatever table of SQLite: no row is lost, nothing else has changed."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import event, given, settings
from hypothesis import strategies as st

from asyncmigrate.errors import MigrateError
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

# --- databases ------------------------------------------------------------------------------------

COLUMNS = {
    "a": ["a INT", "a TEXT NOT NULL DEFAULT 'x'", "a INTEGER DEFAULT (1 + 1) CHECK (a <> 77)"],
    "b": ["b TEXT COLLATE NOCASE", "b VARCHAR(9) UNIQUE", "b REAL CONSTRAINT ck_b CHECK (b <> 9)"],
    "c": ["c INT REFERENCES parent (id) ON DELETE CASCADE", "c INT REFERENCES t (id)", "c BLOB"],
    "d": ["d AS (a || b)", "d TEXT GENERATED ALWAYS AS (a || 'x') STORED", "d INT"],
}
KEYS = ["id INTEGER PRIMARY KEY AUTOINCREMENT", "id INTEGER PRIMARY KEY", "id TEXT PRIMARY KEY"]
CONSTRAINTS = ["CONSTRAINT uq UNIQUE (a, b)", "CHECK (a IS NOT 88)", "CONSTRAINT ck CHECK (b <> 5)"]
AROUND = [
    "CREATE INDEX ix_a ON t (a DESC)",
    "CREATE UNIQUE INDEX ix_id ON t (id, a) WHERE a IS NOT 5",
    "CREATE INDEX ix_expression ON t (lower(b) COLLATE NOCASE)",
    "CREATE VIEW seen AS SELECT id, a FROM t",
    "CREATE VIEW everything AS SELECT * FROM t",
    "CREATE TRIGGER noted AFTER UPDATE OF a ON t BEGIN INSERT INTO log VALUES (NEW.b); END",
    "CREATE TRIGGER removed BEFORE DELETE ON t BEGIN INSERT INTO log VALUES (OLD.id); END",
    "CREATE TRIGGER afar AFTER INSERT ON log BEGIN UPDATE t SET a = a WHERE b = NEW.x; END",
]
REST = """
CREATE TABLE parent (id INTEGER PRIMARY KEY);
CREATE TABLE log (x);
CREATE TABLE child (id INTEGER PRIMARY KEY, t REFERENCES t (id) ON DELETE CASCADE);
CREATE TABLE heir (t REFERENCES t ON DELETE SET NULL ON UPDATE CASCADE);
INSERT INTO parent VALUES (1), (2), (3);
"""


@dataclass(frozen=True)
class Database:
    """The statements that make one."""

    statements: tuple[str, ...]


@st.composite
def databases(draw: st.DrawFn) -> Database:
    """A table `t` with everything that may stand around it, and rows everywhere."""
    written = [draw(st.sampled_from(KEYS)), *(draw(st.sampled_from(w)) for w in COLUMNS.values())]
    written += draw(st.lists(st.sampled_from(CONSTRAINTS), unique=True))
    options = "" if "AUTOINCREMENT" in written[0] else draw(st.sampled_from(["", "WITHOUT ROWID"]))
    inserts = "INSERT OR IGNORE INTO t (id, a, b, c) VALUES "
    rows = draw(st.integers(0, 4))
    values = [
        f"({i}, {draw(st.integers(0, 4))}, 'b{i}', {draw(st.integers(1, 3))})"
        for i in range(1, rows + 1)
    ]
    around = draw(st.lists(st.sampled_from(AROUND), unique=True))
    filled = [inserts + value for value in values]
    filled += ["INSERT INTO child (t) SELECT id FROM t", "INSERT INTO heir SELECT id FROM t"]
    table = f"CREATE TABLE t ({', '.join(written)}) {options}"
    rest = tuple(filter(None, map(str.strip, REST.split(";"))))
    return Database((*rest, table, *around, *filled))


# --- alterations ----------------------------------------------------------------------------------

names = st.sampled_from("abcd")
sql_types = st.sampled_from([sa.Integer(), sa.Text(), sa.Float(), sa.DateTime(), sa.String(5)])


@dataclass(frozen=True)
class Alteration:
    """A call of `op`, and the columns that it is about."""

    call: Callable[[Any], object]
    columns: frozenset[str]
    name: str


def alteration(name: str, columns: str, call: Callable[[Any], object]) -> Alteration:
    return Alteration(call, frozenset(columns), name)


@st.composite
def alterations(draw: st.DrawFn) -> Alteration:
    """One of them all."""
    n, type_ = draw(names), draw(sql_types)
    return draw(
        st.sampled_from(
            [
                alteration("type", n, lambda op: op.alter_column("t", n, type_=type_)),
                alteration("not null", n, lambda op: op.alter_column("t", n, nullable=False)),
                alteration("null", n, lambda op: op.alter_column("t", n, nullable=True)),
                alteration("default", n, lambda op: op.alter_column("t", n, server_default="1")),
                alteration(
                    "no default", n, lambda op: op.alter_column("t", n, server_default=None)
                ),
                alteration("rename", n, lambda op: op.alter_column("t", n, new_column_name="z")),
                alteration("drop", n, lambda op: op.drop_column("t", n)),
                alteration("add", "", lambda op: op.add_column("t", sa.Column("e", type_))),
                alteration(
                    "add unique",
                    "",
                    lambda op: op.add_column("t", sa.Column("f", type_, unique=True)),
                ),
                alteration(
                    "add required",
                    "",
                    lambda op: op.add_column("t", sa.Column("g", type_, nullable=False)),
                ),
                alteration(
                    "unique", "", lambda op: op.create_unique_constraint("u", "t", [n, "id"])
                ),
                alteration(
                    "check", "", lambda op: op.create_check_constraint("k", "t", f"{n} <> 99")
                ),
                alteration(
                    "key", "", lambda op: op.create_foreign_key("f", "t", "parent", [n], ["id"])
                ),
                alteration("no unique", "", lambda op: op.drop_constraint("uq", "t")),
                alteration(
                    "no check", "", lambda op: op.drop_constraint("ck", "t", if_exists=True)
                ),
                alteration("index", "", lambda op: op.create_index("ix_new", "t", [n])),
                alteration("no index", "", lambda op: op.drop_index("ix_a", "t", if_exists=True)),
            ]
        )
    )


# --- what must be the same ------------------------------------------------------------------------


def opened(database: Database) -> tuple[sa.Engine, Connection]:
    engine = sa.create_engine("sqlite://")
    connection = engine.connect()
    for statement in database.statements:
        connection.exec_driver_sql(statement)
    connection.commit()
    connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    return engine, connection


def dump(connection: Connection) -> list[str]:
    driver: Any = connection.connection.driver_connection
    return list(driver.iterdump())


def rows(connection: Connection, query: str) -> list[Any]:
    return [tuple(row) for row in connection.exec_driver_sql(query)]


def objects(connection: Connection) -> dict[str, str]:
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 't'"
    return dict(connection.exec_driver_sql(query).all())


def described(connection: Connection) -> dict[str, tuple[Any, ...]]:
    return {row[1]: row[2:] for row in rows(connection, "PRAGMA table_xinfo(t)")}


def values(connection: Connection, columns: list[str]) -> list[Any]:
    return rows(connection, f"SELECT {', '.join(columns)} FROM t ORDER BY id")


ALWAYS = ("type", "null", "default", "no default", "no index", "no check")
"""What nothing in these databases stands against."""
OTHERS = ("parent", "log", "child", "heir")


@settings(max_examples=300, deadline=None)
@given(databases(), st.lists(alterations(), min_size=1, max_size=4))
def test_no_row_is_lost_and_nothing_else_has_changed(
    database: Database, asked: list[Alteration]
) -> None:
    engine, connection = opened(database)
    with closing(connection):
        untouched = [n for n in "abcd" if not any(n in each.columns for each in asked)]
        formulas = {"d"} if {"a", "b"} - set(untouched) else set()
        columns = ["id", *(n for n in untouched if n not in formulas)]
        before = dump(connection)
        others = {name: rows(connection, f"SELECT * FROM {name}") for name in OTHERS}
        kept, shape, told = values(connection, columns), described(connection), objects(connection)
        sequence = [line for line in before if "sqlite_sequence" in line]
        try:
            carried_out(connection, asked)
        except MigrateError:
            event("refused")
            assert not all(each.name in ALWAYS for each in asked)
            connection.rollback()
            assert dump(connection) == before
        except sa.exc.DBAPIError:
            event("refused by SQLite")
            connection.rollback()
            assert dump(connection) == before
        else:
            event("changed")
            assert values(connection, columns) == kept
            assert {n: rows(connection, f"SELECT * FROM {n}") for n in OTHERS} == others
            assert {n: described(connection)[n] for n in columns} == {n: shape[n] for n in columns}
            after = [line for line in dump(connection) if "sqlite_sequence" in line]
            assert after == sequence
            lost = told.keys() - objects(connection).keys()
            assert lost <= {"ix_a", "ix_expression"}
            assert all(
                still_works(connection, name) for name in told if name in ("seen", "everything")
            )
        assert rows(connection, "PRAGMA foreign_keys") == [(1,)]
        assert not [name for name in objects(connection) if name.startswith("asyncmigrate")]
    engine.dispose()


def carried_out(connection: Connection, asked: list[Alteration]) -> None:
    """Run a script as the engine runs it: a transaction, foreign keys off where it needs that."""
    connection.commit()
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        op = Operations(LiveSink(connection))
        for each in asked:
            each.call(op)
        op.finish()
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    finally:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def still_works(connection: Connection, view: str) -> bool:
    return isinstance(rows(connection, f"SELECT * FROM {view}"), list)


# --- killed in the middle -------------------------------------------------------------------------

KILLED = """
import os, sys
import sqlalchemy as sa
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink

file, statement, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
engine = sa.create_engine(f"sqlite:///{file}")
seen = []

@sa.event.listens_for(engine, "before_cursor_execute")
def count(connection, cursor, sql, *_):
    seen.append(sql)
    if len(seen) == statement:
        os._exit(9) if not steps else driver.set_progress_handler(lambda: os._exit(9), steps)

with engine.connect() as connection:
    driver = connection.connection.driver_connection
    driver.isolation_level = None
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    op = Operations(LiveSink(connection))
    op.alter_column("t", "a", nullable=False)
    op.create_index("new", "t", ["a"])
    op.finish()
    connection.exec_driver_sql("COMMIT")
    if len(seen) < statement:
        os._exit(0)
"""

SMALL = """
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT);
CREATE TABLE c (t INTEGER REFERENCES t (id) ON DELETE CASCADE);
CREATE INDEX ix ON t (a);
CREATE TRIGGER g AFTER UPDATE ON t BEGIN SELECT 1; END;
INSERT INTO t (a) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    SELECT i FROM n;
INSERT INTO c SELECT id FROM t;
"""


def contents(file: Path) -> list[str]:
    import sqlite3

    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return list(connection.iterdump())


@pytest.mark.parametrize("statement", range(2, 32, 3))
def test_killed_in_the_middle_nothing_is_half_done(tmp_path: Path, statement: int) -> None:
    import sqlite3

    file = tmp_path / "killed.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(SMALL)
    before = contents(file)

    found = subprocess.run(
        [sys.executable, "-c", KILLED, str(file), str(statement), str(statement % 2 * 500)],
        check=False,
    )

    after = contents(file)
    assert after == before or (found.returncode == 0 and "CREATE INDEX new ON t (a);" in after)
