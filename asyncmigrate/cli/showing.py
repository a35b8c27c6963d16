"""The commands that show scripts: they read files, and the database where they are asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from asyncmigrate.cli.app import Json, app
from asyncmigrate.cli.database import prepared, run_on
from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from asyncmigrate.cli.output import Output
    from asyncmigrate.engine.listed import RevisionInfo
    from asyncmigrate.migrator import Migrator

Revision = Annotated[
    str, typer.Argument(metavar="REV", help="A revision id, head, current, label@head ...")
]


@app.command()
def heads(
    context: typer.Context,
    resolve_dependencies: Annotated[
        bool,
        typer.Option("--resolve-dependencies", help="Leave out heads that others depend on."),
    ] = False,
    json: Json = False,
) -> None:
    """Show the newest revision of every branch.

    More than one means that the history has branches: `amigrate merge heads` joins them.

    \b
      amigrate heads
      amigrate heads --json
    """
    migrator, output, options = prepared(context, json)
    rows = migrator.heads(resolve_dependencies=resolve_dependencies)
    output.revisions(rows, verbose=options.verbose)


@app.command()
def branches(context: typer.Context, json: Json = False) -> None:
    """Show where the history branches, and into what.

    \b
      amigrate branches
    """
    migrator, output, options = prepared(context, json)
    output.branches(migrator.branches(), verbose=options.verbose)


@app.command()
def history(
    context: typer.Context,
    rev_range: Annotated[
        str | None,
        typer.Option("-r", "--rev-range", metavar="[A]:[B]", help="From A to B, both included."),
    ] = None,
    indicate_current: Annotated[
        bool, typer.Option("-i", "--indicate-current", help="Mark what the database is at.")
    ] = False,
    applied: Annotated[
        bool, typer.Option("--applied", help="Show what was run on the database, oldest first.")
    ] = False,
    json: Json = False,
) -> None:
    """Show the revisions, newest first. With -v, each with its file and its whole text.

    With --applied, the database's own record instead: what was run on it, when and by whom, what
    failed, and what was repaired.

    \b
      amigrate history -r ae10:27c6
      amigrate history -r -3:current    the last three that were applied
      amigrate history -r :billing@head
      amigrate history --applied
    """
    from asyncmigrate.history.plan import parse_range

    migrator, output, options = prepared(context, json)
    if applied:
        if rev_range or indicate_current:
            raise UsageError("--applied goes with neither -r nor -i.", next="Leave them out.")
        from asyncmigrate.cli.ledger import show_ledger

        show_ledger(output, run_on(output, migrator, migrator.ledger()))
        return
    start, end = parse_range(rev_range) if rev_range else ("", "")
    current = None
    if indicate_current or any(map(_needs_database, (start, end))):
        current = run_on(output, migrator, migrator.rows())
    rows = migrator.history(start or None, end or None, current=current)
    output.revisions(rows, verbose=options.verbose)


def _needs_database(target: str) -> bool:
    name = target.rpartition("@")[2]
    return name.startswith(("+", "-", "current"))


def _named(output: Output, migrator: Migrator, target: str) -> tuple[RevisionInfo, ...]:
    """Return the revisions that are meant; the database is asked only if it has to say."""
    if not _needs_database(target):
        return migrator.show(target)
    return migrator.show(target, current=run_on(output, migrator, migrator.rows()))


@app.command(short_help="Show one revision.")
def show(context: typer.Context, target: Revision, json: Json = False) -> None:
    """Show one revision: where it is, what it follows, what it does.

    \b
      amigrate show ae10
      amigrate show head
      amigrate show current    what the database is at
    """
    migrator, output, _ = prepared(context, json)
    output.revisions(_named(output, migrator, target), verbose=True)


@app.command()
def edit(context: typer.Context, target: Revision, json: Json = False) -> None:
    """Open a revision's script in $VISUAL or $EDITOR.

    \b
      amigrate edit head
      amigrate edit ae10
    """
    from asyncmigrate.cli.editor import open_in_editor

    migrator, output, _ = prepared(context, json)
    files = [info.revision.file for info in _named(output, migrator, target)]
    if not files:
        raise UsageError(f"{target!r} names no script.", next="Name a revision id.")
    open_in_editor(files)
    if json:
        output.emit({"opened": files})
