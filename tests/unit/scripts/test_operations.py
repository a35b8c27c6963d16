"""The directives on a live connection: SQLite in memory, SQLAlchemy's own synchronous driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from asyncmigrate.errors import RunError, UsageError
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink

if TYPE_CHECKING:
    from sqlalchemy import Connection


def columns(connection: Connection, table: str) -> list[str]:
    return [column["name"] for column in sa.inspect(connection).get_columns(table)]


def test_a_created_table_is_returned_and_takes_rows(op: Operations, connection: Connection) -> None:
    table = op.create_table(
        "user", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(9))
    )

    op.bulk_insert(table, [{"name": "ann"}, {"name": "50% 'bob'"}])

    names = connection.execute(sa.select(table.c.name).order_by(table.c.id)).scalars().all()
    assert names == ["ann", "50% 'bob'"]


def test_rows_with_different_columns_keep_all_their_values(
    op: Operations, connection: Connection
) -> None:
    table = op.create_table("t", sa.Column("a", sa.Integer), sa.Column("b", sa.Integer))

    op.bulk_insert(table, [{"a": 1}, {"a": 2, "b": 2}, {"b": 3}])

    assert connection.execute(sa.select(table)).all() == [(1, None), (2, 2), (None, 3)]


def test_an_inline_literal_can_be_a_value_of_a_row(op: Operations, connection: Connection) -> None:
    table = op.create_table("t", sa.Column("a", sa.Integer))

    op.bulk_insert(table, [{"a": op.inline_literal(1)}, {"a": op.inline_literal(2)}])

    assert connection.execute(sa.select(table)).scalars().all() == [1, 2]


def test_rows_that_are_no_list_of_dictionaries_are_an_error(op: Operations) -> None:
    rows: Any = {"a": 1}

    with pytest.raises(UsageError, match="list of dictionaries"):
        op.bulk_insert(sa.table("t", sa.column("a")), rows)


def test_indexed_columns_of_a_created_table_get_their_index(
    op: Operations, connection: Connection
) -> None:
    op.create_table("t", sa.Column("a", sa.Integer, index=True))

    assert [i["name"] for i in sa.inspect(connection).get_indexes("t")] == ["ix_t_a"]


def test_a_column_of_the_models_can_be_used_without_being_taken_away(op: Operations) -> None:
    model = sa.Table("model", sa.MetaData(), sa.Column("id", sa.Integer))

    created = op.create_table("copy", model.c.id)

    assert created.c.id.table is created
    assert model.c.id.table is model


def test_a_table_can_be_created_from_the_parts_of_a_model(
    op: Operations, connection: Connection
) -> None:
    flag = sa.Boolean(create_constraint=True, name="ck_on")
    model = sa.Table(
        "model",
        sa.MetaData(),
        sa.Column("on", flag),
        sa.Column("n", sa.Integer),
        sa.UniqueConstraint("n", name="uq_n"),
    )

    op.create_table("copy", *model.columns, *model.constraints)

    inspector = sa.inspect(connection)
    assert [found["name"] for found in inspector.get_check_constraints("copy")] == ["ck_on"]
    assert [found["name"] for found in inspector.get_unique_constraints("copy")] == ["uq_n"]


def test_listeners_of_a_tables_creation_run_around_it(
    op: Operations, connection: Connection
) -> None:
    seen: list[str] = []

    def listen(target: sa.Table, bind: Connection, **_: Any) -> None:
        seen.append(f"{target.name} {'there' if sa.inspect(bind).has_table('t') else 'missing'}")

    event.listen(sa.Table, "before_create", listen)
    event.listen(sa.Table, "after_create", listen)

    op.create_table("t", sa.Column("a", sa.Integer))

    event.remove(sa.Table, "before_create", listen)
    event.remove(sa.Table, "after_create", listen)
    assert seen == ["t missing", "t there"]


def test_if_not_exists_leaves_a_table_and_its_indexes_alone(
    op: Operations, connection: Connection
) -> None:
    op.create_table("t", sa.Column("a", sa.Integer, index=True))

    op.create_table("t", sa.Column("a", sa.Integer, index=True), if_not_exists=True)
    op.create_index("ix_t_a", "t", ["a"], if_not_exists=True)

    assert len(sa.inspect(connection).get_indexes("t")) == 1


def test_conditions_that_sqlite_has_no_words_for_are_looked_up(
    op: Operations, connection: Connection
) -> None:
    op.create_table("t", sa.Column("a", sa.Integer))

    op.add_column("t", sa.Column("b", sa.Integer), if_not_exists=True)
    op.add_column("t", sa.Column("b", sa.Integer), if_not_exists=True)
    op.drop_column("t", "a", if_exists=True)
    op.drop_column("t", "a", if_exists=True)
    op.drop_column("missing", "a", if_exists=True)

    assert columns(connection, "t") == ["b"]


def test_dropping_what_is_not_there_is_fine_with_if_exists(
    op: Operations, connection: Connection
) -> None:
    op.drop_table("missing", if_exists=True)
    op.drop_index("missing", if_exists=True)

    assert sa.inspect(connection).get_table_names() == []


def test_columns_are_added_renamed_and_dropped_natively(
    op: Operations, connection: Connection
) -> None:
    op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table("t", sa.Column("a", sa.Integer), sa.Column("b", sa.Integer))

    op.add_column("t", sa.Column("c", sa.Integer, sa.ForeignKey("parent.id", name="fk_c")))
    op.alter_column("t", "b", new_column_name="B")
    op.drop_column("t", "a")
    op.rename_table("t", "u")

    assert columns(connection, "u") == ["B", "c"]
    sql = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'u'").scalar_one()
    assert "c INTEGER CONSTRAINT fk_c REFERENCES parent (id)" in sql


def test_a_string_of_several_statements_runs_whole(op: Operations, connection: Connection) -> None:
    op.execute(
        """
        CREATE TABLE t (a TEXT);  -- one; with a semicolon in its comment
        CREATE TRIGGER g AFTER INSERT ON t BEGIN
            UPDATE t SET a = a || ';'; UPDATE t SET a = a || '!';
        END;
        INSERT INTO t VALUES ('x; y');
        """
    )

    assert connection.exec_driver_sql("SELECT a FROM t").scalar() == "x; y;!"


def test_several_statements_can_be_rolled_back(op: Operations, connection: Connection) -> None:
    op.create_table("t", sa.Column("a", sa.Integer))
    connection.commit()

    op.execute("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)")
    connection.rollback()

    assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0


def test_an_escaped_colon_reaches_the_database_as_a_colon(
    op: Operations, connection: Connection
) -> None:
    op.create_table("t", sa.Column("a", sa.String))

    op.execute(r"INSERT INTO t VALUES ('a\:b 100%')")
    op.execute(sa.text("INSERT INTO t VALUES (:a)").bindparams(a="; x"))

    assert connection.exec_driver_sql("SELECT a FROM t").scalars().all() == ["a:b 100%", "; x"]


def test_a_colon_that_reads_as_a_parameter_is_explained(op: Operations) -> None:
    with pytest.raises(UsageError, match="parameter :b has no value") as caught:
        op.execute("INSERT INTO t VALUES ('a' :b)")

    assert r"Write \:b" in caught.value.next


def test_execution_options_reach_the_statement(op: Operations, connection: Connection) -> None:
    seen: list[object] = []
    event.listen(
        connection,
        "before_cursor_execute",
        lambda *args: seen.append(args[4].execution_options.get("mark")),
    )

    op.execute("SELECT 1", execution_options={"mark": "here"})

    assert seen == ["here"]


@pytest.mark.parametrize(
    "call",
    [
        lambda op: op.create_table("t", sa.Column("a", sa.Integer), if_not_exist=True),
        lambda op: op.create_index("i", "t", ["a"], postgres_where="a > 0"),
        lambda op: op.create_foreign_key("f", "t", "u", ["a"], ["a"], on_delete="CASCADE"),
        lambda op: op.drop_table("t", cascade=True),
    ],
)
def test_a_misspelt_argument_is_an_error(call: Any, op: Operations) -> None:
    with pytest.raises(UsageError, match="has no argument"):
        call(op)


def test_a_misspelt_argument_gets_the_right_one_offered(op: Operations) -> None:
    options: Any = {"on_delete": "CASCADE"}

    with pytest.raises(UsageError) as caught:
        op.create_foreign_key("f", "t", "u", ["a"], ["a"], **options)

    assert "Did you mean 'ondelete'?" in caught.value.next


def test_a_using_clause_without_a_type_is_an_error(op: Operations) -> None:
    with pytest.raises(UsageError, match="no type_ is given"):
        op.alter_column("t", "a", postgresql_using="a::int")


def test_an_unknown_kind_of_constraint_is_an_error(op: Operations) -> None:
    with pytest.raises(UsageError, match="'foreign_key' is not a kind") as caught:
        op.drop_constraint("fk", "t", type_="foreign_key")

    assert "'foreignkey'" in caught.value.next


def test_autocommit_suspends_the_transaction_around_the_block(connection: Connection) -> None:
    class Log:
        autocommit_refused = ""
        is_lenient = False

        def __init__(self) -> None:
            self.calls: list[str] = []

        def suspend(self, connection: Connection) -> None:
            self.calls.append("suspend")

        def resume(self, connection: Connection) -> None:
            self.calls.append("resume")

    log = Log()
    op = Operations(LiveSink(connection, log))

    with op.autocommit():
        log.calls.append("block")
    with pytest.raises(ZeroDivisionError), op.get_context().autocommit_block():
        raise ZeroDivisionError

    assert log.calls == ["suspend", "block", "resume", "suspend", "resume"]


def test_autocommit_is_refused_in_somebody_elses_transaction(op: Operations) -> None:
    with pytest.raises(RunError, match="somebody else opened"), op.autocommit():
        pytest.fail("the block must not run")


def test_the_context_shows_the_connection_and_the_dialect(
    op: Operations, connection: Connection
) -> None:
    context = op.get_context()

    assert context.bind is context.connection is op.get_bind() is connection
    assert context.dialect.name == "sqlite"
    assert context.as_sql is False
