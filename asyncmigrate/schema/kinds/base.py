"""What a kind of object knows about itself.

A third party's kind is one such class with its frozen value, registered with `register` or by an
entry point in the group `asyncmigrate.kinds`. It is read by its own `reflected`; what the
databases have in common is read for all tables at once by each dialect's catalog, because one
query for a thousand tables is the difference between a second and a minute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from asyncmigrate.schema.operations import differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import sqlalchemy as sa

    from asyncmigrate.schema.call import Call
    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.operations import Alter, Change, Create, Drop, Rename
    from asyncmigrate.schema.scope import Scope
    from asyncmigrate.schema.snapshot import Key, Object, Snapshot

T = TypeVar("T", bound="Object")


class Around(Generic[T]):
    """What a change may look at beside its own object: both whole snapshots, and the database."""

    __slots__ = ("after", "before", "fills", "forms")

    def __init__(
        self,
        before: Snapshot,
        after: Snapshot,
        forms: Forms,
        *,
        fills: Mapping[Key, str] | None = None,
    ) -> None:
        self.before = before
        self.after = after
        self.forms = forms
        self.fills = fills or {}
        """SQL for the rows of columns that take no NULL, by the column."""


class Kind(Generic[T]):
    """One kind of object: how it is declared, read and changed. Stateless."""

    name: ClassVar[str]

    title: ClassVar[str]
    """What a person calls it: `foreign key`."""

    def declared(self, metadata: sa.MetaData, forms: Forms) -> Iterable[T]:
        """Give the objects of this kind that models declare. The built-in ones: see `declared`."""
        return ()

    def reflected(self, connection: sa.Connection, scope: Scope) -> Iterable[T]:
        """Read the objects of this kind. The built-in ones are read by the dialect's catalog."""
        return ()

    def references(self, obj: T) -> Iterable[Key]:
        """Give the keys of what must exist before the object can."""
        owner = obj.key.owner
        return () if owner is None else (owner,)

    def in_place(self, before: T, after: T) -> bool:
        """Return whether the object can be altered; False: it is dropped and created anew."""
        return True

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give the calls that create an object."""
        raise NotImplementedError

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give the calls that drop an object."""
        raise NotImplementedError

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give the calls that alter an object; asked only if `in_place`."""
        raise NotImplementedError

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give the calls that rename an object."""
        raise NotImplementedError

    def described(self, before: T, after: T) -> Sequence[tuple[str, Any, Any]]:
        """Return what differs, in words: name, value before, value after."""
        found = differences(before, after)
        return [(name.replace("_", " "), old, new) for name, (old, new) in found.items()]


def calls(kind: Kind[Any], change: Change, around: Around[Any]) -> Iterator[Call]:
    """Give the calls of `op` that make a change."""
    from asyncmigrate.schema.operations import Alter, Create, Drop

    match change:
        case Create():
            return kind.create(change, around)
        case Drop():
            return kind.drop(change, around)
        case Alter():
            return kind.alter(change, around)
        case _:
            return kind.rename(change, around)
