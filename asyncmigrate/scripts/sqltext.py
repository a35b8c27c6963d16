"""The sink that writes SQL text, for `--sql`: a script that psql and sqlite3 run as it is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import CompileError
from sqlalchemy.schema import ExecutableDDLElement

from asyncmigrate.dialects import by_name
from asyncmigrate.dialects.base import terminated
from asyncmigrate.dialects.postgresql_enums import CreateEnum, DropEnum, RenameEnum
from asyncmigrate.dialects.postgresql_object_ddl import CreateDomain, DropType
from asyncmigrate.errors import OfflineError
from asyncmigrate.scripts.calling import calling_line
from asyncmigrate.scripts.literals import literal_dialect
from asyncmigrate.scripts.offline_bind import OfflineConnection
from asyncmigrate.scripts.type_text import types_after

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Executable
    from sqlalchemy.engine.interfaces import Dialect


_CREATE_TYPE = ("create_enum_type", "create_domain_type")
_DROP_TYPE = ("drop_enum_type", "drop_domain_type")


class SqlSink:
    """Writes every statement as text, with its values in it. Never touches a database.

    `write` is called once for each statement, with its terminator and a blank line.
    """

    def __init__(self, dialect: Dialect, write: Callable[[str], None]) -> None:
        from asyncmigrate.scripts.shadow import Shadow  # much to import, for --sql alone

        self.dialect: Dialect = literal_dialect(dialect)
        self._write = write
        self._types: set[tuple[str | None, str]] = set()
        self._outside = False
        self.has_unknown_types = False
        """True if the database may hold named types that no statement here has created."""
        self._connection = OfflineConnection(self.dialect, self._write_event)
        self.before_event: Callable[[], object] = lambda: None
        """Called before the script writes by the connection that `bind` has given."""
        self.shadow = Shadow()
        self.foreign_keys_off = False
        """True once something was written that must not run while SQLite looks at foreign keys."""

    @property
    def as_sql(self) -> bool:
        """True."""
        return True

    def execute(
        self, statement: Executable, *, execution_options: Mapping[str, Any] | None = None
    ) -> None:
        """Write one statement.

        Raises:
            OfflineError: a value cannot be written as SQL text.
        """
        self._note_type(statement)
        self.write_sql(self._compiled(statement))

    def write_sql(self, sql: str) -> None:
        """Write SQL as it is, with a terminator if it has none."""
        self._write(f"{by_name(self.dialect.name).script_text(sql)}\n\n")
        if self.dialect.name == "sqlite":
            self.shadow.follow(sql)

    @property
    def takes_ddl_text(self) -> bool:
        """False: written text is compiled for reading."""
        return False

    def send_ddl_text(self, sql: str) -> None:
        """Never called."""
        raise NotImplementedError

    def write_step(self, sql: str) -> None:
        """Write a step of a rebuild of a table (SQLite).

        Raises:
            DBAPIError: it is not possible.
        """
        self.shadow.obey(sql)
        self._write(f"{terminated(sql)}\n\n")

    def insert(self, table: sa.TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write one INSERT for each row, the columns' Python defaults in it."""
        preparer = self.dialect.identifier_preparer
        columns = sorted(rows[0]) if rows else ()
        around = by_name(self.dialect.name).around_insert(table, columns, preparer)
        if around is not None:
            self.write_sql(around[0])
        for row in rows:
            values = {**_python_defaults(table, row), **row}
            self.execute(table.insert().inline().values(values))
        if around is not None:
            self.write_sql(around[1])

    def bind(self) -> Connection:
        """Return a stand-in that writes what it is handed, and raises for whatever asks."""
        return cast("Connection", self._connection)

    def event_bind(self) -> OfflineConnection:
        """Return the same."""
        return self._connection

    def run_async(self, function: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        """Refuse: there is no connection."""
        del function, args, kwargs
        raise OfflineError(
            f"{calling_line()} runs a coroutine on the database, but with --sql nothing is "
            "connected: SQL is only being written.",
            next="Run it online, or write what it does as SQL with op.execute().",
        )

    @property
    def can_leave_transaction(self) -> bool:
        """True."""
        return True

    @contextmanager
    def autocommit(self) -> Iterator[None]:
        """Write the end of the transaction, the block, and the beginning of the next."""
        dialect = by_name(self.dialect.name)
        if self._outside or not dialect.transactional_ddl:
            yield
            return
        self.write_sql(dialect.offline_commit)
        self._outside = True
        try:
            yield
        finally:
            self._outside = False
        self.write_sql(dialect.offline_begin)

    def _write_event(self, statement: Executable) -> None:
        self.before_event()
        # Online, a type that exists is not created again; so it is here, for what we can know.
        is_known = _type_key(statement) in self._types
        if getattr(statement, "__visit_name__", "") in _CREATE_TYPE and is_known:
            return
        if self.has_unknown_types:
            from sqlalchemy.dialects.postgresql import CreateEnumType

            if isinstance(statement, CreateEnumType):
                statement = CreateEnum(statement.element, if_not_exists=True)
        self.execute(statement)

    def _note_type(self, statement: Executable) -> None:
        if isinstance(statement, sa.TextClause):
            self._types = set(types_after(statement.text, frozenset(self._types)))
        if isinstance(statement, DropEnum) and statement.if_unused:
            self.has_unknown_types = True  # perhaps it stays
        if isinstance(statement, RenameEnum):
            self._types.discard(statement.key)
            self._types.add((statement.key[0], statement.new_name))
        key = _type_key(statement)
        if key is None:
            return
        created = isinstance(statement, CreateEnum | CreateDomain)
        if created or statement.__visit_name__ in _CREATE_TYPE:
            self._types.add(key)
        else:
            self._types.discard(key)

    def _compiled(self, statement: Executable) -> str:
        if isinstance(statement, ExecutableDDLElement):
            return str(statement.compile(dialect=self.dialect))
        if isinstance(statement, sa.Insert):
            statement = statement.inline()  # nobody reads what RETURNING would give
        options = {"literal_binds": True}
        try:
            return str(statement.compile(dialect=self.dialect, compile_kwargs=options))  # type: ignore[attr-defined]
        except CompileError as error:
            raise OfflineError(
                f"{calling_line()}: this statement cannot be written as SQL text: {error}",
                next="Give its values as literals, or run the migration online.",
            ) from error


def _type_key(statement: Any) -> tuple[str | None, str] | None:
    """Return which named type a statement creates or drops."""
    if isinstance(statement, CreateEnum | DropEnum | CreateDomain | DropType):
        return statement.key
    if getattr(statement, "__visit_name__", "") in {*_CREATE_TYPE, *_DROP_TYPE}:
        return statement.element.schema, statement.element.name
    return None


def _python_defaults(table: sa.TableClause, row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in table.columns:
        default: Any = getattr(column, "default", None)
        if default is None or column.key in row:
            continue
        if default.is_scalar:
            found[column.key] = default.arg
        elif default.is_callable:
            found[column.key] = default.arg(None)
    return found


_FOREIGN_KEYS_OFF = """\
-- A table is made anew: with foreign keys on, the rows that refer to it would be deleted.
PRAGMA foreign_keys = OFF;

"""


def one_transaction(sink: SqlSink, texts: Iterable[str], *, encoding: str) -> str:
    """Return what a sink has written as one transaction, with what has to stand before it.

    `encoding` is the statement that stands there if anything is not ASCII.
    """
    differences, body = by_name(sink.dialect.name), "".join(texts)
    before = _FOREIGN_KEYS_OFF if sink.foreign_keys_off else ""
    sink.foreign_keys_off = False
    if encoding and not body.isascii():
        before += f"{encoding}\n\n"
    begin, commit = map(
        differences.script_text, (differences.offline_begin, differences.offline_commit)
    )
    return f"{before}{begin}\n\n{body}{commit}\n\n"


def undecidable(directive: str) -> OfflineError:
    """Return the error for a condition that only a live database can answer."""
    return OfflineError(
        f"{calling_line()}: whether op.{directive} has anything to do can only be seen in a "
        "database, and this one's SQL has no IF [NOT] EXISTS for it.",
        next="Leave the condition out, or run the migration online.",
    )
