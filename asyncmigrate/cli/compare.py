"""The commands that compare a database with the models, and what they ask a person."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from asyncmigrate.cli.app import Json, app
from asyncmigrate.cli.database import prepared, run_on
from asyncmigrate.errors import NotUpToDateError, RunInterruptedError, UsageError
from asyncmigrate.schema import collector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from asyncmigrate.cli.output import Output
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.migrator.answers import Answers, CheckResult, Source
    from asyncmigrate.schema.needs import NeedsValue
    from asyncmigrate.schema.renames import Question

From = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="SOURCE",
        help="Compare with the `database`, or with the `history` replayed on a scratch database.",
    ),
]
Scratch = Annotated[
    str | None,
    typer.Option(
        "--scratch",
        metavar="URL",
        help="Replay the history on this server: a URL, or `postgresql`, `mariadb`, `sqlite` for "
        "one that lives as long as the command.",
    ),
]
Renames = Annotated[
    list[str] | None,
    typer.Option(
        "--rename", metavar="OLD=NEW", help="What was renamed: users.name=users.full_name, old=new."
    ),
]
NoRenames = Annotated[
    bool, typer.Option("--no-renames", help="Nothing was renamed: drop what goes.")
]
AllowDrop = Annotated[
    bool, typer.Option("--allow-drop", help="It is meant that most of the tables go.")
]
Backfill = Annotated[
    list[str] | None,
    typer.Option(
        "--backfill",
        metavar="COLUMN=SQL",
        help="A new NOT NULL column's value for the rows that exist, as SQL: users.email=''.",
    ),
]


@app.command(short_help="Compare the models with the database.")
def check(
    context: typer.Context,
    source: From = "database",
    scratch: Scratch = None,
    rename: Renames = None,
    backfill: Backfill = None,
    allow_drop: AllowDrop = False,
    sql: Annotated[
        bool, typer.Option("--sql", help="Print the statements that would make them equal.")
    ] = False,
    json: Json = False,
) -> None:
    """Compare the models with the database; exit with 3 if they differ. Changes nothing.

    Each difference is a line: + is in the models only, - in the database only, ~ in both but not
    the same. What could not be compared is listed, too.

    \b
      amigrate check
      amigrate check --from history              without a database of your own
      amigrate check --rename users.name=users.full_name
      amigrate check --sql
    """
    migrator, output, _ = prepared(context, json)
    answers = replace(_answers(rename, backfill, allow_drop=allow_drop), no_renames=True)
    origin = source_of(source, scratch)
    with scratch_url(scratch) as url, uncollected(origin):
        work = migrator.check(source=origin, scratch=url, answers=answers)
        found = run_on(output, migrator, work)
    _show(output, found, sql=sql)
    for each in found.edited:
        output.note(f"edited after it was applied: {each} (see `amigrate repair`)")
    if not found.is_equal:
        if not (sql or output.json):
            output.note(
                f"+ only in the models, - only in the {origin}, ~ in both but not the same: "
                "`amigrate revision --autogenerate` writes the script"
            )
        raise typer.Exit(NotUpToDateError.exit_code)


@app.command(short_help="Show what differs, and why.")
def diff(
    context: typer.Context,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="OBJECT", help="Show both sides of one object."),
    ] = None,
    source: From = "database",
    scratch: Scratch = None,
    json: Json = False,
) -> None:
    """Show what differs between the models and the database; exit with 0. Changes nothing.

    With --explain, both sides of one object are shown field by field, equal or not, in the words
    that were compared.

    \b
      amigrate diff
      amigrate diff --explain users.email
    """
    migrator, output, _ = prepared(context, json)
    origin = source_of(source, scratch)
    with scratch_url(scratch) as url, uncollected(origin):
        if explain is None:
            answers = replace(_answers([], [], allow_drop=True), no_renames=True)
            work = migrator.check(source=origin, scratch=url, answers=answers)
            _show(output, run_on(output, migrator, work), sql=False)
            return
        both = migrator.explain(explain, source=origin, scratch=url)
        output.explained(run_on(output, migrator, both))


def _show(output: Output, found: CheckResult, *, sql: bool) -> None:
    if output.json:
        output.emit(found.to_json() | ({"sql": found.sql} if sql else {}))
    elif sql:
        output.write(found.sql)
        output.left_out(found.not_compared)
    else:
        output.differences(found.differences, found.not_compared)


@contextmanager
def uncollected(source: Source) -> Iterator[None]:
    """Pause Python's garbage collector, from the import of the models on.

    Not while a history is replayed: its scripts are as many as they are.
    """
    if source == "history":
        yield
        return
    with collector.uncollected():
        yield


# --- what a person is asked ------------------------------------------------------------------


def answers_of(
    migrator: Migrator,
    rename: Sequence[str] | None,
    backfill: Sequence[str] | None,
    *,
    no_renames: bool,
    allow_drop: bool,
) -> Answers:
    """Return what was said on the command line; on a terminal the rest is asked."""
    said = replace(_answers(rename, backfill, allow_drop=allow_drop), no_renames=no_renames)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return said
    return replace(said, ask_rename=_ask_rename, ask_value=_ask_value)


def _answers(
    rename: Sequence[str] | None, backfill: Sequence[str] | None, *, allow_drop: bool
) -> Answers:
    from asyncmigrate.migrator.answers import Answers

    return Answers(
        renames=_pairs("--rename", rename or (), "users.name=users.full_name"),
        backfill=_pairs("--backfill", backfill or (), "users.email=''"),
        allow_drop=allow_drop,
    )


def _pairs(option: str, given: Sequence[str], example: str) -> dict[str, str]:
    found = {}
    for each in given:
        old, equals, new = each.partition("=")
        if not (old and equals and new):
            raise UsageError(f"{option} {each}: this is no pair.", next=f"Write {example}.")
        found[old.strip()] = new.strip()
    return found


def _ask_rename(question: Question) -> str | None:
    """Ask which of the candidates it is, by number."""
    names = [each.key.path for each in question.candidates]
    kind = question.before.key.kind.replace("_", " ")
    typer.echo(f"{kind} {question.before.key.path} is gone. What became of it?", err=True)
    for number, name in enumerate(names, 1):
        typer.echo(f"  {number}  it is {name} now", err=True)
    typer.echo("  0  it is dropped", err=True)
    choice = -1
    while not 0 <= choice <= len(names):
        with _answered():
            choice = typer.prompt("Number", type=int, err=True)
    return names[choice - 1] if choice else None


def _ask_value(needed: NeedsValue) -> str | None:
    """Ask for the SQL of a new column's value."""
    path = f"{needed.key.path} ({needed.type})"
    typer.echo(f"{path} takes no NULL, and the table may have rows.", err=True)
    with _answered():
        text = typer.prompt("Their value, as SQL (empty: give up)", default="", err=True)
    return str(text).strip() or None


@contextmanager
def _answered() -> Iterator[None]:
    """Let Ctrl-C end a question at once: the event loop, which listens for it, does not turn."""
    listening = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except typer.Abort:
        raise RunInterruptedError("The question was not answered.") from None
    finally:
        signal.signal(signal.SIGINT, listening)


# --- where a history is replayed ---------------------------------------------------------------


def source_of(source: str, scratch: str | None) -> Source:
    """Return where the side before comes from; to name a scratch server is to ask for history."""
    from asyncmigrate.migrator.answers import source_named

    named = source_named(source)
    return "history" if scratch is not None else named


@contextmanager
def scratch_url(scratch: str | None) -> Iterator[str | None]:
    """Give the URL of a server for scratch databases; a server of our own ends with the block."""
    if scratch is None or ":" in scratch:
        yield scratch
    elif scratch == "sqlite":
        yield "sqlite+aiosqlite://"
    elif scratch in _SERVERS:
        module = import_module(f"asyncmigrate.testing.{_SERVERS[scratch]}")
        with module.start() as server:
            yield server.url()
    else:
        raise UsageError(
            f"--scratch {scratch} is neither a URL nor a server that can be started.",
            next="Write a URL, `postgresql`, `mariadb` or `sqlite`.",
        )


_SERVERS = {"postgresql": "postgresql", "postgres": "postgresql", "mariadb": "mariadb"}
