"""A script's header by Python's own parser, and by import where the text does not tell it.

Slower than `headers`' pattern, and complete: every file that Python accepts gets an answer here.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from asyncmigrate.errors import ScriptError
from asyncmigrate.history.revision import Revision
from asyncmigrate.scripts.source import clean_docstring, import_source, source_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("revision", "down_revision", "branch_labels", "depends_on")

# Whoever uses one of these may change a module's names without naming them.
_REACHING = frozenset(
    {"globals", "locals", "vars", "exec", "eval", "setattr", "delattr", "_getframe", "f_globals"}
    | {"__dict__", "__setattr__", "__delattr__", "__builtins__", "__import__", "builtins"}
)
_WATCHED = frozenset(NAMES) | {"__doc__", "__getattr__"}
_ID_IN_NAME = re.compile(r"([a-f0-9]+)\.py")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(slots=True)
class Header:
    """The header's values by name, their line numbers, and the docstring as written."""

    doc: str = ""
    values: dict[str, object] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    is_literal: bool = False
    """Nothing but the text has told it: no import."""


def header_of(data: bytes, path: str) -> Header:
    """Return the header of a script: by its syntax if it is literal, else by importing it.

    Raises:
        ScriptError: it is not Python, sets a name twice, or fails when it is imported.
    """
    if path.endswith(".pyc"):
        return _imported(data, path, {})
    tree = source_tree(data, path)
    header = Header(doc=ast.get_docstring(tree, clean=False) or "")
    targets = set()
    for statement in tree.body:
        target, value = _assignment(statement)
        if target is None or target.id not in NAMES or value is None:
            continue
        if target.id in header.values and not _is_same(value, header.values[target.id]):
            raise _twice(path, target.id, header.lines[target.id], target.lineno)
        try:
            header.values[target.id] = ast.literal_eval(value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            header.lines[target.id] = target.lineno
            continue
        header.lines[target.id] = target.lineno
        targets.add(target)
    if all(node in targets for node in _bindings(tree)):
        header.is_literal = True
        return header
    return _imported(data, path, header.lines)


def revision_of(header: Header, path: str) -> Revision:
    """Return the header as a checked value.

    Raises:
        ScriptError: a name is missing or has a value of the wrong type.
    """
    for name in ("down_revision", "branch_labels", "depends_on"):
        _check_strings(header, name, path)
    return Revision(
        _identifier(header, path),
        _strings(header.values.get("down_revision")),
        _strings(header.values.get("depends_on")),
        _strings(header.values.get("branch_labels")),
        clean_docstring(header.doc),
        path,
    )


def _imported(data: bytes, path: str, lines: dict[str, int]) -> Header:
    module = import_source(data, path)
    values = {name: getattr(module, name) for name in NAMES if hasattr(module, name)}
    return Header(doc=module.__doc__ or "", values=values, lines=lines)


def _assignment(statement: ast.stmt) -> tuple[ast.Name | None, ast.expr | None]:
    match statement:
        case ast.Assign(targets=[ast.Name() as target], value=value):
            return target, value
        case ast.AnnAssign(target=ast.Name() as target, value=value):
            return target, value
    return None, None


def _bindings(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node that could give one of the header's names a value, or take it away.

    Inside a function, plain names are its own: only `global` and reaching out count.
    """
    nodes: list[tuple[ast.AST, bool]] = [(tree, False)]
    while nodes:
        node, inside = nodes.pop()
        if _reaches(node) or (not inside and not _WATCHED.isdisjoint(_bound(node))):
            yield node
        children = ast.iter_child_nodes(node)
        nodes += [(child, inside or _is_body(node, child)) for child in children]


def _is_body(node: ast.AST, child: ast.AST) -> bool:
    # A function's decorators and defaults belong to the scope around it.
    return isinstance(node, _FUNCTIONS) and isinstance(child, ast.stmt)


def _reaches(node: ast.AST) -> bool:
    match node:
        case ast.Global(names=names):
            return not _WATCHED.isdisjoint(names)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _REACHING
        case ast.alias(name=name):
            return name == "*" or name in _REACHING
    return False


def _bound(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return (name,)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.alias(name=name, asname=asname):
            return (asname or name.split(".")[0],)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            return (name,)
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            return (name,)
    return ()


def _identifier(header: Header, path: str) -> str:
    if "revision" not in header.values:
        return _identifier_from_name(header, path)
    value = header.values["revision"]
    if not isinstance(value, str) or not value:
        raise _wrong(header, "revision", path, "must be a string that is not empty")
    return value


def _identifier_from_name(header: Header, path: str) -> str:
    match = _ID_IN_NAME.fullmatch(PurePath(path).name)
    if match and header.values:
        return match[1]
    if header.values:
        message = f"{path}:1: cannot tell the revision id: the script sets no `revision`."
        next = 'Add a line such as `revision = "…"` with an id of its own.'
    else:
        message = (
            f"{path}:1: cannot tell the revision id: the file is in a versions folder and sets"
            " neither `revision` nor `down_revision`."
        )
        next = "If it is not a migration script, move it out of the versions folder."
    raise ScriptError(message, path=path, next=next)


def _check_strings(header: Header, name: str, path: str) -> None:
    if name not in header.values:
        if name == "down_revision" and "revision" in header.values:
            raise ScriptError(
                f"{path}:1: the script sets no `down_revision`.",
                path=path,
                next="Add `down_revision = None` if it is the first one, else its parent's id.",
            )
        return
    value = header.values[name]
    items = value if isinstance(value, (tuple, list, set, frozenset)) else (value,)
    if value is None or all(isinstance(item, str) and item for item in items):
        return
    raise _wrong(header, name, path, "must be None, a string, or a tuple of strings")


def _strings(value: object) -> tuple[str, ...]:
    match value:
        case str():
            return (value,)
        case tuple() | list():
            return tuple(dict.fromkeys(value))
        case set() | frozenset():
            return tuple(sorted(value))
    return ()


def _wrong(header: Header, name: str, path: str, rule: str) -> ScriptError:
    line = header.lines.get(name)
    where = f"{path}:{line}" if line else path
    return ScriptError(
        f"{where}: `{name}` {rule}, and is {header.values[name]!r}.",
        path=path,
        next="Correct the script.",
    )


def _is_same(value: ast.expr, former: object) -> bool:
    """Return whether a name is set to what it is already: a header that was pasted twice."""
    return isinstance(value, ast.Constant) and value.value == former


def _twice(path: str, name: str, first: int, second: int) -> ScriptError:
    return ScriptError(
        f"{path}:{second}: `{name}` is set again, after line {first}.",
        path=path,
        next="Keep one of the two: a conflict may have been merged with both sides.",
    )
