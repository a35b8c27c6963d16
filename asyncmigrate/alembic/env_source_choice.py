"""Which URL an Alembic env.py puts into its config, where that hangs on a condition.

    if os.getenv("DATABASE_URL"):
        config.set_main_option("sqlalchemy.url", os.environ["DATABASE_URL"])

Without the variable the URL is the ini's; with an `else` it is another one.
"""

from __future__ import annotations

import ast
from copy import deepcopy
from typing import TYPE_CHECKING

from asyncmigrate.alembic.env_source_slice import Function

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from asyncmigrate.alembic.env_source_slice import Source


def chosen(source: Source, sets: Sequence[tuple[ast.AST, ast.expr]]) -> ast.expr | None:
    """Return an expression for the URL that counts in the end; None if no condition chooses.

    `sets` are the calls and assignments that set it, with what they set it to, in their order.
    """
    ini = source.options.get("sqlalchemy.url") or ""
    if not sets or "${" in ini:
        return None
    unset = ast.Constant(None if not ini or ini.startswith("driver://") else ini)
    around = [
        each
        for each in ast.walk(source.tree)
        if isinstance(each, Function) and any(inner is sets[-1][0] for inner in ast.walk(each))
    ]
    body = max(around, key=lambda each: each.lineno).body if around else source.tree.body
    found = _after(body, {id(node): value for node, value in sets}, unset)
    if not isinstance(found, ast.IfExp):
        return None
    return ast.fix_missing_locations(ast.copy_location(found, sets[-1][1]))


def _after(body: Sequence[ast.stmt], values: Mapping[int, ast.expr], before: ast.expr) -> ast.expr:
    """Return what the URL is behind some statements."""
    for each in body:
        if isinstance(each, ast.If):
            sides = [_after(part, values, before) for part in (each.body, each.orelse)]
            if any(side is not before for side in sides):
                before = _either(each.test, *sides)
        elif isinstance(each, ast.With | ast.AsyncWith | ast.Try):
            before = _after(each.body, values, before)
        elif not isinstance(each, Function | ast.ClassDef):
            found = [values[id(node)] for node in ast.walk(each) if id(node) in values]
            before = found[-1] if found else before
    return before


def _either(test: ast.expr, then: ast.expr, other: ast.expr) -> ast.IfExp:
    """Return `then if test else other`; a name that the test gives is what it gives."""
    test, then = deepcopy(test), deepcopy(then)
    if isinstance(test, ast.NamedExpr):
        then = _Named(test).visit(then)
        test = test.value
    return ast.IfExp(test, then, deepcopy(other))


class _Named(ast.NodeTransformer):
    def __init__(self, given: ast.NamedExpr) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return deepcopy(self._given.value) if node.id == self._given.target.id else node
