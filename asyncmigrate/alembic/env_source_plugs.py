"""What an env.py plugs into Alembic: comparators, renderers, operations; its own or a package's."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from asyncmigrate.alembic.env_source_slice import Function, free_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.alembic.env_source_slice import Source

_REGISTERS = {
    "dispatch_for", "register_operation", "implementation_for", "register_entities",
    "set_configuration", "register_alembic_comparators", "register_alembic_events",
}  # fmt: skip
_PACKAGE = re.compile(r"^alembic_\w+")


def plugged(source: Source) -> Iterator[ast.stmt]:
    """Give the statements that register something with Alembic or with a plug-in, in order.

    What stands in a function is given too: there is nothing in it that only a run could know, or
    a person has to look.
    """
    ours = set(source.context)
    for node in _statements(source.tree):
        if isinstance(node, Function | ast.ClassDef):
            if any(_registers(each, ours) for each in node.decorator_list):
                yield node
        elif isinstance(node, ast.Expr) and _registers(node.value, ours | _of_packages(source)):
            yield node


def registered(source: Source, names: set[str]) -> Iterator[ast.stmt]:
    """Give the functions of the module that are decorated with one of these names."""
    for node in source.tree.body:
        if isinstance(node, Function) and any(
            free_names(each) & names for each in node.decorator_list
        ):
            yield node


def uses_plug_ins(source: Source) -> bool:
    """Return whether an env.py has to do with plug-ins at all."""
    return bool(_of_packages(source)) or any(plugged(source))


def names_bound(node: ast.stmt) -> set[str]:
    """Return the names that an assignment binds."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    return {each.id for each in targets if isinstance(each, ast.Name)}


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            yield node


def _registers(node: ast.expr, names: set[str]) -> bool:
    """Return whether an expression calls a function that registers something, of one of these."""
    called = {
        each.attr if isinstance(each, ast.Attribute) else each.id
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        for each in [call.func]
        if isinstance(each, ast.Attribute | ast.Name)
    }
    return bool(called & _REGISTERS and free_names(node) & names)


def _of_packages(source: Source) -> set[str]:
    """Return the names that come from packages which plug into Alembic."""
    found: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and _plugs_in(node.module or ""):
            found |= {each.asname or each.name for each in node.names}
        elif isinstance(node, ast.Import):
            names = [each for each in node.names if _plugs_in(each.name)]
            found |= {(each.asname or each.name).partition(".")[0] for each in names}
    return found


def _plugs_in(module: str) -> bool:
    return bool(_PACKAGE.match(module)) or module.endswith((".alembic", ".alembic_helpers"))
