"""What was made of scripts, kept in the user's cache folder so that it is not made again.

Never in the repository, and only of many scripts: for fewer it gains nothing. The folder is used
only if it is the user's own and nobody else may write to it, and a file only if it is whole and
this Python's. Whatever is amiss means that there is nothing in it, and is no error.
"""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import contextmanager, suppress
from hashlib import sha256
from threading import get_ident
from time import time
from typing import TYPE_CHECKING, Any, TypeVar

from asyncmigrate._version import __version__
from asyncmigrate.places import cache_folder
from asyncmigrate.scripts.files import MANY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

T = TypeVar("T")

_MAKER = (__version__, sys.implementation.cache_tag, hex(sys.hexversion), str(sys.flags.optimize))
_FORGOTTEN = 90 * 24 * 3600
"""Seconds after which what nobody has written again is of a project that is gone."""


@contextmanager
def kept(
    kind: str, files: Sequence[str], make: Callable[[bytes, str], T], *, cache: bool
) -> Iterator[Callable[[bytes, str], T]]:
    """Give `make`, which makes something of a script's content and path and of nothing else.

    With `cache` and many `files` it is one that looks first at what was made the last time; what is
    new is kept when the block ends well.
    """
    many = cache and len(files) >= MANY
    file = kept_file(kind, os.path.dirname(os.path.abspath(files[0]))) if many else None
    if file is None:
        yield make
        return
    known = read_kept(file)
    new: dict[str, tuple[bytes, T]] = {}

    def made(data: bytes, path: str) -> T:
        digest = sha256(data).digest()
        former = known.get(path)
        if former is None or former[0] != digest:
            former = new[path] = (digest, make(data, path))
        return former[1]

    yield made
    if new:
        write_kept(file, {**known, **new})


def kept_file(kind: str, *folders: str) -> Path | None:
    """Return the file for what is kept of some folders; None if this machine has no place."""
    folder = cache_folder()
    name = sha256("\0".join((*_MAKER, *folders)).encode("utf-8", "surrogateescape"))
    return folder and folder / f"{kind}-{name.hexdigest()[:32]}"


def read_kept(file: Path) -> dict[str, Any]:
    """Return what a file holds; nothing if it is missing, damaged or might be somebody else's."""
    with suppress(OSError):
        if _is_own(file.parent) and _is_own(file):
            digest, _, content = file.read_bytes().partition(b"\n")
            if digest == _digest(content):
                found: dict[str, Any] = marshal.loads(content)
                return found
    return {}


def write_kept(file: Path, found: dict[str, Any]) -> None:
    """Replace a file, whole or not at all; in silence, for nobody has asked for it."""
    content = marshal.dumps(found)
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
