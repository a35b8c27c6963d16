"""A script run by Alembic, by us, and as SQL by the database's own shell: what each leaves."""

from __future__ import annotations

import pickle
import shutil
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate import Migrator
from asyncmigrate.errors import MigrateError
from tests.golden.sqltext import CONVENTION
from tests.oracle.catalogs import Dump, dump
from tests.oracle.written import Script, body
from tests.project import Project

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator
    from pathlib import Path

    from tests.oracle.databases import Database


@dataclass(frozen=True, slots=True)
class Failed:
    """The script did not come to its end."""

    why: str


Outcome = Dump | Failed


def differing(*, ours: Outcome, other: Outcome) -> dict[str, tuple[Any, Any]]:
    """Return what is not the same: ours first."""
    if isinstance(ours, Failed) or isinstance(other, Failed):
        return {} if ours == other else {"failed": (ours, other)}
    keys = sorted({*ours, *other})
    return {k: (ours.get(k), other.get(k)) for k in keys if ours.get(k) != other.get(k)}


@dataclass(slots=True)
class Sides:
    """Runs scripts on one database.

    What a live run of ours left is kept in a file, which the other workers of this run read too.
    """

    database: Database
    folder: Path
    shared: Path
    runner: asyncio.Runner

    def ours(self, script: Script) -> Outcome:
        """Return what `Migrator.upgrade` leaves."""
        kept = self.shared / f"{self.database.name}-{script.name}.pickle"
        if not kept.exists():
            written = self.folder.with_suffix(".pickle")
            written.write_bytes(pickle.dumps(self._ours(script)))
            written.replace(kept)
        found: Outcome = pickle.loads(kept.read_bytes())
        return found

    def _ours(self, script: Script) -> Outcome:
        self.database.empty()
        migrator = self._migrator(script)
        try:
            self.runner.run(migrator.upgrade())
        except MigrateError as error:
            return Failed(f"{error.message} {error.__cause__!r}")
        return self._dump()

    def sql(self, script: Script) -> str:
        """Return `Migrator.sql`, which may raise."""
        return self._migrator(script).sql("upgrade", "head")

    def fed(self, sql: str) -> Outcome:
        """Return what the database's own shell leaves after it was fed the text."""
        self.database.empty()
        complaint = self.database.feed(sql)
        return Failed(complaint) if complaint else self._dump()

    def alembics(self, script: Script) -> Outcome:
        """Return what Alembic leaves."""
        self.database.empty()
        try:
            for text in filter(None, (script.setup, script.upgrade)):
                self.database.call(partial(_alembic, text=text, metadata=_metadata(script)))
        except Exception as error:
            return Failed(repr(error))
        return self._dump()

    def _dump(self) -> Dump:
        return self.database.call(dump)

    def _migrator(self, script: Script) -> Migrator:
        shutil.rmtree(self.folder, ignore_errors=True)
        project = Project(self.folder)
        setup = "0001" if script.setup else None
        if setup:
            project.revision(setup, upgrade=script.setup)
        project.revision("0002", setup, upgrade=script.upgrade)
        return Migrator(
            self.database.asynchronous,
            script_location=project.script_location,
            metadata=_metadata(script),
            lock=False,
        )


def _metadata(script: Script) -> sa.MetaData | None:
    return sa.MetaData(naming_convention=CONVENTION) if script.convention else None


def _alembic(connection: sa.Connection, text: str, metadata: sa.MetaData | None) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    options: dict[str, Any] = {"transaction_per_migration": True, "target_metadata": metadata}
    context = MigrationContext.configure(connection, opts=options)
    op: Any = Operations(context)
    if connection.dialect.name == "sqlite":
        op = InBatches(op)
    names: dict[str, Any] = {"op": op, "sa": sa}
    exec(compile(f"def upgrade():\n{body(text)}\n", "script.py", "exec"), names)
    with context.begin_transaction(_per_migration=True), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names["upgrade"]()


class InBatches:
    """Alembic's `op` for SQLite: what it refuses on its own goes through batch_alter_table."""

    def __init__(self, op: Any) -> None:
        self._op = op

    def __getattr__(self, name: str) -> Any:
        return getattr(self._op, name)

    @contextmanager
    def _batch(self, table: str, schema: str | None = None) -> Iterator[Any]:
        with self._op.batch_alter_table(table, schema=schema) as batch:
            yield batch

    def add_column(self, table: str, column: sa.Column[Any], **options: Any) -> None:
        if options or not (column.foreign_keys or column.unique or column.computed is not None):
            self._op.add_column(table, column, **options)
            return
        with self._batch(table) as batch:
            batch.add_column(column)

    def drop_column(self, table: str, column: str, **options: Any) -> None:
        with self._batch(table) as batch:
            batch.drop_column(column, **options)

    def alter_column(self, table: str, column: str, **options: Any) -> None:
        with self._batch(table) as batch:
            batch.alter_column(column, **options)

    def drop_constraint(
        self, name: str, table: str, type_: str | None = None, **options: Any
    ) -> None:
        with self._batch(table) as batch:
            batch.drop_constraint(name, type_=type_, **options)

    def create_foreign_key(
        self, name: str, table: str, referent: str, local: Any, remote: Any, **options: Any
    ) -> None:
        with self._batch(table) as batch:
            batch.create_foreign_key(name, referent, local, remote, **options)

    def create_unique_constraint(self, name: str, table: str, columns: Any, **options: Any) -> None:
        with self._batch(table) as batch:
            batch.create_unique_constraint(name, columns, **options)

    def create_check_constraint(
        self, name: str, table: str, condition: Any, **options: Any
    ) -> None:
        with self._batch(table) as batch:
            batch.create_check_constraint(name, condition, **options)

    def create_primary_key(self, name: str, table: str, columns: Any, **options: Any) -> None:
        with self._batch(table) as batch:
            batch.create_primary_key(name, columns, **options)
