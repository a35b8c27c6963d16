"""What a test run leaves for the next one: data directories and SQLite files, in the user's cache.

A copy of a data directory takes a tenth of the time of `initdb`, and brings the migrated templates
that the run before it made. Whoever writes makes the whole thing beside its place and renames it,
under a lock, so that a reader finds all of it or nothing; a run that is killed keeps nothing.

`ASYNCMIGRATE_TEST_CACHE` names another folder; empty, nothing is kept.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from asyncmigrate.places import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "ASYNCMIGRATE_TEST_CACHE"


def folder() -> Path | None:
    """Return the folder of what is kept, made if missing; None where nothing can be."""
    named = os.environ.get(VARIABLE)
    place = Path(named) if named else cache_folder()
    if place is None or named == "" or sys.platform == "win32":
        return None
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    mine = place.stat().st_uid == os.geteuid() and os.access(place, os.W_OK | os.X_OK)
    return place if mine else None


@contextmanager
def locked(place: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a place in the cache; it ends with the process, however that ends."""
    import fcntl  # not on Windows, where this module can still be imported

    descriptor = os.open(place.with_name(f"{place.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def restore(place: Path, target: Path) -> bool:
    """Copy a kept folder to `target`, which must not exist; False if there is none."""
    with locked(place, shared=True):
        if not place.is_dir():
            return False
        shutil.copytree(place, target, symlinks=True)
    return True


def save(source: Path, place: Path) -> None:
    """Keep a copy of a folder in place of what was kept before."""
    made = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
    old = made / "old"
    try:
        shutil.copytree(source, made / "new", symlinks=True)
        with locked(place):
            if place.exists():
                place.rename(old)
            (made / "new").rename(place)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def forget(place: Path) -> None:
    """Remove what is kept there."""
    with locked(place):
        shutil.rmtree(place, ignore_errors=True)
