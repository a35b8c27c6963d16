"""The directives about views and materialized views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.dialects.object_ddl import CreateView, DropView, View
from asyncmigrate.scripts import catalog
from asyncmigrate.scripts.directives import Directives

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.schema import ExecutableDDLElement

    from asyncmigrate.dialects.object_ddl import Definition


class ViewDirectives(Directives):
    """Create, replace and drop views."""

    def create_view(
        self,
        name: str,
        definition: Definition,
        *,
        schema: str | None = None,
        materialized: bool = False,
        with_data: bool = True,
        or_replace: bool = False,
        if_not_exists: bool | None = None,
    ) -> None:
        """Create a view of a SELECT: SQL as it is, or a `select()`.

        `or_replace=True` is CREATE OR REPLACE, or dropping the old one where a database has no
        such words. `with_data=False` leaves a materialized view unfilled.

        Raises:
            UnsupportedOperationError: this database has no materialized views.
        """
        view = self._view(name, definition, schema, materialized=materialized, with_data=with_data)
        if or_replace:
            self._replace(self._dialect.create_or_replace_view(view), view)
            return
        guard = self._in_words("create_view", if_not_exists)
        self._dialect.check_view(view)
        if not self._is_done(
            "create_view", if_not_exists, lambda c: catalog.has_view(c, name, schema)
        ):
            self._sink.execute(CreateView(view, if_not_exists=guard))

    def replace_view(
        self,
        name: str,
        definition: Definition,
        *,
        existing_definition: Definition | None = None,
        schema: str | None = None,
        materialized: bool = False,
        with_data: bool = True,
    ) -> None:
        """Give a view that is there another SELECT; `existing_definition` is for the way back.

        Where CREATE OR REPLACE will do, all that belongs to the view stays. Where the columns
        change in a way that PostgreSQL does not take, it is dropped and created: its grants and
        its comment are lost then, and it is refused if something else reads the view. The indexes
        of a materialized view are created again, and so are the triggers of a view on SQLite.

        Raises:
            UnsupportedOperationError: this database has no materialized views.
        """
        del existing_definition
        view = self._view(name, definition, schema, materialized=materialized, with_data=with_data)
        self._replace(self._dialect.replace_view(view), view)

    def drop_view(
        self,
        name: str,
        *,
        schema: str | None = None,
        materialized: bool = False,
        if_exists: bool | None = None,
        definition: Definition | None = None,
    ) -> None:
        """Drop a view that nothing reads; `definition` is what it was, for the way back."""
        view = self._view(name, definition or "", schema, materialized=materialized)
        self._dialect.check_view(view)
        guard = self._in_words("drop_view", if_exists)
        if not self._is_done(
            "drop_view", if_exists, lambda c: not catalog.has_view(c, name, schema)
        ):
            self._sink.execute(DropView(view, if_exists=guard))

    def _replace(self, statements: Iterable[ExecutableDDLElement], view: View) -> None:
        """Send what replaces a view, and what goes with the old one."""
        again: Iterable[ExecutableDDLElement] = ()
        if self._sink.dialect.name == "sqlite":
            from asyncmigrate.scripts import sqlite_objects

            again = sqlite_objects.triggers_of_view(self._sink, view.name.name, view.name.schema)
        self._send([*statements, *again])

    def _view(
        self,
        name: str,
        definition: Definition,
        schema: str | None,
        *,
        materialized: bool,
        with_data: bool = True,
    ) -> View:
        named = self._elements.bare(name, schema)
        return View(named, definition, materialized=materialized, with_data=with_data)
