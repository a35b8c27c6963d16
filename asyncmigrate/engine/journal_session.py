"""What statements do to a session that change nothing for good: savepoints, locks and the like."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from asyncmigrate.dialects.statement_kinds import Kind, kinds_of
from asyncmigrate.engine.journal_digest import first_words, target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from asyncmigrate.dialects.base import Dialect
    from asyncmigrate.engine.journal_item import Item


_COMMITS = frozenset({"COMMIT", "END"})
_BEGINS_TOO = _COMMITS | {"BEGIN", "START"}


@dataclass(slots=True)
class Session:
    """Follows a session, statement by statement."""

    is_locked: bool = False
    """LOCK TABLES lets nothing be written but to the tables that it names (MySQL)."""
    _savepoints: list[tuple[str, int]] = field(default_factory=list)
    """Name, and how many statements were pending before it."""
    _temporary: set[str] = field(default_factory=set)

    @property
    def savepoints(self) -> int:
        """How many are open."""
        return len(self._savepoints)

    def has_temporary(self, text: str) -> bool:
        """Return whether a statement is about a temporary table, which the next run has to fill."""
        return bool(self._temporary) and target_of(text) in self._temporary

    def is_committed_by(self, text: str, *, ddl_commits: bool, outside: bool) -> bool:
        """Return whether a statement that changes nothing itself commits what was changed before.

        `outside` of a transaction the outermost savepoint is one (SQLite).
        """
        word, found = first_words(text)[0], kinds_of(text)
        if word == "RELEASE":
            return outside and self.savepoints == 1
        if Kind.UPKEEP in found:
            return ddl_commits
        return Kind.ENDS in found and word in (_BEGINS_TOO if ddl_commits else _COMMITS)

    def follow(self, text: str, pending: list[Item], *, locks: bool) -> None:
        """Follow a statement; what a rollback has undone is taken out of `pending`."""
        word = first_words(text)[0]
        if word in {"ROLLBACK", "ABORT"}:
            self._roll_back(text, pending)
        elif word == "SAVEPOINT":
            self._savepoints.append((_last_word(text), len(pending)))
        elif word == "RELEASE" and self._savepoints:
            self._savepoints.pop()
        elif word in {"LOCK", "UNLOCK"}:
            self.is_locked = locks and word == "LOCK"
        elif word == "CREATE":
            self._temporary.add(target_of(text))
        elif word == "DROP":
            self._temporary.discard(target_of(text))

    def end_transaction(self) -> None:
        """Forget the savepoints: they have ended with it."""
        self._savepoints.clear()

    def _roll_back(self, text: str, pending: list[Item]) -> None:
        name = _last_word(text) if "TO" in text.upper().split() else None
        while self._savepoints and name is not None:
            del pending[self._savepoints[-1][1] :]
            if self._savepoints[-1][0] == name:
                return
            self._savepoints.pop()
        if name is None:
            pending.clear()
            self._savepoints.clear()


@contextmanager
def heard(
    connection: Connection, *, commit: Callable[[], None], rollback: Callable[[], None]
) -> Iterator[None]:
    """Call the functions, in the block, right before a transaction of SQLAlchemy's ends."""
    listeners = {"commit": lambda _: commit(), "rollback": lambda _: rollback()}
    for name, listener in listeners.items():
        event.listen(connection, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(connection, name, listener)


def was_unread(dialect: Dialect, error: Exception) -> bool:
    """Return whether the server could not even read a statement, so that nothing was committed."""
    return dialect.recognised(_Raised(error)) == "syntax"


def was_taken_back(dialect: Dialect, error: Exception) -> bool:
    """Return whether a statement's failure has rolled back all of its transaction."""
    return dialect.takes_back(error if isinstance(error, DBAPIError) else _Raised(error))


class _Raised(Exception):
    """The driver's error as SQLAlchemy would hand it on."""

    def __init__(self, orig: BaseException) -> None:
        self.orig = orig


def _last_word(text: str) -> str:
    return text.replace(";", " ").split()[-1].strip('`"')
