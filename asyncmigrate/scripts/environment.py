"""What a project declares in Python: its models' metadata, and an optional `env.py`.

`env.py` in the script folder (the setting `env_py` may name another file) holds settings that need
Python, as plain module-level names. It declares and never runs anything; with an `__all__`, only
the names in it count:

    target_metadata   a MetaData, or a list of them
    engine            an AsyncEngine
    url               a database URL
    version_table, version_table_schema, script_arguments
                      the settings of these names, where they have to be computed

For autogenerate there are also, with Alembic's parameters:

    include_object(object, name, type_, reflected, compare_to)
    include_name(name, type_, parent_names)
    compare_type(context, before, after, before_type, after_type)
    compare_server_default(context, before, after, before_default, after_default)
    render_item(type_, obj, context)
    user_module_prefix
    process_revision_directives(context, revision, directives)
    include_schemas               what the comparators of plug-ins are told

and, called after each revision, in its transaction:

    on_version_apply(ctx, step, heads, run_args), or a list of such functions

for scripts, a dictionary or a function that returns one:

    context_options               more of `op.get_context().opts`

and, called once on each connection that a command works on, before anything else:

    on_connect(connection), or on_connect(connection, x)

`engine`, `url` and the three below it may also be functions that return one. A function
that declares a parameter is handed the run's own arguments (`-x tenant=a` is `{"tenant": "a"}`):

    def url(x):
        return f"postgresql+asyncpg://localhost/{x['tenant']}"
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from inspect import iscoroutine, signature
from types import ModuleType
from typing import TYPE_CHECKING, Any

from asyncmigrate.errors import ConfigError, MetadataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import MetaData

    from asyncmigrate.scripts.redirection import Scope


@dataclass(frozen=True, slots=True)
class Environment:
    """The names that a project's `env.py` declares; all None where it has none."""

    target_metadata: Any = None
    engine: Any = None
    url: Any = None
    version_table: Any = None
    version_table_schema: Any = None
    on_connect: Any = None
    script_arguments: Any = None
    context_options: Any = None
    include_object: Any = None
    include_name: Any = None
    compare_type: Any = None
    compare_server_default: Any = None
    render_item: Any = None
    user_module_prefix: Any = None
    process_revision_directives: Any = None
    on_version_apply: Any = None
    include_schemas: Any = None


DEFAULT = "env.py"


def environment(
    script_folder: Path, name: str = DEFAULT, *, ignores_alembic: bool = False
) -> Environment:
    """Import the file `name` of the script folder, and return what it declares.

    Only `env.py` may be missing; no name is no file. An `env.py` of Alembic's is refused, or as if
    it were not there.

    Raises:
        ConfigError: it is missing, cannot be imported, or is an Alembic env.py, which runs
            migrations itself.
    """
    file = script_folder / name
    if not name or (name == DEFAULT and not file.is_file()):
        return Environment()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file} cannot be read: {error}.", next="Mend it, or change env_py in the settings."
        ) from error
    if "run_migrations" in text and ignores_alembic:
        return Environment()
    if "run_migrations" in text:
        raise ConfigError(
            f"{file} is an Alembic env.py: it runs migrations, where asyncmigrate's only declares "
            "settings.",
            next="Run `amigrate init --from-alembic`, or name another file in the setting `env_py` "
            '(`env_py = ""`: none).',
        )
    return declared_by(text, file)


def declared_by(text: str, file: Path) -> Environment:
    """Run the text of an env.py of ours as if it stood in `file`; return what it declares.

    Raises:
        ConfigError: it cannot be run.
    """
    module = _executed(text, file)
    counted = getattr(module, "__all__", Environment.__dataclass_fields__)
    return Environment(
        **{
            name: getattr(module, name, None)
            for name in Environment.__dataclass_fields__
            if name in counted
        }
    )


def evaluated(found: Any, name: str, x: Mapping[str, str]) -> Any:
    """Return what `name` of env.py is, or what it gives if it is a function.

    Raises:
        ConfigError: the function failed, or is asynchronous.
    """
    if not callable(found):
        return found
    try:
        value = found(x) if signature(found).parameters else found()
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"The function {name} of env.py failed: {type(error).__name__}: {error}.",
            next="Mend env.py, or pass what it asks for with -x key=value.",
        ) from error
    if iscoroutine(value):
        value.close()  # or Python warns that it was never awaited
        raise ConfigError(
            f"The function {name} of env.py is asynchronous.", next=f"Write `def {name}()`."
        )
    return value


def imports_of_env(script_folder: Path) -> Scope:
    """Return the imports of env.py: those of the scripts in `versions`, and their copies."""
    from asyncmigrate.scripts.redirection import scope_of

    return scope_of(str(script_folder.absolute() / "versions"))


def _executed(text: str, file: Path) -> ModuleType:
    module = ModuleType("asyncmigrate_env")
    module.__file__ = str(file)
    # Plug-ins register themselves with ours, whether Alembic is installed or not.
    vars(module)["__builtins__"] = imports_of_env(file.parent).builtins()
    try:
        exec(compile(text, str(file), "exec"), vars(module))
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"{file} cannot be imported: {type(error).__name__}: {error}.",
            next=f"Mend {file.name}, or what it imports.",
        ) from error
    return module


def metadata(paths: Sequence[str]) -> MetaData | None:
    """Import the models' metadata from `package.module:attribute` paths.

    Several paths may name the same metadata (one per module of models); if they name different
    ones, None is returned, because no single naming convention applies.

    Raises:
        MetadataError: a path cannot be imported, or names no metadata.
    """
    found = each_metadata(paths)
    return found[0] if len(found) == 1 else None


def each_metadata(paths: Sequence[str]) -> tuple[MetaData, ...]:
    """Import every metadata that the paths name, each once. Raises as `metadata` does."""
    return tuple({id(each): each for each in map(_metadata, paths)}.values())


def _metadata(path: str) -> MetaData:
    module_name, colon, attribute = path.partition(":")
    if not colon or not attribute:
        raise MetadataError(
            f"The setting metadata is {path!r}; it must look like `package.module:Base`.",
            next="Change metadata.",
        )
    try:
        found: Any = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise MetadataError(
            f"The models cannot be imported: `import {module_name}` gives "
            f"{type(error).__name__}: {error}.",
            next="Check metadata and prepend_sys_path in the settings "
            f"(looked in {', '.join(sys.path[:3])}, …).",
        ) from error
    for part in attribute.split("."):
        found = _attribute(found, part, path)
    return metadata_of(found, path)


def _attribute(holder: Any, name: str, path: str) -> Any:
    try:
        return getattr(holder, name)
    except AttributeError:
        raise MetadataError(
            f"The setting metadata is {path!r}, but {holder!r} has no attribute {name!r}.",
            next="Name the declarative base or the MetaData of your models.",
        ) from None


def metadata_of(found: Any, where: str) -> MetaData:
    """Return the MetaData that an object is or has.

    Raises:
        MetadataError: it is neither.
    """
    from sqlalchemy import MetaData

    held = found if isinstance(found, MetaData) else getattr(found, "metadata", None)
    if not isinstance(held, MetaData):
        raise MetadataError(
            f"{where} is {type(found).__name__}, not a MetaData nor anything with one.",
            next="Name the declarative base or the MetaData of your models.",
        )
    return held
