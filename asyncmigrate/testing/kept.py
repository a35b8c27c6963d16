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
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from asyncmigrate.places import cache_folder
from asyncmigrate.testing.process import ServerStartError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VARIABLE = "ASYNCMIGRATE_TEST_CACHE"
TEMPLATE = "amigrate_t_"
"""How the names of the databases begin that are copied for tests."""


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


def place_of(kind: str, program: Path) -> Path | None:
    """Return where the data of a server program is kept: another program has other data."""
    place = folder()
    if place is None:
        return None
    changed = program.stat()
    identity = f"{program.resolve()} {changed.st_mtime_ns} {changed.st_size}"
    return place / f"{kind}-{sha256(identity.encode()).hexdigest()[:16]}"


def served(
    place: Path | None, data: Path, make: Callable[[], None], serve: Callable[[], int]
) -> int:
    """Make a data directory and give the port that it is served on.

    If the server does not start on what was kept, that is forgotten and all is made anew.

    Raises:
        ServerStartError: the server does not start on new data either.
    """
    make()
    try:
        return serve()
    except ServerStartError:
        if place is None or not place.is_dir():
            raise
        forget(place)
        shutil.rmtree(data)
        make()
        return serve()


def restore(place: Path, target: Path) -> bool:
    """Copy a kept folder to `target`, which must not exist; False if there is none."""
    with locked(place, shared=True):
        if not place.is_dir():
            return False
        shutil.copytree(place, target, symlinks=True, copy_function=shutil.copyfile)
    return True


def update(data: Path, place: Path, databases: Callable[[Path], set[str]]) -> None:
    """Keep the data of a server that was shut down, if it has other databases than what is kept."""
    if not place.is_dir() or databases(data) != databases(place):
        with suppress(OSError):  # no room: the next run starts from nothing
            save(data, place)


def save(source: Path, place: Path) -> None:
    """Keep a copy of a folder in place of what was kept before."""
    made = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
    old = made / "old"
    try:
        shutil.copytree(source, made / "new", symlinks=True, copy_function=shutil.copyfile)
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
