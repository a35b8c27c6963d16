"""Renames: what is dropped under one name and created under another may be the same thing.

A table or a column that goes takes its rows with it, so nothing is guessed. A rename is made if
somebody said so: a hint in the model (`info={"was": "name"}`), `--rename users.name=users.full_name`,
or the answer to a question. What is left over is a question, and whoever cannot ask refuses.

An index or a constraint holds no rows: one that is equal in all but its name is renamed without a
question, because the result is the same as dropping and creating it, only sooner.
"""  # noqa: E501 -- a command

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from asyncmigrate.schema.kinds import enum_value as enum_values
from asyncmigrate.schema.operations import Create, Drop, Rename, renamed
from asyncmigrate.schema.snapshot import anonymous

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from asyncmigrate.schema.operations import Change
    from asyncmigrate.schema.snapshot import Key, Object, Snapshot

ASKED = ("table", "column", "sequence", "view", "enum", "enum_value")
"""The kinds whose renaming is asked about."""

OWNERS = ("table", "sequence", "view", "enum")
"""Those of them that stand for themselves."""

SAME_BUT_FOR_THE_NAME = ("unique", "foreign_key", "check", "exclude", "index")
"""The kinds that are renamed when everything else is equal."""

ENOUGH = 0.5
"""A pair is worth a question if it is more alike than this."""


@dataclass(frozen=True, slots=True)
class Question:
    """Is one of `candidates` what `before` is called now? The likeliest comes first."""

    before: Object
    candidates: tuple[Object, ...]

    def __str__(self) -> str:
        names = " or ".join(each.key.path for each in self.candidates)
        return f"{self.before.key.kind} {self.before.key.path} → {names}?"


def questions(changes: Iterable[Change], live: Snapshot, declared: Snapshot) -> list[Question]:
    """Return what may be renames among the drops and creations of tables, columns and their like.

    Tables come first: a column of a table that may be renamed is asked about afterwards.
    """
    changes = list(changes)
    drops, creates = _pairs([*changes, *enum_values.changed(changes)])
    likeness = Likeness(live, declared)
    found = []
    for kind in ASKED:
        beside: dict[Key, list[Object]] = defaultdict(list)
        for new in creates[kind] if drops[kind] else ():
            beside[_place(new.key)].append(new)
        for dropped in drops[kind]:
            near = beside.get(_place(dropped.key), ())
            scored = [(likeness.of(dropped, new), new) for new in near if new.key != dropped.key]
            good = sorted((each for each in scored if each[0] > ENOUGH), key=_likeliest_first)
            if good:
                found.append(Question(dropped, tuple(new for _, new in good)))
    return found


def said(
    pairs: Mapping[str, str], live: Snapshot, declared: Snapshot
) -> tuple[list[Rename], Snapshot]:
    """Return the renames that somebody asked for, and the database as it is after them.

    By `info={"was": "name"}` in a model, or by `pairs` of old and new paths as `Key.path` writes
    them. Hints that were followed in the past are not found again.

    Raises:
        ValueError: there is no such object on one side, or the two cannot be one.
    """
    found: list[Rename] = []
    left = dict(pairs)
    for kinds in (OWNERS, ("column", "enum_value")):
        chosen = {each.key: each for each in hinted(declared, live) if each.key.kind in kinds}
        for old, new in tuple(left.items()):
            path = _in_renamed(old, found)
            before = next(
                (e for e in _askable(live) if e.key.path == path and e.key.kind in kinds), None
            )
            if before is not None:
                rename = _asked_for(before, new, declared)
                chosen[rename.key] = rename
                del left[old]
        found += chosen.values()
        live = apply(live, tuple(chosen.values()))
    for old in left:
        raise ValueError(f"the database has no {old}")
    return found, live


def hinted(declared: Snapshot, live: Snapshot) -> list[Rename]:
    """Return the renames that models ask for by `info={"was": "name"}` and that are yet to come."""
    found = []
    for key in [key for key in declared if key not in live and key.kind in ASKED]:
        was = getattr(getattr(declared[key], "element", None), "info", {}).get("was")
        if was is None:
            continue
        for name in (was,) if isinstance(was, str) else was:
            before = live.get(key._replace(name=name))
            if before is not None:
                found.append(Rename(before, key.name))
                break
    return found


def _asked_for(before: Object, new: str, declared: Snapshot) -> Rename:
    kind, old = before.key.kind, before.key.path
    after = [e.key for e in _askable(declared) if e.key.path == new and e.key.kind == kind]
    if not after:
        raise ValueError(f"the models have no {kind.replace('_', ' ')} {new}")
    if not _may_become(before.key, after[0]):
        raise ValueError(f"{old} cannot become {new}: only the last part of a name can change")
    return Rename(before, after[0].name)


def _in_renamed(path: str, renames: Iterable[Rename]) -> str:
    """Return a path with the new name of its table, or ENUM type, if that was renamed."""
    for each in renames:
        old = each.key.path
        if path.startswith(f"{old}."):
            return each.key._replace(name=each.to).path + path.removeprefix(old)
    return path


def _askable(snapshot: Snapshot) -> Iterator[Object]:
    yield from enum_values.of(snapshot)
    yield from (obj for key, obj in snapshot.items() if key.kind in ASKED)


def same_but_for_the_name(changes: Iterable[Change]) -> list[Rename]:
    """Return the renames of constraints and indexes that are equal in all but their names."""
    drops, creates = _pairs(changes)
    found = []
    for kind in SAME_BUT_FOR_THE_NAME:
        twins: dict[Any, list[Object]] = defaultdict(list)
        for new in creates[kind]:
            twins[anonymous(new)].append(new)
        for dropped in drops[kind]:
            same = twins.get(anonymous(dropped))
            if same and dropped.name:  # type: ignore[attr-defined]  # they all have names
                found.append(Rename(dropped, same.pop(0).key.name))
    return found


class Likeness:
    """How much two objects have in common beside their names, from 0 to 1."""

    def __init__(self, live: Snapshot, declared: Snapshot) -> None:
        self._live = live
        self._declared = declared

    @cached_property
    def _columns(self) -> tuple[_ColumnsOf, _ColumnsOf]:
        return _columns_of(self._live), _columns_of(self._declared)

    def of(self, before: Object, after: Object) -> float:
        """Return it for something that goes and something that comes, of one kind."""
        if before.key.kind == "table":
            old, new = self._columns
            return _overlap(old[before.key], new[after.key])
        if before.key.kind == "column":
            return _column_likeness(before, after)
        if before.key.kind == "enum_value":
            return 1.0 if before.place == after.place else 0.9  # type: ignore[attr-defined]
        return 1.0 if anonymous(before) == anonymous(after) else 0.0


def apply(live: Snapshot, renames: Sequence[Rename]) -> dict[Key, Object]:
    """Return the live snapshot as it will be after the renames, in all that mentions the names."""
    found = dict(live)
    for rename in renames:
        found = dict(_renamed_everywhere(found, rename))
    return found


def _renamed_everywhere(live: Snapshot, rename: Rename) -> Iterator[tuple[Key, Object]]:
    old, new = rename.key, rename.to
    for key, obj in live.items():
        changed: Any = obj
        if key == old:
            changed = renamed(obj, new)
        elif old.kind == "table":
            changed = _with_table(obj, old, new)
        elif old.kind == "column":
            changed = _with_column(obj, old, new)
        elif old.kind == "enum" and key.kind == "column":
            changed = replace(changed, type=_said_as(new, _word(old.name), changed.type))
        elif old.kind == "enum_value":
            changed = enum_values.with_value(obj, old, new)
        yield changed.key, changed


def _with_table(obj: Any, table: Key, new: str) -> Object:
    if obj.key.owner == table:
        obj = replace(obj, table=new)
    if getattr(obj, "referred", None) == table:
        obj = replace(obj, referred_table=new)
    return obj  # type: ignore[no-any-return]


def _with_column(obj: Any, column: Key, new: str) -> Object:
    if obj.key.owner == column.owner:
        obj = replace(obj, **_mentioning(obj, column.name, new))
    if getattr(obj, "referred", None) == column.owner:
        referred = tuple(new if each == column.name else each for each in obj.referred_columns)
        obj = replace(obj, referred_columns=referred)
    return obj  # type: ignore[no-any-return]


_TEXTS = ("text", "where")
_LISTS = ("columns", "include")


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf'(?<![\w"\'.]){re.escape(name)}(?![\w"\'(])|"{re.escape(name)}"')


def _said_as(new: str, word: re.Pattern[str], text: str) -> str:
    """Return a text with a name in place of the one that `word` finds."""
    return word.sub(lambda _: new, text)  # a name may hold what means something in a pattern


def _mentioning(obj: Any, old: str, new: str) -> dict[str, Any]:
    """Return the fields of a table's part that name a column, with its new name."""
    word = _word(old)
    found: dict[str, Any] = {}
    for name in (field.name for field in fields(obj)):
        value = getattr(obj, name)
        if name in _TEXTS and value:
            found[name] = _said_as(new, word, value)
        elif name in _LISTS:
            found[name] = tuple(_listed(each, old, new, word) for each in value)
        elif name == "computed" and value:
            found[name] = replace(value, text=_said_as(new, word, value.text))
    return found


def _listed(each: Any, old: str, new: str, word: re.Pattern[str]) -> Any:
    if isinstance(each, str):
        return new if each == old else each
    if each.is_expression:
        return replace(each, text=_said_as(new, word, each.text))
    return replace(each, text=new) if each.text == old else each


def _pairs(
    changes: Iterable[Change],
) -> tuple[dict[str, list[Object]], dict[str, list[Object]]]:
    drops: dict[str, list[Object]] = defaultdict(list)
    creates: dict[str, list[Object]] = defaultdict(list)
    for each in changes:
        if isinstance(each, Drop):
            drops[each.key.kind].append(each.obj)
        elif isinstance(each, Create):
            creates[each.key.kind].append(each.obj)
    return drops, creates


def _may_become(old: Key, new: Key) -> bool:
    return _place(old) == _place(new) and old != new


def _place(key: Key) -> Key:
    """Return what a rename cannot change."""
    return key._replace(name="")


def _likeliest_first(scored: tuple[float, Object]) -> tuple[float, str]:
    return -scored[0], scored[1].key.name


def _column_likeness(before: Any, after: Any) -> float:
    if before.type != after.type:
        return 0.0
    same = (
        before.nullable == after.nullable,
        before.default == after.default,
        before.position == after.position,
        (before.identity, before.computed) == (after.identity, after.computed),
    )
    return 0.5 + 0.125 * float(sum(same))


_ColumnsOf: TypeAlias = "dict[Key | None, set[Any]]"


def _columns_of(snapshot: Snapshot) -> _ColumnsOf:
    """Return the columns of each table, as what is compared of them."""
    found: _ColumnsOf = defaultdict(set)
    for key, each in snapshot.items():
        if key.kind == "column":
            found[key.owner].add((key.name, each.type, each.nullable))  # type: ignore[attr-defined]
    return found


def _overlap(before: set[Any], after: set[Any]) -> float:
    return len(before & after) / max(len(before | after), 1)
