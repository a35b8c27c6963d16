"""The few verbs that lead from one snapshot to another; every change holds both of its sides."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from asyncmigrate.schema.snapshot import Key, Object


@dataclass(frozen=True, slots=True)
class Create:
    """The object is declared, and the database has none with its key."""

    obj: Object

    @property
    def key(self) -> Key:
        """The object's."""
        return self.obj.key

    def inverse(self) -> Drop:
        """Return what undoes it."""
        return Drop(self.obj)


@dataclass(frozen=True, slots=True)
class Drop:
    """The database has the object, and it is declared no more."""

    obj: Object

    @property
    def key(self) -> Key:
        """The object's."""
        return self.obj.key

    def inverse(self) -> Create:
        """Return what undoes it."""
        return Create(self.obj)


@dataclass(frozen=True, slots=True)
class Alter:
    """Both sides have the object and it is not the same; the keys of both are equal."""

    before: Object
    after: Object

    @property
    def key(self) -> Key:
        """The key of both."""
        return self.after.key

    def inverse(self) -> Alter:
        """Return what undoes it."""
        return Alter(self.after, self.before)


@dataclass(frozen=True, slots=True)
class Rename:
    """The object gets another name (and stays in its schema and table) before all else."""

    obj: Object
    to: str

    @property
    def key(self) -> Key:
        """The key before the renaming."""
        return self.obj.key

    def inverse(self) -> Rename:
        """Return what undoes it."""
        return Rename(renamed(self.obj, self.to), self.obj.key.name)


@dataclass(frozen=True, slots=True)
class Execute:
    """SQL that a person or a rewriter put in, with the SQL that undoes it ("" for nothing)."""

    sql: str
    undo: str | None = None

    def inverse(self) -> Execute:
        """Return what undoes it.

        Raises:
            ValueError: nothing was said about it.
        """
        if self.undo is None:
            raise ValueError(f"nothing undoes {self.sql!r}")
        return Execute(self.undo, self.sql)


Change: TypeAlias = Create | Drop | Alter | Rename
Operation: TypeAlias = Change | Execute


def renamed(obj: Object, name: str) -> Object:
    """Return the object under another name."""
    from dataclasses import replace

    return replace(obj, name=name)  # type: ignore[type-var]  # every kind is a dataclass


def differences(before: Object, after: Object) -> dict[str, tuple[Any, Any]]:
    """Return the fields in which two objects of one kind differ, with both values."""
    return {
        field.name: pair
        for field in fields(after)  # type: ignore[arg-type]  # every kind is a dataclass
        if field.compare
        and (pair := (getattr(before, field.name), getattr(after, field.name)))[0] != pair[1]
    }
