"""Operations as objects, and the contexts that scripts make for themselves."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
import sqlalchemy as sa

from asyncmigrate.alembic.autogenerate.rewriter import Rewriter
from asyncmigrate.alembic.operations import BatchOperations, Operations, ops
from asyncmigrate.alembic.operations.migrate import MigrateOperation
from asyncmigrate.alembic.runtime.migration import MigrationContext
from asyncmigrate.alembic.util.exc import CommandError
from asyncmigrate.alembic.util.langhelpers import Dispatcher, DispatchPriority

COLUMN = sa.Column("x", sa.Integer)


def written(*operations: MigrateOperation, dialect: str = "postgresql") -> str:
    stream = StringIO()
    context = MigrationContext.configure(dialect_name=dialect, opts={"output_buffer": stream})
    op = Operations(context)
    for each in operations:
        op.invoke(each)
    return " ".join(stream.getvalue().split())


@pytest.mark.parametrize(
    ("operation", "sql"),
    [
        (ops.CreateTableOp("t", [sa.Column("id", sa.Integer)]), "CREATE TABLE t ( id INTEGER );"),
        (ops.DropTableOp("t", if_exists=True), "DROP TABLE IF EXISTS t;"),
        (ops.RenameTableOp("t", "u"), "ALTER TABLE t RENAME TO u;"),
        (ops.CreateTableCommentOp("t", "c"), "COMMENT ON TABLE t IS 'c';"),
        (ops.DropTableCommentOp("t"), "COMMENT ON TABLE t IS NULL;"),
        (ops.AddColumnOp("t", sa.Column("x", sa.Integer)), "ALTER TABLE t ADD COLUMN x INTEGER;"),
        (ops.DropColumnOp("t", "x", schema="s"), "ALTER TABLE s.t DROP COLUMN x;"),
        (ops.AlterColumnOp("t", "x", modify_nullable=False),
         "ALTER TABLE t ALTER COLUMN x SET NOT NULL;"),
        (ops.AlterColumnOp("t", "x", modify_name="y"), "ALTER TABLE t RENAME COLUMN x TO y;"),
        (ops.CreateIndexOp("i", "t", ["x"], unique=True), "CREATE UNIQUE INDEX i ON t (x);"),
        (ops.DropIndexOp("i", "t"), "DROP INDEX i;"),
        (ops.CreatePrimaryKeyOp("p", "t", ["x"]),
         "ALTER TABLE t ADD CONSTRAINT p PRIMARY KEY (x);"),
        (ops.CreateUniqueConstraintOp("u", "t", ["x"]),
         "ALTER TABLE t ADD CONSTRAINT u UNIQUE (x);"),
        (ops.CreateForeignKeyOp("f", "t", "u", ["x"], ["id"], ondelete="CASCADE"),
         "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY(x) REFERENCES u (id) ON DELETE CASCADE;"),
        (ops.CreateCheckConstraintOp("c", "t", "x > 0"),
         "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);"),
        (ops.DropConstraintOp("c", "t", "check"), "ALTER TABLE t DROP CONSTRAINT c;"),
        (ops.ExecuteSQLOp("SELECT 1"), "SELECT 1;"),
        (ops.BulkInsertOp(sa.table("t", sa.column("x")), [{"x": "a"}]),
         "INSERT INTO t (x) VALUES ('a');"),
        (ops.ModifyTableOps("t", [ops.DropColumnOp("t", "x"), ops.DropColumnOp("t", "y")]),
         "ALTER TABLE t DROP COLUMN x; ALTER TABLE t DROP COLUMN y;"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)  # fmt: skip
def test_an_operation_is_carried_out_by_its_directive(
    operation: MigrateOperation, sql: str
) -> None:
    assert written(operation) == sql


def table() -> sa.Table:
    metadata = sa.MetaData()
    sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True))
    return sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("x", sa.Integer, sa.ForeignKey("u.id", name="f")),
        sa.UniqueConstraint("x", name="q"),
        sa.CheckConstraint("x > 0", name="c"),
        sa.Index("i", "x"),
        comment="a table",
    )


@pytest.mark.parametrize("name", ["f", "q", "c"])
def test_a_constraint_becomes_an_operation_and_back(name: str) -> None:
    constraint = next(each for each in table().constraints if each.name == name)

    operation = ops.AddConstraintOp.from_constraint(constraint)
    dropped = operation.reverse()

    assert written(operation) == written(dropped.reverse())
    assert written(dropped) == f"ALTER TABLE t DROP CONSTRAINT {name};"
    assert operation.to_diff_tuple()[0] in {"add_constraint", "add_fk"}


def test_a_table_becomes_an_operation_and_back() -> None:
    operation = ops.CreateTableOp.from_table(table())

    again = operation.reverse().reverse()

    assert "CONSTRAINT q UNIQUE (x)" in written(operation)
    assert sorted(written(again)) == sorted(written(operation))
    assert operation.to_diff_tuple()[0] == "add_table"


def test_an_index_becomes_an_operation_and_back() -> None:
    operation = ops.CreateIndexOp.from_index(next(iter(table().indexes)))

    assert written(operation) == "CREATE INDEX i ON t (x);"
    assert written(operation.reverse()) == "DROP INDEX i;"
    assert written(operation.reverse().reverse()) == "CREATE INDEX i ON t (x);"


def test_the_reverse_of_a_changed_column_exchanges_what_was_and_what_is() -> None:
    operation = ops.AlterColumnOp(
        "t",
        "x",
        existing_type=sa.Integer(),
        modify_type=sa.BigInteger(),
        existing_nullable=True,
        modify_nullable=False,
    )

    undone = operation.reverse()

    assert operation.has_changes()
    assert "TYPE INTEGER" in written(undone)
    assert "DROP NOT NULL" in written(undone)


def test_a_column_that_is_only_named_has_no_way_back() -> None:
    with pytest.raises(ValueError, match="only the name"):
        ops.DropColumnOp("t", "x").reverse()


def test_upgrade_ops_give_their_downgrade() -> None:
    up = ops.UpgradeOps([ops.AddColumnOp("t", COLUMN), ops.CreateTableCommentOp("t", "c")])

    down = up.reverse()

    assert [type(each).__name__ for each in down.ops] == ["DropTableCommentOp", "DropColumnOp"]
    assert not up.is_empty()
    assert [each[0] for each in up.as_diffs()] == ["add_column", "add_table_comment"]


def script(*operations: MigrateOperation) -> ops.MigrationScript:
    return ops.MigrationScript("a1", ops.UpgradeOps(operations), ops.DowngradeOps())


def test_a_rewriter_changes_operations_one_by_one_and_chains() -> None:
    first, second = Rewriter(), Rewriter()

    @first.rewrites(ops.AddColumnOp)
    def twice(context: Any, revision: Any, op: ops.AddColumnOp) -> list[Any]:
        return [op, ops.CreateIndexOp("i", op.table_name, [op.column.name])]

    @second.rewrites(ops.CreateIndexOp)
    def drop(context: Any, revision: Any, op: ops.CreateIndexOp) -> None:
        return None

    one, both = [script(ops.AddColumnOp("t", COLUMN))], [script(ops.AddColumnOp("t", COLUMN))]
    first(None, (), one)
    first.chain(second)(None, (), both)

    assert [type(each).__name__ for each in one[0].upgrade_ops.ops] == [
        "AddColumnOp",
        "CreateIndexOp",
    ]
    assert [type(each).__name__ for each in both[0].upgrade_ops.ops] == ["AddColumnOp"]


def test_what_is_registered_for_alembics_op_has_any_name_and_stays_there() -> None:
    own = type("Own", (Operations,), {})

    class CreateView(MigrateOperation):
        def __init__(self, name: str) -> None:
            self.name = name

        @classmethod
        def create_view(cls, operations: Any, name: str) -> Any:
            return operations.invoke(cls(name))

    own.register_operation("create_view")(CreateView)  # type: ignore[attr-defined]

    @own.implementation_for(CreateView)  # type: ignore[attr-defined, untyped-decorator]
    def create(operations: Any, operation: CreateView) -> str:
        return f"{operations.migration_context.dialect.name}: {operation.name}"

    operations = own(MigrationContext.configure(dialect_name="postgresql"))

    assert operations.create_view("v") == "postgresql: v"


def test_a_context_of_its_own_runs_on_a_connection_at_once() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        op = Operations(context)
        with context.begin_transaction():
            op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
            op.add_column("t", sa.Column("x", sa.Integer))
            op.alter_column("t", "x", new_column_name="y", nullable=False, server_default="1")
            with op.batch_alter_table("t") as batch_op:
                batch_op.add_column(sa.Column("z", sa.Integer))

        found = {each["name"]: each["nullable"] for each in sa.inspect(connection).get_columns("t")}

    engine.dispose()
    assert found == {"id": False, "y": False, "z": True}
    assert isinstance(batch_op, BatchOperations)


def test_a_context_says_where_its_database_is() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        before = context.get_current_revision()
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('a1')")
        after = context.get_current_revision()
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('b2')")
        heads = context.get_current_heads()
        with pytest.raises(CommandError, match="2 rows"):
            context.get_current_revision()

    engine.dispose()
    assert (before, after, sorted(heads)) == (None, "a1", ["a1", "b2"])


def test_a_context_without_a_database_is_refused() -> None:
    with pytest.raises(CommandError, match="needs a connection"):
        MigrationContext.configure()


def test_comparators_come_by_priority_and_dialect() -> None:
    found = Dispatcher()
    found.dispatch_for("schema")(len)
    found.dispatch_for("schema", priority=DispatchPriority.FIRST)(sum)
    found.dispatch_for("schema", qualifier="postgresql")(max)

    assert found.all_for("schema") == [sum, len]
    assert found.dispatch("schema", "sqlite") is sum
    assert set(found.all_for("schema", "postgresql")) == {sum, len, max}


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_mysqls_columns_are_restated_as_alembic_restates_them(dialect: str) -> None:
    operation = ops.AlterColumnOp("t", "x", modify_type=sa.BigInteger())

    assert written(operation, dialect=dialect) == "ALTER TABLE t MODIFY x BIGINT;"
