"""What the kinds of constraints have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.written import in_schema, named
from asyncmigrate.schema.needs import NeedsAnswerError, NeedsHand
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable


def columns_of(obj: Any, columns: Iterable[str]) -> list[Key]:
    """Return the keys of an object's table and of columns of it."""
    return [
        Key("table", obj.schema, "", obj.table),
        *(Key("column", obj.schema, obj.table, name) for name in columns),
    ]


def dropped(constraint: Any, name: str, type_: str) -> Call:
    """Return the call that drops a constraint; `type_` is what `op.drop_constraint` calls it.

    Raises:
        NeedsAnswerError: it has no name.
    """
    if not name:
        reason = (
            f"The {constraint.key.kind.replace('_', ' ')} {constraint.key.path} has no name in the "
            "database, so nothing can drop it: give the models' MetaData a naming_convention that "
            "names it, and drop it by that name in a script of your own"
        )
        raise NeedsAnswerError(hands=(NeedsHand(constraint.key, reason),))
    keywords = {"type_": type_} if type_ else {}
    arguments = (named(name), constraint.table)
    return Call("drop_constraint", arguments, {**keywords, **in_schema(constraint.schema)})


def renamed_constraint(constraint: Any, to: str, type_: str) -> Call:
    """Return the call that gives a constraint another name."""
    keywords = {"type_": type_} if type_ else {}
    arguments = (constraint.table, named(constraint.name), named(to))
    return Call("rename_constraint", arguments, {**keywords, **in_schema(constraint.schema)})
