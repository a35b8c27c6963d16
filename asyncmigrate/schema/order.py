"""The order in which changes can be made: what is needed comes first, what needs it goes first.

One rule serves upgrade and downgrade: a downgrade is the inverse changes, ordered anew.

| phase | what |
|---|---|
| 0 | renames, tables before their parts; those of a downgrade come last, the other way round |
| 1 | schemas, types and sequences are made or changed |
| 2 | views go that read what changes, their indexes first |
| 3 | foreign keys go |
| 4 | tables are made, those that are referred to first |
| 5 | each table that stays: constraints and indexes go; columns come, change, go; constraints and indexes come |
| 6 | foreign keys come, with those that were taken out of a circle of new tables |
| 7 | tables go, those that refer first |
| 8 | sequences, types and schemas go |
| 9 | views come, and then their indexes |
"""  # noqa: E501 -- a table

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from asyncmigrate.schema.diff import tables_of
from asyncmigrate.schema.kinds import kind_of, kinds
from asyncmigrate.schema.operations import Alter, Create, Drop, Execute, Rename
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.operations import Change, Operation
    from asyncmigrate.schema.snapshot import Object, Snapshot

_BEFORE_TABLES = frozenset({"namespace", "enum", "domain", "composite", "sequence"})

_UNIQUE = frozenset({"primary_key", "unique", "index"})
_LAST = 1_000_000
"""Later than any view reads another."""


def order(
    operations: Iterable[Operation], before: Snapshot, forms: Forms | None = None
) -> list[Operation]:
    """Return operations in an order in which a database can carry them out.

    An `Alter` of what cannot be altered in place becomes a `Drop` and a `Create`. A view that reads
    a table whose columns change is dropped first and made again, and so is a foreign key that
    holds what changes (`forms` says which changes of columns it holds). Foreign keys that hold new
    or old tables in a circle stay operations of their own; others belong to their table's creation.
    """
    changes: list[Change] = []
    executed: list[Operation] = []
    for each in operations:
        (executed if isinstance(each, Execute) else changes).append(each)  # type: ignore[arg-type]
    split = _with_freed_foreign_keys(_split(changes), before, forms)
    split = _with_dependent_views(split, before)
    ranks = _Ranks(split, before)
    return [*sorted(split, key=ranks.of), *executed]


def _split(changes: Iterable[Change]) -> list[Change]:
    found: list[Change] = []
    for each in changes:
        if isinstance(each, Alter) and not kind_of(each.key.kind).in_place(each.before, each.after):
            found += [Drop(each.before), Create(each.after)]
        else:
            found.append(each)
    return found


def _with_dependent_views(changes: list[Change], before: Snapshot) -> list[Change]:
    """Add a drop and a creation of each view that stands in the way of a change."""
    touched = {
        each.key.owner or each.key
        for each in changes
        if each.key.kind in {"column", "table"} and isinstance(each, Alter | Drop)
    }
    settled = {each.key for each in changes if isinstance(each, Drop)}
    views: list[Any] = [each for key, each in before.items() if key.kind == "view"]
    found = list(changes)
    grew = bool(touched) or any(key.kind == "view" for key in settled)
    while grew:
        grew = False
        for view in views:
            needed = set(view.references)
            if view.key not in settled and needed & (touched | _views_among(settled)):
                settled.add(view.key)
                found = [each for each in found if each.key != view.key] + _made_again(view, found)
                found += _indexes_made_again(view, found, before)
                grew = True
    return found


def _with_freed_foreign_keys(
    changes: list[Change], before: Snapshot, forms: Forms | None
) -> list[Change]:
    """Add a drop and a creation of each foreign key that stands in the way of a change."""
    held = {
        each.key
        for each in changes
        if isinstance(each, Alter) and each.key.kind == "column"
        if forms is not None and forms.holds(each.before, each.after)
    }
    held |= {_unique(each.key, each.obj) for each in changes if isinstance(each, Drop)}
    settled = {each.key for each in changes if isinstance(each, Drop)}
    found = list(changes)
    for key, foreign_key in before.items() if held else ():
        if key.kind == "foreign_key" and key not in settled and held & _rests_on(foreign_key):
            again = _made_again(foreign_key, found)
            found = [each for each in found if each.key != key] + again
    return found


def _rests_on(foreign_key: Any) -> set[Key]:
    """Return the keys of the columns of a foreign key, and what stands for their being unique."""
    other: Key = foreign_key.referred
    own = [foreign_key.key._replace(kind="column", name=name) for name in foreign_key.columns]
    referred = foreign_key.referred_columns
    columns = [Key("column", other.schema, other.name, name) for name in referred]
    return {*own, *columns, Key("unique", other.schema, other.name, _listed(referred))}


def _unique(key: Key, obj: Any) -> Key:
    """Return what stands for "these columns are unique", however that is done."""
    columns = getattr(obj, "columns", ()) if key.kind in _UNIQUE else ()
    names = [str(getattr(each, "text", each)) for each in columns]
    return Key("unique", key.schema, key.table, _listed(names)) if names else key


def _listed(names: Iterable[str]) -> str:
    return f"({', '.join(sorted(names))})"


def _views_among(keys: Iterable[Key]) -> set[Key]:
    return {key for key in keys if key.kind == "view"}


def _made_again(view: Any, changes: Sequence[Change]) -> list[Change]:
    after = next(
        (each.after for each in changes if isinstance(each, Alter) and each.key == view.key), view
    )
    return [Drop(view), Create(after)]


def _indexes_made_again(view: Any, changes: Sequence[Change], before: Snapshot) -> list[Change]:
    """Return what keeps the indexes of a view that is made again."""
    owner = view.key._replace(kind="table")
    gone = {each.key for each in changes if isinstance(each, Drop)}
    own = [each for key, each in before.items() if key.owner == owner and key not in gone]
    stays = any(isinstance(each, Create) and each.key == view.key for each in changes)
    return [verb(each) for each in own if stays for verb in (Drop, Create)]


def _as_owners(objects: Iterable[Key]) -> set[Key]:
    """Return the keys of views as those of what is on them says."""
    return {key._replace(kind="table") for key in objects if key.kind == "view"}


class _Ranks:
    """The place of each change, as something that sorts."""

    def __init__(self, changes: Sequence[Change], before: Snapshot) -> None:
        self._before = before
        self._views = _as_owners(before) | _as_owners(each.key for each in changes)
        self._created = tables_of(changes, Create)
        self._dropped = tables_of(changes, Drop)
        self._first = _depths(_needs(each.obj for each in changes if isinstance(each, Create)))
        self._last = _depths(_needs(each.obj for each in changes if isinstance(each, Drop)))
        self._kinds = {name: number for number, name in enumerate(kinds())}

    def of(self, change: Change) -> tuple[Any, ...]:
        """Return the place of a change."""
        key = change.key
        kind = self._kinds[key.kind]
        match change:
            case Rename() if key in self._before:  # all else is said in terms of the name it has
                return (10, key.kind == "table", *key)
            case Rename():
                return (0, key.kind != "table", *key)
            case Create():
                return self._of_create(change.obj, kind)
            case Drop():
                return self._of_drop(change.obj, kind)
        if key.kind in _BEFORE_TABLES:
            return (1, kind, 1, *key)
        if key.kind == "view":
            return (9, 0, *key)
        if key.owner in self._views:
            return (9, _LAST, 1, *key)
        return (5, key.schema, key.table or key.name, 2, kind, *_within(change.after))

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
        if key.kind == "foreign_key":
            return (6, key.schema, key.table, key.name)
        if key.kind == "column":
            return (5, key.schema, key.table, 1, kind, *within)
        return (5, key.schema, key.table, 4, kind, key.name)

    def _of_drop(self, obj: Object, kind: int) -> tuple[Any, ...]:
        key, within = obj.key, _within(obj)
        if key.kind in _BEFORE_TABLES:
            return (8, -kind, -self._last[key], *key)
        if key.kind == "view":
            return (2, -self._last[key], *key)
        if key.owner in self._views:
            return (2, -_LAST, *key)
        if key.kind == "foreign_key":
            return (3, key.schema, key.table, key.name)
        owner = key.owner or key
        if owner in self._dropped:
            return (7, -self._last[owner], *owner, -kind, *within)
        if key.kind == "column":
            return (5, key.schema, key.table, 3, kind, *within)
        return (5, key.schema, key.table, 0, -kind, key.name)


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


def in_a_circle(operations: Iterable[Operation]) -> set[Key]:
    """Return the foreign keys that cannot be part of their table's creation, or of its going.

    In the order that `order` gives, they refer to a table that is made later or goes earlier.
    """
    operations = list(operations)
    made = _positions(operations, Create)
    gone = _positions(operations, Drop)
    found: set[Key] = set()
    for each in operations:
        if isinstance(each, Create | Drop) and each.key.kind == "foreign_key":
            positions = made if isinstance(each, Create) else gone
            own = positions.get(each.key.owner)
            other = positions.get(each.obj.referred)  # type: ignore[attr-defined]  # a ForeignKey
            late = own is not None and other is not None
            if late and (other > own if isinstance(each, Create) else other < own):  # type: ignore[operator]
                found.add(each.key)
    return found


def _positions(
    operations: Sequence[Operation], verb: type[Create] | type[Drop]
) -> dict[Key | None, int]:
    """Return the places of the tables that are made, or that go."""
    return {
        each.key: place
        for place, each in enumerate(operations)
        if isinstance(each, verb) and each.key.kind == "table"
    }
