"""What an Alembic env.py does with its connection before the migrations, as an `on_connect`.

`SET ROLE`, `SET search_path`, `CREATE SCHEMA IF NOT EXISTS`, a call of the application's own that
is handed the connection: the statements between the connection's opening and `run_migrations`.
"""

from __future__ import annotations

import ast
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asyncmigrate.alembic.env_source_rest import NOT_NEEDED, SENDS, sent
from asyncmigrate.alembic.env_source_slice import Function, Slice, X, free_names, span
from asyncmigrate.alembic.env_source_text import Declaration, moved_into

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.alembic.env_source_slice import Source

NAME = "on_connect"
_CONNECTION = "connection"
_ENDS = ("commit", "rollback", "begin", "in_transaction", "close")
"""What is done to a connection's transaction: that of `on_connect` is committed anyway."""
_RUNS = ("configure", "run_migrations", "run_sync")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Statements that env.py runs on its connection first, and what they are in ours."""

    declaration: Declaration
    statements: tuple[ast.stmt, ...]

    @property
    def lines(self) -> tuple[int, int]:
        """The first and the last line of them."""
        spans = [span(each) for each in self.statements]
        return min(first for first, _ in spans), max(last for _, last in spans)

    def covers(self, lines: tuple[int, int], source: Source) -> bool:
        """Return whether lines are in one of the statements, or in a function that they call."""
        called = {name for each in self.statements for name in free_names(each)}
        helpers = [
            each
            for each in source.tree.body
            if isinstance(each, Function) and each.name in called and not _runs(each)
        ]
        within = [span(each) for each in (*self.statements, *helpers)]
        return any(first <= lines[0] and lines[1] <= last for first, last in within)


def prepared(source: Source, module: Slice) -> Prepared | None:
    """Return what is done with the connection before the migrations; None if nothing is.

    None, too, if it hangs on what only a run of env.py knows: a person has to look then.
    """
    found = [
        (name, statement)
        for function in _in_order(source)
        for name, statement in _before_the_run(source, function)
    ]
    statements = tuple(statement for _, statement in found)
    if not statements or not any(_matters(each) for each in statements):
        return None
    body: list[ast.stmt] = []
    cut = Slice(source, as_it_is=False)
    for name, statement in found:
        answered = cut.answered(_Renamed(name).visit(deepcopy(statement)))
        assert isinstance(answered, ast.stmt)
        body.append(answered)
        cut.need(_function([answered], ()), source.scope_around(statement))
    if not cut.is_known(*body):
        return None
    moved = moved_into(cut, source)
    for place, kept in cut.kept.items():
        if place not in moved:
            module.kept[place] = kept
    local = [cut.kept[place][1] for place in sorted(moved)]
    asks_x = cut.asks_x or any(X in free_names(each) for each in (*body, *local))
    made = _function([*local, *body], (X,) if asks_x else ())
    return Prepared(Declaration(NAME, ast.unparse(made), is_function=True), statements)


def _function(body: list[ast.stmt], more: tuple[str, ...]) -> ast.FunctionDef:
    names = [ast.arg(name) for name in (_CONNECTION, *more)]
    arguments = ast.arguments([], names, None, [], [], None, [])
    made = ast.FunctionDef(NAME, arguments, body, [])
    return ast.fix_missing_locations(made)


def _in_order(source: Source) -> Iterator[Function]:
    """Give the functions that run migrations: what opens a connection before what is handed it."""
    found = [each for each in source.tree.body if isinstance(each, Function) and _runs(each)]
    inner = [each for function in found for each in ast.walk(function) if each is not function]
    found += [each for each in inner if isinstance(each, Function) and _runs(each)]
    handed = {each.name for each in found if _is_handed_a_connection(source, each)}
    yield from (each for each in found if each.name not in handed)
    yield from (each for each in found if each.name in handed)


def _runs(node: ast.AST, *names: str) -> bool:
    wanted = names or _RUNS
    return any(isinstance(each, ast.Attribute) and each.attr in wanted for each in ast.walk(node))


def _is_handed_a_connection(source: Source, function: Function) -> bool:
    return any(each.arg == _configured(source, function) for each in function.args.args)


def _configured(source: Source, function: Function) -> str | None:
    """Return the name of the connection that `configure()` is given in a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and source.is_context(node.func):
            for each in node.keywords:
                if each.arg == "connection" and isinstance(each.value, ast.Name):
                    return each.value.id
    return None


def _before_the_run(source: Source, function: Function) -> Iterator[tuple[str, ast.stmt]]:
    """Give the statements that do something with the connection, with its name in them."""
    names = _connections(source, function)
    for each in _straight(function.body):
        if isinstance(each, Function):
            continue
        if _runs(each, "run_migrations", "run_sync"):
            return
        for name in names:
            if _does(each, name):
                yield name, each


def _connections(source: Source, function: Function) -> set[str]:
    """Return what connections are called in a function."""
    found = {_configured(source, function)} - {None}
    for node in ast.walk(function):
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                if _opens(item.context_expr) and isinstance(item.optional_vars, ast.Name):
                    found.add(item.optional_vars.id)
        elif isinstance(node, ast.Assign) and _opens(node.value):
            found |= {each.id for each in node.targets if isinstance(each, ast.Name)}
    return {name for name in found if name is not None}


def _opens(node: ast.expr) -> bool:
    node = node.value if isinstance(node, ast.Await) else node
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("connect", "begin")


def _straight(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Give statements in their order, those within `with` and `try` by themselves."""
    for each in body:
        if isinstance(each, ast.With | ast.AsyncWith | ast.Try):
            yield from _straight(each.body)
        else:
            yield each


def _does(node: ast.stmt, name: str) -> bool:
    """Return whether a statement does something with the connection of this name."""
    if (
        _runs(node)
        or not isinstance(node, ast.Expr | ast.Assign | ast.If)
        or name not in free_names(node)
    ):
        return False
    if isinstance(node, ast.Assign):
        targets = [each for each in node.targets if not isinstance(each, ast.Name)]
        return bool(targets) or _sends(node)
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    used = [each for each in calls if name in free_names(each)]
    return any(getattr(each.func, "attr", "") not in _ENDS for each in used) and not _opens_in(node)


def _opens_in(node: ast.stmt) -> bool:
    return any(isinstance(each, ast.Call) and _opens(each) for each in ast.walk(node))


def _sends(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Call) and getattr(each.func, "attr", "") in SENDS
        for each in ast.walk(node)
    )


def _matters(node: ast.stmt) -> bool:
    """Return whether a statement does what is not seen to here anyway."""
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    sends = [each for each in calls if getattr(each.func, "attr", "") in SENDS and each.args]
    return not sends or any(not sent(each)[1].startswith(NOT_NEEDED) for each in sends)


class _Renamed(ast.NodeTransformer):
    """Makes a statement one of a sync function whose connection is called `connection`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id != self._name:
            return node
        return ast.copy_location(ast.Name(_CONNECTION, node.ctx), node)

    def visit_Await(self, node: ast.Await) -> ast.AST:
        is_ours = self._name in free_names(node.value)
        self.generic_visit(node)
        return node.value if is_ours else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """SQLAlchemy 2 executes no bare text."""
        self.generic_visit(node)
        match node:
            case ast.Call(
                func=ast.Attribute(attr="execute") as function,
                args=[ast.Constant(value=str()) | ast.JoinedStr()],
            ):
                function.attr = "exec_driver_sql"
        return node
