"""A database compared with models, by us and by Alembic; and our script for it, run."""

from __future__ import annotations

import asyncio
import linecache
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from asyncmigrate.dialects import by_name
from asyncmigrate.engine.transaction import Transaction
from asyncmigrate.migrator import autogenerate
from asyncmigrate.migrator.autogenerate import Answers
from asyncmigrate.op import use
from asyncmigrate.render.script import Spelling
from asyncmigrate.render.script import script as written
from asyncmigrate.schema.describe import differences_of
from asyncmigrate.schema.scope import Scope
from asyncmigrate.scripts.comparing import read_sides
from asyncmigrate.scripts.directives import to_the_end
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink
from asyncmigrate.scripts.template import ScriptText, render

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from asyncmigrate.schema.compare import Comparison
    from tests.oracle.databases import Database

T = TypeVar("T")

NO_RENAMES = Answers(no_renames=True)
"""Whoever is asked says that nothing was renamed."""

ALL_OPTIONS: dict[str, Any] = {
    "compare_type": True,
    "compare_server_default": True,
    "include_schemas": True,
    "autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
}
"""Everything that Alembic can be asked to look at."""


def call(database: Database, work: Callable[[sa.Connection], T]) -> T:
    """Call `work` with a connection as a migration gets one.

    For SQLite that is one of an async driver; elsewhere a migration cannot tell.
    """
    if database.name != "sqlite":
        return database.call(work)

    async def across() -> T:
        async with database.asynchronous.connect() as connection:
            return await connection.run_sync(work)

    return asyncio.run(across())


def ours(database: Database, metadata: sa.MetaData, answers: Answers = NO_RENAMES) -> Comparison:
    """Compare; whatever was made for that is gone again."""

    def work(connection: sa.Connection) -> Comparison:
        transaction = begun(connection)
        try:
            sides = read_sides(connection, [metadata], Scope())
        finally:
            transaction.rollback()
        return autogenerate.decided(sides, answers)

    return call(database, work)


def lines(comparison: Comparison) -> list[str]:
    """Return what `check` prints of it."""
    return [str(each) for each in differences_of(comparison.changes)]


def script(comparison: Comparison, answers: Answers = NO_RENAMES) -> str:
    """Return the script that `revision --autogenerate` would write."""
    calls = autogenerate.calls_of(comparison, autogenerate.ordered(comparison), answers)
    bodies = written(*calls, Spelling(dialect=comparison.forms.dialect))
    text = ScriptText(
        rev_id="1",
        message="a change",
        date=None,  # type: ignore[arg-type]  # the template asks for none
        imports=bodies.imports,
        upgrades=bodies.upgrades,
        downgrades=bodies.downgrades,
    )
    return render(text, Path("/nonexistent"))


def run(database: Database, source: str, direction: str) -> None:
    """Run one direction of a script, in a transaction."""
    linecache.cache["change.py"] = (len(source), None, source.splitlines(True), "change.py")
    names: dict[str, Any] = {"__name__": "change"}
    exec(compile(source, "change.py", "exec"), names)

    def work(connection: sa.Connection) -> None:
        transaction = begun(connection)
        operations = Operations(LiveSink(connection, transaction, None))
        try:
            with use(operations), to_the_end(operations):
                names[direction]()
            transaction.commit()
        except BaseException:
            transaction.rollback()
            raise

    call(database, work)


def begun(connection: sa.Connection) -> Transaction:
    """Begin a migration's transaction."""
    transaction = Transaction(connection, by_name(connection.dialect.name))
    transaction.begin()
    return transaction


def execute(database: Database, sql: str | Sequence[str]) -> None:
    """Run SQL as it stands, in a transaction."""
    statements = [sql] if isinstance(sql, str) else sql

    def work(connection: sa.Connection) -> None:
        for each in statements:
            connection.exec_driver_sql(each)
        connection.commit()

    database.call(work)


def create_all(database: Database, metadata: sa.MetaData) -> None:
    """Make what models declare."""

    def work(connection: sa.Connection) -> None:
        metadata.create_all(connection)
        connection.commit()

    database.call(work)


# --- Alembic -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """One difference that Alembic saw: its word for it, the table, and the name in there."""

    word: str
    table: str
    name: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.word, ".".join(filter(None, (self.table, self.name))))))


def alembics(database: Database, metadata: sa.MetaData, options: dict[str, Any]) -> list[Found]:
    """Compare with Alembic. Raises whatever it raises."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def work(connection: sa.Connection) -> list[Found]:
        context = MigrationContext.configure(connection, opts=dict(options))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [_found(each) for each in _flat(compare_metadata(context, metadata))]

    return database.call(work)


def safely(compare: Callable[[], list[Found]]) -> list[Found]:
    """Return what Alembic sees; that it stopped is something that it sees, too."""
    try:
        return compare()
    except Exception as error:
        return [Found("failed:", type(error).__name__)]


def _flat(differences: Sequence[Any]) -> list[Any]:
    """Return differences one by one: those of a column come as a list."""
    return [one for each in differences for one in (each if isinstance(each, list) else [each])]


def _found(difference: Any) -> Found:
    word, *rest = difference
    if word.startswith("modify_"):
        _, table, column, *_ = rest
        return Found(word, table, column)
    if word in {"add_column", "remove_column"}:
        _, table, column = rest
        return Found(word, table, column.name)
    item = rest[0]
    if word.endswith(("_table", "_table_comment")):
        return Found(word, item.name)
    # SQLAlchemy reads the quotes in a name of SQLite's constraints doubled.
    return Found(word, item.table.name, (item.name or "").replace('""', '"'))
