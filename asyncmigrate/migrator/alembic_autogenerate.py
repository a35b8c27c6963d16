"""`alembic.autogenerate` for programs: what differs, as operations of Alembic's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncmigrate.alembic.autogenerate.api import AutogenContext
from asyncmigrate.alembic.autogenerate.drafting import lines_of, operations_of
from asyncmigrate.alembic.autogenerate.render import spelling_of
from asyncmigrate.alembic.operations.containers import DowngradeOps, MigrationScript, UpgradeOps
from asyncmigrate.alembic.runtime.migration import MigrationContext
from asyncmigrate.migrator import autogenerate
from asyncmigrate.migrator.answers import Answers
from asyncmigrate.render.script import body
from asyncmigrate.schema.scope import Scope
from asyncmigrate.scripts.comparing import Comparators, read_sides
from asyncmigrate.scripts.including import Including

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from asyncmigrate.schema.compare import Sides

_ANSWERS = Answers(no_renames=True, allow_drop=True, ask_value=lambda _: "NULL")


def compare_metadata(context: MigrationContext, metadata: Any) -> list[tuple[Any, ...]]:
    """Return what differs between the context's database and models, as Alembic's tuples.

    Reads only. Renames count as a drop and a creation.
    """
    return produce_migrations(context, metadata).upgrade_ops.as_diffs()


def produce_migrations(context: MigrationContext, metadata: Any) -> MigrationScript:
    """Return the revision that makes the context's database equal to models. Reads only.

    Raises:
        UnsupportedOperationError: Alembic has no operation for a difference.
    """
    metadatas: Sequence[sa.MetaData] = (
        metadata if isinstance(metadata, list | tuple) else [metadata]
    )
    opts = context.opts
    own = frozenset({(context.version_table_schema or "", context.version_table)})
    hooks = Comparators(
        opts.get("compare_type"), opts.get("compare_server_default"), opts.get("include_name")
    )
    sides = read_sides(context.bind, metadatas, Scope(frozenset({""}), own), hooks)
    comparison = autogenerate.decided(sides, _ANSWERS, _taker(sides, opts.get("include_object")))
    operations = autogenerate.ordered(comparison)
    up, down = autogenerate.calls_of(comparison, operations, _ANSWERS)
    upgrades = autogenerate.in_words(up, comparison, alembics=True)
    downgrades = autogenerate.in_words(down, comparison, alembics=True, undoes=True)
    return MigrationScript(
        None,
        UpgradeOps(operations_of(upgrades, downgrades)),
        DowngradeOps(operations_of(downgrades, upgrades)),
    )


def _taker(sides: Sides, include_object: Any) -> Any:
    return None if include_object is None else Including(include_object, sides.live, sides.declared)


def render_python_code(
    up_or_down_op: Any,
    sqlalchemy_module_prefix: str = "sa.",
    alembic_module_prefix: str = "op.",
    render_as_batch: bool = False,
    imports: Sequence[str] = (),
    render_item: Any = None,
    migration_context: Any = None,
    user_module_prefix: str | None = None,
) -> str:
    """Return operations as the lines of a function; `sa.` and `op.` stand before the names."""
    if migration_context is None:
        migration_context = MigrationContext.configure(dialect_name="default")
    opts = {"render_item": render_item, "user_module_prefix": user_module_prefix}
    context = AutogenContext(migration_context, opts=opts)
    context.imports.update(imports)
    lines = list(lines_of(up_or_down_op.ops, context))
    if render_as_batch:
        from asyncmigrate.scripts.alembic_calls import batched

        lines = batched(lines)
    return body(lines, spelling_of(context), context.imports) or "pass"
