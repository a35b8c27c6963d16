"""What the kinds of constraints have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.written import in_schema, named, text
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.sql.elements import conv


def columns_of(obj: Any, columns: Iterable[str]) -> list[Key]:
    """Return the keys of an object's table and of columns of it."""
    return [
        Key("table", obj.schema, "", obj.table),
        *(Key("column", obj.schema, obj.table, name) for name in columns),
    ]


def dropped(constraint: Any, name: str, type_: str) -> Call:
    """Return the call that drops a constraint; `type_` is what `op.drop_constraint` calls it.

    One without a name, which only SQLite has, is known by what it says.
    """
    keywords: dict[str, Any] = {"type_": type_} if type_ else {}
    if not name and constraint.key.kind == "check":
        keywords["sqltext"] = text(constraint.text)
    elif not name:
        keywords["columns"] = list(constraint.columns)
    arguments = (named(name) if name else None, constraint.table)
    return Call("drop_constraint", arguments, {**keywords, **in_schema(constraint.schema)})


def name_of(constraint: Any) -> conv | None:
    """Return the name that a constraint is created with; None if the database gives it none."""
    return named(constraint.name) if constraint.name else None


def renamed_constraint(constraint: Any, to: str, type_: str) -> Call:
    """Return the call that gives a constraint another name."""
    keywords = {"type_": type_} if type_ else {}
    arguments = (constraint.table, named(constraint.name), named(to))
    return Call("rename_constraint", arguments, {**keywords, **in_schema(constraint.schema)})
