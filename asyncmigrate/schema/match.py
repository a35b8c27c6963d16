"""Names for what models left unnamed: a constraint without a name is still a certain constraint.

Models say `unique=True`; the database has `users_email_key`, or whatever an older migration called
it. A declared constraint without a name is the live one that is the same in all but name. Where
there is none it gets the name that the database would give it, so that a script never says None.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.schema.names import names_in
from asyncmigrate.schema.snapshot import anonymous

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.snapshot import Key, Object, Snapshot

_SUFFIXES = {"unique": "key", "foreign_key": "fkey", "check": "check", "exclude": "excl"}
"""How the made-up name of a constraint ends."""

UNNAMED = frozenset({*_SUFFIXES, "primary_key"})
"""The kinds that may be declared without a name."""
_MAX_NAME = 63
_COUNTED = re.compile(r"(.*_)(\d+)")


def with_server_names(declared: Snapshot, forms: Forms) -> tuple[dict[Key, Object], set[Key]]:
    """Name what is unnamed as the database would; return the keys of what was unnamed, too.

    Where the database gives no names (SQLite) the objects stay without one.
    """
    named = dict(declared)
    keys: set[Key] = set()
    without = _unnamed(declared)
    columns = _columns_of(declared, {key.owner for key in without if key.kind == "check"})
    for key, each in without.items():
        del named[key]
        about = _columns(each, columns)
        name = _free(forms.constraint_name(each.key.kind, each.table, about), each, named)
        own = replace(each, name=name)
        named[own.key] = own
        keys.add(own.key)
    return named, keys


def matched(declared: Snapshot, free: Iterable[Key], live: Snapshot) -> dict[Key, Object]:
    """Return the declared objects, those whose keys are `free` with the names of live twins.

    A twin has the same kind and table and is equal in everything but its name. What has none keeps
    the name it has, or gets one if it has none. Costs next to nothing where the names are right.
    """
    found = dict(declared)
    strangers = [key for key in free if live.get(key) != found[key]]
    if not strangers:
        return found
    tables = {key.owner for key in strangers}
    twins = _twins(live, tables, taken=set(found) - set(strangers))
    columns = _columns_of(declared, tables)
    taken_out: list[Any] = [found.pop(key) for key in strangers]  # all, before one gets a name
    alone: list[Any] = []
    for each in taken_out:
        key = each.key
        twin = next(iter(twins.get(anonymous(each), ())), None)
        if key.kind == "primary_key" and key in live:  # a table has one, whatever it is called
            _put(found, each, live[key].name)  # type: ignore[attr-defined]
        elif twin is not None:
            twins[anonymous(each)].remove(twin)
            _put(found, each, twin.name)
        else:
            alone.append(each)
    for each in alone:
        _put(found, each, _free(each.name, each, found) or _made_up(each, found, columns))
    return found


def _put(found: dict[Key, Object], obj: Any, name: str) -> None:
    named = replace(obj, name=name)
    found[named.key] = named


def _twins(live: Snapshot, tables: set[Key | None], taken: set[Key]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for key, each in live.items():
        if key.kind in UNNAMED and key not in taken and key.owner in tables:
            found.setdefault(anonymous(each), []).append(each)
    return found


def _unnamed(declared: Snapshot) -> dict[Key, Any]:
    """Return what models left without a name, in the snapshot's order.

    Of several that are equal each has a key of its own there.
    """
    found: dict[Key, Any] = {key: each for key, each in declared.items() if key.kind in UNNAMED}
    return {key: each for key, each in found.items() if not each.name}


def _columns_of(declared: Snapshot, tables: set[Key | None]) -> dict[Key | None, list[str]]:
    found: dict[Key | None, list[str]] = {}
    for key in declared if tables else ():
        if key.kind == "column" and key.owner in tables:
            found.setdefault(key.owner, []).append(key.name)
    return found


def _columns(obj: Any, columns: Mapping[Key | None, Sequence[str]]) -> tuple[str, ...]:
    """Return the columns that a constraint is about; for a CHECK, those that it mentions."""
    if obj.key.kind == "exclude":
        return tuple(name for name, _ in obj.elements)
    if obj.key.kind != "check":
        return tuple(obj.columns)
    words = names_in(obj.text)
    return tuple(name for name in columns.get(obj.key.owner, ()) if name in words)


def _made_up(obj: Any, taken: Snapshot, columns: Mapping[Key | None, Sequence[str]]) -> str:
    if obj.key.kind == "primary_key":
        return ""
    suffix = f"_{_SUFFIXES[obj.key.kind]}"
    name = "_".join((obj.table, *_columns(obj, columns)))[: _MAX_NAME - len(suffix)]
    return _free(f"{name}{suffix}", obj, taken)


def _free(name: str, obj: Any, taken: Snapshot) -> str:
    if not name:
        return name
    number, free = 0, name
    counted = _COUNTED.fullmatch(name)  # MySQL counts from the first one
    base, first = (counted[1], int(counted[2])) if counted else (name, 0)
    key = obj.key
    while key.kind != "primary_key" and key._replace(name=free) in taken:
        number += 1
        free = f"{base}{first + number}"
    return free
