"""What one database does differently, as seen by whoever runs a migration on it.

One subclass per database, one file each, the same shape in each. A database that has no file
here gets this class: standard SQL, no lock on the server, DDL assumed not to roll back.

The methods give DDL elements and send nothing; whoever asked compiles and sends them. A method
that cannot do what was asked raises before anything was sent.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sqlalchemy import schema as sa_schema

from asyncmigrate.dialects import ddl
from asyncmigrate.dialects.enums import EnumTypes
from asyncmigrate.dialects.objects import Objects
from asyncmigrate.errors import UnsupportedOperationError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    import sqlalchemy as sa
    from sqlalchemy.schema import ExecutableDDLElement
    from sqlalchemy.sql.compiler import IdentifierPreparer

    from asyncmigrate.dialects.ddl import ColumnAddition, ColumnChange

GUARDED = frozenset(
    {
        "create_table",
        "drop_table",
        "create_index",
        "drop_index",
        "add_column",
        "drop_column",
        "drop_constraint",
        "create_schema",
        "drop_schema",
        "create_sequence",
        "drop_sequence",
        "create_view",
        "drop_view",
    }
)
"""The directives that take `if_exists` or `if_not_exists`."""


class Dialect(EnumTypes, Objects):
    """The capabilities of one kind of database. Holds no connection and sends nothing."""

    name: ClassVar[str] = "default"

    transactional_ddl: ClassVar[bool] = False
    """True if a rolled-back transaction takes its CREATE, ALTER and DROP with it."""

    begin: ClassVar[str | None] = None
    """The statement that opens a migration's transaction where the driver's own will not do."""

    offline_begin: ClassVar[str] = "BEGIN;"
    offline_commit: ClassVar[str] = "COMMIT;"

    offline_encoding: ClassVar[str] = ""
    """What tells the server that the text is UTF-8, where its shell goes by the user's locale."""

    guards: ClassVar[frozenset[str]] = GUARDED
    """The directives whose IF [NOT] EXISTS the server itself understands; a look into the
    catalog stands in for the others."""

    reads_columns: ClassVar[bool] = True
    """False if `read_column` never gives anything, so that no connection is needed for it."""

    index_needs_table: ClassVar[bool] = False
    """True if DROP INDEX has to name the table."""

    now: ClassVar[str] = "CURRENT_TIMESTAMP"
    """The server's clock at this moment, as an expression."""

    drops_by_kind: ClassVar[bool] = False
    """True if a constraint whose kind is not given is looked up by `kind_of_constraint`."""

    def add_column(self, addition: ColumnAddition) -> Iterator[ExecutableDDLElement]:
        """Give what adds a column, then its constraints, then its indexes."""
        inline = self.inline_constraints(addition)
        yield ddl.AddColumn(
            addition.column,
            if_not_exists=addition.if_not_exists,
            inline=inline,
            primary_key=addition.inline_primary_key and addition.column.primary_key,
        )
        for constraint in addition.constraints:
            if constraint not in inline:
                yield self.add_constraint(constraint)
        for index in addition.indexes:
            yield sa_schema.CreateIndex(index)

    def inline_constraints(self, addition: ColumnAddition) -> tuple[sa.Constraint, ...]:
        """Return the constraints of an added column that are written into the column itself."""
        reference = addition.single_reference
        return (reference,) if addition.inline_references and reference is not None else ()

    def drop_column(
        self, table: sa.Table, column: str, *, if_exists: bool
    ) -> Iterator[ExecutableDDLElement]:
        """Give what drops a column."""
        yield ddl.DropColumn(table, column, if_exists=if_exists)

    def alter_column(self, change: ColumnChange) -> Iterator[ExecutableDDLElement]:
        """Give what changes a column, the new name last."""
        table, column = change.table, change.column
        if change.nullable is not None:
            yield ddl.SetNullable(table, column, nullable=change.nullable)
        if change.server_default is not False:
            yield self.set_default(change)
        if change.type_ is not None:
            yield ddl.SetType(table, column, change.type_, existing=change.existing_type)
        if change.comment is not False:
            yield ddl.SetComment(table, column, change.comment)
        if change.new_name is not None:
            yield ddl.RenameColumn(table, column, change.new_name)

    def fitted(self, table: sa.Table) -> AbstractContextManager[None]:
        """Change a table that is to be created into what this database can read, for the block."""
        return nullcontext()

    def kind_of_constraint(
        self, connection: sa.Connection, table: sa.Table, name: str
    ) -> str | None:
        """Look up the kind of a constraint, as `op.drop_constraint` calls it, where it matters.

        Reads only. None: it does not matter here, or there is no such constraint.

        Raises:
            UsageError: constraints of several kinds have this name.
        """
        return None

    def drop_check_of_column(
        self, connection: sa.Connection, check: sa.CheckConstraint
    ) -> ExecutableDDLElement | None:
        """Return what drops a CHECK that is a part of a column, and has no name to drop it by.

        Reads only. None: it is an ordinary one.
        """
        return None

    def read_column(self, connection: sa.Connection, change: ColumnChange) -> str | None:
        """Read the words of a column that `alter_column` has to write again, if there are any.

        Reads only. What it gives is handed to `alter_column` as `change.existing_text`.
        """
        return None

    def set_default(self, change: ColumnChange) -> ExecutableDDLElement:
        """Give what sets or drops a column's default.

        Raises:
            UnsupportedOperationError: a generated column cannot become an ordinary one in place.
        """
        refuse_generated(change)
        assert change.server_default is not False, "asked for only when a default was given"
        return ddl.SetDefault(change.table, change.column, change.server_default)

    def add_constraint(self, constraint: sa.Constraint) -> ExecutableDDLElement:
        """Give what adds a constraint to an existing table."""
        return sa_schema.AddConstraint(constraint)

    def drop_constraint(
        self, constraint: sa.Constraint, *, if_exists: bool
    ) -> ExecutableDDLElement:
        """Give what drops a named constraint; its class tells which kind it is."""
        return sa_schema.DropConstraint(constraint, if_exists=if_exists)

    def validate_constraint(self, table: sa.Table, name: str) -> Iterable[ExecutableDDLElement]:
        """Give what checks the rows of a constraint that was made NOT VALID.

        Nothing by default: a database without NOT VALID has checked them already.
        """
        return ()

    def invalid_index(self, table: str, index: str) -> str | None:
        """Return the query that is true if the index is the leftover of a build that failed.

        Both names are quoted, and have their schema if one was given. None: there is no such thing.
        """
        return None

    def has_constraint(self, table: str, name: str) -> str | None:
        """Return the query that is true if the table, a quoted name, has such a constraint.

        None: a look through SQLAlchemy's inspector has to do.
        """
        return None

    def column_names(self, table: str) -> str | None:
        """Return the query for the names of a table's columns; the table's name is quoted.

        None: SQLAlchemy's inspector asks in one query, too.
        """
        return None

    def is_new_type(self, type_name: str) -> str | None:
        """Return the query that is true if the type, a quoted name, was made in this transaction.

        None: there is no such thing.
        """
        return None

    def before_drop_column(
        self, table: sa.Table, column: str, options: Mapping[str, Any]
    ) -> Iterable[ExecutableDDLElement]:
        """Give what has to go before a column can; `options` are the dialect's own keywords."""
        return ()

    def around_insert(
        self, table: sa.TableClause, columns: Collection[str], preparer: IdentifierPreparer
    ) -> tuple[str, str] | None:
        """Give what stands before and after rows with these columns in SQL text, or None."""
        return None

    def script_text(self, sql: str) -> str:
        """Return a statement as it stands in a script, with what ends it."""
        return terminated(sql)

    def assume(self, dialect: Any) -> None:
        """Tell SQLAlchemy's dialect, before SQL text is written, what a server would tell it."""

    def try_lock(self, key: int, *, in_transaction: bool = False, driver: Any = None) -> str | None:
        """Return the query that takes the migration lock and gives true, or gives false at once.

        It is a SELECT of one expression; None if this server has no such lock. `in_transaction`
        asks for one that ends with the transaction, not with the connection. With `driver`, the
        driver's own connection, the query takes nothing and gives NULL if the session on the server
        is not that connection's alone.
        """
        return None

    def unlock(self, key: int) -> str | None:
        """Return what gives back a lock that was to end with its transaction, and does not."""
        return None

    def distrust(self) -> str | None:
        """Return the query that gives true if a session's lock does not count everywhere, or None.

        So it is on a cluster whose nodes do not tell each other of such locks.
        """
        return None

    def has_table(self, name: str) -> str | None:
        """Return the expression that is true if a table, a quoted name, is there.

        None: SQLAlchemy's inspector has to do.
        """
        return None

    def from_now(self, seconds: float) -> str:
        """Return the expression for a moment so many seconds from now, by the server's clock.

        >>> Dialect().from_now(30)
        "CURRENT_TIMESTAMP + INTERVAL '30.000' SECOND"
        """
        return f"{self.now} + INTERVAL '{seconds:.3f}' SECOND"

    def lock_details(self, key: int) -> str | None:
        """Return the query for the session that holds the lock, or None.

        Its columns are `process` (the session's number), `name`, `age` (seconds since it has the
        lock) and `is_from_here`; no row, or no process: nobody holds it.
        """
        return None

    def end_lock_session(self, key: int, process: int) -> str | None:
        """Return the statement that ends a session if it holds the lock, or None."""
        return None

    def limits(self, statement: float, table_lock: float, *, local: bool = False) -> str | None:
        """Return what sets how many seconds statements of the session may take and wait, or None.

        0 is no limit. `local` limits end with the transaction, where the database has such.
        """
        return None

    def limits_before(self, driver: Any) -> str | None:
        """Return the query for the statement that will set the limits as they are now, or None.

        It gives NULL if the session on the server is not `driver`'s alone.
        """
        return None

    def wait_for_writers(self, table: str) -> str | None:
        """Return the statement, for a transaction, that waits for all who write to a table."""
        return None

    def is_lock_timeout(self, error: BaseException) -> bool:
        """Return whether a statement failed because it waited for a lock: too long, or in vain."""
        return False

    def takes_back(self, error: BaseException) -> bool:
        """Return whether a statement's failure rolled back all that came before it."""
        return False

    def activity(self, driver: Any) -> str | None:
        """Return the query for what `driver`'s session is doing now, for another one, or None.

        Its columns are `is_active` (it has a statement at work), `queued` (how many sessions wait
        for it), `phase` and `percent` (of an index build and the like; null if it is not told).
        """
        return None

    def blockers(self, driver: Any) -> tuple[str, ...]:
        """Return the queries for the sessions that block `driver`'s, the best one first.

        Where the server refuses one, or has nothing to say to it, the next one may know. Their
        columns are `process` (the session's number), `name`, `state`, `age` (seconds that it has
        been in that state) and `query` (what it runs, or ran last).
        """
        return ()

    def end_session(self, process: int) -> str:
        """Return what a person can type to end a session, or nothing."""
        return ""

    def session_setup(self, name: str, driver: Any = None) -> str | None:
        """Return the statement that makes the lock's session ready, or None.

        It gives the session a name for others to see, where it can have one, and lets it be idle
        for as long as a run takes. A session that is not `driver`'s alone is left as it is.
        """
        return None

    def interrupt(self, driver: Any) -> str | None:
        """Return the statement that stops what `driver`'s session runs now, or None.

        `driver` is the driver's own connection; the statement is for another one.
        """
        return None

    def remedy(self, error: BaseException | None) -> str:
        """Return what to type after an error for which there is something to do, or nothing."""
        return ""

    def recognised(self, error: BaseException | None) -> Literal["syntax", "already", ""]:
        """Return what kind of error this is, on a database whose DDL does not roll back.

        "syntax": the statement was refused before it began. "already": what it makes is there, or
        what it takes away is gone. Empty: anything else.
        """
        return ""

    def sessions_running(self) -> str | None:
        """Return the query for how many other sessions run a statement that begins as `:text`."""
        return None

    def remember_id(self, number: int) -> str | None:
        """Return what makes the session say that it has just made a row with this id, or None."""
        return None

    def literal_bytes(self, value: bytes) -> str:
        """Return bytes as a literal.

        >>> Dialect().literal_bytes(b"a1")
        "X'6131'"
        """
        return f"X'{value.hex()}'"


def terminated(sql: str) -> str:
    r"""Return SQL that ends with a semicolon, also after a comment.

    >>> terminated("SELECT 1")
    'SELECT 1;'
    >>> terminated("SELECT 1 -- one")
    'SELECT 1 -- one\n;'
    """
    text = sql.strip()
    if text.endswith(";"):
        return text
    return f"{text}\n;" if "--" in text.rpartition("\n")[2] else f"{text};"


def refuse_generated(change: ColumnChange) -> None:
    """Raise if a default is, or was, a generated expression or an identity."""
    generated = (sa_schema.Computed, sa_schema.Identity)
    if isinstance(change.server_default, generated) or isinstance(
        change.existing_server_default, generated
    ):
        raise UnsupportedOperationError(
            f"This database cannot add or remove GENERATED on the existing column "
            f"{change.column!r} of table {change.table.fullname!r}.",
            next="Add a new column, copy the values with op.execute, and drop the old one.",
        )
