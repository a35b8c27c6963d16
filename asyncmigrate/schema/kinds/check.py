"""CHECK constraints: compared by what they say, not only by name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

import sqlalchemy as sa

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.constraints import dropped, name_of, renamed_constraint
from asyncmigrate.schema.kinds.written import escaped, in_schema, named, qualified, quoted
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Alter, Create, Drop, Rename


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint. `text` is the condition as the database prints it."""

    schema: str
    table: str
    name: str
    """"" where nobody named it and the database did not either (SQLite)."""
    text: str
    validated: bool = True
    """False: NOT VALID."""
    no_inherit: bool = False
    element: sa.CheckConstraint | None = field(default=None, compare=False, repr=False)
    was_validated: bool = field(default=False, compare=False, repr=False)
    """Models say NOT VALID, and the rows were checked since: when made again, it is valid."""

    @property
    def key(self) -> Key:
        """What identifies it: the name, or the condition where there is none."""
        return Key("check", self.schema, self.table, self.name or f"({self.text})")


class CheckKind(Kind[Check]):
    """CHECK constraints."""

    name: ClassVar[str] = "check"
    title: ClassVar[str] = "check constraint"

    def in_place(self, before: Check, after: Check) -> bool:
        """Return whether all that is left to do is to check the rows."""
        return replace(before, validated=True) == after

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give ADD CHECK; NO INHERIT only exists in words."""
        check = cast("Check", change.obj)
        not_valid = not check.validated and not check.was_validated
        if check.no_inherit:
            table = qualified(check.schema, check.table, around.forms)
            begin, own = f"ALTER TABLE {table}", quoted(check.name, around.forms)
            valid = " NOT VALID" if not_valid else ""
            sql = f"{begin} ADD CONSTRAINT {own} CHECK ({check.text}) NO INHERIT{valid}"
            yield Call("execute", (escaped(sql),), {"undo": f"{begin} DROP CONSTRAINT {own}"})
            return
        keywords: dict[str, Any] = {"postgresql_not_valid": True} if not_valid else {}
        arguments = (name_of(check), check.table, escaped(check.text))
        yield Call("create_check_constraint", arguments, {**keywords, **in_schema(check.schema)})

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP CONSTRAINT."""
        check = cast("Check", change.obj)
        yield dropped(check, check.name, "check")

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give VALIDATE CONSTRAINT."""
        check = cast("Check", change.after)
        yield Call("validate_constraint", (named(check.name), check.table), in_schema(check.schema))

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give RENAME CONSTRAINT."""
        yield renamed_constraint(cast("Check", change.obj), change.to, "check")


def check_constraint(check: Check) -> sa.CheckConstraint:
    """Return it as a part of CREATE TABLE."""
    name = named(check.name) if check.name else None
    return sa.CheckConstraint(escaped(check.text), name=name)
