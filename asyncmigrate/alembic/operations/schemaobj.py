"""`alembic.operations.schemaobj`: SQLAlchemy objects that live for one directive."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from asyncmigrate.alembic.words import Offered
from asyncmigrate.scripts.elements import Elements


class SchemaObjects(Offered):
    """Makes tables, columns and constraints of their names."""

    def __init__(self, migration_context: Any = None) -> None:
        self.migration_context = migration_context

    def metadata(self) -> sa.MetaData:
        """Return a metadata of its own."""
        return sa.MetaData()

    def table(self, name: str, *columns: Any, **kw: Any) -> sa.Table:
        """Return a table."""
        kw.pop("_constraints_included", None)
        return Elements().table(name, *columns, **kw)

    def column(self, name: str, type_: Any, **kw: Any) -> sa.Column[Any]:
        """Return a column."""
        return sa.Column(name, type_, **kw)

    def index(
        self,
        name: str | None,
        tablename: str | None,
        columns: Any,
        schema: str | None = None,
        **kw: Any,
    ) -> sa.Index:
        """Return an index of a table that has its columns."""
        elements = Elements()
        return elements.index(name, elements.bare(tablename or "no_table", schema), columns, **kw)
