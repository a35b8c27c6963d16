"""What a migration script can do: the directives of `op`, with Alembic's signatures.

Each directive builds throwaway SQLAlchemy objects, asks the dialect for the DDL, and hands it to
the sink. Whether that sink is a connection or a text file is not known here. DDL that a database
cannot carry out is refused before the directive sends anything.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from asyncmigrate.errors import UsageError
from asyncmigrate.scripts.batch import BatchDirectives
from asyncmigrate.scripts.custom_directives import CustomDirectives
from asyncmigrate.scripts.object_directives import ObjectDirectives

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Executable

    from asyncmigrate.scripts.column_directives import Type
    from asyncmigrate.scripts.context import MigrationContext


class Operations(BatchDirectives, ObjectDirectives, CustomDirectives):
    """The directives, bound to one sink for as long as one migration runs.

    `metadata` is the application's; of it only the naming convention is used. `x` are the run's
    own arguments, for `get_context().x`.
    """

    def execute(
        self,
        sqltext: Executable | str,
        *,
        execution_options: Mapping[str, Any] | None = None,
        undo: Executable | str | None = None,
    ) -> None:
        r"""Run a statement, or a string of several; nothing is returned.

        In a string `:name` is a parameter, so a colon before a word is written `\:`. `undo` is
        what a script without `downgrade()` runs to go back; "" says that there is nothing to do.

        Raises:
            UsageError: a parameter has no value.
        """
        del undo  # read by `reversal`, which runs the same call against a recorder
        statement = sa.text(sqltext) if isinstance(sqltext, str) else sqltext
        if isinstance(statement, sa.TextClause):
            _check_parameters(statement)
        self._sink.execute(statement, execution_options=execution_options)

    def bulk_insert(
        self,
        table: sa.Table | sa.TableClause,
        rows: Sequence[Mapping[str, Any]],
        *,
        multiinsert: bool = True,
    ) -> None:
        """Insert rows, in order; `multiinsert=False` sends one statement for each.

        Raises:
            UsageError: the rows are not a list of dictionaries.
        """
        if not isinstance(rows, list | tuple) or not all(hasattr(row, "keys") for row in rows):
            raise UsageError(
                "op.bulk_insert() takes a list of dictionaries, one for each row.",
                next='Write it as [{"column": value, …}, …].',
            )
        # An executemany takes its columns from the first row and would drop what others add.
        for _, alike in groupby(rows, key=lambda row: (multiinsert or id(row), sorted(row))):
            self._sink.insert(table, list(alike))

    def inline_literal(self, value: object, type_: Type | None = None) -> sa.BindParameter[Any]:
        """Return a value that is written into the statement instead of sent beside it."""
        return sa.literal(value, type_, literal_execute=True)

    def get_bind(self) -> Connection:
        """Return the connection, inside the migration's transaction.

        With `--sql` it is a stand-in: DDL and changes of rows that are executed on it are written,
        and whatever asks the database something raises OfflineError, naming the line.
        """
        return self._sink.bind()

    @property
    def migration_context(self) -> MigrationContext:
        """The same as `get_context()`."""
        return self._context

    @property
    def impl(self) -> Any:
        """The same as `get_context().impl`, where scripts for Alembic look for it."""
        return getattr(self._context, "impl", None)

    def get_context(self) -> MigrationContext:
        """Return what describes the migration that runs."""
        return self._context

    def autocommit(self) -> AbstractContextManager[None]:
        """Commit, run the block outside of any transaction, and begin a transaction again.

        For what cannot run in one, such as PostgreSQL's CREATE INDEX CONCURRENTLY. What stands
        before the block stays, even if the block fails.
        """
        return self._sink.autocommit()

    def f(self, name: str) -> conv:
        """Return a name that the naming convention leaves as it is."""
        return conv(name)


def _check_parameters(statement: sa.TextClause) -> None:
    for parameter in statement.get_children():
        if isinstance(parameter, sa.BindParameter) and parameter.required:
            raise UsageError(
                f"op.execute(): the parameter :{parameter.key} has no value.",
                next=rf"Write \:{parameter.key} if the colon belongs to the SQL (in a raw string), "
                f"or sa.text(…).bindparams({parameter.key}=…) to give a value.",
            )
