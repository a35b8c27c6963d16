"""Where an application keeps its models, found by reading its source: nothing is imported.

Three things are looked for in the Python files of a project: a class that derives from
`DeclarativeBase` (or a call of `declarative_base()`), SQLModel tables, and a plain `MetaData()`.
What is proposed is the module that *defines tables*, not the one that defines the base: importing
the base alone gives metadata without a single table, the classic empty first migration.
"""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from asyncmigrate.scripts.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_SKIPPED = {
    "node_modules", "site-packages", "__pycache__", "build", "dist", "tests", "test", "docs",
    "migrations", "alembic", "venv", "env",
}  # fmt: skip
_MOST_FILES = 5000
_LARGEST_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """The proposal: `metadata` paths for the settings, and the folder to put on `sys.path`."""

    paths: tuple[str, ...] = ()
    source_folder: str = "."


@dataclass(slots=True)
class _Module:
    name: str
    source_folder: str
    bases: list[str] = field(default_factory=list)
    metadata: list[str] = field(default_factory=list)
    tables: dict[str, int] = field(default_factory=dict)
    """How many tables are declared on each base, by the base's name in this module."""


def find_metadata(root: Path) -> Found:
    """Return where the models of the project below `root` are; empty if none were found."""
    modules = [module for file in _python_files(root) if (module := _read(file, root))]
    bases = {name for module in modules for name in module.bases} | {"SQLModel"}
    holders = [(module, name) for module in modules for name in module.tables if name in bases]
    if not holders:
        holders = [(module, name) for module in modules for name in module.bases]
    if not holders:
        holders = [(module, name) for module in modules for name in module.metadata]
    folders = {module.source_folder for module, _ in holders}
    return Found(
        paths=tuple(f"{module.name}:{name}" for module, name in holders),
        source_folder=folders.pop() if len(folders) == 1 else ".",
    )


def _python_files(root: Path) -> Iterator[Path]:
    seen = 0
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if name not in _SKIPPED
            and not name.startswith(".")
            and not (here / name / "pyvenv.cfg").exists()
        )
        for name in sorted(files):
            if name.endswith(".py") and not name.startswith(("test_", "conftest")):
                seen += 1
                if seen > _MOST_FILES:
                    return
                yield here / name


def _read(file: Path, root: Path) -> _Module | None:
    try:
        if file.stat().st_size > _LARGEST_FILE:
            return None
        text = file.read_text(encoding="utf-8")
        if not any(word in text for word in ("eclarative", "SQLModel", "MetaData", "Base")):
            return None
        tree = tree_of(text)
    except (OSError, SyntaxError, ValueError):
        return None
    name, source_folder = _module_name(file.relative_to(root))
    module = _Module(name, source_folder)
    for node in tree.body:
        _look_at(node, module)
    return module


def _module_name(path: Path) -> tuple[str, str]:
    """Return a file's module name, and the folder it is importable from.

    >>> _module_name(Path("src/shop/models/__init__.py"))
    ('shop.models', 'src')
    """
    parts = list(path.with_suffix("").parts)
    source_folder = "."
    if parts[0] == "src" and len(parts) > 1:
        source_folder = parts.pop(0)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts), source_folder


def _look_at(node: ast.stmt, module: _Module) -> None:
    if isinstance(node, ast.ClassDef):
        _look_at_class(node, module)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        called = _last_name(node.value.func)
        for target in targets:
            if isinstance(target, ast.Name) and called == "declarative_base":
                module.bases.append(target.id)
            elif isinstance(target, ast.Name) and called == "MetaData":
                module.metadata.append(target.id)


def _look_at_class(node: ast.ClassDef, module: _Module) -> None:
    parents = [_last_name(base) for base in node.bases]
    if "DeclarativeBase" in parents or "DeclarativeBaseNoMeta" in parents:
        module.bases.append(node.name)
        return
    sqlmodel_table = any(keyword.arg == "table" for keyword in node.keywords)
    names = {
        target.id
        for item in node.body
        if isinstance(item, ast.Assign)
        for target in item.targets
        if isinstance(target, ast.Name)
    }
    if sqlmodel_table and "SQLModel" in parents:
        module.tables["SQLModel"] = module.tables.get("SQLModel", 0) + 1
    elif names & {"__tablename__", "__table__"}:
        for base in node.bases:
            if isinstance(base, ast.Name):
                module.tables[base.id] = module.tables.get(base.id, 0) + 1


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    return _last_name(node.value) if isinstance(node, ast.Subscript) else ""
