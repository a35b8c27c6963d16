"""The functions that env.py declares for autogenerate: looked at before they are needed.

What goes wrong in one of them is an error about env.py that names the line, not one of ours.
"""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from inspect import Parameter, iscoroutine, signature
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from asyncmigrate.errors import ConfigError, MigrateError
from asyncmigrate.scripts.environment import evaluated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from asyncmigrate.config import Config
    from asyncmigrate.scripts.environment import Environment

_PARAMETERS = {
    "include_object": "object, name, type_, reflected, compare_to",
    "include_name": "name, type_, parent_names",
    "compare_type": "context, before, after, before_type, after_type",
    "compare_server_default": "context, before, after, before_default, after_default, rendered",
    "render_item": "type_, obj, context",
    "process_revision_directives": "context, revision, directives",
}
_OR_BOOLEAN = frozenset({"compare_type", "compare_server_default"})


def guarded(declared: Environment) -> Environment:
    """Return what env.py declares, with functions whose failure is told as env.py's.

    Raises:
        ConfigError: a name holds no function, or one with other parameters.
    """
    if not isinstance(declared.user_module_prefix, str | None):
        raise ConfigError(
            f"user_module_prefix of env.py is {declared.user_module_prefix!r}, not text.",
            next='Write it as "models.", with the dot.',
        )
    found = {name: _checked(name, getattr(declared, name)) for name in _PARAMETERS}
    return replace(declared, **found)


def called_after_each(declared: Environment) -> tuple[Callable[..., Any], ...]:
    """Return what `on_version_apply` names: a function, or several.

    Raises:
        ConfigError: it names something else.
    """
    found = declared.on_version_apply
    if found is None:
        return ()
    several = tuple(found) if isinstance(found, list | tuple | set) else (found,)
    for each in several:
        if not callable(each):
            raise ConfigError(
                f"on_version_apply of env.py has {each!r}, which is not a function.",
                next="Write it as `def on_version_apply(ctx, step, heads, run_args)`.",
            )
    return several


def called_on_connect(
    declared: Environment, x: Mapping[str, str]
) -> Callable[[Connection], None] | None:
    """Return what `on_connect` does with a new connection, committed; None if it is not declared.

    Raises:
        ConfigError: it is not a function; later, when it is called: it failed.
    """
    hook = declared.on_connect
    if hook is None:
        return None
    wanted = "Write it as `def on_connect(connection)`, or with a second parameter, `x`."
    if not callable(hook):
        raise ConfigError(f"on_connect of env.py is {hook!r}, not a function.", next=wanted)
    if not _takes(hook, 2, fewer=True):
        raise ConfigError(
            f"on_connect of env.py has other parameters: {signature(hook)}.", next=wanted
        )

    def call(connection: Connection) -> None:
        found = _told("on_connect", hook)(*taken(hook, (connection, x)))
        if iscoroutine(found):
            found.close()  # or Python warns that it was never awaited
            raise ConfigError("The function on_connect of env.py is asynchronous.", next=wanted)
        connection.commit()

    return call


def arguments_of_scripts(
    config: Config, declared: Environment, x: Mapping[str, str]
) -> Mapping[str, Any]:
    """Return what scripts are handed by name: what the settings say, and env.py on top.

    Raises:
        ConfigError: env.py's is not a dictionary.
    """
    return {**config.settings.script_arguments, **_dictionary(declared, "script_arguments", x)}


def options_of_scripts(declared: Environment, x: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what scripts find in `op.get_context().opts` besides what is always there.

    Raises:
        ConfigError: env.py's is not a dictionary.
    """
    return _dictionary(declared, "context_options", x)


def _dictionary(declared: Environment, name: str, x: Mapping[str, str]) -> dict[str, Any]:
    found = evaluated(getattr(declared, name), name, x)
    if found is None or isinstance(found, dict):
        return found or {}
    raise ConfigError(
        f"{name} of env.py is {found!r}, not a dictionary.",
        next=f'Write it as `{name} = {{"name": value}}`, or a function that returns it.',
    )


def with_version_table(config: Config, declared: Environment, x: Mapping[str, str]) -> Config:
    """Return the settings with the names of the version table that env.py computes.

    Flags, AMIGRATE_ variables and a migrator's own arguments are stronger.

    Raises:
        ConfigError: what env.py gives is no text.
    """
    made: dict[str, Any] = {}
    for name in ("version_table", "version_table_schema"):
        value = evaluated(getattr(declared, name), name, x)
        is_given = config.sources.get(name, "").startswith(("-", "$"))
        is_argument = config.file is None and getattr(config.settings, name) != _UNSET[name]
        if value is None or is_given or is_argument:
            continue
        if not isinstance(value, str) or not value:
            raise ConfigError(
                f"{name} of env.py is {value!r}, not a name.", next="Return text, or None."
            )
        made[name] = value.replace("${", "$${")
    return replace(config, settings=replace(config.settings, **made)) if made else config


_UNSET = {"version_table": "alembic_version", "version_table_schema": None}


def _checked(name: str, hook: Any) -> Any:
    if hook is None or (name in _OR_BOOLEAN and isinstance(hook, bool)):
        return hook
    wanted = f"Write it as `def {name}({_PARAMETERS[name]})`."
    if not callable(hook):
        raise ConfigError(f"{name} of env.py is {hook!r}, not a function.", next=wanted)
    if not _takes(hook, _PARAMETERS[name].count(",") + 1, fewer=name in _OR_BOOLEAN):
        raise ConfigError(f"{name} of env.py has other parameters: {signature(hook)}.", next=wanted)
    return _told(name, hook)


def _takes(hook: Callable[..., Any], count: int, *, fewer: bool) -> bool:
    """Return whether it can be called with so many arguments; a comparator may take one less."""
    for each in (count, count - 1) if fewer else (count,):
        try:
            signature(hook).bind(*range(each))
        except TypeError:
            continue
        return True
    return False


def taken(hook: Callable[..., Any], arguments: tuple[object, ...]) -> tuple[object, ...]:
    """Return as many of the arguments as a function has parameters for."""
    parameters = signature(hook).parameters.values()
    if any(each.kind is Parameter.VAR_POSITIONAL for each in parameters):
        return arguments
    return arguments[: len(parameters)]


def _told(name: str, hook: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(hook)
    def call(*arguments: Any) -> Any:
        try:
            found = hook(*arguments)
        except MigrateError:
            raise
        except (Exception, SystemExit) as error:
            raise ConfigError(
                f"{name} of env.py failed: {type(error).__name__}: {error} (at {place_of(error)}).",
                next="Mend env.py.",
            ) from error
        if name == "render_item" and not isinstance(found, str) and found not in (False, None):
            raise ConfigError(
                f"render_item of env.py gave {found!r}.",
                next="Return the text of an expression, or False to leave it to asyncmigrate.",
            )
        return found

    return call


def place_of(error: BaseException) -> str:
    """Return the last line of env.py that was running; the last of all if none was."""
    frames = extract_tb(error.__traceback__)
    own = [each for each in frames if each.filename.endswith("env.py")] or frames
    return f"{own[-1].filename}:{own[-1].lineno}"
