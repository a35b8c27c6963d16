"""The text of an env.py of ours, made of what was cut out of Alembic's."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asyncmigrate.alembic.env_source_slice import (
    Function,
    Slice,
    X,
    blocks,
    free_names,
    needs_flask,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.alembic.env_source_slice import Source

HEAD = '''\
"""What Alembic's env.py says about this project, for asyncmigrate.

It only declares names, and runs nothing. Alembic does not read it.
"""

from __future__ import annotations
'''


FLASK = """\
import os

from flask.cli import ScriptInfo, load_dotenv

load_dotenv()
# The application, found as the command `flask` finds it: by FLASK_APP, wsgi.py or app.py.
_application = ScriptInfo(app_import_path=os.environ.get("FLASK_APP")).load_app()
_application.app_context().push()
"""
"""What stands first where something is asked of Flask's `current_app`."""

_LINES = re.compile(r"\n{4,}")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One of our names: an expression, or a whole function."""

    name: str
    text: str
    is_function: bool = False

    def __str__(self) -> str:
        return self.text if self.is_function else f"{self.name} = {self.text}"


def env_text(declarations: Sequence[Declaration], module: Slice, added: Sequence[str] = ()) -> str:
    """Return the whole file; empty if nothing is declared and nothing has an effect."""
    kept = module.statements()
    if not kept and not declarations:
        return ""
    names = sorted(each.name for each in declarations)
    imports = [text for node, text in kept if isinstance(node, ast.Import | ast.ImportFrom)]
    extra = "\n".join(each for each in added if each not in imports)
    if needs_flask([*(answered for _, answered in module.kept.values()), *_parsed(declarations)]):
        extra = f"{FLASK}\n{extra}"
    rest = [
        (node, text) for node, text in kept if not isinstance(node, ast.Import | ast.ImportFrom)
    ]
    bound = {name: text for node, text in rest for name in _bound(node)}
    # A path that is added before an import is added before it here, too.
    is_early = any(
        node.lineno < other.lineno
        for node, _ in rest
        if list(blocks(node)) or isinstance(node, ast.Expr)
        for other, _ in kept
        if isinstance(other, ast.ImportFrom | ast.Import)
    )
    body = [text for _, text in kept] if is_early else [*imports, *(text for _, text in rest)]
    nodes = [node for node, _ in kept] if is_early else [None] * len(imports) + [n for n, _ in rest]
    own = [str(each) for each in declarations if each.text != each.name or each.name not in bound]
    own = [each for each in own if each.partition(" = ")[0] != each.partition(" = ")[2]]
    cut = "\n".join(map(_spaced, nodes, body))
    listed = ", ".join(f'"{name}"' for name in names)
    declared = "\n\n".join(own)
    gap = "\n" if cut.endswith("\n") else "\n\n"
    text = f"{HEAD}\n{extra}\n{cut}\n{gap}__all__ = [{listed}]\n\n{declared}".rstrip() + "\n"
    return _LINES.sub("\n\n\n", re.sub(r"annotations\n\n+", "annotations\n\n", text, count=1))


def _parsed(declarations: Sequence[Declaration]) -> list[ast.AST]:
    return [ast.parse(each.text) for each in declarations]


def _spaced(node: ast.stmt | None, text: str) -> str:
    return f"\n\n{text}\n\n" if isinstance(node, Function | ast.ClassDef) else text


def _bound(node: ast.stmt) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return {each.id for each in targets if isinstance(each, ast.Name)}


def given_by(
    source: Source,
    name: str,
    node: ast.expr,
    module: Slice,
    around: str = "{}",
    *,
    made: ast.expr | None = None,
) -> Declaration | None:
    """Return the declaration of a name; None if its value is known only while env.py runs.

    What hangs on a run's own arguments, or stands in a function, goes into a function. `around` is
    what is written around the expression; `made` stands in its place, and in its scope.
    """
    cut = Slice(source)
    scope = source.scope_around(node)
    answered = cut.answered(made or node)
    cut.need(answered, scope)
    if not cut.is_known(answered):
        return None
    moved = moved_into(cut, source)
    for place, kept in cut.kept.items():
        if place not in moved:
            module.kept[place] = kept
    value = around.format(ast.unparse(answered))
    asks_x = cut.asks_x or X in free_names(answered)
    flask = needs_flask([answered, *(each for _, each in cut.kept.values())])
    if not moved and not asks_x and not flask and around == "{}":
        return Declaration(name, value)
    inner = Slice(source, {place: cut.kept[place] for place in moved})
    body = [text for _, text in inner.statements()]
    lines = textwrap.indent("\n".join([*body, f"return {value}"]), "    ")
    if flask:  # it may be called in another context than the module was imported in
        lines = "    with _application.app_context():\n" + textwrap.indent(lines, "    ")
    return Declaration(name, f"def {name}({X if asks_x else ''}):\n{lines}", is_function=True)


def moved_into(cut: Slice, source: Source) -> set[int]:
    """Return the places of the statements that cannot stand in the module: a function has them."""
    outside = {id(each) for each in source.scope().body}
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
