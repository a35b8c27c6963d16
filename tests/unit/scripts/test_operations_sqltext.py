"""The SQL sink, beyond what the golden files show."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg

from asyncmigrate.errors import OfflineError
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sqltext import SqlSink


def test_asking_for_the_connection_names_the_line_that_asked() -> None:
    op = Operations(SqlSink(sqlite.dialect(), [].append))

    with pytest.raises(OfflineError, match=r"test_operations_sqltext\.py:\d+ asks"):
        op.get_bind().execute(sa.text("SELECT 1").columns(sa.column("x")))


def test_a_value_without_a_literal_is_named() -> None:
    op = Operations(SqlSink(postgresql.dialect(), [].append))

    with pytest.raises(OfflineError, match=r"parameter 'thing'.*no literal for a object"):
        op.execute(sa.text("SELECT :thing").bindparams(thing=object()))


@pytest.mark.parametrize("dialect", [psycopg.dialect(), mysql.dialect(), sqlite.dialect()])
def test_a_percent_sign_stays_single_whatever_the_driver(dialect: sa.Dialect) -> None:
    lines: list[str] = []
    op = Operations(SqlSink(dialect, lines.append))

    op.execute("SELECT '50%'")
    op.create_index("i", "t", [sa.text("a % 2")])

    assert "".join(lines).count("%") == 2


def test_the_context_says_that_sql_is_being_written() -> None:
    op = Operations(SqlSink(sqlite.dialect(), [].append))

    assert op.get_context().as_sql is True


def test_a_type_of_two_tables_is_created_once() -> None:
    lines: list[str] = []
    op = Operations(SqlSink(postgresql.dialect(), lines.append))

    op.create_table("a", sa.Column("x", sa.Enum("u", name="kind")))
    op.create_table("b", sa.Column("x", sa.Enum("u", name="kind")))
    op.alter_column("c", "x", type_=sa.Enum("u", name="kind"))

    assert "".join(lines).count("CREATE TYPE") == 1


def test_listeners_of_a_tables_creation_write_their_ddl() -> None:
    lines: list[str] = []
    op = Operations(SqlSink(sqlite.dialect(), lines.append))
    ddl = sa.DDL("CREATE VIEW v AS SELECT 1 AS a")
    sa.event.listen(sa.Table, "after_create", ddl)
    op.create_table("t", sa.Column("a", sa.Integer))
    sa.event.remove(sa.Table, "after_create", ddl)

    assert lines[-1] == "CREATE VIEW v AS SELECT 1 AS a;\n\n"


def test_the_dialect_that_was_handed_in_is_not_changed() -> None:
    dialect = postgresql.dialect()
    before = dialect.statement_compiler

    SqlSink(dialect, [].append)

    assert dialect.statement_compiler is before


def test_an_insert_does_not_ask_for_the_new_key() -> None:
    lines: list[str] = []
    op = Operations(SqlSink(postgresql.dialect(), lines.append))
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))

    op.execute(table.insert().values(id=1))

    assert lines == ["INSERT INTO t (id) VALUES (1);\n\n"]
