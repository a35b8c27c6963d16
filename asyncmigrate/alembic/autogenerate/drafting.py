"""Generated calls as the operations of Alembic's, for plug-ins and hooks; and back into lines.

What nobody has touched comes back as the call that it was made of, with its comment and all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncmigrate.alembic.autogenerate import render
from asyncmigrate.alembic.operations import ops
from asyncmigrate.alembic.operations.migrate import Directed, MigrateOperation
from asyncmigrate.errors import UnsupportedOperationError
from asyncmigrate.render.script import Line, Text
from asyncmigrate.schema.call import Call
from asyncmigrate.scripts.private_names import original_name, without_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from asyncmigrate.alembic.autogenerate.api import AutogenContext


class LineOp(MigrateOperation):
    """What Alembic has no operation for: one of our own calls, or a block of them."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return the directive and its arguments."""
        if isinstance(self.line, Call):
            return (self.line.directive, *self.line.arguments)
        return ("line", self.line)


def operations_of(
    lines: Iterable[Line], back: Sequence[Line] = (), *, models: Any = None
) -> list[Any]:
    """Return operations, those on one table together as Alembic has them.

    `back` are the lines of the other direction: from them a drop knows what it drops. From
    `models`, a MetaData or several, an index knows of which types its columns are.
    """
    made = _grouped(lines, back)
    several = models if isinstance(models, list | tuple) else [models] if models is not None else []
    tables = {(each.name, each.schema): each for one in several for each in one.tables.values()}
    for index in _indexes(made):
        table = tables.get((index.table_name, index.schema))
        if table is not None:
            index.columns = [
                table.c.get(each, each) if isinstance(each, str) else each for each in index.columns
            ]
    return made


def _indexes(operations: Iterable[Any]) -> Iterator[Any]:
    for each in operations:
        if isinstance(each, ops.OpContainer):
            yield from _indexes(each.ops)
        elif isinstance(each, ops.CreateIndexOp):
            yield each
        elif isinstance(each, ops.DropIndexOp) and each._reverse is not None:
            yield each._reverse


def _grouped(lines: Iterable[Line], back: Sequence[Line]) -> list[Any]:
    made: list[Any] = []
    for each in lines:
        operation = _operation(each, back)
        table = _table(operation)
        if table is None:
            made.append(operation)
            continue
        last = made[-1] if made else None
        if not isinstance(last, ops.ModifyTableOps) or (last.table_name, last.schema) != table:
            made.append(ops.ModifyTableOps(table[0], [], schema=table[1]))
        made[-1].ops.append(operation)
    return made


def _table(operation: Any) -> tuple[str, str | None] | None:
    if isinstance(operation, ops.CreateTableOp | ops.DropTableOp | ops.RenameTableOp):
        return None
    if isinstance(operation, ops.CreateForeignKeyOp):
        return operation.source_table, operation.kw.get("source_schema")
    name = getattr(operation, "table_name", None)
    return None if name is None else (name, operation.schema)


def _operation(line: Line, back: Sequence[Line]) -> Any:
    maker = _MAKERS.get(line.directive) if isinstance(line, Call) else None
    if maker is None or not isinstance(line, Call):
        return LineOp(line)
    try:
        made = maker(line, back)
    except TypeError:  # a keyword of ours that Alembic does not know
        return LineOp(line)
    made._line, made._as_made = line, _marks_of(made.call())
    return made


def _opposite(back: Sequence[Line], directive: str, *named: Any) -> Any:
    """Return the operation of the other direction that makes what is dropped here."""
    for each in back:
        if isinstance(each, Call) and each.directive == directive and _names(each) == named:
            return _operation(each, ())
    return None


def _names(call: Call) -> tuple[Any, ...]:
    schema = call.keywords.get("source_schema", call.keywords.get("schema"))
    second = call.arguments[1] if len(call.arguments) > 1 else None
    if call.directive == "create_table":
        return (call.arguments[0], schema)
    return (call.arguments[0], getattr(second, "name", second), schema)


def _drop_table(call: Call, back: Sequence[Line]) -> Any:
    found = _opposite(back, "create_table", call.arguments[0], call.keywords.get("schema"))
    return ops.DropTableOp(call.arguments[0], _reverse=found, **call.keywords)


def _drop_column(call: Call, back: Sequence[Line]) -> Any:
    found = _opposite(back, "add_column", *call.arguments, call.keywords.get("schema"))
    return ops.DropColumnOp(*call.arguments, _reverse=found, **call.keywords)


def _drop_index(call: Call, back: Sequence[Line]) -> Any:
    keywords = dict(call.keywords)
    named = (call.arguments[0], keywords.get("table_name"), keywords.get("schema"))
    return ops.DropIndexOp(
        *call.arguments, _reverse=_opposite(back, "create_index", *named), **keywords
    )


_CREATES = ("create_unique_constraint", "create_foreign_key", "create_check_constraint",
            "create_primary_key")  # fmt: skip


def _drop_constraint(call: Call, back: Sequence[Line]) -> Any:
    keywords = dict(call.keywords)
    named = (*call.arguments[:2], keywords.get("schema"))
    found = [each for name in _CREATES if (each := _opposite(back, name, *named)) is not None]
    return ops.DropConstraintOp(*call.arguments, _reverse=found[0] if found else None, **keywords)


_PARTS = ("nullable", "comment", "server_default")


def _alter_column(call: Call, _: Sequence[Line]) -> Any:
    keywords = dict(call.keywords)
    for name in _PARTS:
        if name in keywords:
            keywords[f"modify_{name}"] = keywords.pop(name)
    for ours, theirs in (("type_", "modify_type"), ("new_column_name", "modify_name")):
        if ours in keywords:
            keywords[theirs] = keywords.pop(ours)
    return ops.AlterColumnOp(*call.arguments, **keywords)


def _plain(kind: Callable[..., Any]) -> Callable[[Call, Sequence[Line]], Any]:
    return lambda call, _: kind(*call.arguments, **call.keywords)


def _create_table(call: Call, _: Sequence[Line]) -> Any:
    return ops.CreateTableOp(call.arguments[0], list(call.arguments[1:]), **call.keywords)


def _execute(call: Call, _: Sequence[Line]) -> Any:
    return ops.ExecuteSQLOp(call.arguments[0])


_MAKERS: dict[str, Callable[[Call, Sequence[Line]], Any]] = {
    "add_column": _plain(ops.AddColumnOp),
    "alter_column": _alter_column,
    "create_check_constraint": _plain(ops.CreateCheckConstraintOp),
    "create_foreign_key": _plain(ops.CreateForeignKeyOp),
    "create_index": _plain(ops.CreateIndexOp),
    "create_primary_key": _plain(ops.CreatePrimaryKeyOp),
    "create_table": _create_table,
    "create_table_comment": _plain(ops.CreateTableCommentOp),
    "create_unique_constraint": _plain(ops.CreateUniqueConstraintOp),
    "drop_column": _drop_column,
    "drop_constraint": _drop_constraint,
    "drop_index": _drop_index,
    "drop_table": _drop_table,
    "drop_table_comment": _plain(ops.DropTableCommentOp),
    "execute": _execute,
    "rename_table": _plain(ops.RenameTableOp),
}


def _marks_of(value: Any) -> Any:
    """Return what changes when anything is put into an operation, or taken out."""
    if isinstance(value, list | tuple):
        return tuple(_marks_of(each) for each in value)
    if isinstance(value, dict):
        return tuple((name, _marks_of(each)) for name, each in value.items())
    return (value,) if isinstance(value, str | int | bool | None) else id(value)


def is_made_here(operation: Any) -> bool:
    """Return whether an operation stands for one of our own calls."""
    return isinstance(operation, LineOp) or hasattr(operation, "_line")


def lines_of(operations: Iterable[Any], context: AutogenContext) -> Iterator[Line]:
    """Return what a script holds for operations; those of plug-ins as their renderers say.

    Raises:
        UnsupportedOperationError: nobody has said how an operation is written.
    """
    for each in operations:
        text = rendered(each, context)
        if text is not None:
            yield Text(text)
        elif isinstance(each, ops.OpContainer):
            yield from lines_of(each.ops, context)
        else:
            yield _line(each)


def rendered(operation: Any, context: AutogenContext) -> str | None:
    """Return what a plug-in's renderer says; None if there is none for such operations."""
    try:
        found = render.renderers.dispatch(operation, home=context.home)
    except ValueError:
        return None
    if found.__module__ == render.__name__:
        return None
    made = found(context, operation)
    lines = [made] if isinstance(made, str) else list(made)
    return without_marks("\n".join(str(each).rstrip() for each in lines))


def _line(operation: Any) -> Line:
    if isinstance(operation, LineOp):
        return operation.line
    if not isinstance(operation, Directed):
        kind = type(operation)
        raise UnsupportedOperationError(
            f"Nothing says how {original_name(kind.__module__)}.{kind.__qualname__} is written in "
            "a script.",
            next="Register a function of (autogen_context, operation) with "
            f"@renderers.dispatch_for({kind.__name__}), in a module that env.py imports.",
        )
    directive, arguments, keywords = operation.call()
    made: Line | None = getattr(operation, "_line", None)
    if made is not None and getattr(operation, "_as_made", None) == _marks_of(operation.call()):
        return made
    return Call(directive, arguments, keywords)
