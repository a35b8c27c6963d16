"""A database as values: a flat mapping from keys to frozen objects.

A column, a constraint or an index is an object of its own beside its table, so one rule compares
everything: two objects with the same key are equal, or one became the other.

`""` as a schema is the connection's default schema, whatever its name is: models that say
`schema="public"` and models that say nothing mean the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Protocol, TypeAlias


class Key(NamedTuple):
    """What identifies an object in a snapshot. `table` is "" for what belongs to no table."""

    kind: str
    schema: str
    table: str
    name: str

    @property
    def owner(self) -> Key | None:
        """The key of the table that this is a part of."""
        return Key("table", self.schema, "", self.table) if self.table else None

    @property
    def path(self) -> str:
        """The name as a person writes it: `schema.table.name`, without what is empty.

        >>> Key("column", "", "users", "email").path
        'users.email'
        """
        return ".".join(filter(None, (self.schema, self.table, self.name)))


class Object(Protocol):
    """A frozen value of one kind. Equal means: the database need not be changed."""

    @property
    def key(self) -> Key:
        """What identifies it."""


Snapshot: TypeAlias = Mapping[Key, Object]


def parts_of(snapshot: Snapshot, table: Key) -> tuple[Object, ...]:
    """Return the objects of a snapshot that belong to a table, in the snapshot's order."""
    return tuple(each for key, each in snapshot.items() if key.owner == table)


def anonymous(obj: Any) -> Any:
    """Return an object with a name without it: equal to others that are the same in all else."""
    return replace(obj, name="", element=None)
