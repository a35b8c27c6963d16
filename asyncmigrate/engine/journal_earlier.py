"""What earlier runs have done of a revision, held against what its script says now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from asyncmigrate.dialects.statement_kinds import tells_apart
from asyncmigrate.engine.journal_digest import digest_of
from asyncmigrate.engine.journal_words import refused_script, refused_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.engine.journal_item import Item
    from asyncmigrate.engine.journal_table import Row
    from asyncmigrate.engine.journal_words import Names
    from asyncmigrate.errors import HalfDoneError


@dataclass(slots=True, eq=False)
class Earlier:
    """The rows that this run has not come to yet, in their order."""

    names: Names = "", "", ""
    """What it is that is half done."""
    checksum: str = ""
    """Of the script as it is now."""
    left: list[Row] = field(default_factory=list)
    """What is done."""
    unsure: Row | None = None
    """What was begun, and nobody knows more."""
    is_edited: bool = field(default=False, init=False)
    """The script is another one than that which the last row is of."""

    def __post_init__(self) -> None:
        self.is_edited = any(row.checksum != self.checksum for row in self.known[-1:])

    @property
    def known(self) -> list[Row]:
        """Every row."""
        return [*self.left, *([self.unsure] if self.unsure else [])]

    def take(self, text: str, parameters: Any, done: Sequence[Item]) -> Row | None:
        """Return, and take out, the row of a statement that is done.

        `done` is what has stayed so far, to be told.

        Raises:
            HalfDoneError: the statement does not go together with what is done.
        """
        if not self.known:
            return None
        digest = digest_of(text, parameters)
        if self.is_edited and self.known[0].digest != digest:
            raise self._refusal(text, done)
        for row in self.left:
            if row.digest == digest:
                self.left.remove(row)
                return row
        here = digest.partition("-")[0]
        if tells_apart(text) and any(row.text_digest == here for row in self.left):
            raise refused_values(self.names, text, [*(item.text for item in done), *self.texts()])
        return None

    def give_up(self) -> Row | None:
        """Return, and forget, what was begun: the script is behind all that is done."""
        if self.left:
            return None
        unsure, self.unsure = self.unsure, None
        return unsure

    def check(self, done: Sequence[Item]) -> None:
        """Make sure, at the end of a script, that nothing that is done was taken out of it.

        Raises:
            HalfDoneError: it was.
        """
        if self.is_edited and self.known:
            raise self._refusal("", done)

    def texts(self) -> list[str]:
        """Return the statements that are done."""
        return [row.statement for row in self.left]

    def _refusal(self, text: str, done: Sequence[Item]) -> HalfDoneError:
        then, sure = self.known[0].statement, bool(self.left)
        return refused_script(
            self.names, text, then, [*(item.text for item in done), *self.texts()], sure=sure
        )
