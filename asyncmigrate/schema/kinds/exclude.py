"""PostgreSQL's EXCLUDE constraints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.constraints import columns_of, dropped, renamed_constraint
from asyncmigrate.schema.kinds.written import deferring, in_schema, named, text
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Create, Drop, Rename
    from asyncmigrate.schema.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Exclude:
    """An EXCLUDE constraint."""

    schema: str
    table: str
    name: str
    """"" where nobody named it yet."""
    elements: tuple[tuple[str, str], ...]
    """Each with its operator: `(("room", "="), ("during", "&&"))`. An expression is in parens,
    an operator class stands after a space."""
    method: str = "gist"
    where: str | None = None
    deferrable: str = ""
    """"", "DEFERRABLE", or "DEFERRABLE INITIALLY DEFERRED"."""
    element: Any = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it: the name, or what it is on where there is none."""
        name = self.name or f"({', '.join(' '.join(each) for each in self.elements)})"
        return Key("exclude", self.schema, self.table, name)


class ExcludeKind(Kind[Exclude]):
    """EXCLUDE constraints."""

    name: ClassVar[str] = "exclude"
    title: ClassVar[str] = "exclude constraint"

    def references(self, obj: Exclude) -> Iterable[Key]:
        """Give the table and what may be its columns."""
        on = [words for words, _ in obj.elements]
        return columns_of(obj, [*on, *(words.rpartition(" ")[0] for words in on)])

    def in_place(self, before: Exclude, after: Exclude) -> bool:
        """Return False: another one takes its place."""
        return False

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give ADD EXCLUDE."""
        exclude = cast("Exclude", change.obj)
        keywords: dict[str, Any] = {}
        if exclude.where is not None:
            keywords["where"] = text(exclude.where)
        if exclude.method != "gist":
            keywords["using"] = exclude.method
        parts = [_part(words, exclude, around.after) for words, _ in exclude.elements]
        classes = {column: name for column, name in parts if name}
        if classes:
            keywords["ops"] = classes
        keywords |= {**deferring(exclude.deferrable), **in_schema(exclude.schema)}
        operators = [operator for _, operator in exclude.elements]
        elements = [(on, operator) for (on, _), operator in zip(parts, operators, strict=True)]
        arguments = (named(exclude.name), exclude.table, *elements)
        yield Call("create_exclude_constraint", arguments, keywords)

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP CONSTRAINT."""
        exclude = cast("Exclude", change.obj)
        yield dropped(exclude, exclude.name, "")

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give RENAME CONSTRAINT."""
        yield renamed_constraint(cast("Exclude", change.obj), change.to, "")


def _part(words: str, exclude: Exclude, snapshot: Snapshot) -> tuple[Any, str]:
    """Return a column's name with its operator class, or an expression with what stands after."""
    if words.startswith("("):
        return text(words), ""
    column = Key("column", exclude.schema, exclude.table, words)
    name, blank, operator_class = words.rpartition(" ")
    return (name, operator_class) if blank and column not in snapshot else (words, "")
