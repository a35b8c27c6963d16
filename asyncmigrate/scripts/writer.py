"""New scripts, and the folder that holds them.

A new script is read, imported and fitted into the history while it is still only text in
memory. What does not pass never reaches the disk.
"""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asyncmigrate.errors import ConfigError, ScriptError, UsageError
from asyncmigrate.scripts.naming import (
    check_id,
    check_label,
    creation_date,
    file_name,
    new_id,
    slug,
)
from asyncmigrate.scripts.template import FOR_ALEMBIC, HEAD_ONLY, OP, ScriptText, packaged, render

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from asyncmigrate.history.revision import Revision
    from asyncmigrate.scripts.loader import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptFolder:
    """Where new scripts go and how they are named: the settings of the same names."""

    folder: Path
    locations: tuple[Path, ...] = ()
    """The version locations; `versions` in `folder` if empty."""
    recursive: bool = False
    file_template: str = "%(rev)s_%(slug)s"
    truncate_slug_length: int = 40
    timezone: str | None = None
    output_encoding: str = "utf-8"
    alembic_compatible: bool = False
    template: str = ""
    """The text of a template, where the folder has none."""

    @property
    def versions(self) -> tuple[Path, ...]:
        """The version locations."""
        return self.locations or (self.folder / "versions",)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScript:
    """What was asked for. Parents and dependencies are whole ids (or labels): resolved already.

    `version_path` is the location to write to; without it the script goes beside its first
    parent. Bodies and imports are lines of code without indentation.
    """

    message: str = ""
    rev_id: str | None = None
    parents: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    version_path: Path | None = None
    head_only: bool = False
    imports: str = ""
    upgrades: str = ""
    downgrades: str = ""
    trial: Callable[[Script], None] | None = None
    """Is handed the imported script before it is written; what it raises keeps it unwritten."""


def new_script(folder: ScriptFolder, existing: Sequence[Revision], wanted: NewScript) -> Revision:
    """Write a revision's script and return the revision, as read back from the text.

    Before anything is written, the text is read, imported and put into a graph with the
    `existing` revisions; if that fails, nothing is left on disk. No file is ever overwritten.

    Raises:
        UsageError: an id, label or path that cannot be, or the file exists already.
        ConfigError: a setting (template, time zone, encoding) that cannot be used.
        HistoryError: the revision does not fit into the history, or the script does not run.
    """
    rev_id = new_id() if wanted.rev_id is None else wanted.rev_id
    check_id(rev_id)
    for label in wanted.branch_labels:
        check_label(label)
    date = creation_date(folder.timezone)
    words = slug(wanted.message, folder.truncate_slug_length)
    name = file_name(folder.file_template, rev_id=rev_id, slug=words, date=date)
    if os.path.basename(name) != name and not folder.recursive:
        raise ConfigError(
            f"file_template {folder.file_template!r} makes sub-folders, which are not read.",
            next="Set `recursive_version_locations = true`, or take the / out.",
        )
    path = _location(folder, existing, wanted) / name
    text = ScriptText(
        op=FOR_ALEMBIC if folder.alembic_compatible else OP,
        rev_id=rev_id,
        message=wanted.message,
        date=date,
        parents=wanted.parents,
        depends_on=wanted.depends_on,
        branch_labels=wanted.branch_labels,
        imports=wanted.imports,
        upgrades=HEAD_ONLY if wanted.head_only else wanted.upgrades,
        downgrades=HEAD_ONLY if wanted.head_only else wanted.downgrades,
    )
    data = _encoded(render(text, folder.folder, folder.template), folder.output_encoding)
    revision = _proven(data, str(path), existing, text, wanted.trial)
    _write(path, data)
    return revision


def init_folder(directory: Path) -> tuple[Path, ...]:
    """Make a script folder: a README and an empty `versions/`. Return the files it made.

    Raises:
        UsageError: the folder exists and is not empty, or cannot be made.
    """
    try:
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise UsageError(
                f"{directory} exists already and is not an empty folder.",
                next="Name another folder: amigrate init DIR.",
            )
        # Git keeps no empty folders, and a missing versions/ is an error later.
        made = {directory / "README.md": packaged("README.md"), directory / "versions/.gitkeep": ""}
        for path, text in made.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{directory} cannot be made ({error.strerror or error}).",
            next="Check the folder's permissions, or name another: amigrate init DIR.",
        ) from error
    return tuple(made)


def _location(folder: ScriptFolder, existing: Sequence[Revision], wanted: NewScript) -> Path:
    if wanted.version_path is not None:
        return _known_location(folder, wanted.version_path)
    if len(folder.versions) == 1:
        return folder.versions[0]
    files = {revision.id: revision.file for revision in existing}
    for parent in wanted.parents:
        file = Path(files.get(parent, "")).resolve()
        # The innermost one: a location may lie within another.
        for location in sorted(folder.versions, key=lambda each: -len(each.resolve().parts)):
            if file.is_relative_to(location.resolve()):
                return location
    raise UsageError(
        f"There are several version locations: {_listed(folder)}.",
        next="Say which one with --version-path.",
    )


def _known_location(folder: ScriptFolder, version_path: Path) -> Path:
    wanted = version_path.resolve()
    for location in folder.versions:
        here = location.resolve()
        if wanted == here or (folder.recursive and wanted.is_relative_to(here)):
            return version_path
    raise UsageError(
        f"{version_path} is not one of the version locations: {_listed(folder)}.",
        next="Name one of them, or add it to `version_locations` in the settings.",
    )


def _listed(folder: ScriptFolder) -> str:
    return ", ".join(str(location) for location in folder.versions)


def _encoded(text: str, encoding: str) -> bytes:
    try:
        name = codecs.lookup(encoding).name
        if name not in ("utf-8", "ascii") and not text.isascii():
            text = f"# coding: {name}\n{text}"  # or Python would read it as UTF-8
        return text.encode(name)
    except LookupError as error:
        raise ConfigError(
            f"There is no encoding {encoding!r} (output_encoding).", next="Use utf-8."
        ) from error
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"The message cannot be written in {encoding} ({error.reason}).",
            next='Set `output_encoding = "utf-8"`, or change the message.',
        ) from error


def _proven(
    data: bytes,
    path: str,
    existing: Sequence[Revision],
    text: ScriptText,
    trial: Callable[[Script], None] | None,
) -> Revision:
    """Read the text back as everybody will, and fit it into the history."""
    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.scripts.headers import parse_header
    from asyncmigrate.scripts.loader import script_from

    revision = parse_header(data, path)
    header = (revision.id, revision.parents, revision.requires, revision.labels)
    if header != (text.rev_id, text.parents, text.depends_on, text.branch_labels):
        raise ScriptError(
            f"{path} would not hold the header that it was given.",
            path=path,
            next="Let script.py.tmpl set revision, down_revision, branch_labels and depends_on.",
        )
    RevisionGraph([*existing, revision])
    script = script_from(data, revision)
    if trial is not None:
        trial(script)
    return revision


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            try:
                file.write(data)
                file.flush()
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except FileExistsError as error:
        raise UsageError(f"{path} exists already.", next="Change the message.") from error
    except OSError as error:
        raise ScriptError(
            f"{path} cannot be written ({error.strerror or error}).",
            path=str(path),
            next="Check the folder's permissions, and how full the disk is.",
        ) from error
