"""Which file holds the settings, and reading it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmigrate.config.urls import masked
from asyncmigrate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILES = ("asyncmigrate.toml", "pyproject.toml")
ALEMBIC = ("alembic.ini", "pyproject.toml")
_FLASK = "migrations"
"""Where Flask-Migrate keeps alembic.ini, beside env.py, seen from where `flask db` is typed."""


def named(file: Path) -> Path:
    """Return the settings file that was named, or the one in the folder that was named.

    Raises:
        ConfigError: there is none.
    """
    if file.is_dir():
        return found_above(file, above=False) or file
    if not file.is_file():
        raise ConfigError(
            f"The settings file {file} does not exist.",
            next="Check -c/--config (or AMIGRATE_CONFIG), or run `amigrate init`.",
        )
    return file


def found_above(folder: Path, *, above: bool = True) -> Path | None:
    """Return the nearest settings file in a folder and, unless `above` is False, those above it.

    Where there is none of ours, Alembic's count. Those in Flask-Migrate's folder come last.

    Raises:
        ConfigError: a folder holds two, or one cannot be read.
    """
    places = (folder, *(folder.parents if above else ()))
    for place in places:
        held = [place / name for name in FILES if _holds_settings(place / name)]
        if len(held) > 1:
            raise ConfigError(
                f"Both {held[0]} and {held[1]} hold settings, and it is not clear which count.",
                next="Keep one of them, or choose with -c/--config.",
            )
        if held:
            return held[0]
    of_alembic = (place / name for place in places for name in ALEMBIC)
    beside = in_flasks_folder(folder)
    ours = beside and beside.with_name(FILES[0])
    if ours and ours.is_file():
        return ours
    return next((file for file in of_alembic if _holds_alembic(file)), beside)


def in_flasks_folder(folder: Path) -> Path | None:
    """Return the alembic.ini that `flask db` uses when it is typed in a folder, if there is one."""
    place = folder / _FLASK
    file = place / ALEMBIC[0]
    return file if (place / "env.py").is_file() and _holds_alembic(file) else None


def is_alembic(file: Path) -> bool:
    """Return whether a settings file is Alembic's, and has none of ours."""
    if file.suffix != ".toml":
        return True
    found = tools(file) if file.name == "pyproject.toml" else {}
    return "asyncmigrate" not in found and "alembic" in found


def _holds_alembic(file: Path) -> bool:
    try:
        if not file.is_file() or b"alembic" not in file.read_bytes():
            return False
    except OSError:
        return False
    return file.suffix == ".ini" or "alembic" in tools(file)


def _holds_settings(file: Path) -> bool:
    if not file.is_file():
        return False
    if file.name != "pyproject.toml":
        return True
    try:
        if b"asyncmigrate" not in file.read_bytes():
            return False
    except OSError:
        return False  # somebody else's file, in a folder above
    return "asyncmigrate" in tools(file)


def tools(file: Path) -> Mapping[str, Any]:
    """Return the `tool` tables of a pyproject.toml. Raises ConfigError as `table_of` does."""
    return as_table(_parsed(file).get("tool", {}), f"{file}: tool")


def as_table(found: object, where: str) -> dict[str, Any]:
    """Return what must be a table of TOML; raises ConfigError if it is not."""
    if not isinstance(found, dict):
        shown = masked(repr(found))
        raise ConfigError(f"{where} is {shown}; it must be a table.", next="Mend the file.")
    return dict(found)


def _parsed(file: Path) -> dict[str, Any]:
    import tomllib  # takes a while, and an application mostly has no file to read

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.", next="Mend the file.") from error


def table_of(file: Path) -> dict[str, Any]:
    """Return the settings in a file, unchecked.

    Raises:
        ConfigError: it cannot be read, or has no table of ours.
    """
    parsed = _parsed(file)
    if file.name != "pyproject.toml":
        return parsed
    table = tools(file).get("asyncmigrate")
    if table is None:
        raise ConfigError(
            f"{file} has no [tool.asyncmigrate] table.", next="Run `amigrate init`, or add one."
        )
    return as_table(table, f"{file}: tool.asyncmigrate")


def variables_of(files: Sequence[str], root: Path) -> dict[str, str]:
    """Return the variables of `.env` files; a later file is stronger.

    Raises:
        ConfigError: a file is missing or cannot be read.
    """
    values: dict[str, str] = {}
    for name in files:
        file = root / name
        if not file.is_file():
            raise ConfigError(
                f"The env_file {file} does not exist.", next="Create it, or change env_file."
            )
        from dotenv import dotenv_values

        try:
            found = dotenv_values(file)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"The env_file {file} cannot be read: {error}.", next="Mend the file."
            ) from error
        values |= {k: v for k, v in found.items() if v is not None}
    return values


def package_folder(package: str) -> Path:
    """Return where an installed package is. Imports the packages around it, not the package.

    Raises:
        ConfigError: it is not installed.
    """
    from importlib.util import find_spec

    try:
        spec = find_spec(package)
    except ImportError:
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(
            f"The package {package!r} of script_location is not installed.",
            next="Install it, or give a path.",
        )
    return Path(next(iter(spec.submodule_search_locations)))
