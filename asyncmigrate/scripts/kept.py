"""Dictionaries that are kept in the user's cache folder, so that what was read is not read again.

Never in the repository. The folder is used only if it is the user's own and nobody else may write
to it. Whatever is amiss with it (it cannot be written, a file was cut short or is of another
version) means that there is nothing in it, and is no error.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from hashlib import sha256
from threading import get_ident
from time import time
from typing import TYPE_CHECKING, Any

from asyncmigrate._version import __version__
from asyncmigrate.places import cache_folder

if TYPE_CHECKING:
    from pathlib import Path

_FORGOTTEN = 90 * 24 * 3600
"""Seconds after which what nobody has written again is of a project that is gone."""


def kept_file(kind: str, *folders: str) -> Path | None:
    """Return the file for what is kept of some folders; None if this machine has no place."""
    folder = cache_folder()
    name = sha256("\0".join((__version__, *folders)).encode("utf-8", "surrogateescape"))
    return folder and folder / f"{kind}-{name.hexdigest()[:32]}"


def read_kept(file: Path) -> dict[str, Any]:
    """Return what a file holds; nothing if it is missing, damaged or might be somebody else's."""
    with suppress(OSError, ValueError):
        if _is_own(file.parent) and _is_own(file):
            digest, _, content = file.read_bytes().partition(b"\n")
            if digest == _digest(content):
                found: dict[str, Any] = json.loads(content)
                return found
    return {}


def write_kept(file: Path, found: dict[str, Any]) -> None:
    """Replace a file, whole or not at all; in silence, for nobody has asked for it."""
    content = json.dumps(found).encode()
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_own(file.parent):
            return
        beside = file.with_name(f"{file.name}-{os.getpid()}-{get_ident()}")
        try:
            beside.touch(mode=0o600)
            beside.write_bytes(_digest(content) + b"\n" + content)
            os.replace(beside, file)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        _forget_old(file)


def _forget_old(file: Path) -> None:
    kind, _, _ = file.name.partition("-")
    for each in file.parent.glob(f"{kind}-*"):
        if time() - each.stat().st_mtime > _FORGOTTEN:
            each.unlink(missing_ok=True)


def _digest(content: bytes) -> bytes:
    return sha256(content).hexdigest().encode()


def _is_own(path: Path) -> bool:
    if sys.platform == "win32":
        return True
    stat = path.stat()
    return stat.st_uid == os.geteuid() and not stat.st_mode & 0o022
