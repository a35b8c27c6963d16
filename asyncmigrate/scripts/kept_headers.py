"""Headers as they were when they were last read, of files that were not changed since.

That is so while its inode, size, mtime and ctime are what they were before it was read. Nobody can
set a ctime back; and a file that was changed within two seconds before it was read is not kept, so
that two states of it never look alike. Where there is no ctime (Windows), nothing is kept.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, TypeAlias

from asyncmigrate.history.revision import Revision
from asyncmigrate.scripts.kept import kept_file, read_kept, write_kept
from asyncmigrate.scripts.source import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_SETTLED = 2_000_000_000
"""Nanoseconds: no file system with a ctime counts in longer steps."""

Parse: TypeAlias = "Callable[[str], tuple[Revision, bool]]"
"""Reads a header, and says whether nothing but the file's text has told it."""


def headers_of(
    entries: Sequence[os.DirEntry[str]], locations: Sequence[Path], parse: Parse
) -> list[Revision]:
    """Return each file's header: as it is known, else by `parse`; and keep them for the next time.

    `locations` are the folders that these are the scripts of.

    Raises:
        ScriptError: a file cannot be read; and as `parse` does.
    """
    file = kept_file("headers", *(os.path.abspath(each) for each in locations))
    if file is None or sys.platform == "win32":
        return [parse(entry.path)[0] for entry in entries]
    known = read_kept(file)
    now: dict[str, Any] = {}
    revisions = [_header(entry, known, now, parse) for entry in entries]
    if now != known:
        write_kept(file, now)
    return revisions


def _header(
    entry: os.DirEntry[str], known: dict[str, Any], now: dict[str, Any], parse: Parse
) -> Revision:
    """Return a file's header, and put it among those that are known now."""
    path, stamp = entry.path, _stamp(entry)
    former = known.get(path)
    if former is not None and former[0] == stamp:
        now[path] = former
        id, parents, requires, labels, doc = former[1]
        return Revision(id, parents, requires, labels, doc, path)
    found, is_literal = parse(path)
    if is_literal and time.time_ns() - max(stamp[:2]) > _SETTLED:
        now[path] = stamp, (found.id, found.parents, found.requires, found.labels, found.doc)
    return found


def _stamp(entry: os.DirEntry[str]) -> tuple[int, int, int, int]:
    try:
        stat = entry.stat()
    except OSError as error:
        raise unreadable(entry.path, error) from error
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino
