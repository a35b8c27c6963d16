"""What Alembic hands on to SQLAlchemy or passes over, a script for Alembic may say here, too."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from asyncmigrate.alembic.operations import Operations
from asyncmigrate.alembic.runtime.migration import MigrationContext
from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

X = sa.Column("x", sa.Integer)


def written(call: Callable[[Any], object]) -> str:
    stream = StringIO()
    options = {"as_sql": True, "output_buffer": stream}
    context = MigrationContext.configure(dialect_name="postgresql", opts=options)
    call(Operations(context))
    return " ".join(stream.getvalue().split())


def in_a_batch(call: Callable[[Any], object], **keywords: Any) -> Callable[[Any], None]:
    def run(op: Any) -> None:
        with op.batch_alter_table("t", **keywords) as batch_op:
            call(batch_op)

    return run


@pytest.mark.parametrize(
    ("call", "sql"),
    [
        (lambda op: op.create_table("t", X, extend_existing=True, keep_existing=False,
                                    implicit_returning=False, listeners=[], must_exist=False),
         "CREATE TABLE t ( x INTEGER );"),
        (lambda op: op.create_table("t", X, quote=True), 'CREATE TABLE "t" ( x INTEGER );'),
        (lambda op: op.create_table("t", X, naming_convention={}),
         "CREATE TABLE t ( x INTEGER );"),
        (lambda op: op.drop_table("T", quote=False, info={}), "DROP TABLE T;"),
        (lambda op: op.create_index("i", "t", ["x"], quote=True, info={}),
         'CREATE INDEX "i" ON t (x);'),
        (lambda op: op.drop_index("i", table_name="t", unique=True), "DROP INDEX i;"),
        (lambda op: op.create_unique_constraint("u", "t", ["x"], info={}, use_alter=True),
         "ALTER TABLE t ADD CONSTRAINT u UNIQUE (x);"),
        (lambda op: op.create_check_constraint("c", "t", "x > 1", comment="why"),
         "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 1);"),
        (lambda op: op.create_foreign_key("f", "t", "r", ["x"], ["y"], link_to_name=True),
         "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY(x) REFERENCES r (y);"),
        (lambda op: op.alter_column("t", "x", nullable=True, default=1, foo=2),
         "ALTER TABLE t ALTER COLUMN x DROP NOT NULL;"),
        (in_a_batch(lambda op: op.alter_column("x", nullable=True, default=1)),
         "ALTER TABLE t ALTER COLUMN x DROP NOT NULL;"),
        (in_a_batch(lambda op: op.drop_index("i", unique=True)), "DROP INDEX i;"),
        (in_a_batch(lambda op: op.drop_column("x"), reflect_kwargs={"extend_existing": True}),
         "ALTER TABLE t DROP COLUMN x;"),
    ],
)  # fmt: skip
def test_a_keyword_that_only_models_need_is_passed_over(
    call: Callable[[Any], object], sql: str
) -> None:
    assert written(call) == sql


@pytest.mark.parametrize(
    "call",
    [
        lambda op: op.create_table("t", X, shema="s"),
        lambda op: op.create_index("i", "t", ["x"], uniqe=True),
        lambda op: op.create_table("t", X, postgresql_nothing="s"),
    ],
)
def test_a_typo_stays_an_error(call: Callable[[Any], object]) -> None:
    with pytest.raises(UsageError, match="has no argument"):
        written(call)
