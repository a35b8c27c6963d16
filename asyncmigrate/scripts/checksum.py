r"""Checksums of scripts, in which comments, docstrings and formatting do not matter.

What counts is the tree that Python makes of a script, without positions and docstrings: `ruff
format`, a comment or another spelling of a string change nothing, any other statement or value
does. The tree is written out by our own few lines and not by `ast.dump`, whose text depends on the
version of Python.

The text of such a checksum begins with `a1:`. One without a prefix is the SHA-256 of the file, as
earlier versions of this tool recorded it, and is still compared as that.

>>> checksum_of(b"def f():\n    return 'a'  # why") == checksum_of(b'def f(): return "a"\n')
True
>>> checksum_of(b"x = 1") == checksum_of(b"x = 2")
False
"""

from __future__ import annotations

import ast
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from asyncmigrate.scripts.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable

_PREFIX = "a1:"
_LENGTH = 64
"""As long as the column that holds it, which was made for a SHA-256 alone."""
_SAYS_NOTHING = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_DOCUMENTED = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_fields: dict[type[ast.AST], tuple[str, ...]] = {}


def checksum_of(data: bytes, path: str = "") -> str:
    """Return the checksum of a script's content; of what is not Python, `file_checksum`.

    Its path does not matter.
    """
    try:
        tree = tree_of(data)
        words: list[str] = []
        _write(tree, words.append)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return file_checksum(data)
    digest = sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()
    return (_PREFIX + digest)[:_LENGTH]


def file_checksum(data: bytes) -> str:
    r"""Return the SHA-256 of a script's content, with its line endings made `\n`.

    >>> file_checksum(b"a\r\nb\n") == file_checksum(b"a\nb\n")
    True
    """
    return sha256(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).hexdigest()


def agrees(
    recorded: str,
    data: bytes,
    path: str = "",
    *,
    checksum: Callable[[bytes, str], str] = checksum_of,
) -> bool:
    """Return whether a script is the one whose checksum was recorded; none was: nobody knows.

    `checksum` is `checksum_of`, or what gives the same faster.
    """
    if not recorded:
        return True
    is_of_tree = recorded.startswith(_PREFIX)
    return recorded == (checksum(data, path) if is_of_tree else file_checksum(data))


def _write(node: ast.AST, add: Callable[[str], None]) -> None:
    """Write a node and what is below it, as words that no other tree gives."""
    kind = node.__class__
    add(kind.__name__)
    for name in _fields.get(kind) or _learn(kind):
        value = getattr(node, name, None)
        if name == "body" and isinstance(node, _DOCUMENTED):
            value = _undocumented(node.body)
        if value is None or value == []:
            continue  # some versions of Python have the field, and some leave it out
        add(name)
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, ast.AST):
                _write(each, add)
            else:
                add(repr(each))
    add(")")


def _learn(kind: type[ast.AST]) -> tuple[str, ...]:
    found = _fields[kind] = tuple(name for name in kind._fields if name not in _SAYS_NOTHING)
    return found


def _undocumented(body: list[Any]) -> list[Any]:
    """Return a body without its docstring."""
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return body[1:] if isinstance(first.value.value, str) else body
    return body
