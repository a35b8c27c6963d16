"""What a run must know about a database that commits at every DDL statement (MySQL, Oracle).

There, CREATE, ALTER and DROP stay whatever happens next, and take with them what was written
before them in the same transaction. So a promise to roll them back is refused before anything
runs, and of a revision that fails it is told which of its statements stayed.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from asyncmigrate.dialects.base import Dialect

_FIRST_WORDS = re.compile(
    r"(?:\s|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|/\*.*?\*/)*(\w+)(?:\s+(\w+))?", re.DOTALL
)
_CHANGES = frozenset({"ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE", "GRANT", "REVOKE"})
_COMMITS = frozenset({"ANALYZE", "BEGIN", "COMMIT", "FLUSH", "LOCK", "OPTIMIZE", "REPAIR", "START"})
_READS = frozenset(
    {"CHECK", "DESC", "DESCRIBE", "DO", "EXPLAIN", "KILL", "RELEASE", "ROLLBACK", "SAVEPOINT"}
    | {"SELECT", "SET", "SHOW", "UNLOCK", "USE"}
)
_MOST, _LONGEST = 20, 120


def refuse_promises(dialect: Dialect, *, atomic: bool, joined: bool) -> None:
    """Refuse what needs DDL that rolls back, on a database that has none.

    Raises:
        UsageError: all revisions or none were asked for, or the transaction is the caller's.
    """
    if dialect.transactional_ddl:
        return
    if joined:
        raise UsageError(
            "The connection has a transaction open, and this database commits it, with all that "
            "was done in it, at the first CREATE, ALTER or DROP.",
            next="Commit it first, or hand the migrator the engine instead of a connection.",
        )
    if atomic:
        raise UsageError(
            "All revisions or none (--atomic) cannot be promised: this database commits at every "
            "CREATE, ALTER and DROP and cannot roll them back.",
            next="Leave --atomic out: each revision is recorded as soon as it is done.",
        )


@dataclass(slots=True)
class Effects:
    """Which statements of a revision have taken effect for good, as far as was seen."""

    dialect: Dialect
    stayed: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    """Written in the transaction that is open: a rollback takes them back."""
    each_commits: bool = False
    """True in `op.autocommit()`."""
    _last: tuple[str, int] = field(default=("", 0), repr=False)
    """The last DDL that was tried, and how many statements it has committed before itself."""

    @contextmanager
    def watched(self, connection: Connection) -> Iterator[None]:
        """Note what runs on a connection in the block; nothing where DDL rolls back."""
        if self.dialect.transactional_ddl:
            yield
            return
        listeners = {
            "before_cursor_execute": lambda *args: self._before(args[2]),
            "after_cursor_execute": lambda *args: self._after(args[2]),
            "commit": lambda _: self._settle(),
            "rollback": lambda _: self.pending.clear(),
        }
        for name, listener in listeners.items():
            event.listen(connection, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners.items():
                event.remove(connection, name, listener)

    def _before(self, statement: str) -> None:
        """Note that DDL commits what came before it, whether it then fails or not."""
        if _commits(statement):
            self._last = (statement, len(self.pending))
            self._settle()

    def _after(self, statement: str) -> None:
        if not _changes_something(statement):
            return
        stays = self.each_commits or _commits(statement)
        (self.stayed if stays else self.pending).append(statement)

    def _settle(self) -> None:
        self.stayed += self.pending
        self.pending.clear()

    def kept(self, error: BaseException | None) -> list[str]:
        """Return the statements that stay, after a revision failed with this error."""
        failed = error.statement if isinstance(error, DBAPIError) else None
        statement, committed = self._last
        if failed == statement and committed and self.dialect.recognised(error) == "syntax":
            return self.stayed[:-committed]  # it was refused before it could commit anything
        return self.stayed

    def told(self, error: BaseException | None) -> str:
        """Return, as the second half of a sentence, what stayed of a revision that failed.

        Empty if nothing did.
        """
        if self.dialect.transactional_ddl:
            return ""
        stayed = self.kept(error)
        partly = isinstance(error, DBAPIError) and _is_several(error.statement or "")
        if not stayed and not partly:
            return ""
        shown = [f"({n}) {_short(each)}" for n, each in enumerate(stayed[:_MOST], 1)]
        if len(stayed) > _MOST:
            shown.append(f"and {len(stayed) - _MOST} more")
        if partly:
            shown.append("perhaps the first statements of the text that failed")
        return f"these have stayed, for this database commits at every DDL: {'; '.join(shown)}"


def _first_words(statement: str) -> tuple[str, str]:
    found = _FIRST_WORDS.match(statement)
    one, two = found.groups(default="") if found else ("", "")
    return one.upper(), two.upper()


def _commits(text: str) -> bool:
    """Return whether running a text commits; TEMPORARY tables do not.

    >>> _commits("INSERT INTO a VALUES (1)"), _commits("INSERT INTO a VALUES (1); DROP TABLE b")
    (False, True)
    """
    for statement in text.split(";"):
        one, two = _first_words(statement)
        if one in _COMMITS or (one in _CHANGES and two != "TEMPORARY"):
            return True
    return False


def _changes_something(text: str) -> bool:
    ignored = _READS | _COMMITS | {""}
    words = [_first_words(statement) for statement in text.split(";")]
    return any(one not in ignored and two != "TEMPORARY" for one, two in words)


def _is_several(text: str) -> bool:
    return len([part for part in text.split(";") if part.strip()]) > 1 and _changes_something(text)


def _short(statement: Any) -> str:
    text = " ".join(str(statement).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
