"""The text of an env.py of ours, made of what was cut out of Alembic's."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asyncmigrate.alembic.env_source_slice import Function, Slice, X, free_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.alembic.env_source_slice import Scope, Source
    from asyncmigrate.alembic.env_source_url import UrlSource

HEAD = '''\
"""What Alembic's env.py says about this project, for asyncmigrate.

It only declares names, and runs nothing. Alembic does not read it.
"""

from __future__ import annotations
'''


@dataclass(frozen=True, slots=True)
class Declaration:
    """One of our names: an expression, or a whole function."""

    name: str
    text: str
    is_function: bool = False

    def __str__(self) -> str:
        return self.text if self.is_function else f"{self.name} = {self.text}"


def env_text(declarations: Sequence[Declaration], module: Slice) -> str:
    """Return the whole file; empty if nothing is declared and nothing has an effect."""
    kept = module.statements()
    if not kept and not declarations:
        return ""
    names = sorted(each.name for each in declarations)
    imports = [text for node, text in kept if isinstance(node, ast.Import | ast.ImportFrom)]
    rest = [
        (node, text) for node, text in kept if not isinstance(node, ast.Import | ast.ImportFrom)
    ]
    bound = {name: text for node, text in rest for name in _bound(node)}
    # A path that is added before an import is added before it here, too.
    is_early = any(
        node.lineno < other.lineno
        for node, _ in rest
        if isinstance(node, ast.Expr)
        for other, _ in kept
        if isinstance(other, ast.ImportFrom | ast.Import)
    )
    body = [text for _, text in kept] if is_early else [*imports, *(text for _, text in rest)]
    nodes = [node for node, _ in kept] if is_early else [None] * len(imports) + [n for n, _ in rest]
    own = [str(each) for each in declarations if each.text != each.name or each.name not in bound]
    own = [each for each in own if each.partition(" = ")[0] != each.partition(" = ")[2]]
    blocks = "\n".join(map(_spaced, nodes, body))
    listed = ", ".join(f'"{name}"' for name in names)
    declared = "\n\n".join(own)
    return f"{HEAD}\n{blocks.strip()}\n\n__all__ = [{listed}]\n\n{declared}".rstrip() + "\n"


def _spaced(node: ast.stmt | None, text: str) -> str:
    return f"\n\n{text}\n\n" if isinstance(node, Function | ast.ClassDef) else text


def _bound(node: ast.stmt) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return {each.id for each in targets if isinstance(each, ast.Name)}


def url_function(
    source: Source, found: UrlSource, scope: Scope, module: Slice
) -> Declaration | None:
    """Return the declaration of `url`; None if its value is known only while env.py runs.

    What hangs on a run's own arguments, or stands in a function, goes into a function.
    """
    cut = Slice(source)
    node = cut.answered(found.node)
    cut.need(node, scope)
    if cut.blocked or "current_app" in ast.unparse(node):
        return None
    if "current_app" in " ".join(text for _, text in cut.statements()):
        return None
    outside = {id(each) for each in source.scope().body}
    moved = _moved(cut, outside)
    for place, kept in cut.kept.items():
        if place not in moved:
            module.kept[place] = kept
    value = _text_of(node)
    asks_x = cut.asks_x or X in free_names(node)
    if not moved and not asks_x:
        return Declaration("url", value)
    inner = Slice(source, {place: cut.kept[place] for place in moved})
    body = [text for _, text in inner.statements()]
    lines = textwrap.indent("\n".join([*body, f"return {value}"]), "    ")
    return Declaration("url", f"def url({X if asks_x else ''}):\n{lines}", is_function=True)


def _moved(cut: Slice, outside: set[int]) -> set[int]:
    """Return the places of the statements that cannot stand in the module."""
    moved = {
        place
        for place, (statement, answered) in cut.kept.items()
        if id(statement) not in outside or X in free_names(answered)
    }
    while True:
        names = {name for place in moved for name in _names(cut.kept[place][0])}
        more = {
            place
            for place, (_, answered) in cut.kept.items()
            if place not in moved and free_names(answered) & names
        }
        if not more:
            return moved
        moved |= more


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, Function | ast.ClassDef):
        return {node.name}
    return {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


def _text_of(node: ast.AST) -> str:
    """Return an expression that gives a string or a URL."""
    return ast.unparse(node)
