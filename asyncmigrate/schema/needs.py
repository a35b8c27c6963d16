"""What only a person can say, or do, before a change can be written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncmigrate.schema.snapshot import Key


@dataclass(frozen=True, slots=True)
class NeedsValue:
    """A column that takes no NULL is to be added to a table that may have rows."""

    table: Key
    column: str
    type: str
    """As the database prints it."""

    @property
    def key(self) -> Key:
        """The column's key: what `fills` has the value under."""
        return self.table._replace(kind="column", table=self.table.name, name=self.column)


@dataclass(frozen=True, slots=True)
class NeedsHand:
    """A change that no directive can make."""

    key: Key
    reason: str
    """A sentence: what cannot be changed, and what would have to be done."""


class NeedsAnswerError(Exception):
    """Changes cannot become calls: `values` are asked for, `hands` cannot be generated at all."""

    def __init__(
        self, values: tuple[NeedsValue, ...] = (), hands: tuple[NeedsHand, ...] = ()
    ) -> None:
        super().__init__(values, hands)
        self.values = values
        self.hands = hands

    def __str__(self) -> str:
        asked = [
            f"{each.key.path} ({each.type}) needs a value for its rows" for each in self.values
        ]
        return "; ".join([*asked, *(each.reason for each in self.hands)])
