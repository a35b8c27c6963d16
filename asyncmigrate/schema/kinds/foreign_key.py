"""Foreign keys."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

import sqlalchemy as sa

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.constraints import (
    columns_of,
    dropped,
    name_of,
    renamed_constraint,
)
from asyncmigrate.schema.kinds.written import deferring, in_schema, named
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Alter, Create, Drop, Rename
    from asyncmigrate.schema.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key. Actions are upper case; "" is the database's default (NO ACTION)."""

    schema: str
    table: str
    name: str
    """"" where nobody named it and the database did not either (SQLite)."""
    columns: tuple[str, ...]
    referred_schema: str
    referred_table: str
    referred_columns: tuple[str, ...]
    on_delete: str = ""
    on_update: str = ""
    match: str = ""
    deferrable: str = ""
    """"", "DEFERRABLE", or "DEFERRABLE INITIALLY DEFERRED"."""
    validated: bool = True
    """False: NOT VALID."""
    element: sa.ForeignKeyConstraint | None = field(default=None, compare=False, repr=False)
    was_validated: bool = field(default=False, compare=False, repr=False)
    """Models say NOT VALID, and the rows were checked since: when made again, it is valid."""

    @property
    def key(self) -> Key:
        """What identifies it: the name, or the columns where there is none."""
        name = self.name or f"({', '.join(self.columns)}) → {self.referred_table}"
        return Key("foreign_key", self.schema, self.table, name)

    @property
    def referred(self) -> Key:
        """The key of the table that it refers to."""
        return Key("table", self.referred_schema, "", self.referred_table)


class ForeignKeyKind(Kind[ForeignKey]):
    """Foreign keys."""

    name: ClassVar[str] = "foreign_key"
    title: ClassVar[str] = "foreign key"

    def references(self, obj: ForeignKey) -> Iterable[Key]:
        """Give both tables and both sides' columns."""
        referred = [
            Key("column", obj.referred_schema, obj.referred_table, name)
            for name in obj.referred_columns
        ]
        return [*columns_of(obj, obj.columns), obj.referred, *referred]

    def in_place(self, before: ForeignKey, after: ForeignKey) -> bool:
        """Return whether all that is left to do is to check the rows."""
        return replace(before, validated=True) == after

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give ADD FOREIGN KEY."""
        key = cast("ForeignKey", change.obj)
        name = name_of(key)
        local, remote = list(key.columns), list(key.referred_columns)
        keywords = _keywords(key)
        if not key.validated and not key.was_validated:
            keywords["postgresql_not_valid"] = True
        keywords |= in_schema(key.schema, "source_schema")
        keywords |= in_schema(key.referred_schema, "referent_schema")
        arguments = (name, key.table, key.referred_table, local, remote)
        yield Call("create_foreign_key", arguments, keywords)

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP CONSTRAINT; the index that the server made along with it goes, too."""
        key = cast("ForeignKey", change.obj)
        yield dropped(key, key.name, "foreignkey")
        index = around.forms.implied_index(key, around.before)
        # One that was read from the database had an index that was read, too.
        if index is not None and key.element is not None and not _is_served(around.after, key):
            own = {"table_name": key.table, **in_schema(key.schema)}
            yield Call("drop_index", (named(index.key.name),), own)

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give VALIDATE CONSTRAINT."""
        key = cast("ForeignKey", change.after)
        yield Call("validate_constraint", (named(key.name), key.table), in_schema(key.schema))

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give RENAME CONSTRAINT."""
        yield renamed_constraint(cast("ForeignKey", change.obj), change.to, "foreignkey")


def _is_served(snapshot: Snapshot, like: ForeignKey) -> bool:
    """Return whether the index of another foreign key of the table serves this one as well."""
    return any(
        isinstance(each, ForeignKey)
        and each.key.owner == like.key.owner
        and each.columns[: len(like.columns)] == like.columns
        for each in snapshot.values()
    )


def foreign_key(key: ForeignKey) -> sa.ForeignKeyConstraint:
    """Return it as a part of CREATE TABLE."""
    table = f"{key.referred_schema}.{key.referred_table}".removeprefix(".")
    return sa.ForeignKeyConstraint(
        list(key.columns),
        [f"{table}.{name}" for name in key.referred_columns],
        name=named(key.name) if key.name else None,
        **_keywords(key),
    )


def _keywords(key: ForeignKey) -> dict[str, Any]:
    actions = {"onupdate": key.on_update, "ondelete": key.on_delete, "match": key.match}
    found: dict[str, Any] = {name: words for name, words in actions.items() if words}
    return {**found, **deferring(key.deferrable)}
