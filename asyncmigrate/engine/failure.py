"""The sentence that a person reads when a revision fails: what, where, and what it left behind."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import reflection
from sqlalchemy.exc import DBAPIError

from asyncmigrate.dialects import by_name
from asyncmigrate.engine.bind import shown
from asyncmigrate.errors import (
    DatabaseConnectionError,
    DatabaseRefusedError,
    MigrateError,
    OfflineError,
    StepFailedError,
    TableChangeError,
)
from asyncmigrate.scripts.offline_bind import not_connected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import URL

    from asyncmigrate.engine.activity import Blocker
    from asyncmigrate.engine.transaction import Transaction
    from asyncmigrate.history.revision import Step

_LONGEST_STATEMENT = 400


def step_failed(
    step: Step,
    error: Exception,
    applied: Sequence[str],
    transaction: Transaction,
    in_the_way: Sequence[Blocker] = (),
) -> StepFailedError:
    """Return the error for a step, with the cause in the words of the database.

    `in_the_way` are the sessions that its statement waited for.
    """
    return StepFailedError(
        f"{_named(step)} failed: {_cause_and_line(error, step)}{_waited_for(in_the_way)}.",
        revision=step.revision.id if step.revision else "base",
        applied=applied,
        stayed=transaction.journal.kept(),
        state=state_after(step, transaction, applied, error),
        blockers=tuple(map(str, in_the_way)),
        next=_way_free(in_the_way, step, transaction, error) or advice(error, step, transaction),
    )


def unwritten(step: Step, error: Exception) -> OfflineError:
    """Return the error for a step whose script failed while its SQL was being written."""
    if any(
        each.filename == reflection.__file__ for each in traceback.extract_tb(error.__traceback__)
    ):
        return not_connected(_script_line(error, step) or "The script", "inspects the database")
    return OfflineError(
        f"{_named(step)} cannot be written as SQL: {_cause_and_line(error, step)}.",
        next="Mend the script, or run it online; --traceback shows where it came from.",
    )


def _named(step: Step) -> str:
    revision = step.revision.id if step.revision else "base"
    title = f" ({step.revision.message})" if step.revision and step.revision.message else ""
    return f"The {step.direction.value} of revision {revision}{title}"


def _cause_and_line(error: Exception, step: Step) -> str:
    where = _script_line(error, step)
    return f"{cause(error)}{f' at {where}' if where else ''}"


def _waited_for(in_the_way: Sequence[Blocker]) -> str:
    return f"; it had waited for {'; '.join(map(str, in_the_way))}" if in_the_way else ""


def _way_free(
    in_the_way: Sequence[Blocker], step: Step, transaction: Transaction, error: Exception
) -> str:
    """Say how to get rid of a session that is in the way, known or not; "" if none is."""
    command = "downgrade" if step.direction.value == "downgrade" else "upgrade"
    again = (
        f"then run `amigrate {command}` again. table_lock_timeout and lock_retries say how long a "
        "migration waits, and how often."
    )
    if in_the_way:
        end = transaction.dialect.end_session(in_the_way[0].process)
        ending = f", or end it: {end};" if end else ""
        return f"Let the other session end its transaction{ending} {again}"
    if transaction.dialect.is_lock_timeout(error) and not transaction.dialect.remedy(error):
        return (
            "Another session has a lock that the statement needs, and it could not be seen which: "
            "behind a pooler only a direct migrations_url shows it. Let it end its transaction, "
            f"{again}"
        )
    return ""


def cause(error: Exception) -> str:
    """Return what went wrong in one sentence: the driver's own words, and the statement."""
    if isinstance(error, MigrateError):
        return error.message.rstrip(".")
    if isinstance(error, DBAPIError) and error.orig is not None:
        said = " ".join(str(error.orig).split())
        # SQLAlchemy's adapters put the driver's class in front: "<class 'asyncpg…Error'>: text".
        said = said.partition(">: ")[2] or said
        statement = " ".join((error.statement or "").split())
        shown = statement[:_LONGEST_STATEMENT]
        shown += "…" if shown != statement else ""
        return f"{said.rstrip('.')}" + (f" [SQL: {shown}]" if shown else "")
    return f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(".: ")


def _script_line(error: BaseException, step: Step) -> str:
    if isinstance(error, TableChangeError):
        return ", ".join(error.lines)  # what sends them is a later line, or none
    if step.revision is None or not step.revision.file:
        return ""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == step.revision.file
    ]
    return f"{step.revision.file}:{lines[-1]}" if lines else ""


def advice(error: Exception, step: Step, transaction: Transaction) -> str:
    """Return what to do about a step that failed."""
    if isinstance(error, MigrateError) and error.next:
        return error.next
    if isinstance(error, AttributeError) and "AsyncAdapt" in str(error):
        return _of_another_driver(transaction)
    if remedy := transaction.dialect.remedy(error):
        return remedy
    again = "downgrade" if step.direction.value == "downgrade" else "upgrade"
    if transaction.dialect.recognised(error) == "already":
        return (
            "If an earlier run, or somebody else, has made it what it is to be, let the script "
            f"look first (if_not_exists=True, if_exists=True), then run `amigrate {again}` again."
        )
    if transaction.journal.told(error):
        return (
            "Mend the script from the failed statement on (or the database), then run `amigrate "
            f"{again}` again: it goes on there."
        )
    return f"Mend the script (or the database), then run `amigrate {again}` again."


def _of_another_driver(transaction: Transaction) -> str:
    """Say what to do about a method of one driver's cursor that the one in use has not."""
    dialect = transaction.connection.dialect
    if dialect.name == "postgresql" and dialect.driver != "psycopg":
        return (
            "The script calls what only another driver's cursor has, and the driver in use is "
            f"{dialect.driver}. Run it with --driver psycopg (pip install "
            "'asyncmigrate[psycopg]'), or write it with op.execute()."
        )
    return (
        "The script calls what only another driver's cursor has: SQLAlchemy's sync side of "
        f"{dialect.driver} has execute, executemany and the fetches. Write it with op.execute()."
    )


def state_after(
    step: Step,
    transaction: Transaction,
    applied: Sequence[str],
    error: Exception | None,
    what: str = "the failed revision",
) -> str:
    """Return what state the database is in after a step that failed or was cancelled."""
    heads = ", ".join(sorted(step.before)) or "base"
    before = f"The database is at {heads}"
    if applied:
        stay = "revision stays" if len(applied) == 1 else "revisions stay"
        before += f" ({len(applied)} earlier {stay})"
    if transaction.joined:
        return "The transaction is yours: roll it back."
    if transaction.autocommit_refused:
        return "All of this run was rolled back."
    stayed = transaction.journal.told(error)
    if stayed:
        return f"{before}. Of {what}, {stayed}. The rest was rolled back."
    if transaction.committed_early:
        return (
            f"{before}, and what this revision did outside of its transaction (op.autocommit(), "
            "CONCURRENTLY, a new ENUM value) and before that has stayed: look at it before you run "
            "again."
        )
    if transaction.dialect.recognised(error) == "already":
        return f"{before}; nothing else of this run has stayed."
    return f"{before}; {what} was rolled back."


def state_after_loss(transaction: Transaction) -> str:
    """Return what is left of a revision whose migrator lost its lease; others go on meanwhile."""
    stayed = transaction.journal.told(None)
    if stayed:
        return f"Of the revision that was running, {stayed}."
    if transaction.committed_early:
        return (
            "What the revision that was running did outside of its transaction (op.autocommit(), "
            "CONCURRENTLY) has stayed; the rest was rolled back."
        )
    return "The revision that was running was rolled back."


def refused(url: URL, error: Exception) -> DatabaseRefusedError:
    """Say that one of our own statements failed: about the version table, the lock, the session."""
    said = cause(error)
    if "file is not a database" in said:
        return DatabaseRefusedError(
            f"The file of {shown(url)} is not a database of SQLite.",
            next="Check the path of the URL, and whether the file is encrypted or damaged.",
        )
    if url.get_backend_name() == "sqlite" and "readonly" in said:
        return DatabaseRefusedError(
            f"The database {shown(url)} can only be read.",
            next="Check the permissions of the file and of its folder, and `mode=` in the URL.",
        )
    return DatabaseRefusedError(
        f"The database refused a statement of asyncmigrate's own: {said}.",
        next=_remedy(url, error)
        or "Check the role's privileges, and version_table, version_table_schema and "
        "history_table in the settings.",
    )


def _remedy(url: URL, error: Exception) -> str:
    return by_name(url.get_backend_name()).remedy(error)


def unreachable(url: URL, error: Exception) -> DatabaseConnectionError:
    """Say that there is no connection, and what to look at."""
    said = cause(error) if isinstance(error, DBAPIError) else f"{type(error).__name__}: {error}"
    look = "Check that the server runs, and the host, port, user, password and database of the URL."
    if url.get_backend_name() == "sqlite":
        look = (
            "Check the path of the URL: its folder must exist, and a relative one starts at "
            f"{Path.cwd()}."
        )
    return DatabaseConnectionError(
        f"Cannot connect to {shown(url)}: {said.rstrip('.: ')}.", next=_remedy(url, error) or look
    )
