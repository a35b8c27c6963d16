"""Snapshots in few words: only what a test is about is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.schema.kinds.column import Column
from asyncmigrate.schema.kinds.enum import EnumType
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.unique import Unique
from asyncmigrate.schema.kinds.view import View
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from asyncmigrate.schema.snapshot import Object


def snapshot(*objects: Object) -> dict[Key, Object]:
    """Put objects into a snapshot."""
    return {each.key: each for each in objects}


def table(name: str, *columns: str) -> list[Object]:
    """A table with INTEGER columns, `id` if none is named."""
    names = columns or ("id",)
    made = [Column("", name, each, "INTEGER", position=place) for place, each in enumerate(names)]
    return [Table("", name), *made]


def reference(name: str, to: str, *, called: str = "") -> ForeignKey:
    """A foreign key from `name` to `to`."""
    return ForeignKey("", name, called or f"{name}_{to}_fkey", (f"{to}_id",), "", to, ("id",))


def index(table: str, name: str, *columns: str) -> Index:
    """An index on columns."""
    return Index("", table, name, tuple(Indexed(each) for each in columns))


def unique(table: str, name: str, *columns: str) -> Unique:
    """A UNIQUE constraint."""
    return Unique("", table, name, columns)


def enum(name: str, *values: str) -> EnumType:
    """An ENUM type."""
    return EnumType("", name, values)


def view(name: str, *reads: str) -> View:
    """A view that reads tables."""
    keys = tuple(Key("table", "", "", each) for each in reads)
    return View("", name, f"SELECT id FROM {', '.join(reads)}", references=keys)
