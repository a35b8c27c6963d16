"""`amigrate init`: the script folder, and the settings where the project keeps its own."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncmigrate.errors import UsageError
from asyncmigrate.scripts.discovery import Found, find_metadata
from asyncmigrate.scripts.writer import init_folder

if TYPE_CHECKING:
    from pathlib import Path

_HEADER_KEY = "asyncmigrate"
_HEADER = f"[tool.{_HEADER_KEY}]"


@dataclass(frozen=True, slots=True)
class Project:
    """What `init` made. `settings` is None if the settings were there already."""

    made: tuple[Path, ...]
    settings: Path | None
    metadata: tuple[str, ...]


def init(root: Path, directory: str) -> Project:
    """Make `directory` with its `versions/`, and write the settings.

    The settings go into `pyproject.toml` if there is one, else into `asyncmigrate.toml`. Settings
    that are there already are left alone. Nothing is overwritten.

    Raises:
        UsageError: the folder exists and is not empty or cannot be made, or the settings file
            cannot be read.
    """
    place = settings_place(root)
    found = find_metadata(root)
    made = init_folder(root / directory)
    if place.is_set:
        return Project(made, None, found.paths)
    place.write(_settings(directory, found))
    return Project(made, place.file, found.paths)


@dataclass(frozen=True, slots=True)
class SettingsPlace:
    """Where a project's settings go, and whether they are there."""

    file: Path
    former: str
    is_set: bool

    @property
    def table(self) -> str:
        """The name of the table in the file; empty in a file of our own."""
        return f"tool.{_HEADER_KEY}" if self.file.name == "pyproject.toml" else ""

    def write(self, settings: str) -> None:
        """Write the settings, behind what the file holds. Raises as `init` does."""
        added = _addition(self.former, settings) if self.table else settings
        _replace(self.file, self.former + added)


def settings_place(root: Path) -> SettingsPlace:
    """Return where settings go: `pyproject.toml` if there is one. Raises as `init` does."""
    own, shared = root / "asyncmigrate.toml", root / "pyproject.toml"
    file = shared if shared.exists() else own
    former = _read(file)
    is_set = own.exists() or _HEADER_KEY in _parsed(former, file).get("tool", {})
    return SettingsPlace(file, "" if file == own else former, is_set)


def _read(file: Path) -> str:
    """Return a file's text with the line endings that it has; "" if there is none."""
    if not file.exists():
        return ""
    try:
        return file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}.", next="Mend the file.") from error


def _parsed(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is not valid TOML: {error}.", next="Mend the file.") from error


def _addition(former: str, settings: str) -> str:
    r"""Return what is put after a pyproject.toml's former text, in its line endings.

    >>> _addition('[project]\r\nname = "shop"', "url = 1\n")
    '\r\n\r\n[tool.asyncmigrate]\r\nurl = 1\r\n'
    """
    gap = "" if not former else "\n" if former.endswith("\n") else "\n\n"
    added = f"{gap}{_HEADER}\n{settings}"
    return added.replace("\n", "\r\n") if "\r\n" in former else added


def _settings(directory: str, found: Found) -> str:
    lines = [
        "# ${NAME} is taken from the environment, ${NAME:-default} has a default.",
        'url = "${DATABASE_URL}"',
        f"script_location = {json.dumps(directory)}",
    ]
    if found.source_folder != ".":
        lines.append(f"prepend_sys_path = [{json.dumps(found.source_folder)}]")
    if len(found.paths) == 1:
        lines.append(f"metadata = {json.dumps(found.paths[0])}")
    elif found.paths:
        lines.append(f"metadata = [{', '.join(map(json.dumps, found.paths))}]")
    else:
        lines.append('# metadata = "app.models:Base"  # your models, as package.module:attribute')
    return "\n".join(lines) + "\n"


def _replace(file: Path, text: str) -> None:
    """Write a file whole or not at all: it may be the project's own pyproject.toml."""
    beside = file.with_name(f".{file.name}.amigrate")
    try:
        beside.write_bytes(text.encode())
        if file.exists():
            beside.chmod(file.stat().st_mode)
        os.replace(beside, file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(
            f"{file} cannot be written ({error.strerror or error}).",
            next="Check the folder's permissions.",
        ) from error
