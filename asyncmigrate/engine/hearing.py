"""Hearing of transactions that a script or the server ends, for the journal of its revision.

SQLAlchemy takes longer to add and to remove a listener than to send a statement, so there is one
pair of them for a whole run, from the first script that needs it.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.engine.journal_session import heard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.engine.journal import Journal


@dataclass(slots=True)
class Hearing:
    """Tells the journal of the script that runs; nobody in between."""

    _journal: Journal | None = field(default=None, init=False)
    _listeners: ExitStack | None = field(default=None, init=False)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Take the listeners away at the end of the block."""
        try:
            yield
        finally:
            if self._listeners is not None:
                self._listeners.close()

    @contextmanager
    def of(self, journal: Journal, *, lenient: bool) -> Iterator[None]:
        """Tell the journal, in the block, of transactions that the script or the server ends.

        Not where neither may: a listener makes SQLAlchemy do more for each statement.
        """
        if journal.dialect.transactional_ddl and not lenient:
            yield
            return
        self._listen(journal)
        self._journal = journal
        try:
            yield
        finally:
            self._journal = None

    def _listen(self, journal: Journal) -> None:
        if self._listeners is None:
            self._listeners = ExitStack()
            told = heard(journal.connection, commit=self._commit, rollback=self._rollback)
            self._listeners.enter_context(told)

    def _commit(self) -> None:
        if self._journal is not None:
            self._journal.before_commit()
            self._journal.have_committed()

    def _rollback(self) -> None:
        if self._journal is not None:
            self._journal.have_rolled_back()
