"""Schemas, in the sense of SQL: called namespaces here, because a snapshot is the schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.written import qualified
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Create, Drop, Rename


@dataclass(frozen=True, slots=True)
class Namespace:
    """A schema of the database. The default one is never listed."""

    name: str

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("namespace", self.name, "", "")


class NamespaceKind(Kind[Namespace]):
    """Schemas."""

    name: ClassVar[str] = "namespace"
    title: ClassVar[str] = "schema"

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give CREATE SCHEMA."""
        yield Call("create_schema", (change.key.schema,))

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP SCHEMA: it has to be empty."""
        yield Call("drop_schema", (change.key.schema,))

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give ALTER SCHEMA, in words."""
        old = qualified("", cast("Namespace", change.obj).name, around.forms)
        new = qualified("", change.to, around.forms)
        sql, undo = (f"ALTER SCHEMA {a} RENAME TO {b}" for a, b in ((old, new), (new, old)))
        yield Call("execute", (sql,), {"undo": undo})
