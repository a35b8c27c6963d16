"""The kinds of objects, in one ordered register: one file each."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncmigrate.schema.kinds.base import Kind

_BUILT_IN = {
    "namespace": "NamespaceKind",
    "enum": "EnumKind",
    "enum_value": "EnumValueKind",
    "domain": "DomainKind",
    "composite": "CompositeKind",
    "sequence": "SequenceKind",
    "table": "TableKind",
    "column": "ColumnKind",
    "primary_key": "PrimaryKeyKind",
    "unique": "UniqueKind",
    "check": "CheckKind",
    "exclude": "ExcludeKind",
    "index": "IndexKind",
    "foreign_key": "ForeignKeyKind",
    "view": "ViewKind",
}
"""Each kind's file, in the order in which objects are created, and its class."""

_registered: dict[str, Kind[Any]] = {}


def register(kind: Kind[Any]) -> None:
    """Add a kind of a third party. Registering the same name again replaces it."""
    _registered[kind.name] = kind


def kind_of(name: str) -> Kind[Any]:
    """Return a kind by its name.

    Raises:
        KeyError: there is none.
    """
    return kinds()[name]


def kinds() -> dict[str, Kind[Any]]:
    """Return all kinds by name, in the order in which their objects are created."""
    return {**_built_in(), **_registered}


@cache
def _built_in() -> dict[str, Kind[Any]]:
    found = {
        name: getattr(import_module(f"{__name__}.{name}"), attribute)()
        for name, attribute in _BUILT_IN.items()
    }
    for entry in entry_points(group="asyncmigrate.kinds"):
        kind = entry.load()()
        found[kind.name] = kind
    return found
