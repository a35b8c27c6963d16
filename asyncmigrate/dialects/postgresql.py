"""PostgreSQL: DDL rolls back, the server understands every IF [NOT] EXISTS, types need USING."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from asyncmigrate.dialects import ddl
from asyncmigrate.dialects.base import Dialect, refuse_generated
from asyncmigrate.dialects.postgresql_enum_change import ReplaceEnum
from asyncmigrate.dialects.postgresql_enums import NamedEnums
from asyncmigrate.dialects.postgresql_object_ddl import PostgreSQLObjects
from asyncmigrate.dialects.postgresql_sessions import PostgreSQLSessions, is_own, session_of
from asyncmigrate.errors import UnsupportedOperationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.schema import ExecutableDDLElement
    from sqlalchemy.sql.compiler import DDLCompiler

    from asyncmigrate.dialects.ddl import ColumnChange, ServerDefault


_POOLER = (
    "It looks as if a pooler stood before the server, and lent its sessions to others, too. "
    "Hand the migrator a URL instead of an engine, or a direct one (migrations_url), or make the "
    "engine with connect_args={'statement_cache_size': 0, 'prepared_statement_cache_size': 0, "
    "'prepared_statement_name_func': str} (asyncpg) or {'prepare_threshold': None} (psycopg)."
)
_NO_TRANSACTIONS = (
    "A pooler in statement mode allows no transactions, and no migration without them: set "
    "migrations_url to a direct URL of the server."
)
_REMEDIES = {
    "26000": _POOLER,  # a prepared statement is not there
    "42P05": _POOLER,  # or there already
    "55P04": "A new ENUM value can be used when the transaction that added it has ended: run the "
    "migration without --atomic and on an engine, where op.add_enum_value() sees to that.",
}
"""What to do, by SQLSTATE."""


class PostgreSQL(NamedEnums, PostgreSQLObjects, PostgreSQLSessions, Dialect):
    """PostgreSQL 12 and later."""

    name: ClassVar[str] = "postgresql"
    transactional_ddl: ClassVar[bool] = True
    offline_encoding: ClassVar[str] = "SET client_encoding = 'UTF8';"
    now: ClassVar[str] = "clock_timestamp()"

    def alter_column(self, change: ColumnChange) -> Iterator[ExecutableDDLElement]:
        """Give what changes a column: the type first, because a default must fit it.

        A default that would stand in the way of the new type is dropped before, and set after.
        """
        table, column = change.table, change.column
        if _counts_no_more(change):
            yield SetIdentity(table, column, None, existing=_identity(change))
            done = change.server_default is None
            change = replace(
                change,
                existing_server_default=None,
                server_default=False if done else change.server_default,
            )
        yield from _type_changes(change)
        gone = _in_the_way(change)
        if gone:
            change = replace(change, existing_server_default=None)
        if change.nullable is not None:
            yield ddl.SetNullable(table, column, nullable=change.nullable)
        if change.server_default is not False and not (gone and change.server_default is None):
            yield from _default_changes(change)
        if change.comment is not False:
            yield ddl.SetComment(table, column, change.comment)
        if change.new_name is not None:
            yield ddl.RenameColumn(table, column, change.new_name)

    def replace_enum(
        self, enum: sa.Enum, mapping: Mapping[str, str]
    ) -> Iterator[ExecutableDDLElement]:
        """Give the block that makes the type anew and converts its columns."""
        yield ReplaceEnum(enum, mapping)

    def validate_constraint(self, table: sa.Table, name: str) -> Iterator[ExecutableDDLElement]:
        """Give VALIDATE CONSTRAINT."""
        yield ValidateConstraint(table, name)

    def invalid_index(self, table: str, index: str) -> str:
        """Return the query for an index of that table which is not valid."""
        return (
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_index"
            f" WHERE indexrelid = to_regclass({_text(index)})"
            f" AND indrelid = to_regclass({_text(table)}) AND NOT indisvalid)"
        )

    def has_constraint(self, table: str, name: str) -> str:
        """Return the query for a constraint of any kind, EXCLUDE too."""
        return (
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint"
            f" WHERE conrelid = to_regclass({_text(table)}) AND conname = {_text(name)})"
        )

    def column_names(self, table: str) -> str:
        """Return the query for the columns; the inspector needs three."""
        return (
            "SELECT attname FROM pg_catalog.pg_attribute"
            f" WHERE attrelid = to_regclass({_text(table)}) AND attnum > 0 AND NOT attisdropped"
        )

    def remedy(self, error: BaseException | None) -> str:
        """Return what to do about an ENUM value that is used too early, and about poolers."""
        if "statement pooling mode" in str(error):
            return _NO_TRANSACTIONS
        return _REMEDIES.get(getattr(getattr(error, "orig", None), "sqlstate", ""), "")

    def is_new_type(self, type_name: str) -> str:
        """Return the query that compares the type's transaction with the current one."""
        return (
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_type"
            f" WHERE oid = to_regtype({_text(type_name)})"
            " AND xmin::text = mod(txid_current_if_assigned(), 4294967296)::text)"
        )

    def assume(self, dialect: Any) -> None:
        """Assume standard_conforming_strings, PostgreSQL's default."""
        dialect._backslash_escapes = False

    def try_lock(self, key: int, *, in_transaction: bool = False, driver: Any = None) -> str:
        """Return the query for an advisory lock of the session or of the transaction.

        A lock of a session that a pooler lends would stay with the session, in the pool.
        """
        if in_transaction:
            return f"SELECT pg_try_advisory_xact_lock({key})"
        call = f"pg_try_advisory_lock({key})"
        return f"SELECT CASE WHEN {is_own(driver)} THEN {call} END" if driver else f"SELECT {call}"

    def has_table(self, name: str) -> str:
        """Return to_regclass()."""
        return f"to_regclass({_text(name)}) IS NOT NULL"

    def from_now(self, seconds: float) -> str:
        """Return a sum with an interval."""
        return f"{self.now} + interval '{seconds:.3f} seconds'"

    def lock_details(self, key: int) -> str:
        """Return the query for the holder; its last statement was the one that took the lock."""
        return (
            "SELECT pid AS process,"
            " coalesce(nullif(application_name, ''), usename) AS name,"
            " extract(epoch FROM clock_timestamp() - state_change) AS age,"
            " client_addr IS NOT DISTINCT FROM inet_client_addr() AS is_from_here"
            f"{_holding(key)}"
        )

    def end_lock_session(self, key: int, process: int) -> str:
        """Return pg_terminate_backend() for the session, as long as it holds the lock."""
        return f"SELECT pg_terminate_backend(pid){_holding(key)} AND pid = {process}"

    def session_setup(self, name: str, driver: Any = None) -> str:
        """Return what names the session, and keeps it although it is idle for as long as a run.

        PostgreSQL 14 and later end idle sessions if they are told to; earlier ones have no such
        setting, which is why it is looked up.
        """
        quoted = name.replace("'", "''")
        return (
            "SELECT set_config(name, CASE name WHEN 'application_name'"
            f" THEN '{quoted}' ELSE '0' END, false)"
            " FROM pg_catalog.pg_settings"
            f" WHERE {is_own(driver)} AND name IN ('application_name', 'idle_session_timeout')"
        )

    def sessions_running(self) -> str:
        """Return the query about the sessions' current statements."""
        return (
            "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database() AND state = 'active'"
            " AND left(btrim(query, E' \\n\\t'), length(CAST(:text AS text))) = CAST(:text AS text)"
        )

    def interrupt(self, driver: Any) -> str | None:
        """Return the call that cancels the session's statement (asyncpg and psycopg)."""
        number = session_of(driver)
        return None if number is None else f"SELECT pg_cancel_backend({number})"

    def literal_bytes(self, value: bytes) -> str:
        r"""Return bytes as a literal.

        >>> print(PostgreSQL().literal_bytes(b"a1"))
        '\x6131'::bytea
        """
        return rf"'\x{value.hex()}'::bytea"


def _holding(key: int) -> str:
    """Return FROM and WHERE of queries about the session that holds an advisory lock."""
    return (
        " FROM pg_catalog.pg_locks JOIN pg_catalog.pg_stat_activity USING (pid)"
        " WHERE locktype = 'advisory' AND granted AND objsubid = 1"
        f" AND classid = {(key >> 32) & 0xFFFFFFFF} AND objid = {key & 0xFFFFFFFF}"
        " AND database = (SELECT oid FROM pg_catalog.pg_database"
        " WHERE datname = current_database())"
    )


class SetIdentity(ddl.AlterColumn):
    """ALTER COLUMN … ADD, SET or DROP … IDENTITY."""

    def __init__(
        self,
        table: sa.Table,
        column: str,
        identity: sa.Identity | None,
        *,
        existing: sa.Identity | None,
    ) -> None:
        super().__init__(table, column)
        self.identity = identity
        self.existing = existing


class ValidateConstraint(ddl.AlterTable):
    """VALIDATE CONSTRAINT: the rows that were there before are checked as well."""

    def __init__(self, table: sa.Table, name: str) -> None:
        super().__init__(table)
        self.name = name


class SetExpression(ddl.AlterColumn):
    """ALTER COLUMN … SET EXPRESSION: every row is computed again."""

    def __init__(self, table: sa.Table, column: str, computed: sa.Computed) -> None:
        super().__init__(table, column)
        self.computed = computed


class DropExpression(ddl.AlterColumn):
    """ALTER COLUMN … DROP EXPRESSION: a generated column keeps its values and becomes plain."""


def _type_changes(change: ColumnChange) -> Iterator[ExecutableDDLElement]:
    if change.type_ is None:
        return
    table, column = change.table, change.column
    in_the_way = _in_the_way(change)
    if in_the_way:
        yield ddl.SetDefault(table, column, None)
    yield ddl.SetType(table, column, change.type_, using=change.using)
    if in_the_way and change.server_default is False:
        yield ddl.SetDefault(table, column, _known(change.existing_server_default))


def _counts_no_more(change: ColumnChange) -> bool:
    """Return whether an identity goes, before a type or a NULL that no identity could have."""
    new = change.server_default
    stays = new is False or isinstance(new, sa.Identity)
    others = change.type_ is not None or change.nullable
    return bool(others) and _identity(change) is not None and not stays


def _identity(change: ColumnChange) -> sa.Identity | None:
    existing = change.existing_server_default
    return existing if isinstance(existing, sa.Identity) else None


def _in_the_way(change: ColumnChange) -> bool:
    """Return whether the type changes, and the default is one that has to go before."""
    if change.type_ is None:
        return False
    new, existing = change.server_default, change.existing_server_default
    if isinstance(existing, sa.Identity | sa.Computed):
        return False
    if isinstance(new, sa.Identity):
        return _known(existing) is not None
    if new is False:
        # With USING there is no cast that PostgreSQL would take for the default, too.
        return change.using is not None and _known(existing) is not None
    return existing is not None and not isinstance(new, sa.Computed)


def _known(default: ServerDefault | Literal[False] | None) -> ServerDefault | None:
    return None if default is False else default


def _default_changes(change: ColumnChange) -> Iterator[ExecutableDDLElement]:
    """Give what takes away what the column has, unless it is altered in place, and the new."""
    table, column = change.table, change.column
    new, existing = change.server_default, change.existing_server_default
    if isinstance(new, sa.Computed):
        if not isinstance(existing, sa.Computed):
            refuse_generated(change)
        yield SetExpression(table, column, new)
        return
    if isinstance(new, sa.Identity) and isinstance(existing, sa.Identity):
        yield SetIdentity(table, column, new, existing=existing)
        return
    if isinstance(existing, sa.Computed):
        yield DropExpression(table, column)
    elif isinstance(existing, sa.Identity):
        yield SetIdentity(table, column, None, existing=existing)
    elif isinstance(new, sa.Identity) and _known(existing) is not None:
        yield ddl.SetDefault(table, column, None)
    if isinstance(new, sa.Identity):
        yield SetIdentity(table, column, new, existing=None)
    elif new is not None or not isinstance(existing, sa.Computed | sa.Identity):
        assert new is not False, "asked for only when a default was given"
        yield ddl.SetDefault(table, column, new)


def _text(value: str) -> str:
    r"""Return a literal.

    >>> _text("it's")
    "'it''s'"
    """
    quoted = value.replace("'", "''")
    return f"'{quoted}'"


@compiles(ValidateConstraint, "postgresql")
def _validate_constraint(element: ValidateConstraint, compiler: DDLCompiler, **_: Any) -> str:
    name = compiler.preparer.quote(element.name)
    return f"{ddl.alter_table(element, compiler)} VALIDATE CONSTRAINT {name}"


@compiles(SetExpression, "postgresql")
def _set_expression(element: SetExpression, compiler: DDLCompiler, **_: Any) -> str:
    version = getattr(compiler.dialect, "server_version_info", None)
    if version is not None and version < (17,):
        raise UnsupportedOperationError(
            f"PostgreSQL {version[0]} cannot give the column {element.column!r} of table "
            f"{element.table.fullname!r} another expression: SET EXPRESSION came with 17.",
            next="Drop the column and add it again; a generated column is computed anew anyway.",
        )
    text = compiler.sql_compiler.process(
        element.computed.sqltext, include_table=False, literal_binds=True
    )
    return f"{ddl.alter_column(element, compiler)} SET EXPRESSION AS ({text})"


@compiles(DropExpression, "postgresql")
def _drop_expression(element: DropExpression, compiler: DDLCompiler, **_: Any) -> str:
    return f"{ddl.alter_column(element, compiler)} DROP EXPRESSION"


@compiles(SetIdentity, "postgresql")
def _set_identity(element: SetIdentity, compiler: DDLCompiler, **_: Any) -> str:
    prefix = ddl.alter_column(element, compiler)
    if element.identity is None:
        return f"{prefix} DROP IDENTITY"
    if element.existing is None:
        return f"{prefix} ADD {compiler.visit_identity_column(element.identity)}"  # type: ignore[no-untyped-call]
    return " ".join([prefix, *_identity_changes(element.existing, element.identity, compiler)])


def _identity_changes(
    before: sa.Identity, after: sa.Identity, compiler: DDLCompiler
) -> Iterator[str]:
    if bool(before.always) != bool(after.always) or _options(before) == _options(after):
        yield f"SET GENERATED {'ALWAYS' if after.always else 'BY DEFAULT'}"
    for option, value in _options(after).items():
        if value != _options(before)[option]:
            yield f"SET {compiler.get_identity_options(sa.Identity(**{option: value}))}"


def _options(identity: sa.Identity) -> dict[str, Any]:
    names = ("start", "increment", "minvalue", "maxvalue", "nominvalue", "nomaxvalue", "cycle")
    return {name: getattr(identity, name) for name in (*names, "cache")}
