"""Which files are migration scripts, and in which order."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from asyncmigrate.scripts.source import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MANY = 200
"""From this number of scripts on, it is faster to keep what was read from them than to read it."""
_IGNORED_PREFIXES = (".#", "__init__")


def script_files(
    locations: Sequence[Path], *, recursive: bool, sourceless: bool
) -> list[os.DirEntry[str]]:
    """Return the script files, per location in the order of their names. See `read_revisions`.

    Raises:
        ScriptError: a folder cannot be read.
    """
    entries = [
        entry
        for location in locations
        for entry in _entries(os.fspath(location), recursive=recursive, sourceless=sourceless)
    ]
    if len(locations) > 1 or any(entry.is_symlink() for entry in entries):
        return list(_without_repeats(entries))
    return entries


def _entries(folder: str, *, recursive: bool, sourceless: bool) -> Iterator[os.DirEntry[str]]:
    """The script files of one folder sorted by name, then those of its sub-folders."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise unreadable(folder, error) from error
    for entry in entries:
        if entry.name.endswith(".py") and not entry.name.startswith(_IGNORED_PREFIXES):
            yield entry
    if sourceless:
        yield from _compiled(entries)
    for entry in entries if recursive else ():
        if entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
            yield from _entries(entry.path, recursive=True, sourceless=sourceless)


def _compiled(entries: Sequence[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
    """The compiled files, here and in `__pycache__`, that have no source beside them."""
    seen = {entry.name.split(".")[0] for entry in entries if entry.name.endswith(".py")}
    candidates = list(entries)
    for entry in entries:
        if entry.name == "__pycache__" and entry.is_dir():
            with os.scandir(entry.path) as found:
                candidates += sorted(found, key=lambda entry: entry.name)
    for entry in candidates:
        stem = entry.name.split(".")[0]
        if _runs_here(entry.name) and stem not in seen:
            seen.add(stem)
            yield entry


def _runs_here(name: str) -> bool:
    """True for `x.pyc`, and for `x.cpython-311.pyc` if this is that Python."""
    if not name.endswith(".pyc") or name.startswith(_IGNORED_PREFIXES):
        return False
    tags = name.split(".")[1:-1]
    return not tags or tags[0] == sys.implementation.cache_tag


def _without_repeats(entries: Sequence[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
    seen = set()
    for entry in entries:
        try:
            stat = os.stat(entry.path)
        except OSError as error:
            raise unreadable(entry.path, error) from error
        # Where a file system has no inode numbers, only the names can be compared.
        key = (stat.st_dev, stat.st_ino) if stat.st_ino else os.path.realpath(entry.path)
        if key not in seen:
            seen.add(key)
            yield entry
