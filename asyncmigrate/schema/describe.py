"""Changes in words and as JSON: what `check` prints, and what a script's message is made of."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from asyncmigrate.schema.diff import whole
from asyncmigrate.schema.kinds import kind_of
from asyncmigrate.schema.operations import Alter, Create, Drop, Rename

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.schema.operations import Change
    from asyncmigrate.schema.snapshot import Object

_NOT_SHOWN = frozenset({"schema", "table", "name"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between the database (before) and the models (after).

    `change` is `create`, `drop`, `alter` or `rename`. `before` and `after` hold the fields of the
    object, all as plain JSON values; None on the side that has no such object. `details` are the
    fields of an altered object that differ: name, before, after.
    """

    change: str
    kind: str
    path: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    details: tuple[tuple[str, Any, Any], ...] = ()
    to: str = ""
    """The new path of what was renamed."""

    def __str__(self) -> str:
        """Return the line that `check` prints."""
        sign = {"create": "+", "drop": "-"}.get(self.change, "~")
        words = f"{sign} {self.kind} {self.path}"
        if self.to:
            return f"{words} → {self.to}"
        said = "; ".join(f"{name}: {_word(old)} → {_word(new)}" for name, old, new in self.details)
        return f"{words} ({said})" if said else words

    def to_json(self) -> dict[str, Any]:
        """Return the shape of one difference in `check --json`."""
        shape: dict[str, Any] = {
            "change": self.change,
            "kind": self.kind,
            "object": self.path,
            "before": self.before,
            "after": self.after,
        }
        return {**shape, "to": self.to} if self.to else shape


def differences_of(changes: Iterable[Change]) -> tuple[Difference, ...]:
    """Describe changes, those of one object together; parts of new and old tables are left out."""
    ordered = sorted(whole(changes), key=lambda each: (each.key.schema, *_place(each)))
    return tuple(_described(each) for each in ordered)


def _place(change: Change) -> tuple[Any, ...]:
    key = change.key
    return (key.table or key.name, bool(key.table), key.kind, key.name)


def _described(change: Change) -> Difference:
    kind = kind_of(change.key.kind)
    path = change.key.path or change.key.table
    match change:
        case Create(obj):
            return Difference("create", kind.title, path, after=fields_of(obj))
        case Drop(obj):
            return Difference("drop", kind.title, path, before=fields_of(obj))
        case Rename(obj, to):
            new = obj.key._replace(name=to).path
            return Difference("rename", kind.title, path, before=fields_of(obj), to=new)
        case Alter(before, after):
            return Difference(
                "alter",
                kind.title,
                path,
                fields_of(before),
                fields_of(after),
                tuple((n, _plain(a), _plain(b)) for n, a, b in kind.described(before, after)),
            )


def fields_of(obj: Object) -> dict[str, Any]:
    """Return what is compared of an object, as plain JSON values."""
    return {
        field.name: _plain(getattr(obj, field.name))
        for field in fields(obj)  # type: ignore[arg-type]  # every kind is a dataclass
        if field.compare
    }


def explained(before: Object | None, after: Object | None) -> Iterator[tuple[str, str, str]]:
    """Give every field of an object on both sides, in words: what `diff --explain` prints."""
    sides = [{} if each is None else fields_of(each) for each in (before, after)]
    for name in sides[0] | sides[1]:
        if name not in _NOT_SHOWN:
            old, new = (_word(side.get(name, "(none)")) for side in sides)
            yield name.replace("_", " "), old, new


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        names = (field.name for field in fields(value) if field.name != "is_expression")
        return {name: _plain(getattr(value, name)) for name in names}
    return value


def _word(value: Any) -> str:
    """Return a value as a person reads it.

    >>> _word(True), _word(None), _word(["a", "b"]), _word({"text": "lower(a)", "order": ""})
    ('yes', 'none', 'a, b', 'lower(a)')
    >>> _word([["a", "integer"], ["b", "text"]]), _word({"always": False, "options": []})
    ('a integer, b text', 'BY DEFAULT')
    """
    match value:
        case bool():
            return "yes" if value else "no"
        case _ if value in (None, "", [], {}):
            return "none"
        case list():
            return ", ".join(" ".join(map(str, e)) if _is_pair(e) else _word(e) for e in value)
        case {"always": always, "options": options}:  # an identity
            words = "ALWAYS" if always else "BY DEFAULT"
            return f"{words} ({_word(options)})" if options else words
        case dict():
            said = {name: each for name, each in value.items() if each not in (None, "", False)}
            return " ".join(name if each is True else _word(each) for name, each in said.items())
        case _:
            return str(value)


def _is_pair(value: Any) -> bool:
    """Return whether it is a name and what it stands for."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)
