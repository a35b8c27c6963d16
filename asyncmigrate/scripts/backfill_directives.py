"""The directive that gives the rows of a table a value for a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.scripts.directives import Directives

if TYPE_CHECKING:
    from asyncmigrate.scripts.column_directives import Type


class BackfillDirectives(Directives):
    """Fill columns of rows that are there."""

    def backfill(
        self,
        table_name: str,
        column_name: str,
        value: object,
        *,
        where: str | sa.ColumnElement[bool] | sa.TextClause | None = None,
        type_: Type | None = None,
        schema: str | None = None,
    ) -> None:
        """Set a column of the rows that have NULL in it, or of those that `where` selects.

        `value` is a Python value, or SQL: `sa.text("lower(email)")`, `sa.func.now()`. `type_` is
        the column's type where the value's own will not do (JSON). Safe to call twice. To undo it
        there is nothing to do: which rows had NULL is not known any more, and as a rule the column
        goes when its addition is undone.
        """
        table = sa.table(table_name, sa.column(column_name, type_), schema=schema)
        column = table.c[column_name]
        condition: Any = column.is_(None) if where is None else where
        if isinstance(where, str):
            condition = sa.text(where)
        new: Any = value
        if not isinstance(value, sa.ClauseElement):
            # Without a type it is a literal, which the database fits to the column.
            new = sa.literal(value, type_, literal_execute=type_ is None)
        self._sink.execute(sa.update(table).where(condition).values({column: new}))
