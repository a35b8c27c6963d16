"""The order in which changes can be made: what is needed comes first, what needs it goes first.

One rule serves upgrade and downgrade: a downgrade is the inverse changes, ordered anew.

| phase | what |
|---|---|
| 0 | renames, tables before their parts; those of a downgrade come last, the other way round |
| 1 | schemas, types and sequences are made or changed |
| 2 | views go that read what changes, their indexes first |
| 3 | foreign keys go |
| 3.2 | what has a name that another table is to use, and that only one can have |
| 3.5 | domains get another type, ENUM types lose values |
| 4 | tables are made, those that are referred to first |
| 4.5 | tables become UNLOGGED or LOGGED |
| 5 | each table that stays: constraints and indexes go; its options change; computed columns go, columns come, change, go, computed ones come; constraints and indexes come |
| 6 | foreign keys come, with those that were taken out of a circle of new tables |
| 7 | tables go, those that refer first |
| 8 | sequences, types and schemas go |
| 9 | views come, and then their indexes |
"""  # noqa: E501 -- a table

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.schema.diff import tables_of
from asyncmigrate.schema.in_the_way import as_owners, cleared, is_made_anew
from asyncmigrate.schema.kinds import kind_of, kinds
from asyncmigrate.schema.kinds.column_values import Column
from asyncmigrate.schema.names import RELATIONS
from asyncmigrate.schema.operations import Alter, Create, Drop, Execute, Rename
from asyncmigrate.schema.unlogged import first_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.operations import Change, Operation
    from asyncmigrate.schema.snapshot import Key, Object, Snapshot

_BEFORE_TABLES = frozenset({"namespace", "enum", "domain", "composite", "sequence"})

_NAMED_ONCE = {
    "postgresql": RELATIONS,
    "sqlite": frozenset({"index"}),
    "mysql": frozenset({"check"}),
}
"""By dialect, the parts of tables of which a schema has one by each name."""

_LAST = 1_000_000
"""Later than any view reads another."""


def order(
    operations: Iterable[Operation], before: Snapshot, forms: Forms | None = None
) -> list[Operation]:
    """Return operations in an order in which a database can carry them out.

    An `Alter` of what cannot be altered in place becomes a `Drop` and a `Create`. A view that reads
    a table whose columns change is dropped first and made again, and so is whatever else is in the
    way (`forms` says what is). Foreign keys that hold new or old tables in a circle stay operations
    of their own; others belong to their table's creation. Where a database makes a table anew for
    them (`forms` says so, too) they come and go with the other parts of a table that stays, unless
    the table that they refer to changes as well.
    """
    changes: list[Change] = []
    executed: list[Operation] = []
    for each in operations:
        (executed if isinstance(each, Execute) else changes).append(each)  # type: ignore[arg-type]
    split = cleared(_split(changes), before, forms)
    ranks = _Ranks(split, before, forms)
    return [*sorted(split, key=ranks.of), *executed]


def _split(changes: Iterable[Change]) -> list[Change]:
    found: list[Change] = []
    for each in changes:
        if isinstance(each, Alter) and not kind_of(each.key.kind).in_place(each.before, each.after):
            found += [Drop(each.before), Create(each.after)]
        else:
            found.append(each)
    return found


class _Ranks:
    """The place of each change, as something that sorts."""

    def __init__(self, changes: Sequence[Change], before: Snapshot, forms: Forms | None) -> None:
        self._before = before
        self._rebuilds = forms is not None and forms.rebuilds
        self._once = _NAMED_ONCE.get(forms.dialect.name if forms else "", frozenset())
        self._wanted = {
            (each.key.schema, each.key.name): each.key.owner
            for each in changes
            if isinstance(each, Create) and each.key.kind in self._once and each.key.name
        }
        """The tables that are to have a name that nothing else has in their schema."""
        self._views = as_owners(before) | as_owners(each.key for each in changes)
        self._created = tables_of(changes, Create)
        self._dropped = tables_of(changes, Drop)
        self._first = _depths(_needs(_coming(changes)))
        self._last = _depths(_needs(each.obj for each in changes if isinstance(each, Drop)))
        gone = {each.key for each in changes if isinstance(each, Drop)}
        self._stored = _depths(first_of(changes, before, gone))
        self._kinds = {name: number for number, name in enumerate(kinds())}
        self._changed = _owners(changes) - self._created - self._dropped

    def of(self, change: Change) -> tuple[Any, ...]:
        """Return the place of a change."""
        key = change.key
        kind = self._kinds[key.kind]
        match change:
            case Rename() if key in self._before:  # all else is said in terms of the name it has
                return (8.5, key.kind == "table", *key)
            case Rename():
                return (0, key.kind != "table", *key)
            case Create():
                return self._of_create(change.obj, kind)
            case Drop():
                return self._of_drop(change.obj, kind)
        if key.kind in _BEFORE_TABLES and not is_made_anew(change):
            return (1, kind, 1, *key)
        if key.kind == "view":
            return (9, self._first[key], *key)
        if key.owner in self._views:
            return (9, _LAST, 1, *key)
        if is_made_anew(change):
            return (3.5, kind, *key)
        if key in self._stored:
            return (4.5, self._stored[key], *key)
        return (5, key.schema, key.table or key.name, _turn(change), kind, *_within(change.after))

    def _of_create(self, obj: Object, kind: int) -> tuple[Any, ...]:
        key, within = obj.key, _within(obj)
        if key.kind in _BEFORE_TABLES:
            return (1, kind, self._first[key], *key)
        if key.kind == "view":
            return (9, self._first[key], *key)
        owner = key.owner or key
        if owner in self._views:
            return (9, _LAST, 0, *key)
        if owner in self._created and key.kind != "foreign_key":
            return (4, self._first[owner], *owner, kind, *within)
        if key.kind == "foreign_key" and not self._goes_with_its_table(obj):
            return (6, key.schema, key.table, key.name)
        if key.kind == "column":
            return (5, key.schema, key.table, 3.5 if _is_computed(obj) else 1, kind, *within)
        return (5, key.schema, key.table, 4, kind, key.name)

    def _of_drop(self, obj: Object, kind: int) -> tuple[Any, ...]:
        key, within = obj.key, _within(obj)
        if key.kind in _BEFORE_TABLES:
            return (8, -kind, -self._last[key], *key)
        if key.kind == "view":
            return (2, -self._last[key], *key)
        if key.owner in self._views:
            return (2, -_LAST, *key)
        if key.kind == "foreign_key" and not self._goes_with_its_table(obj):
            return (3, key.schema, key.table, key.name)
        owner = key.owner or key
        if key.kind in self._once and self._wanted.get((key.schema, key.name), owner) != owner:
            return (3.2, key.schema, key.table, -kind, key.name)
        if owner in self._dropped:
            return (7, -self._last[owner], *owner, -kind, *within)
        if key.kind == "column":
            return (5, key.schema, key.table, 0.5 if _is_computed(obj) else 3, kind, *within)
        return (5, key.schema, key.table, 0, -kind, key.name)

    def _goes_with_its_table(self, foreign_key: Any) -> bool:
        owner, referred = foreign_key.key.owner, foreign_key.referred
        stays = owner not in self._created and owner not in self._dropped
        return self._rebuilds and stays and (referred == owner or referred not in self._changed)


def _coming(changes: Iterable[Change]) -> Iterator[Object]:
    """Give what is made, and views that read something else from now on."""
    for each in changes:
        if isinstance(each, Create):
            yield each.obj
        elif isinstance(each, Alter) and each.key.kind == "view":
            yield each.after


def _owners(changes: Iterable[Change]) -> set[Key]:
    """Return the tables of which anything changes."""
    return {each.key.owner or each.key for each in changes}


def _turn(change: Alter) -> float:
    """Return when a part changes; a column numbers itself only while it is in a key."""
    before, after = change.before, change.after
    if change.key.kind == "table":
        return 0.5  # new columns have its character set
    if isinstance(before, Column) and replace(before, autoincrement=True) == after:
        return 5
    return -1 if isinstance(after, Column) and replace(after, autoincrement=True) == before else 2


def _is_computed(obj: Object) -> bool:
    """Return whether a column is made of others: they come before it, and go after it."""
    return getattr(obj, "computed", None) is not None


def _within(obj: Object) -> tuple[int, str]:
    """Return the place among the objects of one kind and table: columns as they were declared."""
    return getattr(obj, "position", 0), obj.key.name


def _needs(objects: Iterable[Object]) -> dict[Key, set[Key]]:
    """Return what must exist before each object: for a table, what its foreign keys refer to."""
    found: dict[Key, set[Key]] = defaultdict(set)
    for obj in objects:
        found[obj.key] |= {*kind_of(obj.key.kind).references(obj)} - {obj.key}
        if obj.key.kind == "foreign_key" and obj.key.owner is not None:
            found[obj.key.owner] |= {obj.referred} - {obj.key.owner}  # type: ignore[attr-defined]
    return found


def _depths(needs: Mapping[Key, set[Key]]) -> dict[Key, int]:
    """Return how many others come before each key at least; a circle is cut where it closes."""
    depths: dict[Key, int] = {}
    for start in sorted(needs):
        stack = [(start, iter(sorted(needs[start])))]
        under_way = {start}
        while stack:
            key, rest = stack[-1]
            following = next(
                (k for k in rest if k in needs and k not in depths and k not in under_way), None
            )
            if following is None:
                stack.pop()
                under_way.discard(key)
                depths[key] = 1 + max((depths.get(each, 0) for each in needs[key]), default=0)
            else:
                under_way.add(following)
                stack.append((following, iter(sorted(needs[following]))))
    return depths
