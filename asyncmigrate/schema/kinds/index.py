"""Indexes: what they are on, and how."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.constraints import columns_of
from asyncmigrate.schema.kinds.indexed import Indexed
from asyncmigrate.schema.kinds.options import keywords_of, passed_on
from asyncmigrate.schema.kinds.written import (
    escaped,
    in_schema,
    is_call,
    literal,
    named,
    qualified,
    quoted,
    text,
)
from asyncmigrate.schema.parentheses import is_enclosed
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import sqlalchemy as sa

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Alter, Create, Drop, Rename

_PREFIXES = frozenset({"FULLTEXT", "SPATIAL"})
"""Methods of MySQL that stand before INDEX."""


__all__ = ["Index", "IndexKind", "Indexed"]


@dataclass(frozen=True, slots=True)
class Index:
    """An index that belongs to no constraint."""

    schema: str
    table: str
    name: str
    columns: tuple[Indexed, ...]
    unique: bool = False
    method: str = ""
    """"" is the database's default (btree)."""
    where: str | None = None
    include: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    """Storage parameters (WITH) and their like, sorted by name."""
    nulls_not_distinct: bool = False
    valid: bool = True
    comment: str | None = None
    element: sa.Index | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("index", self.schema, self.table, self.name)


class IndexKind(Kind[Index]):
    """Indexes."""

    name: ClassVar[str] = "index"
    title: ClassVar[str] = "index"

    def references(self, obj: Index) -> Iterable[Key]:
        """Give the table and the columns."""
        return columns_of(obj, [each.text for each in obj.columns if not each.is_expression])

    def in_place(self, before: Index, after: Index) -> bool:
        """Return whether only the comment is another one."""
        return replace(before, comment=after.comment) == after

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give CREATE INDEX."""
        index = cast("Index", change.obj)
        keywords: dict[str, Any] = {"unique": True} if index.unique else {}
        keywords |= {**_keywords(index, around.forms), **in_schema(index.schema)}
        arguments = (named(index.name), index.table, _columns(index, around.forms))
        yield Call("create_index", arguments, keywords)
        if index.comment is not None:
            yield _commented(index, None, around.forms)

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP INDEX."""
        index = cast("Index", change.obj)
        keywords = {"table_name": index.table, **in_schema(index.schema)}
        yield Call("drop_index", (named(index.name),), keywords)

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give the new comment."""
        before, after = cast("Index", change.before), cast("Index", change.after)
        yield _commented(after, before.comment, around.forms)

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give ALTER INDEX … RENAME TO."""
        index = cast("Index", change.obj)
        keywords = {"table_name": index.table, **in_schema(index.schema)}
        yield Call("rename_index", (named(index.name), named(change.to)), keywords)


def _keywords(index: Index, forms: Forms) -> dict[str, Any]:
    dialect = forms.dialect.name
    found: dict[str, Any] = {}
    if index.method:
        is_prefix = index.method.upper() in _PREFIXES
        found[f"{dialect}_{'prefix' if is_prefix else 'using'}"] = index.method
    classes = {each.text: each.opclass for each in index.columns if _has_plain_class(each)}
    if classes:
        found[f"{dialect}_ops"] = classes
    lengths = {each.text: each.length for each in index.columns if each.length is not None}
    if lengths:
        found[f"{dialect}_length"] = lengths
    if index.include:
        found[f"{dialect}_include"] = list(index.include)
    if index.nulls_not_distinct:
        found[f"{dialect}_nulls_not_distinct"] = True
    if index.where is not None:
        found[f"{dialect}_where"] = text(index.where)
    return {**found, **keywords_of(index.options), **passed_on(index.element, forms)}


def _columns(index: Index, forms: Forms) -> list[str | sa.TextClause]:
    return [_written(each, forms) for each in index.columns]


def _written(part: Indexed, forms: Forms) -> str | sa.TextClause:
    if not part.is_expression and not part.order and not part.collation:
        return part.text
    words = [_expression(part.text, forms) if part.is_expression else quoted(part.text, forms)]
    if part.collation:
        words.append(f"COLLATE {quoted(part.collation, forms)}")
    return text(" ".join(filter(None, (*words, part.opclass, part.order))))


def _has_plain_class(part: Indexed) -> bool:
    return bool(part.opclass) and not (part.is_expression or part.order or part.collation)


def _expression(sql: str, forms: Forms) -> str:
    """Return an expression with the parentheses that it needs."""
    plain = is_enclosed(sql) or (is_call(sql) and forms.dialect.name in {"postgresql", "sqlite"})
    return sql if plain else f"({sql})"


def _commented(index: Index, former: str | None, forms: Forms) -> Call:
    begin = f"COMMENT ON INDEX {qualified(index.schema, index.name, forms)} IS "
    new, old = (
        escaped(begin + ("NULL" if each is None else literal(each)))
        for each in (index.comment, former)
    )
    return Call("execute", (new,), {"undo": old})
