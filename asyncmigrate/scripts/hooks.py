"""Commands that run on a new script: formatters, linters.

Without a setting, `ruff format` runs if ruff is installed. A hook that fails is reported, and
the script stays: it was proven before, and a formatter's bad day must not lose it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asyncmigrate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

FILENAME = "REVISION_SCRIPT_FILENAME"
"""Replaced by the new script's path in a hook's options."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One command; the script's path goes where `FILENAME` stands."""

    name: str
    command: tuple[str, ...]
    cwd: str | None = None


@dataclass(frozen=True, slots=True)
class HookFailure:
    """A hook that did not succeed. `exit_code` is None if it could not be started."""

    name: str
    command: tuple[str, ...]
    exit_code: int | None
    output: str

    def __str__(self) -> str:
        how = "could not be started" if self.exit_code is None else f"exited {self.exit_code}"
        detail = f":\n{self.output}" if self.output else "."
        return f"The post-write hook {self.name!r} ({shlex.join(self.command)}) {how}{detail}"


def hooks_from(settings: Sequence[object] | None) -> tuple[Hook, ...]:
    """Return the hooks of the setting `post_write_hooks`; None means ruff if it is installed.

    An entry is `"ruff"`, or a table as in Alembic: `name`, `type` (`exec`, `module` or
    `console_scripts`), `executable` / `module` / `entrypoint`, `options`, `cwd`. Call this
    before the script is written, so that a wrong setting is found first.

    Raises:
        ConfigError: an entry lacks something or names what does not exist.
    """
    if settings is None:
        return (_ruff(found),) if (found := _find_ruff()) else ()
    return tuple(_hook(entry) for entry in settings)


def run_hooks(hooks: Sequence[Hook], path: Path) -> tuple[HookFailure, ...]:
    """Run every hook on the script, in order, and return those that failed. Never raises."""
    return tuple(failure for hook in hooks if (failure := _run(hook, str(path))))


def _run(hook: Hook, path: str) -> HookFailure | None:
    # Absolute, because a hook may run in a folder of its own.
    command = tuple(part.replace(FILENAME, os.path.abspath(path)) for part in hook.command)
    try:
        done = subprocess.run(
            command,
            cwd=hook.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except (OSError, ValueError) as error:
        return HookFailure(hook.name, command, None, str(error))
    if done.returncode == 0:
        return None
    output = done.stdout.decode(errors="replace").strip()
    return HookFailure(hook.name, command, done.returncode, output)


def _hook(entry: object) -> Hook:
    if entry == "ruff":
        return _ruff(_find_ruff() or "ruff")
    if not isinstance(entry, Mapping):
        raise ConfigError(
            f"post_write_hooks holds {entry!r}, which is neither a table nor 'ruff'.",
            next='Write {name = "black", type = "module", module = "black"}.',
        )
    name = str(entry.get("name") or entry.get("type") or "hook")
    command = _command(entry, name) + _options(entry, name)
    cwd = entry.get("cwd")
    return Hook(name, command, None if cwd is None else str(cwd))


def _command(entry: Mapping[str, object], name: str) -> tuple[str, ...]:
    match entry.get("type"):
        case "exec":
            return (_required(entry, "executable", name),)
        case "module":
            return (sys.executable, "-m", _installed(_required(entry, "module", name), name))
        case "console_scripts":
            return _console_script(_required(entry, "entrypoint", name), name)
        case None:
            raise ConfigError(f"The post-write hook {name!r} has no `type`.", next=_TYPES)
        case other:
            raise ConfigError(f"The post-write hook {name!r} has the type {other!r}.", next=_TYPES)


_TYPES = "Set `type` to exec, module or console_scripts."


def _options(entry: Mapping[str, object], name: str) -> tuple[str, ...]:
    options = str(entry.get("options") or "")
    if FILENAME not in options:
        options = f"{FILENAME} {options}"
    try:
        return tuple(shlex.split(options, posix=os.name == "posix"))
    except ValueError as error:
        message = f"The options of the post-write hook {name!r} cannot be split ({error})."
        raise ConfigError(message, next="Close the quotes in `options`.") from error


def _required(entry: Mapping[str, object], key: str, name: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise ConfigError(
            f"The post-write hook {name!r} has no `{key}`.",
            next=f"A hook of type {entry.get('type')} needs it.",
        )
    return value


def _installed(module: str, name: str) -> str:
    from importlib.util import find_spec

    try:
        found = find_spec(module)
    except (ImportError, ValueError):
        found = None
    if found is None:
        raise ConfigError(
            f"The post-write hook {name!r} needs the module {module!r}, which is not installed.",
            next="Install it, or take the hook out of `post_write_hooks`.",
        )
    return module


def _console_script(entrypoint: str, name: str) -> tuple[str, ...]:
    from importlib.metadata import entry_points

    for found in entry_points(group="console_scripts", name=entrypoint):
        code = f"import sys, {found.module}; sys.exit({found.module}.{found.attr}())"
        return (sys.executable, "-c", code)
    raise ConfigError(
        f"The post-write hook {name!r} needs the command {entrypoint!r}, which is not installed.",
        next="Install it, or take the hook out of `post_write_hooks`.",
    )


def _find_ruff() -> str | None:
    beside = Path(sys.executable).parent
    return shutil.which("ruff", path=str(beside)) or shutil.which("ruff")


def _ruff(executable: str) -> Hook:
    return Hook("ruff", (executable, "format", "--quiet", FILENAME))
