"""Cutting what an expression needs out of an Alembic env.py, by its source alone.

A slice is the expression's statements and, again and again, those that bind the names which they
use. What asks Alembic's `context` or `config` is replaced by what it would have said, if the files
say it; a slice in which something else of theirs is left is *blocked*, and a person has to look.
"""

from __future__ import annotations

import ast
import builtins
import textwrap
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.scripts.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Function = ast.FunctionDef | ast.AsyncFunctionDef
X = "x"
"""What a run's own arguments are called in what is written."""


def free_names(node: ast.AST) -> set[str]:
    """Return the names that a node takes from around it.

    >>> sorted(free_names(ast.parse("def f(a, b=c): d = a; return d + e").body[0]))
    ['c', 'e']
    """
    if isinstance(node, Function | ast.Lambda):
        own = _parameters(node.args)
        body = node.body if isinstance(node.body, list) else [node.body]
        used = set().union(*map(free_names, body))
        own |= set().union(*map(_stored, body))
        around = [*node.args.defaults, *(each for each in node.args.kw_defaults if each)]
        around += node.decorator_list if isinstance(node, Function) else []
        return (used - own).union(*map(free_names, around))
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return set().union(*map(free_names, ast.iter_child_nodes(node))) - _stored(node)
    if isinstance(node, ast.Name):
        return set() if isinstance(node.ctx, ast.Store) else {node.id}
    if isinstance(node, ast.AnnAssign):  # its annotation is for readers
        return free_names(node.target) | (free_names(node.value) if node.value else set())
    return set().union(*map(free_names, ast.iter_child_nodes(node)))


def _parameters(arguments: ast.arguments) -> set[str]:
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    starred = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return {each.arg for each in (*listed, *starred)}


def _stored(node: ast.AST) -> set[str]:
    """Return the names that a node binds, at any depth outside of functions."""
    if isinstance(node, Function | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(each.asname or each.name).partition(".")[0] for each in node.names}
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, ast.Lambda):
        return set()
    return set().union(*map(_stored, ast.iter_child_nodes(node)))


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names are looked up: a function's statements, then those around it."""

    body: tuple[ast.stmt, ...]
    parameters: frozenset[str] = frozenset()
    outer: Scope | None = None

    def binders(self, name: str) -> list[ast.stmt]:
        """Return the statements of this scope that bind a name."""
        return [each for each in self.body if name in _stored(each)]


@dataclass(frozen=True, slots=True)
class Source:
    """An env.py, parsed; nothing of it runs."""

    text: str
    tree: ast.Module
    context: frozenset[str]
    """What Alembic's `context` is called in it, and whatever else comes from Alembic."""
    config: frozenset[str]
    """What `context.config` is called in it."""
    options: Mapping[str, str]
    """The ini's section, for `config.get_main_option`."""

    @classmethod
    def of(cls, text: str, options: Mapping[str, str]) -> Source:
        """Parse; raises SyntaxError, or ValueError for a null byte."""
        tree = tree_of(text)
        context = {
            name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom) and _is_of_alembic(node)
            for name in _stored(node)
        }
        config = {
            target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "config"
            and isinstance(node.value.value, ast.Name)
            and node.value.value.id in context
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        return cls(text, tree, frozenset(context), frozenset(config), options)

    @property
    def imports_all(self) -> bool:
        """True if some of its names come from `from module import *`."""
        nodes = [each for each in ast.walk(self.tree) if isinstance(each, ast.ImportFrom)]
        return any(alias.name == "*" for node in nodes for alias in node.names)

    def is_theirs(self, node: ast.AST) -> bool:
        """Return whether a node uses Alembic's own names."""
        return bool(free_names(node) & (self.context | self.config))

    def is_config(self, node: ast.AST) -> bool:
        """Return whether an expression is Alembic's Config."""
        if isinstance(node, ast.Name):
            return node.id in self.config
        return isinstance(node, ast.Attribute) and node.attr == "config" and self.is_context(node)

    def is_context(self, node: ast.AST) -> bool:
        """Return whether an expression is `context.something`."""
        return (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in self.context
        )

    def scope(self) -> Scope:
        """Return the module's scope."""
        return Scope(tuple(self._flat(self.tree.body)))

    def scope_around(self, node: ast.AST) -> Scope:
        """Return the scope in which a node stands."""
        scope = self.scope()
        for function in self._around(node):
            body = tuple(self._flat(function.body, always=True))
            scope = Scope(body, frozenset(_parameters(function.args)), scope)
        return scope

    def _around(self, node: ast.AST) -> list[Function]:
        found = [
            each
            for each in ast.walk(self.tree)
            if isinstance(each, Function)
            and any(inner is node for inner in ast.walk(each) if inner is not each)
        ]
        return sorted(found, key=lambda each: each.lineno)

    def _flat(self, body: Iterable[ast.stmt], *, always: bool = False) -> Iterator[ast.stmt]:
        """Give statements; those within `if`, `with`, `try` by themselves if it is Alembic's."""
        for each in body:
            inner = list(blocks(each))
            if inner and (always or self.is_theirs(each)):
                yield from self._flat(inner, always=always)
            else:
                yield each

    def lines(self, node: ast.AST) -> str:
        """Return the lines on which a statement stands, without their common indentation."""
        first, last = span(node)
        return textwrap.dedent("\n".join(self.text.splitlines()[first - 1 : last]))


def blocks(node: ast.stmt) -> Iterator[ast.stmt]:
    """Give the statements within a compound one; none for others."""
    if isinstance(node, ast.If | ast.With | ast.AsyncWith | ast.Try | ast.For | ast.While):
        for name in ("body", "handlers", "orelse", "finalbody"):
            for each in getattr(node, name, ()):
                yield from each.body if isinstance(each, ast.ExceptHandler) else (each,)


def _is_of_alembic(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level == 0 and (node.module or "").partition(".")[0] == "alembic"
    return any(each.name.partition(".")[0] == "alembic" for each in node.names)


def span(node: ast.AST) -> tuple[int, int]:
    """Return the first and last line of a node, decorators included."""
    decorators = getattr(node, "decorator_list", None) or [node]
    return min(each.lineno for each in decorators), node.end_lineno or node.lineno  # type: ignore[attr-defined]


def _awaits(node: ast.AST) -> bool:
    return not isinstance(node, Function) and any(
        isinstance(each, ast.Await) for each in ast.walk(node)
    )


def needs_flask(nodes: Iterable[ast.AST]) -> bool:
    """Return whether Flask's application has to be there for any of these."""
    return any("current_app" in free_names(each) for each in nodes)


_OF_A_RUN = {
    "get_context", "get_bind", "get_impl", "execute", "configure", "run_migrations",
    "begin_transaction", "static_output",
}  # fmt: skip
"""What Alembic's `context` has only while migrations run."""


def _asks_a_run(node: ast.AST, name: str) -> bool:
    return any(
        isinstance(each, ast.Attribute)
        and each.attr in _OF_A_RUN
        and isinstance(each.value, ast.Name)
        and each.value.id == name
        for each in ast.walk(node)
    )


class Answers(ast.NodeTransformer):
    """Replaces questions to Alembic by what it would have answered."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Answer `config.get_main_option(…)` and the like."""
        self.generic_visit(node)
        texts = _constants(node.args)
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr="replace")) if texts == ["%", "%%"]:
                return value  # settings of ours take a percent sign as it is
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if self._source.is_config(
                value
            ):
                return self._config(name, texts, node)
            case ast.Call(func=ast.Attribute(attr="get_x_argument") as function) if (
                self._source.is_context(function)
            ):
                is_dictionary = bool(node.args or node.keywords)
                return _expression(
                    X if is_dictionary else f'[f"{{k}}={{v}}" if v else k for k, v in {X}.items()]'
                )
            case ast.Call(func=ast.Attribute(attr="is_offline_mode") as function) if (
                self._source.is_context(function)
            ):
                return ast.Constant(False)
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="attributes", value=value))):
                if self._source.is_config(value):
                    return node.args[1] if len(node.args) > 1 else ast.Constant(None)
            case ast.Call(func=ast.Name(id="getattr"), args=[ast.Attribute() as of, _, *rest]):
                if of.attr == "cmd_opts" and self._source.is_config(of.value):
                    return self._cmd_opt(texts[1], rest)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Answer `config.config_ini_section` and `config.cmd_opts.autogenerate`."""
        self.generic_visit(node)
        if node.attr == "config_ini_section" and self._source.is_config(node.value):
            return ast.Constant("alembic")
        match node:
            case ast.Attribute(attr="autogenerate", value=ast.Attribute(attr="cmd_opts") as of):
                if self._source.is_config(of.value):
                    return ast.Constant(True)
        return node

    def _config(self, name: str, texts: list[object], node: ast.Call) -> ast.AST:
        if name == "get_main_option" and texts and isinstance(texts[0], str):
            found = self._source.options.get(texts[0].lower())
            if found is not None and "${" not in found:
                return ast.Constant(found)
            if len(node.args) > 1:
                return node.args[1]
            return ast.Constant(None) if found is None else node
        return node

    def _cmd_opt(self, name: object, rest: list[ast.expr]) -> ast.AST:
        if name == "autogenerate":
            return ast.Constant(True)
        return rest[0] if rest else ast.Constant(None)


def _constants(nodes: Iterable[ast.expr]) -> list[object]:
    return [each.value if isinstance(each, ast.Constant) else None for each in nodes]


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@dataclass(slots=True)
class Slice:
    """What was cut out so far, for one or several expressions."""

    source: Source
    kept: dict[int, tuple[ast.stmt, ast.stmt]] = field(default_factory=dict)
    """By place in the file: statements as they are, and with Alembic's questions answered."""
    blocked: list[tuple[str, int]] = field(default_factory=list)
    """What cannot be known before a run: the name, and the line that uses it."""
    as_it_is: bool = False
    """True for what is only called within a run: Alembic's own names are there for it."""

    def answered(self, node: ast.AST) -> ast.AST:
        """Return a copy of a node with Alembic's questions answered."""
        if self.as_it_is:
            return deepcopy(node)
        made: ast.AST = Answers(self.source).visit(deepcopy(node))
        return ast.fix_missing_locations(made)

    def need(self, node: ast.AST, scope: Scope) -> None:
        """Cut out what an answered node needs."""
        line = getattr(node, "lineno", 0)
        for name in sorted(free_names(node)):
            if name in self.source.context and self.as_it_is and _asks_a_run(node, name):
                self.blocked.append((name, line))
            elif name != X:
                self._need_name(name, scope, line)

    def _need_name(self, name: str, scope: Scope, line: int) -> None:
        if name in self.source.context | self.source.config and not self.as_it_is:
            self.blocked.append((name, line))
            return
        found = scope.binders(name)
        for each in found:
            self._keep(each, scope)
        if found or hasattr(builtins, name) or name.startswith("__"):
            return
        if name in scope.parameters:
            self.blocked.append((name, line))
        elif scope.outer is not None:
            self._need_name(name, scope.outer, line)
        elif not self.source.imports_all:
            self.blocked.append((name, line))  # bound by a `with` or a loop, or not at all

    def _keep(self, statement: ast.stmt, scope: Scope) -> None:
        place = statement.lineno * 1000 + statement.col_offset
        if place in self.kept:
            return
        answered = self.answered(statement)
        assert isinstance(answered, ast.stmt)
        self.kept[place] = (statement, answered)
        self.need(answered, scope)

    def keep(self, statement: ast.stmt) -> None:
        """Cut out a statement of the module for its effect."""
        self._keep(statement, self.source.scope())

    def keep_moved(self, statement: ast.stmt) -> None:
        """Cut out a statement of a function for its effect; it will stand in the module."""
        self._keep(statement, self.source.scope_around(statement))

    @property
    def asks_x(self) -> bool:
        """True if the run's own arguments are used."""
        return any(X in free_names(answered) for _, answered in self.kept.values())

    def is_known(self, *nodes: ast.AST) -> bool:
        """Return whether the slice, and the answered nodes that it is for, can be run anywhere.

        What awaits cannot.
        """
        found = [*nodes, *(answered for _, answered in self.kept.values())]
        return not self.blocked and not any(map(_awaits, found))

    def statements(self) -> list[tuple[ast.stmt, str]]:
        """Return the statements in the order of the file, with their texts."""
        return [self._text(*self.kept[place]) for place in sorted(self.kept)]

    def _text(self, statement: ast.stmt, answered: ast.stmt) -> tuple[ast.stmt, str]:
        if ast.dump(statement) == ast.dump(answered):
            return statement, self.source.lines(statement)
        return statement, ast.unparse(answered)
