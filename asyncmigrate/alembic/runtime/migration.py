"""`alembic.runtime.migration`: the migration that runs, as scripts and plug-ins see it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.alembic import ddl
from asyncmigrate.alembic.runtime.project import OfProject
from asyncmigrate.alembic.util.exc import CommandError
from asyncmigrate.alembic.words import absent, missing
from asyncmigrate.op import in_script
from asyncmigrate.op import op as running
from asyncmigrate.scripts.context import MigrationContext as Context
from asyncmigrate.scripts.sink import LiveSink
from asyncmigrate.scripts.sqltext import SqlSink
from asyncmigrate.scripts.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Executable

    from asyncmigrate.scripts.sink import Sink


@dataclass(frozen=True, slots=True)
class MigrationContext(OfProject, Context):
    """The migration that runs; or one that a script made itself, with `configure`."""

    opts: dict[str, Any] = field(default_factory=dict)
    """The options of Alembic's `configure` that are known here."""

    @classmethod
    def configure(
        cls,
        connection: Connection | None = None,
        url: Any = None,
        dialect_name: str | None = None,
        dialect: Any = None,
        environment_context: object = None,
        dialect_opts: Mapping[str, Any] | None = None,
        opts: Mapping[str, Any] | None = None,
    ) -> MigrationContext:
        """Return a context of its own, for `Operations(context)`.

        With a connection its operations run at once, in the transaction that is open there;
        without, their SQL is written to `opts["output_buffer"]`.

        Raises:
            CommandError: there is neither a connection nor anything that names a dialect.
        """
        options = dict(opts or {})
        if connection is not None and in_script() and connection is running.get_bind():
            # The migration's own: its SQL goes where that of `op` goes.
            return cls(running.get_context().sink, opts=options)
        if connection is not None and not options.get("as_sql"):
            if not hasattr(connection, "execute"):
                raise CommandError(
                    f"MigrationContext.configure() takes a Connection, not {connection!r}."
                )
            return cls(LiveSink(connection), stands_alone=True, opts=options)
        found = connection.dialect if connection is not None else dialect
        if found is None and url is not None:
            found = sa.make_url(url).get_dialect()(**dict(dialect_opts or {}))
        if found is None and dialect_name is not None:
            found = sa.make_url(f"{dialect_name}://").get_dialect()(**dict(dialect_opts or {}))
        if found is None:
            raise CommandError("MigrationContext.configure() needs a connection, url or dialect.")
        buffer = options.get("output_buffer")
        write = buffer.write if buffer is not None else _discard
        return cls(SqlSink(found, write), stands_alone=True, opts=options)

    @classmethod
    def of_run(cls, sink: Sink, target_metadata: Any) -> MigrationContext:
        """Return the context of a revision that runs, with the options that scripts ask for."""
        run = surroundings()
        settings = run.config.settings if run.config else None
        options = {
            **run.options,
            "as_sql": sink.as_sql,
            "destination_rev": run.targets[0] if len(run.targets) == 1 else run.targets,
            "include_schemas": False,
            "render_as_batch": bool(settings and settings.render_as_batch),
            "tag": None,
            "target_metadata": target_metadata,
            "transaction_per_migration": True,
            "version_table": settings.version_table if settings else "alembic_version",
            "version_table_schema": settings.version_table_schema if settings else None,
        }
        return cls(sink, opts=options)

    @property
    def environment_context(self) -> Any:
        """What `alembic.context` is: the run that the migration belongs to."""
        return import_module("asyncmigrate.alembic.runtime.environment").EnvironmentContext()

    @property
    def impl(self) -> Any:
        """Alembic's `DefaultImpl`: how operations are carried out."""
        return ddl.impl.impl_of(self)

    @property
    def version_table(self) -> str:
        """The name of the version table."""
        found = surroundings().config
        ours = found.settings.version_table if found else "alembic_version"
        return str(self.opts.get("version_table") or ours)

    @property
    def version_table_schema(self) -> str | None:
        """The schema of the version table."""
        found = surroundings().config
        ours = found.settings.version_table_schema if found else None
        schema: str | None = self.opts.get("version_table_schema", ours)
        return schema

    @property
    def _transaction(self) -> Any:
        return self.bind.get_transaction()

    def get_current_heads(self) -> tuple[str, ...]:
        """Return what the version table holds; before the first revision, nothing. Reads only."""
        if self.as_sql:
            return ()
        table, schema = self.version_table, self.version_table_schema
        if not sa.inspect(self.bind).has_table(table, schema=schema):
            return ()
        versions = sa.table(table, sa.column("version_num"), schema=schema)
        return tuple(self.bind.scalars(sa.select(versions.c.version_num)))

    def get_current_revision(self) -> str | None:
        """Return the one row of the version table, or None.

        Raises:
            CommandError: it has several.
        """
        heads = self.get_current_heads()
        if len(heads) > 1:
            raise CommandError(
                f"The version table holds {len(heads)} rows ({', '.join(heads)}); "
                "get_current_heads() returns them."
            )
        return heads[0] if heads else None

    def execute(
        self, sql: Executable | str, execution_options: Mapping[str, Any] | None = None
    ) -> None:
        """Run a statement."""
        statement = sa.text(sql) if isinstance(sql, str) else sql
        self.sink.execute(statement, execution_options=execution_options)

    def begin_transaction(self, _per_migration: bool = False) -> AbstractContextManager[Any]:
        """Open a transaction if the context stands alone and none is open; else do nothing."""
        if self.as_sql or not self.stands_alone or self.bind.in_transaction():
            return nullcontext()
        return self.bind.begin()

    def run_migrations(self) -> None:
        """Refuse: an env.py runs migrations; here `amigrate upgrade` does."""
        raise CommandError(missing("alembic.context", "run_migrations"))

    def stamp(self, script_directory: Any, revision: str) -> None:
        """Refuse: the version table belongs to the run."""
        raise CommandError("A script cannot stamp; use `amigrate stamp`, or Migrator.stamp().")


def _discard(_: str) -> None:
    """Write nowhere."""


def __getattr__(name: str) -> Any:
    if name == "MigrationInfo":
        return import_module("asyncmigrate.alembic.runtime.applied").MigrationInfo
    raise absent("alembic.runtime.migration", name)


__all__ = ["MigrationContext"]
