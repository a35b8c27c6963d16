"""Where an Alembic env.py has its models from: as `package.module:attribute`, where possible."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from asyncmigrate.alembic.env_source_slice import free_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncmigrate.alembic.env_source_slice import Slice, Source

_NO_MODELS = {"alembic", "sqlalchemy", "dotenv", "environs", "decouple", "pydantic", "sqlmodel"}


def metadata_paths(
    source: Source, value: ast.expr, source_of: Callable[[str], str | None]
) -> tuple[str, ...]:
    """Return the paths of one metadata or a list of them; empty if one of them has none."""
    if isinstance(value, ast.List | ast.Tuple):
        several = [metadata_paths(source, each, source_of) for each in value.elts]
        return tuple(path for paths in several for path in paths) if all(several) else ()
    path = _path(source, value, source_of)
    return (path,) if path else ()


def _path(source: Source, node: ast.expr, source_of: Callable[[str], str | None]) -> str | None:
    names = ast.unparse(node).split(".")
    if not all(name.isidentifier() for name in names):
        return None
    root, *attributes = names
    if attributes[-1:] == ["metadata"] and len(names) > 1:
        attributes = attributes[:-1]
    binders = source.scope().binders(root)
    if len(binders) != 1:
        return None
    match binders[0]:
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            whole = ast.parse(".".join([ast.unparse(value), *names[1:]]), mode="eval").body
            return None if whole == node else _path(source, whole, source_of)
        case ast.ImportFrom(module=str(module), names=aliases, level=0):
            original = next(each.name for each in aliases if (each.asname or each.name) == root)
            return _imported(module, original, attributes, source_of)
        case ast.Import(names=[ast.alias(name=module, asname=alias)]):
            dotted = module.split(".")
            rest = attributes if alias else names[len(dotted) :]
            fits = bool(alias) or names[: len(dotted)] == dotted
            rest = rest[:-1] if not alias and rest[-1:] == ["metadata"] and len(rest) > 1 else rest
            return f"{module}:{'.'.join(rest)}" if fits and rest else None
    return None


def _imported(
    module: str, name: str, attributes: list[str], source_of: Callable[[str], str | None]
) -> str | None:
    """Return the path of `from module import name`, which may be a module itself."""
    if module.partition(".")[0] in _NO_MODELS or name == "*":
        return None
    if source_of(f"{module}.{name}") is not None:
        return f"{module}.{name}:{'.'.join(attributes)}" if attributes else None
    if attributes and name.islower() and source_of(module) is None:
        return None  # a module or an object? Only an import would tell
    return f"{module}:{'.'.join([name, *attributes])}"


def model_imports(source: Source, module: Slice) -> list[ast.stmt]:
    """Return the imports that env.py makes and uses nowhere: they load models."""
    used: set[str] = set()
    for each in source.tree.body:
        if not isinstance(each, ast.Import | ast.ImportFrom):
            used |= free_names(each)
    return [
        each
        for each in source.tree.body
        if isinstance(each, ast.Import | ast.ImportFrom)
        and not _is_foreign(each)
        and not any(_bound(alias, each) in used for alias in each.names)
    ]


def _bound(alias: ast.alias, node: ast.Import | ast.ImportFrom) -> str:
    name = alias.asname or alias.name
    return name if isinstance(node, ast.ImportFrom) else name.partition(".")[0]


def _is_foreign(node: ast.Import | ast.ImportFrom) -> bool:
    modules = (
        [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
    )
    packages = {each.partition(".")[0] for each in modules}
    return packages <= {*sys.stdlib_module_names, *_NO_MODELS}
