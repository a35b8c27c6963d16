"""What plug-ins compare: their comparators are called as Alembic calls them.

Ours is what Alembic's own comparators would have found: it stands in `upgrade_ops` when those of
plug-ins with a lower priority than FIRST are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.alembic.autogenerate.compare import comparators
from asyncmigrate.alembic.autogenerate.drafting import is_made_here
from asyncmigrate.alembic.autogenerate.render import renderers
from asyncmigrate.alembic.operations import ops
from asyncmigrate.alembic.operations.containers import UpgradeOps
from asyncmigrate.alembic.util.langhelpers import DispatchPriority, PriorityDispatchResult
from asyncmigrate.scripts.private_names import original_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from asyncmigrate.alembic.autogenerate.api import AutogenContext

_ENUMS = "alembic_postgresql_enum"
"""Compares ENUM types; where it is imported, ours leaves them to it."""
_ENUM_VALUES = "alembic_autogenerate_enums"
"""Compares only the values of those that are there."""
_COVERS = {"alembic_utils": ("extension", "function", "row security polic", "trigger")}
"""What plug-ins compare of what we do not, in the words of the list of what was not compared."""
_WORDS = ("autogenerate", "schema", "table", "column", "type", "server_default")


def is_plugged(home: str) -> bool:
    """Return whether a project's env.py has imported a plug-in that compares something."""
    return comparators.has_any(home)


def leaves_enums(home: str) -> tuple[bool, bool]:
    """Return whether plug-ins compare ENUM types themselves, and whether only their values."""
    found = _modules(home)
    whole = any(each.startswith(_ENUMS) for each in found)
    return whole, whole or any(each.startswith(_ENUM_VALUES) for each in found)


def covers(home: str, left_out: str) -> bool:
    """Return whether a plug-in compares what we say that we did not: `2 functions: f, g`."""
    words = [_COVERS.get(each.partition(".")[0], ()) for each in _modules(home)]
    said = left_out.lstrip("0123456789 ")
    return any(said.startswith(each) for kind in words for each in kind)


def _modules(home: str) -> list[str]:
    found = [each for word in _WORDS for each in comparators.all_for(word, home=home)]
    return [original_name(each.__module__) for each in found]


def run_comparators(context: AutogenContext, ours: Sequence[Any]) -> UpgradeOps:
    """Return our operations with those that plug-ins add. Reads only, if they do.

    Asks the database as the plug-ins do; run it in a transaction that is rolled back.
    """
    made = UpgradeOps([])
    dialect = context.dialect.name
    schemas = _schemas(context)
    waiting = list(ours)
    calls: list[tuple[int, Callable[..., Any], tuple[Any, ...]]] = []
    for word, arguments in (("autogenerate", ()), ("schema", (schemas,))):
        for priority, function in comparators.with_priority(word, dialect, home=context.home):
            calls.append((priority, function, arguments))
    done = False
    for priority, function, arguments in calls:
        if priority < DispatchPriority.FIRST and not done:
            done = True
            made.ops += waiting
            _tables(context, made)
        if function(context, made, *arguments) is PriorityDispatchResult.STOP:
            break
    if not done:
        made.ops += waiting
        _tables(context, made)
    return made


def _schemas(context: AutogenContext) -> set[str | None]:
    if not context.opts["include_schemas"]:
        return {None}
    found: set[str | None] = set(context.inspector.get_schema_names())
    found = {each for each in found if each not in ("information_schema", "pg_catalog")}
    found = {each for each in found if context.run_name_filters(each, "schema", {})}
    default = context.dialect.default_schema_name
    return {None if each == default else each for each in found}


def _tables(context: AutogenContext, made: UpgradeOps) -> None:
    """Call the comparators of tables and columns for the tables that both sides have."""
    dialect, home = context.dialect.name, context.home
    of_tables = comparators.all_for("table", dialect, home=home)
    of_columns = comparators.all_for("column", dialect, home=home)
    if not of_tables and not of_columns:
        return
    for table in context.sorted_tables:
        has = context.inspector.has_table(table.name, schema=table.schema)
        live = _live(context, table) if has else None
        group = _group(made, table)
        for function in of_tables:
            function(context, group, table.schema, table.name, live, table)
        if live is not None:
            _columns(context, group, live, table, of_columns)
        if not group.is_empty() and group not in made.ops:
            made.ops.append(group)


def _live(context: AutogenContext, table: sa.Table) -> sa.Table:
    found = sa.Table(table.name, sa.MetaData(), schema=table.schema)
    context.inspector.reflect_table(found, None)
    return found


def _group(made: UpgradeOps, table: sa.Table) -> Any:
    wanted = (table.name, table.schema)
    for each in made.ops:
        if isinstance(each, ops.ModifyTableOps) and (each.table_name, each.schema) == wanted:
            return each
    return ops.ModifyTableOps(table.name, [], schema=table.schema)


def _columns(
    context: AutogenContext,
    group: Any,
    live: sa.Table,
    table: sa.Table,
    functions: Iterable[Callable[..., Any]],
) -> None:
    for column in table.c:
        before = live.c.get(column.name)
        if before is None:
            continue
        operation = ops.AlterColumnOp(
            table.name,
            column.name,
            schema=table.schema,
            existing_type=before.type,
            existing_nullable=before.nullable,
            existing_server_default=before.server_default or False,
            existing_comment=before.comment,
        )
        given = (table.schema, table.name, column.name, before, column)
        for function in functions:
            if function(context, operation, *given) is PriorityDispatchResult.STOP:
                break
        if operation.has_changes():
            group.ops.append(operation)


def theirs(operations: Iterable[Any]) -> Iterator[Any]:
    """Give the operations that plug-ins have added, in order."""
    for each in operations:
        if isinstance(each, ops.OpContainer):
            yield from theirs(each.ops)
        elif not is_made_here(each):
            yield each


def reversed_around(operations: Sequence[Any], ours: Sequence[Any]) -> list[Any]:
    """Return what undoes an upgrade: `ours` is what undoes our part of it.

    What plug-ins put in front of ours is undone behind it, the rest before.
    """
    front = 0
    for each in operations:
        if not list(theirs([each])) or _has_ours(each):
            break
        front += 1
    if front == len(operations):
        front = 0
    before = [each.reverse() for each in reversed(list(theirs(operations[front:])))]
    behind = [each.reverse() for each in reversed(list(theirs(operations[:front])))]
    return [*before, *ours, *behind]


def _has_ours(operation: Any) -> bool:
    if isinstance(operation, ops.OpContainer):
        return any(map(_has_ours, operation.ops))
    return is_made_here(operation)


__all__ = [
    "covers", "is_plugged", "leaves_enums", "renderers", "reversed_around", "run_comparators",
    "theirs",
]  # fmt: skip
