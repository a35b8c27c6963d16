"""One statement of a run that changed something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from asyncmigrate.engine.journal_digest import digest_of
from asyncmigrate.engine.journal_table import Row


@dataclass(slots=True, eq=False)
class Item:
    """One statement of this run that changed something."""

    text: str
    parameters: Any = None
    position: int = 0
    state: str = ""
    """What the table says of it; empty: it has no row."""
    result: str | None = None
    looks: str | None = None
    _digest: str = ""

    @property
    def digest(self) -> str:
        """See `Row.digest`; made when it is asked for."""
        self._digest = self._digest or digest_of(self.text, self.parameters)
        return self._digest

    def row(self, state: str, checksum: str) -> Row:
        """Return the row for it."""
        return Row(self.position, self.digest, self.text, state, checksum, self.result, self.looks)
