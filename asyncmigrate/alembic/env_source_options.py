"""What `context.configure` is told in an Alembic env.py, and what its expressions stand for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from asyncmigrate.alembic.env_source_slice import span

if TYPE_CHECKING:
    from asyncmigrate.alembic.env_source_slice import Scope, Source


def configured(source: Source) -> dict[str, ast.expr]:
    """Return what `context.configure` is told; where it is called twice, online counts."""
    calls = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and source.is_context(node.func)
        and getattr(node.func, "attr", "") == "configure"
    ]
    online = [any(each.arg == "connection" for each in node.keywords) for node in calls]
    made: dict[str, ast.expr] = {}
    for _, node in sorted(zip(online, calls, strict=True), key=lambda each: each[0]):
        for each in node.keywords:
            if each.arg is not None:
                made[each.arg] = each.value
            else:
                made |= _spread(source, each.value)
    return made


def run_arguments(source: Source) -> tuple[ast.Call, ast.Dict] | None:
    """Return the last call of `run_migrations` with arguments, and these as a dictionary.

    Alembic's own `op` is left out: scripts that have a parameter for it get ours.
    """
    calls = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and source.is_context(node.func)
        and getattr(node.func, "attr", "") == "run_migrations"
        and node.keywords
    ]
    if not calls:
        return None
    last = max(calls, key=lambda each: each.lineno)
    keywords = [
        each
        for each in last.keywords
        if not (isinstance(each.value, ast.Name) and each.value.id in source.context)
    ]
    keys = [None if each.arg is None else ast.Constant(each.arg) for each in keywords]
    made = ast.Dict(list(keys), [each.value for each in keywords])
    return last, ast.copy_location(ast.fix_missing_locations(made), last)


def _spread(source: Source, node: ast.expr) -> dict[str, ast.expr]:
    """Return what `**name` holds, if a dictionary is written down for it."""
    match followed(source, node):
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {str(k.value): v for k, v in pairs if isinstance(k, ast.Constant)}
        case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
            return {each.arg: each.value for each in keywords if each.arg is not None}
    return {}


def followed(source: Source, node: ast.expr | None) -> ast.expr | None:
    """Follow a name to what it was set to last."""
    scope: Scope | None = source.scope_around(node) if node is not None else None
    while scope is not None and isinstance(node, ast.Name):
        values = [getattr(each, "value", None) for each in scope.binders(node.id)]
        if values:
            return followed(source, values[-1]) if values[-1] is not None else node
        scope = scope.outer
    return node


def defined(node: ast.expr, scope: Scope | None) -> tuple[int, int]:
    """Return the lines of the function that a name names, else those of the expression."""
    while scope is not None and isinstance(node, ast.Name):
        found = scope.binders(node.id)
        if found:
            return span(found[-1])
        scope = scope.outer
    return span(node)


def is_constant(node: ast.expr, value: object) -> bool:
    """Return whether an expression is this constant; True and 1 are two."""
    return isinstance(node, ast.Constant) and repr(node.value) == repr(value)


def short(node: ast.AST) -> str:
    """Return an expression's text, cut where it is long."""
    text = ast.unparse(node)
    return text if len(text) < 40 else f"{text[:37]}..."
