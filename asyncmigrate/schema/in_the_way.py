"""What stands in the way of a change: it goes before it, and comes again after it.

A view reads the column that gets another type, a foreign key rests on it, a computed column is
made of it. None of them changes itself, so no difference lists them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.schema.kinds.column_values import Column
from asyncmigrate.schema.kinds.domain import is_retyped
from asyncmigrate.schema.kinds.enum import adds_only
from asyncmigrate.schema.kinds.named_types import type_keys
from asyncmigrate.schema.kinds.view import View
from asyncmigrate.schema.names import names_in
from asyncmigrate.schema.operations import Alter, Create, Drop
from asyncmigrate.schema.snapshot import Key
from asyncmigrate.schema.unlogged import in_circles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.operations import Change
    from asyncmigrate.schema.snapshot import Snapshot

_UNIQUE = frozenset({"primary_key", "unique", "index"})
_INDEX_FOREIGN_KEYS = frozenset({"mysql", "mariadb"})
"""The databases where a foreign key needs an index on its own columns."""
_VIEWS_FOLLOW = frozenset({"sqlite", "mysql", "mariadb"})
"""The databases where a column that views read may get another type."""
_COMPUTED_FOLLOW = frozenset({"sqlite", "mysql", "mariadb"})
"""The databases where a column that others are computed of may get another type."""


def cleared(changes: list[Change], before: Snapshot, forms: Forms | None) -> list[Change]:
    """Return changes with a drop and a creation of each object that is in the way of one.

    `forms` says what holds a column on this database; without it only views do.
    """
    if forms is not None:
        changes = _without_computed(changes, before, forms)
        if forms.dialect.name in {"mysql", "mariadb"}:
            changes = _without_counting(changes, before)
    changes = _with_freed_foreign_keys(changes, before, forms)
    return _with_dependent_views(changes, before, forms)


# --- computed columns ---------------------------------------------------------------------------


def _without_computed(changes: list[Change], before: Snapshot, forms: Forms) -> list[Change]:
    """Add a drop and a creation of each computed column of which a part gets another type."""
    retyped = {
        each.key
        for each in changes
        if isinstance(each, Alter) and isinstance(each.before, Column)
        if isinstance(each.after, Column) and _is_retyped(each.before, each.after)
    }
    found = list(changes)
    if forms.dialect.name in _COMPUTED_FOLLOW:
        return found
    settled = {each.key for each in changes if isinstance(each, Drop | Create)}
    for key, column in before.items() if retyped else ():
        if isinstance(column, Column) and key not in settled:
            again = _made_again(column, found)
            if any(_made_of(each.obj) & retyped for each in again):  # type: ignore[union-attr]
                found = [each for each in found if each.key != key] + again
                found += _parts_made_again(column, found, before)
    return found


def _is_retyped(before: Column, after: Column) -> bool:
    return (before.type, before.collation) != (after.type, after.collation)


def _made_of(column: Any) -> set[Key]:
    if column.computed is None:
        return set()
    return {column.key._replace(name=name) for name in names_in(column.computed.text)}


def _parts_made_again(column: Column, changes: Sequence[Change], before: Snapshot) -> list[Change]:
    """Return what keeps the constraints and indexes that would go with a column."""
    settled = {each.key for each in changes if isinstance(each, Drop)}
    own = (e for k, e in before.items() if k.owner == column.key.owner and k not in settled)
    return [verb(each) for each in own if _is_on(each, column) for verb in (Drop, Create)]


def _is_on(obj: Any, column: Column) -> bool:
    if isinstance(obj, Column):
        return False
    texts = [each for each in (getattr(obj, "text", None), getattr(obj, "where", None)) if each]
    on = [getattr(each, "text", each) for each in getattr(obj, "columns", ())]
    names = {
        *on,
        *getattr(obj, "include", ()),
        *(words for words, _ in getattr(obj, "elements", ())),
    }
    return column.name in names or any(column.name in names_in(each) for each in (*texts, *on))


# --- numbering ----------------------------------------------------------------------------------


def _without_counting(changes: list[Change], before: Snapshot) -> list[Change]:
    """Have columns not number themselves while the primary key changes: MySQL insists on a key."""
    tables = {each.key for each in changes if each.key.kind == "table" and _is_whole(each)}
    keys = {
        each.key.owner: each
        for each in changes
        if each.key.kind == "primary_key" and _is_whole(each) and each.key.owner not in tables
    }
    columns = {key: obj for key, obj in before.items() if isinstance(obj, Column)}
    found = list(changes)
    for owner in keys:
        for key in [*columns, *(each.key for each in changes)]:
            if key.owner == owner and key.kind == "column":
                found = _uncounted(columns.get(key), key, found)
    return found


def _is_whole(change: Change) -> bool:
    return isinstance(change, Create | Drop)


def _uncounted(before: Column | None, key: Key, changes: list[Change]) -> list[Change]:
    own = [each for each in changes if each.key == key]
    after: Any = before
    for each in own:
        after = each.after if isinstance(each, Alter) else None
        if isinstance(each, Create):
            after = each.obj
    if len(own) > 1 or not any(each and each.autoincrement for each in (before, after)):
        return changes
    if before is None or after is None:
        return [each for each in changes if not _is_key_of(key, each)]
    plain_before, plain_after = (replace(each, autoincrement=False) for each in (before, after))
    steps = [(before, plain_before), (plain_before, plain_after), (plain_after, after)]
    made = [Alter(old, new) for old, new in steps if old != new]
    return [*(each for each in changes if each.key != key), *made]


def _is_key_of(column: Key, change: Change) -> bool:
    """Return whether a primary key of this column alone comes or goes with it."""
    if change.key.kind != "primary_key" or change.key.owner != column.owner:
        return False
    return isinstance(change, Create | Drop) and change.obj.columns == (column.name,)  # type: ignore[attr-defined]


# --- foreign keys -------------------------------------------------------------------------------


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
    gone = {key for key in settled if key.kind in _UNIQUE}
    circling = in_circles(changes, before, settled)
    needs_index = forms is not None and forms.dialect.name in _INDEX_FOREIGN_KEYS
    found = list(changes)
    for key, foreign_key in before.items() if held or gone or circling else ():
        if key.kind != "foreign_key" or key in settled:
            continue
        bared = needs_index and _is_bared(foreign_key, gone, before)
        if bared or key in circling or held & _rests_on(foreign_key):
            again = _made_again(foreign_key, found)
            found = [each for each in found if each.key != key] + again
    return found


def _is_bared(foreign_key: Any, gone: set[Key], before: Snapshot) -> bool:
    """Return whether all indexes go that serve a foreign key: it makes one when it comes again."""
    owner, columns = foreign_key.key.owner, foreign_key.columns
    if not any(key.owner == owner for key in gone):
        return False
    serving = [
        key
        for key, obj in before.items()
        if key.owner == owner
        and key.kind in _UNIQUE
        and _column_names(obj)[: len(columns)] == columns
    ]
    return bool(serving) and gone.issuperset(serving)


def _rests_on(foreign_key: Any) -> set[Key]:
    """Return the keys of the columns of a foreign key, and what stands for their being unique."""
    other: Key = foreign_key.referred
    own = [foreign_key.key._replace(kind="column", name=name) for name in foreign_key.columns]
    referred = foreign_key.referred_columns
    columns = [Key("column", other.schema, other.name, name) for name in referred]
    return {*own, *columns, Key("unique", other.schema, other.name, _listed(referred))}


def _unique(key: Key, obj: Any) -> Key:
    """Return what stands for "these columns are unique", however that is done."""
    is_unique = key.kind in _UNIQUE and getattr(obj, "unique", True)
    is_unique = is_unique and getattr(obj, "where", None) is None  # of some rows is not enough
    names = _column_names(obj) if is_unique else ()
    return Key("unique", key.schema, key.table, _listed(names)) if names else key


def _column_names(obj: Any) -> tuple[str, ...]:
    return tuple(str(getattr(each, "text", each)) for each in getattr(obj, "columns", ()))


def _listed(names: Iterable[str]) -> str:
    return f"({', '.join(sorted(names))})"


# --- views --------------------------------------------------------------------------------------


def _with_dependent_views(
    changes: list[Change], before: Snapshot, forms: Forms | None
) -> list[Change]:
    """Add a drop and a creation of each view that stands in the way of a change."""
    others = {
        each.key
        for each in changes
        if (each.key.kind == "table" and isinstance(each, Drop)) or _is_redefined(each)
    }
    columns = _of_types(changes, before) | {each.key for each in changes if _is_held(each, forms)}
    settled = {each.key for each in changes if isinstance(each, Drop)}
    views: list[Any] = [each for key, each in before.items() if key.kind == "view"]
    found = list(changes)
    grew = True
    while grew:
        grew = False
        for view in views:
            gone = others | _views_among(settled)
            if view.key not in settled and (gone & {*view.references} or _reads(view, columns)):
                settled.add(view.key)
                found = [each for each in found if each.key != view.key] + _made_again(view, found)
                found += _indexes_made_again(view, found, before)
                grew = True
    return found


def _is_held(change: Change, forms: Forms | None) -> bool:
    """Return whether a column cannot change so while a view reads it: else views stay as they are.

    What goes along with a view (grants, options, triggers) would not come again with it.
    """
    if change.key.kind != "column":
        return False
    if isinstance(change, Alter) and (forms is None or forms.dialect.name not in _VIEWS_FOLLOW):
        before, after = change.before, change.after
        assert isinstance(before, Column)
        assert isinstance(after, Column)
        return _is_retyped(before, after) or before.computed != after.computed
    return isinstance(change, Drop)


def _reads(view: Any, columns: set[Key]) -> bool:
    """Return whether a view may read one of these columns; a whole row has all of them."""
    owners = {*view.references}
    names = {key.name for key in columns if key.owner in owners}
    return bool(names) and (
        ".*" in view.definition or not names.isdisjoint(names_in(view.definition))
    )


def _is_redefined(change: Change) -> bool:
    """Return whether a view reads something else: views that read it may miss a column."""
    if not isinstance(change, Alter) or change.key.kind != "view":
        return False
    before, after = (getattr(side, "definition", "") for side in (change.before, change.after))
    return bool(before != after)


def _of_types(changes: list[Change], before: Snapshot) -> set[Key]:
    """Return the columns of types that cannot be altered: they get another one."""
    types = {each.key for each in changes if is_made_anew(each)}
    columns = (each for each in before.values() if types and isinstance(each, Column))
    return {each.key for each in columns if types.intersection(type_keys(each.type))}


def is_made_anew(change: Change) -> bool:
    """Return whether a type that columns have is made anew: views of them would be in the way."""
    if not isinstance(change, Alter):
        return False
    if change.key.kind == "domain":
        return is_retyped(change.before, change.after)
    return change.key.kind == "enum" and not adds_only(change.before, change.after)


def _views_among(keys: Iterable[Key]) -> set[Key]:
    return {key for key in keys if key.kind == "view"}


def _made_again(view: Any, changes: Sequence[Change]) -> list[Change]:
    after = next(
        (each.after for each in changes if isinstance(each, Alter) and each.key == view.key), view
    )
    if isinstance(view, View) and isinstance(after, View):
        after = replace(after, kept=view.kept or after.kept)
    return [Drop(view), Create(after)]


def _indexes_made_again(view: Any, changes: Sequence[Change], before: Snapshot) -> list[Change]:
    """Return what keeps the indexes of a view that is made again."""
    owner = view.key._replace(kind="table")
    gone = {each.key for each in changes if isinstance(each, Drop)}
    own = [each for key, each in before.items() if key.owner == owner and key not in gone]
    stays = any(isinstance(each, Create) and each.key == view.key for each in changes)
    return [verb(each) for each in own if stays for verb in (Drop, Create)]


def as_owners(objects: Iterable[Key]) -> set[Key]:
    """Return the keys of views as those of what is on them says."""
    return {key._replace(kind="table") for key in objects if key.kind == "view"}
