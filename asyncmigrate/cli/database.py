"""The commands that talk to a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from asyncmigrate.cli.app import Json, app
from asyncmigrate.errors import NotUpToDateError, RunInterruptedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, TypeVar

    from asyncmigrate.cli.app import Options
    from asyncmigrate.cli.output import Output
    from asyncmigrate.engine.holder import Holder
    from asyncmigrate.migrator import Migrator

    T = TypeVar("T")

Targets = Annotated[
    list[str],
    typer.Argument(metavar="TARGET...", help="head, heads, +2, a revision id, label@head ..."),
]
Target = Annotated[str, typer.Argument(metavar="TARGET", help="-1, base, a revision id ...")]
Sql = Annotated[
    bool,
    typer.Option("--sql", help="Write the SQL of FROM:TO instead of running it."),
]
Atomic = Annotated[
    bool, typer.Option("--atomic", help="All pending revisions in one transaction, or none.")
]


def run_on(output: Output, migrator: Migrator, work: Coroutine[Any, Any, T]) -> T:
    """Run one coroutine in the command line's event loop."""
    from asyncmigrate.engine.runner import run

    try:
        return run(migrator.closing(work), grace=migrator.config.settings.shutdown_grace)
    except RunInterruptedError as error:
        error.state = output.left or error.state
        raise


def prepared(context: typer.Context, json: bool) -> tuple[Migrator, Output, Options]:
    """Return what every command begins with."""
    options: Options = context.obj
    output = options.output(json=json)
    return options.migrator(output), output, options


@app.command(short_help="Run the pending revisions.")
def upgrade(
    context: typer.Context,
    targets: Targets = ["head"],  # noqa: B006 -- typer copies it
    sql: Sql = False,
    atomic: Atomic = False,
    json: Json = False,
) -> None:
    """Run the pending revisions up to TARGET (head if none is given).

    Each revision runs in a transaction of its own, which also records it: a revision that fails
    is rolled back, those before it stay. Only one migrator runs at a time; others wait.

    \b
      amigrate upgrade              to the newest revision
      amigrate upgrade +1           one step
      amigrate upgrade ae10         to a revision (a unique beginning is enough)
      amigrate upgrade heads        to every head, when there are several
      amigrate upgrade billing@head to the head of one branch
      amigrate upgrade ae10:head --sql > upgrade.sql
    """
    migrator, output, _ = prepared(context, json)
    if sql:
        _write(output, migrator, "upgrade", targets)
        return
    output.run(run_on(output, migrator, migrator.upgrade(*targets, atomic=atomic)))


@app.command(short_help="Undo revisions.")
def downgrade(
    context: typer.Context,
    target: Target,
    sql: Sql = False,
    atomic: Atomic = False,
    json: Json = False,
) -> None:
    """Undo revisions, newest first, until the database is at TARGET.

    \b
      amigrate downgrade -1          undo the last revision
      amigrate downgrade ae10        go back to a revision
      amigrate downgrade base        undo everything
      amigrate downgrade billing@-1  the last one of a branch
      amigrate downgrade head:ae10 --sql > downgrade.sql
    """
    migrator, output, _ = prepared(context, json)
    if sql:
        _write(output, migrator, "downgrade", [target])
        return
    output.run(run_on(output, migrator, migrator.downgrade(target, atomic=atomic)))


@app.command(short_help="Record where the database is; run nothing.")
def stamp(
    context: typer.Context,
    targets: Targets,
    purge: Annotated[
        bool, typer.Option("--purge", help="Forget first whatever the version table holds.")
    ] = False,
    sql: Sql = False,
    json: Json = False,
) -> None:
    """Record that the database is at TARGET, without running anything.

    For a database whose tables were made another way, or whose version table holds a revision
    that no longer exists (--purge).

    \b
      amigrate stamp head
      amigrate stamp --purge ae10
    """
    migrator, output, _ = prepared(context, json)
    if sql:
        if purge:
            raise UsageError("--purge and --sql do not go together.", next="Leave one of them out.")
        _write(output, migrator, "stamp", targets)
        return
    output.run(run_on(output, migrator, migrator.stamp(*targets, purge=purge)))


@app.command()
def plan(
    context: typer.Context,
    targets: Targets = ["head"],  # noqa: B006 -- typer copies it
    json: Json = False,
) -> None:
    """Show what `upgrade TARGET` would run, in order. Nothing is touched.

    With `-1`, `-2` ... or `base` it shows what `downgrade` would undo.

    \b
      amigrate plan
      amigrate plan -1
    """
    migrator, output, _ = prepared(context, json)
    output.plan(run_on(output, migrator, migrator.plan(*targets)))


@app.command(short_help="Show where the database is, what is pending.")
def status(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 3 if the database is not up to date.")
    ] = False,
    json: Json = False,
) -> None:
    """Show where the database is: current, heads, pending, unknown revisions. Reads only.

    Scripts that were edited after they had been applied are named, too; comments and formatting
    do not count. `amigrate repair` records that an edit is meant to be.

    \b
      amigrate status
      amigrate status --check    exit with 3 if something is pending: for deploy jobs
    """
    migrator, output, _ = prepared(context, json)
    found = run_on(output, migrator, migrator.status(scripts=True))
    output.status(found)
    if check and not found.is_up_to_date:
        raise typer.Exit(NotUpToDateError.exit_code)


@app.command()
def current(
    context: typer.Context,
    check_heads: Annotated[
        bool, typer.Option("--check-heads", help="Exit with 3 unless at every head.")
    ] = False,
    json: Json = False,
) -> None:
    """Show the revisions that the database is at. Reads only.

    \b
      amigrate current
      amigrate current --check-heads
    """
    migrator, output, options = prepared(context, json)
    rows = run_on(output, migrator, migrator.current())
    heads = migrator.heads() if check_heads else ()
    there = {row.revision.id for row in rows}
    missing = [head.revision.id for head in heads if head.revision.id not in there]
    if not (json and missing):  # with --json the error is the one object
        output.revisions(rows, verbose=options.verbose)
    if missing:
        raise NotUpToDateError(
            f"The database is not at every head; missing: {', '.join(missing)}.",
            next="Run `amigrate upgrade heads`.",
        )


@app.command(short_help="Show who holds the migration lock.")
def lock(
    context: typer.Context,
    release: Annotated[
        bool, typer.Option("--release", help="Free the lock of a process that is dead.")
    ] = False,
    json: Json = False,
) -> None:
    """Show who holds the migration lock: which host and process, since when, how far it has got.

    A lock ends with the connection of its holder, and a lease with its time, so there is nothing to
    clean up as a rule. --release ends the session of a process that died on this host while
    something in between kept its connection open, and frees the lease of one; it exits with 5 where
    it is not certain that the process is dead.

    \b
      amigrate lock
      amigrate lock --release
    """
    migrator, output, _ = prepared(context, json)
    found = run_on(output, migrator, migrator.release_lock() if release else migrator.lock_holder())
    if json:
        output.emit({"holder": None if found is None else found.to_json(), "released": release})
    elif found is None:
        output.say("The migration lock is free.")
    else:
        output.say(_lock_said(found, release=release))


def _lock_said(found: Holder, *, release: bool) -> str:
    if release:
        return f"{'Ended the session' if found.token is None else 'Freed the lease'} of {found}."
    if found.left is not None and found.has_run_out:
        return f"The migration lock is free: the lease of {found} ran out {-found.left:.0f} s ago."
    lease = "" if found.left is None else f", and for {found.left:.0f} s more"
    at = f" The database is at {', '.join(found.at)}." if found.at else ""
    return f"The migration lock is held by {found}{lease}.{at}"


@app.command(short_help="Accept scripts that were edited after they had been applied.")
def repair(
    context: typer.Context,
    revisions: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REV]...", help="Revisions (default: all that were edited)."),
    ] = None,
    json: Json = False,
) -> None:
    """Record what scripts say now that were edited after they had been applied.

    A row is added to the history table for each; nothing is run, and nothing else is changed.

    \b
      amigrate status          names the scripts that were edited
      amigrate repair ae10     one of them, named as anywhere
      amigrate repair          all of them
    """
    migrator, output, _ = prepared(context, json)
    done = run_on(output, migrator, migrator.repair(*(revisions or ())))
    if json:
        output.emit({"repaired": list(done)})
    elif done:
        output.say(f"Recorded the scripts of {', '.join(done)} as they are now.")
    elif not output.quiet:
        output.say("Nothing to do: no script was edited after it had been applied.")


@app.command("ensure_version", short_help="Create the version table if it is missing.")
def ensure_version(
    context: typer.Context,
    sql: Annotated[
        bool, typer.Option("--sql", help="Write the SQL of it instead of running it.")
    ] = False,
    json: Json = False,
) -> None:
    """Create the version table if it is missing, without recording anything.

    \b
      amigrate ensure_version
    """
    migrator, output, _ = prepared(context, json)
    if sql:
        _write(output, migrator, "ensure_version", [])
        return
    made = run_on(output, migrator, migrator.ensure_version())
    table = migrator.config.settings.version_table
    if json:
        output.emit({"version_table": table, "created": made})
    elif not output.quiet:
        output.say(f"{table} {'created' if made else 'is there already'}.")


def _write(output: Output, migrator: Migrator, command: str, targets: list[str]) -> None:
    """Write the SQL of a range to standard output."""
    sql = migrator.sql(command, *targets)
    if output.json:
        output.emit({"sql": sql})
    else:
        output.write(sql)
