"""What was read of the catalog on the way to a statement that is done, and read again from there.

A directive of MySQL's reads a column before it writes it again. Once that statement is done the
column is another one, the statement would be, too, and nobody would know that it is done.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate.engine.journal_digest import digest_of
from asyncmigrate.engine.journal_results import UNKNOWN, captured, read, replay, written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate.engine.journal_table import Row
    from asyncmigrate.scripts.interception import Sending

_LONGEST = 50_000


@dataclass(slots=True)
class Looks:
    """Questions about the catalog: those of an earlier run with its answers, and those of now."""

    known: list[tuple[int, str, str]] = field(default_factory=list)
    """Position of the statement that they led to, digest, answer."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    _length: int = 0

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Looks:
        """Return those that led to statements which are done."""
        return cls(
            [
                (row.position, digest, answer)
                for row in rows
                for digest, answer in json.loads(row.looks or "[]")
            ]
        )

    def ask(self, sending: Sending) -> None:
        """Give the answer that is known, or ask and keep the answer."""
        digest = digest_of(sending.text, sending.parameters)
        for look in self.known:
            if look[1] == digest:
                self.known.remove(look)
                _answer(sending, look[2])
                self._keep(digest, look[2])
                return
        try:
            sending.send()
        except Exception as error:
            self._keep(digest, written({"error": [type(error).__name__, *error.args]}) or UNKNOWN)
            raise
        self._keep(digest, captured(sending))

    def _keep(self, digest: str, answer: str) -> None:
        self._length += len(answer)
        if answer != UNKNOWN and self._length <= _LONGEST:
            self.asked.append((digest, answer))

    def taken(self) -> str | None:
        """Return, as text, what was asked since the last statement."""
        asked, self.asked, self._length = self.asked, [], 0
        return json.dumps(asked) if asked else None

    def pass_over(self, row: Row) -> None:
        """Forget what led to a statement, or to one before it."""
        self.known = [look for look in self.known if look[0] > row.position]


def _answer(sending: Sending, answer: str) -> None:
    found = read(answer)
    if "error" in found:
        name, *args = found["error"]
        raise getattr(sending.context.dialect.loaded_dbapi, name)(*args)
    replay(sending, answer)
