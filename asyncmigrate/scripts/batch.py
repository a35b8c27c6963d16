"""`op.batch_alter_table`: several changes of one table, made together.

The calls of the block are kept until it ends, and then are the plain directives, in their order:
an exception inside the block sends nothing. On SQLite they are one rebuild at most. Every other
database changes its tables in place.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from asyncmigrate.errors import UsageError
from asyncmigrate.scripts.batch_operations import BatchOperations, PlainDirectives

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import sqlalchemy as sa
    from sqlalchemy.schema import SchemaItem

    from asyncmigrate.scripts.batch_block import Immediate


REFLECTS = frozenset({"listeners", "resolve_fks"})
"""What `reflect_kwargs` may hold."""


class BatchDirectives(PlainDirectives):
    """Change one table in several ways at once."""

    _as_alembic: ClassVar[bool] = False
    """Whether a block does to SQLite's tables what Alembic's does; see `Options`."""

    @contextmanager
    def batch_alter_table(
        self,
        table_name: str,
        schema: str | None = None,
        *,
        recreate: Literal["auto", "always", "never"] = "auto",
        partial_reordering: Sequence[Sequence[str]] | None = None,
        copy_from: sa.Table | None = None,
        table_args: Sequence[SchemaItem] = (),
        table_kwargs: Mapping[str, Any] | None = None,
        reflect_args: Sequence[SchemaItem] = (),
        reflect_kwargs: Mapping[str, Any] | None = None,
        naming_convention: Mapping[str, Any] | None = None,
    ) -> Iterator[BatchOperations]:
        """Give what collects the changes of a table, and make them when the block ends.

        On SQLite, all together: natively if that is possible, else in one rebuild;
        `recreate="always"` demands the rebuild, `"never"` forbids it. `partial_reordering` orders
        columns. `table_args` (constraints), `table_kwargs` (such as `sqlite_autoincrement`),
        `reflect_args` (columns with their types) and the types that `listeners` of
        `reflect_kwargs` give to columns are added where a rebuild happens; `naming_convention`
        finds constraints without a name; `copy_from` stands for the table as it is. Other
        databases get the plain directives and pass these options over.

        Raises:
            UnsupportedOperationError: the order of columns is asked of another database.
            UsageError: `reflect_kwargs` holds what would have no effect.
        """
        _check_reflect_kwargs(reflect_kwargs or {})
        if recreate not in ("auto", "always", "never"):
            raise UsageError(
                f"op.batch_alter_table(): recreate={recreate!r} is unknown.",
                next='It is one of "auto", "always" and "never".',
            )
        now, sink = cast("Immediate", self), self._sqlite_sink

        def place(column: str, before: str | None, after: str | None) -> None:
            if before is not None or after is not None:
                assert sink is not None, "the block refuses it elsewhere"
                sink.place(schema, table_name, column, before, after)

        batch = BatchOperations(now, table_name, schema, self, place)
        yield batch
        together = sink and sink.block(
            schema,
            table_name,
            naming_convention,
            recreate=recreate,
            partial_reordering=partial_reordering or (),
            copy_from=copy_from,
            table_args=table_args,
            table_kwargs=table_kwargs or {},
            reflect_args=reflect_args,
            reflect_kwargs=reflect_kwargs or {},
            as_alembic=self._as_alembic,
        )
        with together or nullcontext():
            for call in batch._calls:
                call()


def _check_reflect_kwargs(given: Mapping[str, Any]) -> None:
    unknown = sorted(set(given) - REFLECTS)
    if unknown:
        raise UsageError(
            f"op.batch_alter_table(): {', '.join(unknown)} in reflect_kwargs would have no effect: "
            "all of the table is kept, whatever is reflected of it.",
            next="Leave it out; only listeners of column_reflect are called.",
        )
