"""A directory for a server's files, in memory where possible, that is never left behind.

Whoever made a directory holds a lock on a file in it. The lock ends with the process, however
it ends, so a later run can tell what was left behind from what is in use, and removes it.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncmigrate.testing.process import Account

PREFIX = "amigrate-"
ROOM = 1 << 30
"""Memory that must be free before data goes there: containers often have 64 MB."""


class Scratch:
    """A directory that exists until `remove`, or until the next one is made after we died."""

    def __init__(self, *, account: Account | None, parents: tuple[Path, ...]) -> None:
        parent = next(p for p in parents if _usable(p, account))
        _sweep(parent)
        self._account = account
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self.path.chmod(0o755 if account else 0o700)
        self._lock = _lock_new(self.path)

    def folder(self, name: str) -> Path:
        """Make a folder in it that belongs to the account and nobody else may read."""
        folder = self.path / name
        folder.mkdir(mode=0o700)
        self.give(folder)
        return folder

    def give(self, path: Path) -> None:
        """Hand one file or folder to the account that the server runs as."""
        if self._account:
            os.chown(path, self._account.uid, self._account.gid, follow_symlinks=False)

    def give_all(self, folder: Path) -> None:
        """Hand over a folder with all that is in it."""
        folder.chmod(0o700)
        if self._account:
            for path in (folder, *folder.rglob("*")):
                self.give(path)

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def for_data(account: Account | None) -> Scratch:
    """Make a directory in memory if there is room, else where temporary files go."""
    return Scratch(account=account, parents=(*_memory(), *_disk()))


def for_programs(account: Account | None) -> Scratch:
    """Make a directory on disk: memory is often mounted so that nothing in it can run."""
    return Scratch(account=account, parents=_disk())


def _memory() -> tuple[Path, ...]:
    shm = Path("/dev/shm")
    if not shm.is_dir() or shutil.disk_usage(shm).free < ROOM:
        return ()
    return (shm,)


def _disk() -> tuple[Path, ...]:
    return (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))


def _usable(parent: Path, account: Account | None) -> bool:
    """We may write there, and the account, if there is one, may enter."""
    if not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):
        return False
    path = parent.resolve()
    return not account or all(p.stat().st_mode & stat.S_IXOTH for p in (path, *path.parents))


def _lock_new(directory: Path) -> int:
    """Lock a file before it gets the name that `_sweep` looks for."""
    import fcntl  # not on Windows, where this module can still be imported

    descriptor = os.open(directory / "new", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    (directory / "new").rename(directory / "lock")
    return descriptor


def _sweep(parent: Path) -> None:
    """Remove what earlier processes of this user were killed before they could remove."""
    for directory in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if directory.lstat().st_uid == os.geteuid() and _abandoned(directory):
                shutil.rmtree(directory, ignore_errors=True)


def _abandoned(directory: Path) -> bool:
    import fcntl

    # The flags are for a directory that somebody else made to look like one of ours.
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)
