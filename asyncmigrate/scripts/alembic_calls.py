"""Generated calls as Alembic can make them: for scripts that run under both tools.

A directive that Alembic has not becomes the SQL that it would send. What has no such SQL, or asks
for something that Alembic cannot do, is refused: a script that only looks as if Alembic could run
it helps nobody. On SQLite, and wherever a project wants it, changes of one table are a batch.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.errors import UnsupportedOperationError
from asyncmigrate.render.layout import quoted
from asyncmigrate.render.script import Block, Remark
from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.written import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from asyncmigrate.render.script import Line

    SqlOf = Callable[[Call], str]

_SCHEMA = frozenset({"schema"})
_CONSTRAINT = frozenset({"schema", "deferrable", "initially"})
_KEYWORDS = {
    "add_column": _SCHEMA,
    "alter_column": _SCHEMA
    | {
        "nullable", "comment", "server_default", "new_column_name", "type_", "existing_type",
        "existing_server_default", "existing_nullable", "existing_comment", "autoincrement",
        "existing_autoincrement",
    },
    "create_check_constraint": _CONSTRAINT,
    "create_exclude_constraint": _CONSTRAINT | {"where", "using", "ops"},
    "create_foreign_key": frozenset(
        {
            "onupdate", "ondelete", "deferrable", "initially", "match", "source_schema",
            "referent_schema",
        }
    ),
    "create_index": _SCHEMA | {"unique"},
    "create_primary_key": _CONSTRAINT,
    "create_table": _SCHEMA | {"comment", "info", "prefixes"},
    "create_table_comment": _SCHEMA | {"existing_comment"},
    "create_unique_constraint": _CONSTRAINT,
    "drop_column": _SCHEMA,
    "drop_constraint": _SCHEMA | {"type_"},
    "drop_index": _SCHEMA | {"table_name"},
    "drop_table": _SCHEMA,
    "drop_table_comment": _SCHEMA | {"existing_comment"},
    "execute": frozenset[str](),
    "rename_table": _SCHEMA,
}  # fmt: skip
"""What Alembic has, with the keywords that it knows."""

_DIALECTS = ("postgresql_", "mysql_", "mariadb_", "sqlite_", "oracle_", "mssql_")
_KEEPS = "PostgreSQL takes none out"
_ADDED = "ADD VALUE '"
_NAMED_FIRST = {
    "create_check_constraint", "create_foreign_key", "create_primary_key",
    "create_unique_constraint", "drop_constraint",
}  # fmt: skip
_IN_BATCHES = _NAMED_FIRST | {
    "add_column", "alter_column", "create_index", "create_table_comment", "drop_column",
    "drop_index", "drop_table_comment",
}  # fmt: skip
_NEED_NO_BATCH = {"create_index", "drop_index"}


def for_alembic(calls: Iterable[Call], sql_of: SqlOf, *, undoes: bool = False) -> list[Line]:
    """Return calls that Alembic has, which do the same.

    With `undoes`, an enum keeps the values that were added to it: Alembic has nothing that takes
    them out, and a revision that could not be written for that would help nobody.

    Raises:
        UnsupportedOperationError: Alembic cannot do it.
    """
    made: list[Line] = []
    for each in calls:
        if undoes and each.directive == "replace_enum":
            made.append(Remark(f"The enum {each.arguments[0]} keeps its values: {_KEEPS}."))
        else:
            made += _for_alembic(each, sql_of)
    return made


def _for_alembic(call: Call, sql_of: SqlOf) -> Iterator[Line]:
    known = _KEYWORDS.get(call.directive)
    if known is None:
        yield from _as_sql(call, sql_of)
        return
    keywords = {name: value for name, value in call.keywords.items() if name != "undo"}
    strange = [name for name in keywords if name not in known and not name.startswith(_DIALECTS)]
    if call.directive == "drop_constraint" and call.arguments[0] is None:
        table = call.arguments[1]
        raise _refused(f"drop a constraint of {table} that has no name", call)
    if strange:
        raise _refused(f"take {', '.join(strange)} in op.{call.directive}", call)
    yield replace(call, keywords=keywords)


def _as_sql(call: Call, sql_of: SqlOf) -> Iterator[Line]:
    sql = sql_of(call)
    if sql.lstrip().startswith("DO "):
        raise _refused(f"make the change of op.{call.directive}", call)
    sent = [each.strip() for each in sql.split(";\n\n") if each.strip()]
    alone = [each for each in sent if each not in ("BEGIN", "COMMIT")]
    if call.directive == "add_enum_value":  # a downgrade has left it there
        alone = [each.replace(_ADDED, f"{_ADDED[:-1]}IF NOT EXISTS '", 1) for each in alone]
    made = [Call("execute", (escaped(each),)) for each in alone]
    made = [replace(made[0], note=call.note), *made[1:]] if made else []
    if len(alone) < len(sent):
        yield Block("op.get_context().autocommit_block()", tuple(made))
    else:
        yield from made


def _refused(what: str, call: Call) -> UnsupportedOperationError:
    return UnsupportedOperationError(
        f"Alembic cannot {what}, and the script is to run under Alembic, too.",
        next="Write this change by hand, or leave out --alembic-compatible (in the settings: "
        "alembic_compatible = false).",
    )


def batched(calls: Sequence[Line]) -> list[Line]:
    """Return the calls with those that follow each other on one table in a batch.

    Raises:
        UnsupportedOperationError: a constraint without a name, which no batch takes.
    """
    made: list[Line] = []
    run: list[Call] = []
    for each in calls:
        if run and (not isinstance(each, Call) or _table(each) != _table(run[0])):
            made += _batch(run)
            run = []
        if isinstance(each, Call) and _table(each) is not None:
            run.append(each)
        else:
            made.append(each)
    return [*made, *_batch(run)]


def _table(call: Call) -> tuple[str, str | None] | None:
    """Return the table that a call changes, with its schema; None if no batch takes the call."""
    if call.directive not in _IN_BATCHES:
        return None
    schema = call.keywords.get("source_schema", call.keywords.get("schema"))
    if call.directive == "drop_index":
        return str(call.keywords["table_name"]), schema
    is_second = call.directive in _NAMED_FIRST or call.directive == "create_index"
    return str(call.arguments[1 if is_second else 0]), schema


def _batch(run: Sequence[Call]) -> list[Line]:
    if not run or all(each.directive in _NEED_NO_BATCH for each in run):
        return list(run)
    found = _table(run[0])
    assert found is not None
    table, schema = found
    given = quoted(table) + (f", schema={quoted(schema)}" if schema else "")
    inside = tuple(_inside(each, table) for each in run)
    return [Block(f"op.batch_alter_table({given}) as batch_op", inside, "batch_op")]


def _inside(call: Call, table: str) -> Call:
    """Return a call as a batch takes it: without the table and its schema."""
    named_first = call.directive in _NAMED_FIRST
    if named_first and call.arguments[0] is None:
        raise UnsupportedOperationError(
            f"A constraint of {table} has no name, and batch_alter_table needs one.",
            next="Name it in the models, or give their MetaData a naming_convention.",
        )
    arguments: tuple[Any, ...] = call.arguments
    if call.directive != "drop_index":
        place = 1 if named_first or call.directive == "create_index" else 0
        arguments = (*arguments[:place], *arguments[place + 1 :])
    left = {"schema", "source_schema", "table_name"}
    keywords = {name: value for name, value in call.keywords.items() if name not in left}
    return replace(call, arguments=arguments, keywords=keywords)
