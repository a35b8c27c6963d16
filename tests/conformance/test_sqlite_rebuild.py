"""SQLite: tables that are made anew keep everything that was not asked for, or it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from asyncmigrate.errors import (
    MigrateError,
    RunError,
    TableChangeError,
    UnsupportedOperationError,
    UsageError,
)
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink
from asyncmigrate.scripts.sqltext import SqlSink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def op(connection: Connection) -> Operations:
    return Operations(LiveSink(connection))


def run(connection: Connection, script: str) -> None:
    Operations(LiveSink(connection)).execute(script.replace(":", r"\:"))


def sql(connection: Connection, name: str) -> str:
    query = f"SELECT sql FROM sqlite_master WHERE name = '{name}'"
    return str(connection.exec_driver_sql(query).scalar_one())


def objects(connection: Connection) -> dict[str, str]:
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    return dict(connection.exec_driver_sql(query).all())


def rows(connection: Connection, query: str) -> list[Any]:
    return [tuple(row) for row in connection.exec_driver_sql(query)]


def sent(connection: Connection, beginning: str) -> list[str]:
    """Return a list that the statements which begin so will be in."""
    found: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        found.extend([statement] if statement.startswith(beginning) else [])

    sa.event.listen(connection, "before_cursor_execute", note)
    return found


RICH = """\
CREATE TABLE "t" (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the key
    name VARCHAR(20) COLLATE NOCASE CONSTRAINT nn NOT NULL ON CONFLICT FAIL DEFAULT 'x, (y',
    [odd name] TEXT UNIQUE CHECK (length("odd name") < 9), /* it's odd */
    size REAL DEFAULT (1 + 2),
    double REAL GENERATED ALWAYS AS (size * 2) STORED,
    half REAL AS (size / 2),
    parent INTEGER REFERENCES t (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT positive CHECK (t.size > 0),
    CHECK (name <> 'nobody')
)"""

AROUND = """\
CREATE UNIQUE INDEX partial ON t (name) WHERE size > 5;
CREATE INDEX expression ON t (lower(name) DESC, size COLLATE BINARY);
CREATE TABLE log (what TEXT);
CREATE TRIGGER noted AFTER UPDATE OF name ON t WHEN NEW.size > 0 BEGIN
    INSERT INTO log VALUES (OLD.name || ' ; ' || NEW.name);
END;
CREATE TRIGGER elsewhere AFTER INSERT ON log BEGIN
    UPDATE t SET size = size + 1 WHERE name = 'counted';
END;
CREATE VIEW big AS SELECT id, name FROM t WHERE size > 5;
INSERT INTO t (id, name, size) VALUES (3, 'counted', 4), (7, 'b', 6.5);
INSERT INTO t (id, name, size) VALUES (99, 'gone', 1);
DELETE FROM t WHERE id = 99
"""


@pytest.fixture
def rich(connection: Connection) -> None:
    run(connection, f"{RICH};{AROUND}")


def test_a_change_of_one_column_changes_nothing_else(
    op: Operations, connection: Connection, rich: None
) -> None:
    before = objects(connection)
    values = rows(connection, "SELECT * FROM t")

    op.alter_column("t", "parent", type_=sa.BigInteger())
    op.finish()

    changed = RICH.replace("parent INTEGER", "parent BIGINT").replace("t.size", "size")
    assert objects(connection) == before | {"t": changed}
    assert rows(connection, "SELECT * FROM t") == values


def test_triggers_and_views_still_work_afterwards(
    op: Operations, connection: Connection, rich: None
) -> None:
    op.alter_column("t", "parent", type_=sa.BigInteger())
    op.finish()

    run(connection, "UPDATE t SET name = 'c' WHERE id = 7")

    assert rows(connection, "SELECT * FROM log") == [("b ; c",)]
    assert rows(connection, "SELECT size FROM t WHERE id = 3") == [(5.0,)]
    assert rows(connection, "SELECT * FROM big") == [(7, "c")]


def test_autoincrement_goes_on_where_it_was(
    op: Operations, connection: Connection, rich: None
) -> None:
    op.alter_column("t", "parent", type_=sa.BigInteger())
    op.finish()

    run(connection, "INSERT INTO t (name) VALUES ('next')")

    assert rows(connection, "SELECT id FROM t WHERE name = 'next'") == [(100,)]


def test_what_analyze_found_out_stays(op: Operations, connection: Connection, rich: None) -> None:
    run(connection, "ANALYZE")
    query = "SELECT * FROM sqlite_stat1 WHERE idx <> 'partial' ORDER BY idx"
    before = rows(connection, query)

    op.alter_column("t", "parent", type_=sa.BigInteger())
    op.drop_index("partial", "t")
    op.finish()

    assert before
    assert rows(connection, "SELECT * FROM sqlite_stat1 ORDER BY idx") == before


@pytest.mark.parametrize("options", ["STRICT", "WITHOUT ROWID", "WITHOUT ROWID, STRICT"])
def test_the_options_of_a_table_stay(op: Operations, connection: Connection, options: str) -> None:
    run(connection, f"CREATE TABLE t (a TEXT PRIMARY KEY, b INT) {options}")

    op.alter_column("t", "b", server_default="7")
    op.finish()

    assert sql(connection, "t") == (
        f"""CREATE TABLE "t" (a TEXT PRIMARY KEY, b INT DEFAULT '7') {options}"""
    )


def test_rowids_stay_without_a_key(op: Operations, connection: Connection) -> None:
    run(connection, "CREATE TABLE t (a INT); INSERT INTO t (rowid, a) VALUES (5, 1), (9, 2)")

    op.alter_column("t", "a", nullable=False)
    op.finish()

    assert rows(connection, "SELECT rowid, a FROM t") == [(5, 1), (9, 2)]


def test_consecutive_changes_of_a_table_are_one_rebuild(
    op: Operations, connection: Connection, rich: None
) -> None:
    dropped = sent(connection, "DROP TABLE")

    op.alter_column("t", "name", nullable=True)
    op.alter_column("t", "size", new_column_name="extent", server_default="3")
    op.add_column("t", sa.Column("code", sa.String(3), unique=True))
    op.create_check_constraint("ck_code", "t", "code <> ''")
    op.create_index("ix_code", "t", ["code"])
    op.drop_constraint("positive", "t")
    op.drop_index("partial", "t")
    assert dropped == []
    op.finish()

    assert dropped == ['DROP TABLE "t"']
    text = sql(connection, "t")
    assert "extent REAL DEFAULT '3'" in text
    assert "(extent * 2)" in text
    assert "positive" not in text
    assert {"ix_code", "expression"} < objects(connection).keys()
    assert "partial" not in objects(connection)


@pytest.mark.parametrize(
    "asks",
    [
        lambda op: op.execute("SELECT 1"),
        lambda op: op.get_bind(),
        lambda op: op.get_context().bind,
        lambda op: op.bulk_insert(sa.table("log", sa.column("what")), [{"what": "x"}]),
        lambda op: op.create_table("new", sa.Column("a", sa.Integer)),
        lambda op: op.rename_table("log", "logged"),
        lambda op: op.alter_column("log", "what", nullable=False),
        lambda op: op.finish(),
    ],
)
def test_what_waits_is_sent_before_anything_else_happens(
    op: Operations, connection: Connection, rich: None, asks: Callable[[Any], object]
) -> None:
    dropped = sent(connection, "DROP TABLE")
    op.alter_column("t", "parent", type_=sa.BigInteger())
    assert dropped == []

    asks(op)

    assert dropped == ['DROP TABLE "t"']


def test_a_connection_that_was_asked_for_before_sees_the_change(
    op: Operations, connection: Connection
) -> None:
    run(connection, "CREATE TABLE t (a INT NOT NULL)")
    bind = op.get_bind()

    op.alter_column("t", "a", nullable=True)
    bind.execute(sa.text("INSERT INTO t VALUES (NULL)"))
    op.alter_column("t", "a", server_default="7")
    columns = sa.inspect(connection).get_columns("t")

    assert rows(connection, "SELECT a FROM t") == [(None,)]
    assert columns[0]["default"] == "'7'"


def test_a_connection_that_writes_sql_keeps_the_order() -> None:
    lines: list[str] = []
    op = Operations(SqlSink(sqlite.dialect(), lines.append))
    op.create_table("t", sa.Column("a", sa.Integer))
    bind = op.get_bind()

    op.alter_column("t", "a", nullable=False)
    bind.execute(sa.text("INSERT INTO t VALUES (1)"))

    assert lines[-1] == "INSERT INTO t VALUES (1);\n\n"
    assert any("RENAME TO" in line for line in lines)


def test_a_change_to_what_is_so_already_costs_nothing(
    op: Operations, connection: Connection
) -> None:
    run(connection, "CREATE TABLE t (a varchar (9) NOT NULL DEFAULT '7', b INT)")
    changes = sent(connection, "CREATE")

    op.alter_column("t", "a", type_=sa.String(9), nullable=False, server_default="7")
    op.alter_column("t", "b", nullable=True, server_default=None)
    op.finish()

    assert changes == []


# --- each directive -------------------------------------------------------------------------------

PLAIN = "CREATE TABLE t (a INTEGER NOT NULL, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y')"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda op: op.alter_column("t", "a", type_=sa.String(9)), "a VARCHAR(9) NOT NULL, b TEXT"),
        (lambda op: op.alter_column("t", "a", nullable=True), "a INTEGER, b TEXT"),
        (
            lambda op: op.alter_column("t", "b", nullable=False),
            "a INTEGER NOT NULL, b TEXT NOT NULL",
        ),
        (
            lambda op: op.alter_column("t", "b", server_default=sa.text("(1 + 1)")),
            "a INTEGER NOT NULL, b TEXT DEFAULT (1 + 1)",
        ),
        (
            lambda op: op.alter_column("t", "b", server_default=sa.text("datetime('now')")),
            "a INTEGER NOT NULL, b TEXT DEFAULT (datetime('now'))",
        ),
        (lambda op: op.alter_column("t", "b", server_default=None), "a INTEGER NOT NULL, b TEXT"),
        (
            lambda op: op.alter_column("t", "b", server_default=sa.Computed("a + 1")),
            "a INTEGER NOT NULL, b TEXT GENERATED ALWAYS AS (a + 1)",
        ),
        (
            lambda op: op.create_unique_constraint("uq", "t", ["a", "b"]),
            "a INTEGER NOT NULL, b TEXT, CONSTRAINT uq UNIQUE (a, b)",
        ),
        (
            lambda op: op.create_primary_key("pk", "t", ["a"]),
            "a INTEGER NOT NULL, b TEXT, CONSTRAINT pk PRIMARY KEY (a)",
        ),
        (
            lambda op: op.create_foreign_key("fk", "t", "p", ["b"], ["a"], ondelete="CASCADE"),
            (
                "a INTEGER NOT NULL, b TEXT, CONSTRAINT fk FOREIGN KEY(b) REFERENCES p (a) "
                "ON DELETE CASCADE"
            ),
        ),
        (
            lambda op: op.add_column("t", sa.Column("c", sa.Integer, sa.Computed("a", True))),
            "a INTEGER NOT NULL, b TEXT, c INTEGER GENERATED ALWAYS AS (a) STORED",
        ),
        (
            lambda op: op.add_column("t", sa.Column("c", sa.Integer, primary_key=True)),
            "a INTEGER NOT NULL, b TEXT, c INTEGER NOT NULL PRIMARY KEY",
        ),
        (
            lambda op: op.add_column(
                "t", sa.Column("c", sa.DateTime, server_default=sa.func.now(), nullable=False)
            ),
            "a INTEGER NOT NULL, b TEXT, c DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL",
        ),
    ],
)
def test_each_directive_writes_what_it_says(
    op: Operations, connection: Connection, call: Callable[[Any], object], expected: str
) -> None:
    run(connection, "CREATE TABLE t (a INTEGER NOT NULL, b TEXT)")

    call(op)
    op.finish()

    assert sql(connection, "t").replace('"t"', "t") == f"CREATE TABLE t ({expected})"


@pytest.mark.parametrize(
    "call",
    [
        lambda op: op.alter_column("t", "a", type_=sa.String(9)),
        lambda op: op.alter_column("t", "b", nullable=False),
        lambda op: op.alter_column("t", "b", server_default="7"),
        lambda op: op.add_column("t", sa.Column("c", sa.Integer, unique=True)),
        lambda op: op.create_primary_key("pk", "t", ["a"]),
        lambda op: op.create_unique_constraint("uq", "t", ["a", "b"]),
        lambda op: op.create_check_constraint("ck", "t", "a > 0"),
    ],
)
def test_no_row_is_lost(
    op: Operations, connection: Connection, call: Callable[[Any], object]
) -> None:
    run(connection, PLAIN)

    call(op)
    op.finish()

    assert rows(connection, "SELECT CAST(a AS INT), b FROM t") == [(1, "x"), (2, "y")]
    assert len(objects(connection)) == 1


def test_values_that_the_new_type_does_not_fit_stay_as_they_are(
    op: Operations, connection: Connection
) -> None:
    run(
        connection,
        "CREATE TABLE t (a TEXT, b TEXT, c REAL, d BLOB);"
        "INSERT INTO t VALUES ('12', '2026-01-02', 3.75, x'61'), ('abc', NULL, NULL, NULL)",
    )

    op.alter_column("t", "a", type_=sa.Integer())
    op.alter_column("t", "b", type_=sa.DateTime())
    op.alter_column("t", "c", type_=sa.Integer())
    op.alter_column("t", "d", type_=sa.String())
    op.finish()

    assert rows(connection, "SELECT * FROM t") == [
        (12, "2026-01-02", 3, "a"),
        ("abc", None, None, None),
    ]


def test_a_generated_column_becomes_a_plain_one_with_its_values(
    op: Operations, connection: Connection, rich: None
) -> None:
    op.alter_column("t", "half", server_default=None)
    op.finish()

    assert "half REAL,\n" in sql(connection, "t")
    assert rows(connection, "SELECT half FROM t") == [(2.0,), (3.25,)]


def test_a_nameless_constraint_is_found_by_the_convention(connection: Connection) -> None:
    convention = {"uq": "uq_%(table_name)s_%(column_0_name)s", "fk": "fk_%(table_name)s"}
    run(connection, "CREATE TABLE t (a INT UNIQUE, b INT REFERENCES t (a), UNIQUE (b))")
    op = Operations(LiveSink(connection), metadata=sa.MetaData(naming_convention=convention))

    op.drop_constraint("uq_t_a", "t", "unique")
    op.drop_constraint("uq_t_b", "t", "unique")
    op.drop_constraint("fk_t", "t", "foreignkey")
    op.finish()

    assert sql(connection, "t") == 'CREATE TABLE "t" (a INT, b INT)'


def test_a_nameless_primary_key_is_dropped_by_its_kind(
    op: Operations, connection: Connection
) -> None:
    run(connection, "CREATE TABLE t (a INT, PRIMARY KEY (a)); INSERT INTO t VALUES (1)")

    op.drop_constraint("t_pkey", "t", type_="primary")
    op.finish()

    assert sql(connection, "t") == 'CREATE TABLE "t" (a INT)'


def test_the_check_of_a_type_goes_with_the_type(op: Operations, connection: Connection) -> None:
    former = sa.Enum("a", "b", name="ck_old", create_constraint=True)
    nameless = sa.Boolean(create_constraint=True)
    op.create_table("t", sa.Column("x", former), sa.Column("y", nameless))

    op.alter_column("t", "x", existing_type=former, type_=sa.String(9))
    op.alter_column("t", "y", existing_type=nameless, type_=sa.Integer())
    op.finish()

    assert "CHECK" not in sql(connection, "t")


def test_a_column_takes_its_own_constraints_and_index_along(
    op: Operations, connection: Connection
) -> None:
    run(
        connection,
        "CREATE TABLE t (a INT, b INT CHECK (b > 0), CONSTRAINT uq UNIQUE (b));"
        "CREATE INDEX ix ON t (b) WHERE b > 1",
    )

    op.drop_column("t", "b")
    op.drop_constraint("uq", "t", "unique")
    op.finish()

    assert objects(connection) == {"t": 'CREATE TABLE "t" (a INT)'}


def test_a_column_that_is_dropped_and_added_again_is_another_one(
    op: Operations, connection: Connection
) -> None:
    run(
        connection,
        "CREATE TABLE t (a INT, b INT UNIQUE); CREATE INDEX ix ON t (b);"
        "INSERT INTO t VALUES (1, 5)",
    )

    op.drop_column("t", "b")
    op.add_column("t", sa.Column("b", sa.Text, server_default="new"))
    op.finish()

    assert rows(connection, "SELECT * FROM t") == [(1, "new")]
    assert objects(connection).keys() == {"t"}


def test_rows_stay_rows_when_no_column_stays(op: Operations, connection: Connection) -> None:
    run(connection, "CREATE TABLE t (a INT UNIQUE); INSERT INTO t VALUES (1), (2)")

    op.drop_column("t", "a")
    op.add_column("t", sa.Column("b", sa.Text, server_default="new"))
    op.finish()

    assert rows(connection, "SELECT * FROM t") == [("new",), ("new",)]


def test_the_only_column_is_not_dropped(op: Operations, connection: Connection) -> None:
    run(connection, "CREATE TABLE t (a INT UNIQUE)")

    op.drop_column("t", "a")
    with pytest.raises(TableChangeError, match=r"op\.drop_table"):
        op.finish()


@pytest.mark.parametrize(
    ("needs", "named"),
    [
        ("CREATE TABLE t (a INT, b INT, CONSTRAINT ck CHECK (a < b))", "CONSTRAINT ck CHECK"),
        ("CREATE TABLE t (a INT CHECK (a < b), b INT)", "of column 'a'"),
        ("CREATE TABLE t (a INT, b INT, UNIQUE (a, b))", "UNIQUE"),
        ("CREATE TABLE t (a INT AS (b + 1), b INT)", "of column 'a'"),
        ("CREATE TABLE t (a INT, b INT); CREATE INDEX ix ON t (a, b)", "the index 'ix'"),
        ("CREATE TABLE t (a INT, b INT); CREATE INDEX ix ON t (a) WHERE b > 0", "the index 'ix'"),
        ("CREATE TABLE t (a INT, b INT); CREATE VIEW v AS SELECT b FROM t", "view 'v'"),
        (
            (
                "CREATE TABLE t (a INT, b INT UNIQUE); CREATE VIEW v AS SELECT * FROM t;"
                "CREATE VIEW w AS SELECT b FROM v"
            ),
            "view 'w'",
        ),
        (
            (
                "CREATE TABLE t (a INT, b INT);"
                "CREATE TRIGGER g AFTER UPDATE OF b ON t BEGIN SELECT 1; END"
            ),
            "the trigger 'g'",
        ),
        (
            (
                "CREATE TABLE t (a INT, b INT);"
                "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT NEW.b; END"
            ),
            "trigger 'g'",
        ),
        (
            (
                "CREATE TABLE t (a INT, b INT); CREATE TABLE u (x);"
                "CREATE TRIGGER g AFTER DELETE ON u BEGIN UPDATE t SET b = 1; END"
            ),
            "trigger 'g'",
        ),
        (
            "CREATE TABLE t (a INT, b INT UNIQUE); CREATE TABLE u (x INT REFERENCES t (b))",
            "foreign keys of 'u'",
        ),
    ],
)
def test_a_column_that_something_else_needs_is_not_dropped(
    op: Operations, connection: Connection, needs: str, named: str
) -> None:
    run(connection, f"{needs}; INSERT INTO t (b) VALUES (1)")
    before = objects(connection)

    op.drop_column("t", "b")
    with pytest.raises(TableChangeError) as caught:
        op.finish()

    assert named in caught.value.message
    assert objects(connection) == before
    assert rows(connection, "SELECT b FROM t") == [(1,)]


def test_what_was_wrong_before_does_not_stop_a_rebuild(
    op: Operations, connection: Connection
) -> None:
    run(
        connection,
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE t (a INT REFERENCES p (id)); INSERT INTO t VALUES (1);"
        "CREATE VIEW broken AS SELECT missing FROM t",
    )

    op.alter_column("t", "a", nullable=False)
    op.finish()

    assert rows(connection, "SELECT a FROM t") == [(1,)]


def test_a_foreign_key_that_rows_violate_is_refused(op: Operations, connection: Connection) -> None:
    run(
        connection,
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT);"
        "INSERT INTO t VALUES (1), (2)",
    )

    op.create_foreign_key("fk", "t", "p", ["a"], ["id"])
    with pytest.raises(TableChangeError, match="2 rows of 't' would refer to nothing in 'p'"):
        op.finish()

    assert objects(connection)["t"] == "CREATE TABLE t (a INT)"


def test_one_row_that_would_refer_to_nothing_is_one_row(
    op: Operations, connection: Connection
) -> None:
    run(connection, "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT)")
    run(connection, "INSERT INTO t VALUES (1)")

    op.create_foreign_key("fk", "t", "p", ["a"], ["id"])
    with pytest.raises(TableChangeError, match=r"changed: 1 row of 't' would refer to nothing"):
        op.finish()


def test_a_refused_change_leaves_the_table_and_nothing_beside_it(
    op: Operations, connection: Connection, rich: None
) -> None:
    before = objects(connection)
    values = rows(connection, "SELECT * FROM t")

    op.alter_column("t", "parent", nullable=False)
    with pytest.raises(TableChangeError, match=r"NOT NULL constraint failed: t\.parent") as caught:
        op.finish()

    assert objects(connection) == before
    assert rows(connection, "SELECT * FROM t") == values
    assert rows(connection, "PRAGMA legacy_alter_table") == [(0,)]
    assert "test_sqlite_rebuild.py:" in caught.value.lines[0]


def test_a_leftover_of_alembic_is_left_alone(op: Operations, connection: Connection) -> None:
    run(
        connection, f"{PLAIN}; CREATE TABLE _alembic_tmp_t (x); CREATE TABLE asyncmigrate_new_t (y)"
    )

    op.alter_column("t", "b", nullable=False)
    op.finish()

    assert objects(connection).keys() == {"t", "_alembic_tmp_t", "asyncmigrate_new_t"}


@pytest.mark.parametrize(
    "call",
    [
        lambda op: op.alter_column("t", "missing", nullable=False),
        lambda op: op.alter_column("missing", "a", nullable=False),
        lambda op: op.drop_constraint("missing", "t"),
        lambda op: op.create_unique_constraint("uq", "t", ["missing"]),
    ],
)
def test_what_is_not_there_is_named(
    op: Operations, connection: Connection, call: Callable[[Any], object]
) -> None:
    run(connection, PLAIN)

    call(op)
    with pytest.raises(MigrateError, match=r"missing|already"):
        op.finish()

    assert rows(connection, "SELECT * FROM t") == [(1, "x"), (2, "y")]


@pytest.mark.parametrize(
    "call",
    [
        lambda op: op.add_column("t", sa.Column("a", sa.Integer)),
        lambda op: op.alter_column("t", "missing", new_column_name="c"),
        lambda op: op.drop_column("nowhere", "a"),
    ],
)
def test_what_sqlite_does_itself_happens_at_once_and_fails_with_its_own_error(
    op: Operations, connection: Connection, call: Callable[[Any], object]
) -> None:
    run(connection, PLAIN)

    with pytest.raises(sa.exc.OperationalError):
        call(op)


def test_dropping_a_column_that_is_not_there_says_so_at_once(
    op: Operations, connection: Connection
) -> None:
    run(connection, PLAIN)

    with pytest.raises(RunError, match="no column 'missing'; it has a, b"):
        op.drop_column("t", "missing")


def test_what_sqlite_does_itself_waits_for_what_waits_already(
    op: Operations, connection: Connection
) -> None:
    run(connection, PLAIN)
    statements = sent(connection, "")

    op.alter_column("t", "b", nullable=False)
    op.add_column("t", sa.Column("c", sa.Integer))
    assert statements == []
    op.finish()

    assert sum("ALTER TABLE" in statement for statement in statements) == 1


def test_what_need_not_be_there_is_passed_over(op: Operations, connection: Connection) -> None:
    run(connection, PLAIN)

    op.drop_column("t", "missing", if_exists=True)
    op.drop_constraint("missing", "t", if_exists=True)
    op.add_column("t", sa.Column("a", sa.Integer), if_not_exists=True)
    op.finish()

    assert sql(connection, "t") == "CREATE TABLE t (a INTEGER NOT NULL, b TEXT)"


def test_a_table_of_an_attached_file_is_made_anew_in_it(
    op: Operations, connection: Connection
) -> None:
    run(
        connection,
        "ATTACH ':memory:' AS shop; CREATE TABLE shop.t (a INT, b INT);"
        "CREATE INDEX shop.ix ON t (b); INSERT INTO t VALUES (1, 2);"
        "CREATE TRIGGER shop.g AFTER INSERT ON t BEGIN SELECT 1; END",
    )

    op.alter_column("t", "a", nullable=False, schema="shop")
    op.finish()

    found = dict(connection.exec_driver_sql("SELECT name, sql FROM shop.sqlite_master").all())
    assert found["t"] == 'CREATE TABLE "t" (a INT NOT NULL, b INT)'
    assert found.keys() == {"t", "ix", "g"}
    assert rows(connection, "SELECT * FROM shop.t") == [(1, 2)]


def test_a_temporary_trigger_stays(op: Operations, connection: Connection) -> None:
    run(
        connection,
        f"{PLAIN}; CREATE TABLE log (x);"
        "CREATE TEMP TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.a); END",
    )

    op.alter_column("t", "b", nullable=False)
    op.finish()
    run(connection, "INSERT INTO t VALUES (5, 'z')")

    assert rows(connection, "SELECT x FROM log") == [(5,)]


# --- op.batch_alter_table -------------------------------------------------------------------------


def test_a_block_is_one_rebuild(op: Operations, connection: Connection, rich: None) -> None:
    dropped = sent(connection, "DROP TABLE")

    with op.batch_alter_table("t") as batch_op:
        batch_op.create_index("ix", ["size"], if_not_exists=True)
        batch_op.alter_column("name", new_column_name="title", type_=sa.Text())
        batch_op.add_column(sa.Column("code", sa.Integer), insert_after="id")
        batch_op.create_index("functional", [sa.text("abs(code)")])
        batch_op.drop_index("missing", if_exists=True)
        batch_op.drop_constraint("missing", if_exists=True)
        batch_op.create_table_comment("not here")
        batch_op.alter_column("size", insert_before="title")
        assert dropped == []

    assert dropped == ['DROP TABLE "t"']
    names = [row[1] for row in rows(connection, "PRAGMA table_xinfo(t)")]
    assert names == ["id", "code", "size", "title", "odd name", "double", "half", "parent"]
    assert {"ix", "functional"} < objects(connection).keys()
    assert "title TEXT COLLATE NOCASE CONSTRAINT nn NOT NULL" in sql(connection, "t")


def test_an_exception_in_a_block_sends_nothing(op: Operations, connection: Connection) -> None:
    run(connection, PLAIN)
    before = sent(connection, "")

    def block() -> None:
        with op.batch_alter_table("t") as batch_op:
            batch_op.add_column(sa.Column("c", sa.Integer))
            batch_op.drop_column("b")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        block()

    assert before == []


def test_recreate_always_makes_the_table_anew_even_for_nothing(
    op: Operations, connection: Connection, rich: None
) -> None:
    dropped = sent(connection, "DROP TABLE")
    before = objects(connection)

    with op.batch_alter_table("t", recreate="always"):
        pass

    assert dropped == ['DROP TABLE "t"']
    assert objects(connection) == before | {"t": RICH.replace("t.size", "size")}


def test_recreate_never_takes_what_sqlite_can_and_refuses_the_rest(
    op: Operations, connection: Connection
) -> None:
    run(connection, PLAIN)

    with op.batch_alter_table("t", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("c", sa.Integer))
    block = op.batch_alter_table("t", recreate="never")
    with pytest.raises(TableChangeError, match="forbids"), block as batch_op:
        batch_op.alter_column("c", nullable=False)

    assert sql(connection, "t") == "CREATE TABLE t (a INTEGER NOT NULL, b TEXT, c INTEGER)"


def test_an_unknown_way_to_recreate_is_an_error(op: Operations) -> None:
    wrong: Any = "sometimes"

    with pytest.raises(UsageError, match="sometimes"), op.batch_alter_table("t", recreate=wrong):
        pass


def test_columns_are_put_in_the_order_that_is_asked_for(
    op: Operations, connection: Connection
) -> None:
    run(
        connection, "CREATE TABLE t (a INT, b INT, c INT, d INT); INSERT INTO t VALUES (1, 2, 3, 4)"
    )

    with op.batch_alter_table("t", partial_reordering=[("d", "c"), ("b", "a")]):
        pass

    assert [row[1] for row in rows(connection, "PRAGMA table_info(t)")] == ["b", "a", "d", "c"]
    assert rows(connection, "SELECT * FROM t") == [(2, 1, 4, 3)]


def test_table_args_and_kwargs_are_added_where_they_are_missing(
    op: Operations, connection: Connection
) -> None:
    run(connection, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, CHECK (a > 0))")

    with op.batch_alter_table(
        "t",
        table_args=(sa.CheckConstraint("a > 0"), sa.UniqueConstraint("a", name="uq")),
        table_kwargs={"sqlite_autoincrement": True, "mysql_engine": "InnoDB"},
        reflect_args=[sa.Column("a", sa.BigInteger())],
        reflect_kwargs={"listeners": [], "resolve_fks": False},
    ) as batch_op:
        batch_op.alter_column("a", nullable=False)

    assert sql(connection, "t") == (
        'CREATE TABLE "t" (id INTEGER PRIMARY KEY AUTOINCREMENT, a BIGINT NOT NULL, '
        "CHECK (a > 0), CONSTRAINT uq UNIQUE (a))"
    )


def bigger(inspector: object, table: sa.Table, column_info: dict[str, Any]) -> None:
    del inspector, table
    column_info["type"] = {"a": sa.BigInteger()}.get(column_info["name"], column_info["type"])


def test_a_listener_of_reflect_kwargs_gives_a_column_its_type(
    op: Operations, connection: Connection
) -> None:
    run(connection, "CREATE TABLE t (a INT, b VARCHAR(9))")
    options = {"listeners": [("column_reflect", bigger)]}

    with op.batch_alter_table("t", reflect_kwargs=options) as batch_op:
        batch_op.alter_column("b", nullable=False)

    assert sql(connection, "t") == 'CREATE TABLE "t" (a BIGINT, b VARCHAR(9) NOT NULL)'


def test_a_listener_of_reflect_kwargs_is_heard_in_sql_text(connection: Connection) -> None:
    lines: list[str] = []
    op = Operations(SqlSink(connection.dialect, lines.append))
    op.create_table("t", sa.Column("a", sa.Integer))
    options = {"listeners": [("column_reflect", bigger)]}

    with op.batch_alter_table("t", reflect_kwargs=options, recreate="always"):
        pass
    op.finish()

    assert any('CREATE TABLE "asyncmigrate_new_t" (\n\ta BIGINT' in line for line in lines)


def test_what_has_no_effect_in_reflect_kwargs_is_refused(op: Operations) -> None:
    with (
        pytest.raises(UsageError, match="include_columns in reflect_kwargs would have no effect"),
        op.batch_alter_table("t", reflect_kwargs={"include_columns": ["a"]}),
    ):
        pass


@pytest.mark.parametrize("threads", [0, 3])
def test_the_number_of_threads_is_what_it_was_after_a_large_table(
    op: Operations, connection: Connection, threads: int
) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
    run(connection, f"CREATE TABLE t (a INT); INSERT INTO t {numbers} SELECT i FROM n")
    run(connection, f"CREATE INDEX ix ON t (a); PRAGMA threads = {threads}")
    told = sent(connection, "PRAGMA threads")

    op.alter_column("t", "a", nullable=False)
    op.finish()

    assert rows(connection, "PRAGMA threads") == [(threads,)]
    assert ("PRAGMA threads = 1" in told) is (threads == 0)


def test_a_convention_of_the_block_finds_a_nameless_constraint(
    op: Operations, connection: Connection
) -> None:
    run(connection, "CREATE TABLE t (a INT UNIQUE)")
    convention = {"uq": "uq_%(table_name)s_%(column_0_name)s"}

    with op.batch_alter_table("t", naming_convention=convention) as batch_op:
        batch_op.drop_constraint("uq_t_a", type_="unique")

    assert sql(connection, "t") == 'CREATE TABLE "t" (a INT)'


def test_copy_from_stands_for_the_table(op: Operations, connection: Connection) -> None:
    run(
        connection,
        "CREATE TABLE t (a INT, b INT UNIQUE); CREATE INDEX kept ON t (a);"
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END; INSERT INTO t VALUES (1, 2)",
    )
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.Integer))

    with op.batch_alter_table("t", copy_from=table) as batch_op:
        batch_op.alter_column("a", nullable=False)

    assert "UNIQUE" not in sql(connection, "t")
    assert objects(connection).keys() == {"t", "kept", "g"}
    assert rows(connection, "SELECT * FROM t") == [(1, 2)]


def test_copy_from_does_not_lose_a_column_that_it_does_not_know(
    op: Operations, connection: Connection
) -> None:
    run(connection, PLAIN)
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer))
    block = op.batch_alter_table("t", copy_from=table)

    with pytest.raises(TableChangeError, match="does not name 'b'"), block as batch_op:
        batch_op.alter_column("a", nullable=True)

    assert rows(connection, "SELECT b FROM t") == [("x",), ("y",)]


def test_what_a_block_executes_runs_at_once(op: Operations, connection: Connection) -> None:
    run(connection, "CREATE TABLE t (a INT); INSERT INTO t VALUES (NULL)")

    with op.batch_alter_table("t") as batch_op:
        batch_op.alter_column("a", nullable=False)
        batch_op.execute("UPDATE t SET a = 1 WHERE a IS NULL")
        assert batch_op.get_bind() is connection
        assert batch_op.get_context().dialect.name == "sqlite"
        assert batch_op.f("x") == "x"
        assert batch_op.inline_literal(1).value == 1
        with pytest.raises(UsageError, match="nothing says what"):
            batch_op.invoke(object())
        with pytest.raises(UsageError, match="async engine"):
            batch_op.run_async(lambda _: None)

    assert rows(connection, "SELECT a FROM t") == [(1,)]


def test_a_column_cannot_be_both_before_and_after(op: Operations) -> None:
    column = sa.Column("c", sa.Integer)

    with pytest.raises(UsageError, match="contradict"), op.batch_alter_table("t") as batch_op:
        batch_op.add_column(column, insert_before="a", insert_after="b")


# --- foreign keys ---------------------------------------------------------------------------------


def test_foreign_keys_are_not_switched_off_in_somebody_elses_transaction(
    op: Operations, connection: Connection
) -> None:
    run(
        connection,
        "PRAGMA foreign_keys = ON; CREATE TABLE p (id INTEGER PRIMARY KEY, a INT);"
        "CREATE TABLE c (p INT REFERENCES p ON DELETE CASCADE); BEGIN;"
        "INSERT INTO p VALUES (1, 1); INSERT INTO c VALUES (1)",
    )

    op.alter_column("p", "a", nullable=False)
    with pytest.raises(RunError, match="cannot be switched off"):
        op.finish()

    assert rows(connection, "SELECT * FROM c") == [(1,)]


def test_a_table_without_foreign_keys_is_changed_all_the_same(
    op: Operations, connection: Connection
) -> None:
    run(connection, f"PRAGMA foreign_keys = ON; {PLAIN}")

    op.alter_column("t", "b", nullable=False)
    op.finish()

    assert "b TEXT NOT NULL" in sql(connection, "t")


def test_outside_of_a_transaction_foreign_keys_are_off_for_the_change_only(
    op: Operations, connection: Connection
) -> None:
    run(
        connection,
        "PRAGMA foreign_keys = ON; CREATE TABLE p (id INTEGER PRIMARY KEY, a INT);"
        "CREATE TABLE c (p INT REFERENCES p ON DELETE CASCADE)",
    )
    connection.exec_driver_sql("INSERT INTO p VALUES (1, 1)")
    connection.exec_driver_sql("INSERT INTO c VALUES (1)")
    connection.commit()

    op.alter_column("p", "a", nullable=False)
    op.finish()

    assert rows(connection, "SELECT * FROM c") == [(1,)]
    assert rows(connection, "PRAGMA foreign_keys") == [(1,)]


def test_a_virtual_table_is_refused(op: Operations, connection: Connection) -> None:
    run(connection, "CREATE VIRTUAL TABLE t USING fts5 (a)")

    op.alter_column("t", "a", nullable=False)
    with pytest.raises(MigrateError, match="virtual"):
        op.finish()


def test_other_databases_cannot_put_a_column_somewhere() -> None:
    lines: list[str] = []
    op = Operations(SqlSink(postgresql.dialect(), lines.append))

    with op.batch_alter_table("t", schema="s", recreate="always") as batch_op:
        batch_op.add_column(sa.Column("c", sa.Integer))
        batch_op.drop_constraint("ck", "check", if_exists=True)
    block = op.batch_alter_table("t")
    with pytest.raises(UnsupportedOperationError, match="before or after"), block as batch_op:
        batch_op.add_column(sa.Column("d", sa.Integer), insert_after="c")

    assert "".join(lines).startswith(
        "ALTER TABLE s.t ADD COLUMN c INTEGER;\n\nALTER TABLE s.t DROP CONSTRAINT IF EXISTS ck;\n\n"
    )


def test_rows_get_the_default_that_a_column_was_added_with_and_then_lost(
    op: Operations, connection: Connection
) -> None:
    run(connection, "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)")

    op.add_column("t", sa.Column("b", sa.Integer, nullable=False, server_default="5"))
    op.alter_column("t", "b", existing_type=sa.Integer(), server_default=None)
    op.add_column("t", sa.Column("c", sa.Text, server_default=sa.text("('x' || 1)")))
    op.alter_column("t", "c", server_default="y")
    op.finish()

    assert rows(connection, "SELECT * FROM t") == [(1, 5, "x1"), (2, 5, "x1")]
    assert "DEFAULT" not in sql(connection, "t").partition("c TEXT")[0]
    assert "DEFAULT 'y'" in sql(connection, "t")


def test_a_block_about_no_table_says_so(op: Operations) -> None:
    block = op.batch_alter_table("missing", recreate="always")

    with pytest.raises(TableChangeError, match="no table 'missing'"), block:
        pass
