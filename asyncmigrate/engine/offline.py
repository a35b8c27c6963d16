"""The SQL of a plan as text, for databases that only a DBA may touch.

The same plan and the same scripts as a live run; only the sink differs. What comes out is run as
it is by `psql -v ON_ERROR_STOP=1` or `sqlite3`, and leaves the same schema, version table and
history table behind.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.schema import CreateTable

from asyncmigrate._version import __version__
from asyncmigrate.alembic.runtime.migration import MigrationContext
from asyncmigrate.dialects import by_name, note_on
from asyncmigrate.engine.failure import unwritten
from asyncmigrate.engine.store import OUTCOMES, Entry
from asyncmigrate.engine.texts import moves
from asyncmigrate.engine.urls import url_for_text
from asyncmigrate.errors import MigrateError, UrlError, UsageError
from asyncmigrate.history import plan as planning
from asyncmigrate.history.revision import Direction
from asyncmigrate.op import use
from asyncmigrate.scripts.directives import to_the_end
from asyncmigrate.scripts.loader import call, load_scripts
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.reversal import load_reversible
from asyncmigrate.scripts.sqltext import SqlSink, one_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.engine.interfaces import Dialect as SqlDialect

    from asyncmigrate.engine.store import Store
    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads, Plan, Step
    from asyncmigrate.scripts.loader import Script
    from asyncmigrate.scripts.shadow import Shadow


def dialect_of(url: sa.URL | str) -> SqlDialect:
    """Return SQLAlchemy's dialect for a URL, without a connection and without its driver.

    Raises:
        UrlError: SQLAlchemy knows no such database.
    """
    target = url_for_text(url)
    try:
        return target.get_dialect()()
    except NoSuchModuleError as error:
        raise UrlError(
            f"SQLAlchemy knows no database {target.drivername!r}.",
            next="Check the part before ://.",
        ) from error


def offline_plan(command: str, graph: RevisionGraph, targets: Sequence[str]) -> Plan:
    """Return the plan of `FROM:TO`, or of `TO` from base.

    Raises:
        UsageError: a downgrade without FROM; no database can be asked where it starts.
    """
    start, end = _range(command, targets)
    heads = planning.stamp(graph, frozenset(), [start]).after  # the rows of a database at FROM
    match command:
        case "upgrade":
            return planning.upgrade(graph, heads, end)
        case "downgrade":
            return planning.downgrade(graph, heads, end[0])
        case _:
            return planning.stamp(graph, heads, end)


def _range(command: str, targets: Sequence[str]) -> tuple[str, Sequence[str]]:
    if len(targets) == 1 and targets[0].count(":") == 1:
        start, end = targets[0].split(":")
        return start or "base", (end or ("base" if command == "downgrade" else "head"),)
    if any(":" in target for target in targets):
        raise UsageError(
            f"{' '.join(targets)!r} is not one range FROM:TO.", next="For example `ae10:head`."
        )
    if command == "downgrade":
        raise UsageError(
            "downgrade --sql needs FROM:TO, because no database is asked where it is.",
            next=f"For example `amigrate downgrade head:{targets[0]} --sql`.",
        )
    return "base", targets


@dataclass(slots=True)
class OfflineRun:
    """Writes a plan as SQL text."""

    dialect: SqlDialect
    store: Store
    write: Callable[[str], None]
    metadata: sa.MetaData | None = None
    x: Mapping[str, str] = field(default_factory=dict)
    graph: RevisionGraph | None = None
    """The history, of which SQLite may need what stands before the plan."""

    def run(self, command: str, plan: Plan) -> None:
        """Write every step, in order.

        Raises:
            OfflineError: a script asked the database something, or failed.
            ScriptError, IrreversibleError: before anything is written.
        """
        scripts = load_reversible(plan, self.dialect, metadata=self.metadata, x=self.x)
        text: list[str] = []
        sink = SqlSink(self.dialect, text.append)
        sink.has_unknown_types = bool(plan.before)
        if plan.before and self.graph is not None:
            sink.shadow.history = partial(self._earlier, self.graph, plan.before)
        self._begin(command)
        with closing(sink.shadow):
            self._write_steps(plan, scripts, sink, text)

    def ensure_version(self) -> None:
        """Write what makes the version table, and the history table if one is kept."""
        text: list[str] = []
        sink = SqlSink(self.dialect, text.append)
        self._begin("ensure_version")
        with closing(sink.shadow):
            self._create_tables(sink, fresh=True)
            encoding = by_name(self.dialect.name).offline_encoding
            self.write(one_transaction(sink, text, encoding=encoding))

    def _begin(self, command: str) -> None:
        self.write(f"-- asyncmigrate {__version__}: {command}, for {self.dialect.name}\n\n")
        note = note_on(self.dialect.name)
        if note:
            self.write(f"-- {note}\n\n")

    def _write_steps(
        self, plan: Plan, scripts: Mapping[str, Script], sink: SqlSink, text: list[str]
    ) -> None:
        encoding = by_name(self.dialect.name).offline_encoding
        for index, step in enumerate(plan.steps):
            self.write(f"-- {_title(step)}\n\n")
            if index == 0:
                self._create_tables(sink, fresh=not plan.before)
            script = scripts.get(step.revision.id) if step.revision else None
            if script is not None:
                self._run_script(sink, step, script)
            self._record(sink, step, script)
            written = one_transaction(sink, text, encoding=encoding)
            if encoding in written:
                encoding = ""
            self.write(written)
            text.clear()

    def _earlier(self, graph: RevisionGraph, heads: Heads, shadow: Shadow) -> str:
        """Run the history up to `heads` in the shadow, and return why that failed, if it did."""
        sink = SqlSink(self.dialect, lambda _: None)
        sink.shadow = shadow
        revision = ""
        try:
            plan = planning.upgrade(graph, frozenset(), sorted(heads))
            scripts = load_scripts(plan)
            for step in plan.steps:
                if step.revision is not None:
                    revision = step.revision.id
                    self._run_script(sink, step, scripts[revision])
        except Exception as error:  # noqa: BLE001 -- an old script may raise anything
            said = error.message if isinstance(error, MigrateError) else repr(error)
            return f"the earlier revision {revision} cannot be written as SQL ({said})"
        return ""

    def _create_tables(self, sink: SqlSink, *, fresh: bool) -> None:
        guarded = "create_table" in by_name(self.dialect.name).guards
        for table in (self.store.versions, self.store.log):
            if table is not None and (guarded or fresh):
                made = _numbered(table) if self.dialect.name == "oracle" else table
                sink.execute(CreateTable(made, if_not_exists=guarded))

    def _run_script(self, sink: SqlSink, step: Step, script: Script) -> None:
        function = script.upgrade if step.direction is Direction.UP else script.downgrade
        assert function is not None, "load_reversible gives every script its way back"
        context = MigrationContext.of_run(sink, self.metadata)
        operations = Operations(context, metadata=self.metadata, x=self.x)
        try:
            with use(operations), to_the_end(operations):
                call(function, operations)
        except MigrateError:
            raise
        except Exception as error:
            raise unwritten(step, error) from error

    def _record(self, sink: SqlSink, step: Step, script: Script | None) -> None:
        for move in moves(step.before, step.after):
            sink.execute(self.store.statement(move))
        if self.store.log is None:
            return
        now = datetime.now(UTC)
        entry = Entry(
            revision=step.revision.id if step.revision else "base",
            direction=step.direction.value,
            started_at=now,
            finished_at=now,
            outcome=OUTCOMES[step.direction],
            checksum=script.checksum if script else "",
            message=step.revision.message if step.revision else None,
        )
        when = dict.fromkeys(("started_at", "finished_at"), sa.func.current_timestamp())
        sink.execute(sa.insert(self.store.log).inline().values(self.store.row(entry) | when))


def _numbered(table: sa.Table) -> sa.Table:
    """Return the history table with an identity, without which Oracle numbers no row."""
    copy = table.to_metadata(sa.MetaData())
    if "id" in copy.c:
        numbered = sa.Column("id", copy.c.id.type, sa.Identity(), primary_key=True)
        copy.append_column(numbered, replace_existing=True)
    return copy


def _title(step: Step) -> str:
    revision = step.revision.id if step.revision else "base"
    message = f": {step.revision.message}" if step.revision and step.revision.message else ""
    return f"{step.direction.value} {revision}{message}"
