"""Directives that a script for Alembic only tries, on SQLite.

    try:
        op.drop_constraint("uq_name", "users", type_="unique")  # SQLite does not like constraints
    except Exception:
        pass

Alembic raises here whatever the constraint, and such scripts count on it. So what is tried is as
with Alembic: what SQLite's ALTER TABLE cannot do is an error, and what it can do is done at once,
inside of the `try`. What is not tried is made, by a rebuild of the table if need be.
"""

from __future__ import annotations

import ast
import linecache
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.exc import OperationalError

from asyncmigrate.scripts.calling import is_passed
from asyncmigrate.scripts.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from asyncmigrate.scripts.operations import Operations

_CONSTRAINTS = frozenset(
    {
        "create_check_constraint", "create_foreign_key", "create_primary_key",
        "create_unique_constraint", "drop_constraint",
    }
)  # fmt: skip
_WAITING = _CONSTRAINTS | {"add_column", "alter_column", "drop_column", "drop_index"}
_NATIVE = frozenset({"new_column_name", "schema"})
"""What SQLite's ALTER TABLE does with a column that is there."""


def run(operations: Operations, name: str, *args: Any, **keywords: Any) -> Any:
    """Run a directive; one that is only tried on SQLite as Alembic does.

    Raises:
        NotImplementedError, OperationalError: it is tried, and SQLite's ALTER TABLE cannot do it.
    """
    directive: Callable[..., Any] = getattr(operations, name)
    sink = operations._sqlite_sink
    if name not in _WAITING or sink is None or not _is_tried():
        return directive(*args, **keywords)
    if name in _CONSTRAINTS:
        raise NotImplementedError(  # the first sentence is Alembic's: scripts look for it
            f"No support for ALTER of constraints in SQLite dialect. op.{name} in a `try` is "
            "refused as Alembic refuses it: take it out of the `try`, or put it into "
            "op.batch_alter_table()."
        )
    if name == "alter_column" and _changes_definition(keywords):
        near = sink.dialect.loaded_dbapi.OperationalError('near "ALTER": syntax error')
        raise OperationalError(f"op.{name}{args}", None, cast("BaseException", near))
    result = directive(*args, **keywords)
    sink.flush()
    return result


def _changes_definition(keywords: dict[str, Any]) -> bool:
    return (
        any(
            name not in _NATIVE and not name.startswith("existing_") and value not in (None, False)
            for name, value in keywords.items()
        )
        or {"nullable", "server_default"} & keywords.keys() != set()
    )


def _is_tried() -> bool:
    """Whether a script's frame that leads here stands in a `try` that handles errors."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.endswith("loader.py") and is_passed(file):
            return False  # from here on it is us who called the script
        if not is_passed(file) and any(
            first <= frame.f_lineno <= last for first, last in _tried_lines(file)
        ):
            return True
        frame = frame.f_back
    return False


@lru_cache(maxsize=256)
def _tried_lines(file: str) -> tuple[tuple[int, int], ...]:
    """Return the first and last line of each block in a file whose errors are handled."""
    try:
        tree = tree_of("".join(linecache.getlines(file)), file)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(
        (node.body[0].lineno, node.body[-1].end_lineno or node.body[-1].lineno)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Try) and node.handlers)
        or (isinstance(node, ast.With) and any(map(_suppresses, node.items)))
    )


def _suppresses(item: ast.withitem) -> bool:
    called = item.context_expr
    if not isinstance(called, ast.Call):
        return False
    name = called.func.attr if isinstance(called.func, ast.Attribute) else called.func
    return bool(getattr(name, "id", name) == "suppress")
