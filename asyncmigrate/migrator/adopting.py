"""`amigrate init --from-alembic`: an Alembic project gets our settings beside its own.

Nothing of Alembic's is changed, and nothing of ours overwritten. All texts are made and checked
before the first of them is written.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncmigrate import config as settings_module
from asyncmigrate.alembic.converted import converted
from asyncmigrate.config import alembic_ini, files
from asyncmigrate.errors import UsageError
from asyncmigrate.scripts.project import SettingsPlace, settings_place

if TYPE_CHECKING:
    from pathlib import Path

    from asyncmigrate.alembic.converted import Conversion
    from asyncmigrate.alembic.env_source_found import Finding
    from asyncmigrate.config import Config


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was written for an Alembic project."""

    alembic: Config
    """Alembic's settings, as they were read."""
    settings: Path
    files: tuple[Path, ...]
    conversion: Conversion

    def to_json(self) -> dict[str, Any]:
        """Return the first part of the shape of `init --from-alembic --json`."""
        found = self.conversion
        return {
            "settings": str(self.settings),
            "created": [str(path) for path in self.files],
            "taken_over": [_shape(each) for each in found.taken],
            "written_for_you": [_shape(each) for each in found.written],
            "needs_you": [_shape(each) for each in found.needs],
        }


def _shape(found: Finding) -> dict[str, Any]:
    lines = None if found.lines is None else list(found.lines)
    return {"what": found.what, "became": found.became, "lines": lines}


def adopt(folder: Path, named: str | None = None, *, section: str | None = None) -> Adopted:
    """Write our settings for the Alembic project in `folder`, or that of the file `named`.

    Raises:
        UsageError: there is no Alembic project, or it has settings of ours already.
        ConfigError: a file of Alembic's cannot be read.
    """
    file = _alembic_file(folder, named)
    place = settings_place(file.parent)
    if place.is_set:
        raise UsageError(
            f"{place.file.parent} has settings of asyncmigrate already.",
            next="Take them out first, or run Alembic's as they are: amigrate -c alembic.ini ...",
        )
    config = settings_module.load(file, environment=section, folder=folder)
    found = converted(config)
    _check(found, place)
    made = []
    for path, text in found.files().items():
        with path.open("x", encoding="utf-8", newline="") as opened:
            opened.write(text)
        made.append(path)
    place.write(found.toml(place.table).partition("\n")[2] if place.table else found.toml())
    return Adopted(config, place.file, tuple(made), found)


def _alembic_file(folder: Path, named: str | None) -> Path:
    if named is not None:
        file = folder / named
        if file.is_file():
            return file
        raise UsageError(
            f"The file {file} does not exist.",
            next="Name alembic.ini, or the pyproject.toml with [tool.alembic].",
        )
    for name in files.ALEMBIC:
        file = folder / name
        if file.is_file() and (file.suffix == ".ini" or "alembic" in files.tools(file)):
            return file
    beside = files.in_flasks_folder(folder)
    if beside is not None:
        return beside
    raise UsageError(
        f"{folder} has neither an alembic.ini nor a [tool.alembic] in pyproject.toml.",
        next="Go to the project's folder, or name the file: amigrate init --from-alembic FILE.",
    )


def _check(found: Conversion, place: SettingsPlace) -> None:
    """Refuse before anything is written."""
    if not found.script_folder.is_dir():
        raise UsageError(
            f"script_location names {found.script_folder}, which does not exist.",
            next="Run this where Alembic runs: its paths start in the working folder.",
        )
    for path, text in found.files().items():
        if path.exists():
            raise UsageError(
                f"{path} exists already.", next="Move it away: it would be written anew."
            )
        if path.suffix == ".py":
            compile(text, str(path), "exec")
    tomllib.loads(found.toml(place.table))


def reads_alembic(config: Config) -> tuple[str, ...]:
    """Return the options with which `alembic` reads the same settings."""
    found = config.alembic
    assert found is not None
    given = [word for path in found.files for word in ("-c", str(path))]
    section = config.environment or found.section
    return (*given, *(("-n", section) if section != alembic_ini.SECTION else ()))
