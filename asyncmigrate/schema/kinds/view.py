"""Views and materialized views."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.written import escaped, in_schema, literal, qualified
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Alter, Create, Drop, Rename


@dataclass(frozen=True, slots=True)
class View:
    """A view. `definition` is its SELECT as the database prints it."""

    schema: str
    name: str
    definition: str
    materialized: bool = False
    comment: str | None = None
    references: tuple[Key, ...] = field(default=(), compare=False)
    """The tables and views that it reads, as far as they are known."""
    kept: str = field(default="", compare=False, repr=False)
    """The words in WITH (…) that the database has, which models do not say: they stay with it."""
    element: Any = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("view", self.schema, "", self.name)


class ViewKind(Kind[View]):
    """Views and materialized views."""

    name: ClassVar[str] = "view"
    title: ClassVar[str] = "view"

    def references(self, obj: View) -> Iterable[Key]:
        """Give the tables and views that it reads."""
        return obj.references

    def in_place(self, before: View, after: View) -> bool:
        """Return whether it stays what it is: a view, or a materialized one."""
        return before.materialized == after.materialized

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give CREATE VIEW."""
        view = cast("View", change.obj)
        yield Call("create_view", (view.name, view.definition), _keywords(view))
        yield from _with_options(view, view.kept, around.forms)
        if view.comment is not None:
            yield _commented(view, None, around.forms)

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP VIEW, with what it was."""
        view = cast("View", change.obj)
        keywords = {**_keywords(view), "definition": view.definition}
        yield Call("drop_view", (view.name,), keywords)

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give what replaces the SELECT, and the comment."""
        before, after = cast("View", change.before), cast("View", change.after)
        replaced = before.definition != after.definition
        if replaced:
            keywords = {**_keywords(after), "existing_definition": before.definition}
            yield Call("replace_view", (after.name, after.definition), keywords)
            yield from _with_options(after, before.kept or after.kept, around.forms)
        if before.comment != after.comment or (replaced and after.comment is not None):
            yield _commented(after, before.comment, around.forms)

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give ALTER VIEW … RENAME TO."""
        view = cast("View", change.obj)
        yield Call("rename_view", (view.name, change.to), _keywords(view))


def _with_options(view: View, options: str, forms: Forms) -> Iterator[Call]:
    """Give back the options of a view that is made again; security may rest on them."""
    if options:
        kind = "MATERIALIZED VIEW" if view.materialized else "VIEW"
        words = f"ALTER {kind} {qualified(view.schema, view.name, forms)} "
        names = ", ".join(each.partition("=")[0] for each in options.split(", "))
        undo = escaped(f"{words}RESET ({names})")
        yield Call("execute", (escaped(f"{words}SET ({options})"),), {"undo": undo})


def _keywords(view: View) -> dict[str, Any]:
    materialized = {"materialized": True} if view.materialized else {}
    return {**materialized, **in_schema(view.schema)}


def _commented(view: View, former: str | None, forms: Forms) -> Call:
    kind = "MATERIALIZED VIEW" if view.materialized else "VIEW"
    begin = f"COMMENT ON {kind} {qualified(view.schema, view.name, forms)} IS "
    new, old = (
        escaped(begin + ("NULL" if each is None else literal(each)))
        for each in (view.comment, former)
    )
    return Call("execute", (new,), {"undo": old})
