"""What a module's source says of Alembic: read as text, without importing anything.

The patterns run over every module that a script imports, so they come before the syntax tree.
"""

from __future__ import annotations

import re
from importlib.util import resolve_name
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

_IMPORTS_ALEMBIC = re.compile(rb"^(?:from|import)[ \t]+alembic\b", re.MULTILINE)
_PARTS = frozenset({"op", "operations", "context", "autogenerate"})
_MAY_NEED_OP = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+alembic\b.*?\b(?:op|operations|context|autogenerate)\b",
    re.MULTILINE | re.DOTALL,
)
"""Found in far less time than a tree is made."""
_PLUGS_IN = re.compile(rb"^(?:from|import)[ \t]+alembic_\w+", re.MULTILINE)
_DECLARES = re.compile(
    rb"^[ \t]*__tablename__\b|\b(?:declarative_base|DeclarativeBase|SQLAlchemy|MetaData)\b",
    re.MULTILINE,
)
_BESIDE = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+([.\w]+)(?:[ \t]+import[ \t]+\(?([\w, \t]+))?", re.MULTILINE
)


def imports_alembic(data: bytes) -> bool:
    """Return whether a script was written for Alembic.

    >>> imports_alembic(b"from alembic import op"), imports_alembic(b"from asyncmigrate import op")
    (True, False)
    """
    return _IMPORTS_ALEMBIC.search(data) is not None


def needs_op(data: bytes) -> bool:
    """Return whether a module's source uses what Alembic has only while migrations run.

    What runs migrations at start (`from alembic import command`) is the application, no helper; and
    so is what only says so to a type checker.

    >>> needs_op(b"from alembic import op"), needs_op(b"from alembic import command")
    (True, False)
    """
    if not _MAY_NEED_OP.search(data):
        return False
    from asyncmigrate.scripts.syntax import tree_of

    try:
        return any(_asks_for_op(each) for each in _run_statements(tree_of(data)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False  # the import itself will say it


def _run_statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Give every node of a tree but those that only a type checker looks at."""
    import ast

    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _run_statements(node)


def _asks_for_op(node: ast.AST) -> bool:
    import ast

    if isinstance(node, ast.Import):
        return any(_is_part(each.name) for each in node.names)
    if not isinstance(node, ast.ImportFrom) or node.level:
        return False
    return any(_is_part(f"{node.module}.{each.name}") for each in node.names)


def _is_part(name: str) -> bool:
    top, _, rest = name.partition(".")
    return top == "alembic" and rest.partition(".")[0] in _PARTS


def uses_plug_in(data: bytes) -> bool:
    """Return whether a module's source imports a plug-in of Alembic's.

    Its objects are those of the copy then, or the plug-in does not know them.
    """
    return _PLUGS_IN.search(data) is not None


def declares_models(data: bytes) -> bool:
    """Return whether an application may have its models here, which must exist once."""
    return _DECLARES.search(data) is not None


def siblings(package: str, data: bytes) -> list[str]:
    """Return the modules of a package that the source of another one of it imports."""
    if not package:
        return []
    found: list[str] = []
    for match in _BESIDE.finditer(data):
        written = match.group(1).decode()
        try:
            target = resolve_name(written, package) if written.startswith(".") else written
        except ImportError:
            continue
        names = re.findall(r"\w+", (match.group(2) or b"").decode())
        found += [target, *(f"{target}.{each}" for each in names)]
    return [each for each in found if each.startswith(f"{package}.")]
