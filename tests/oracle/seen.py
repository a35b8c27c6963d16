"""What two tools say of one change, so that it can be laid side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from asyncmigrate.schema.diff import whole
from asyncmigrate.schema.operations import Alter, Rename, differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from asyncmigrate.schema.compare import Comparison
    from asyncmigrate.schema.operations import Change
    from tests.oracle.comparing import Found

_FIELDS = {
    "modify_type": {"type", "collation"},
    "modify_nullable": {"nullable"},
    "modify_default": {"default", "identity", "computed", "autoincrement"},
    "modify_comment": {"comment"},
    "add_table_comment": {"comment"},
    "remove_table_comment": {"comment"},
}
_PARTS = {"unique", "check", "foreign_key", "index", "exclude"}


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that we saw: an object, or a field of one."""

    kind: str
    table: str
    names: tuple[str, ...]
    """Before and after."""
    field: str = ""

    def __str__(self) -> str:
        path = ".".join(filter(None, (self.table, self.names[-1])))
        return " ".join(filter(None, (self.kind, path, self.field)))

    def is_what(self, found: Found) -> bool:
        """Return whether Alembic means this, or a part of it."""
        if self.kind == "table" and not self.field:
            return found.table in self.names
        if found.table != (self.table or self.names[-1]):
            return False
        if found.word in _FIELDS:
            return self.field in _FIELDS[found.word] and found.name in ("", *self.names)
        if found.word.endswith("_column"):
            return self.kind == "column" and found.name in self.names
        return self.kind in _PARTS and found.name in ("", *self.names)


def seen(comparison: Comparison) -> list[Seen]:
    """Return what we saw."""
    return [each for change in whole(comparison.changes) for each in _seen(change)]


def _seen(change: Change) -> Iterator[Seen]:
    key = change.key
    names = (key.name, change.to) if isinstance(change, Rename) else (key.name,)
    if not isinstance(change, Alter) or key.kind in _PARTS:
        yield Seen(key.kind, key.table, names)
    else:
        for field in differences(change.before, change.after):
            yield Seen(key.kind, key.table, names, field)


def too_much(theirs: Sequence[Found], ours: Sequence[Seen]) -> set[str]:
    """Return what only Alembic sees."""
    return {str(each) for each in theirs if not any(own.is_what(each) for own in ours)}


def missed(theirs: Sequence[Found], ours: Sequence[Seen]) -> set[str]:
    """Return what only we see."""
    return {str(own) for own in ours if not any(own.is_what(each) for each in theirs)}
