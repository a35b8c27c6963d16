"""The commands that work on files: no database, no SQLAlchemy, unless `current` is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asyncmigrate.cli.app import Json, Options, app
from asyncmigrate.cli.compare import (
    AllowDrop,
    Backfill,
    From,
    NoRenames,
    Renames,
    Scratch,
    answers_of,
    scratch_url,
    source_of,
    uncollected,
)
from asyncmigrate.cli.database import prepared, run_on
from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from asyncmigrate.cli.output import Output
    from asyncmigrate.history.revision import Heads
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.migrator.answers import Generated
    from asyncmigrate.scripts.authoring import ScriptWritten

Revision = Annotated[
    str, typer.Argument(metavar="REV", help="A revision id, head, current, label@head ...")
]
Message = Annotated[str, typer.Option("-m", "--message", help="What the revision does.")]
RevId = Annotated[
    str | None, typer.Option("--rev-id", metavar="ID", help="An id of your own, not a random one.")
]
AlembicCompatible = Annotated[
    bool,
    typer.Option("--alembic-compatible", help="Write a script that Alembic can run, too."),
]
Label = Annotated[
    list[str] | None,
    typer.Option("--branch-label", metavar="LABEL", help="A name for the branch that starts here."),
]


@app.command()
def init(
    context: typer.Context,
    directory: Annotated[
        str | None, typer.Argument(metavar="DIR", help="The new folder (default: migrations).")
    ] = None,
    from_alembic: Annotated[
        bool,
        typer.Option(
            "--from-alembic",
            help="Write settings for an Alembic project; DIR is its alembic.ini or pyproject.toml.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Make a folder for migrations, and write the settings.

    The settings go into pyproject.toml if there is one, else into asyncmigrate.toml. The models
    are looked for in the source (DeclarativeBase, SQLModel, MetaData) and written in. Nothing is
    overwritten.

    With --from-alembic the settings and the env.py of an Alembic project are read, never run, and
    what they say is written beside them: Alembic goes on working. Then both tools are asked for
    heads, history, current and check, and their answers compared; exit with 3 if they differ.

    \b
      amigrate init
      amigrate init db/migrations
      amigrate init --from-alembic
      amigrate init --from-alembic backend/alembic.ini
    """
    options: Options = context.obj
    output = options.output(json=json)
    if from_alembic:
        from asyncmigrate.cli.adopting import adopt_project

        adopt_project(options, output, directory)
        return
    from asyncmigrate.scripts.project import init as init_project

    if Path("alembic.ini").is_file():
        output.note(
            "note: there is an alembic.ini; `amigrate init --from-alembic` takes its project over."
        )
    directory = directory or "migrations"
    project = init_project(Path.cwd(), directory)
    if json:
        output.emit(
            {
                "created": [str(path) for path in project.made],
                "settings": str(project.settings) if project.settings else None,
                "metadata": list(project.metadata),
            }
        )
        return
    output.say(f"Created {directory}/ with versions/.")
    if project.settings:
        output.say(f"Wrote the settings to {project.settings.name}.")
    else:
        output.say("The settings were there already and were left alone.")
        if options.config().settings.script_location != directory:
            output.say(f'Set `script_location = "{directory}"` in them.')
    if project.metadata:
        output.say(f"Found your models: {', '.join(project.metadata)}.")
    else:
        output.say("Found no models; set `metadata` in the settings once you have some.")
    output.say()
    output.say("Next:")
    output.say("  export DATABASE_URL=postgresql+asyncpg://user:password@localhost/database")
    how = "--autogenerate " if project.metadata else ""
    output.say(f'  amigrate revision {how}-m "create users"')
    output.say("  amigrate upgrade head")


@app.command()
def revision(
    context: typer.Context,
    message: Message = "",
    head: Annotated[
        list[str] | None,
        typer.Option("--head", metavar="REV", help="The revision to follow (default: head)."),
    ] = None,
    splice: Annotated[
        bool, typer.Option("--splice", help="Let --head name a revision that is not a head.")
    ] = False,
    branch_label: Label = None,
    version_path: Annotated[
        Path | None, typer.Option("--version-path", metavar="DIR", help="Where to write it.")
    ] = None,
    rev_id: RevId = None,
    depends_on: Annotated[
        list[str] | None,
        typer.Option("--depends-on", metavar="REV", help="A revision that must run before."),
    ] = None,
    head_only: Annotated[
        bool, typer.Option("--head-only", help="A revision that only moves the stamp.")
    ] = False,
    autogenerate: Annotated[
        bool,
        typer.Option("--autogenerate", help="Write what makes the database equal to the models."),
    ] = False,
    source: From = "database",
    scratch: Scratch = None,
    rename: Renames = None,
    no_renames: NoRenames = False,
    backfill: Backfill = None,
    allow_drop: AllowDrop = False,
    alembic_compatible: AlembicCompatible = False,
    json: Json = False,
) -> None:
    """Write a new migration script.

    It is read, imported and fitted into the history before it reaches the disk. A script.py.tmpl
    in the script folder replaces the template. With --autogenerate the models are compared with
    the database and the script is written for you; what only a person can know (was it renamed?
    what shall the rows hold?) is asked on a terminal, and refused elsewhere (exit 5).

    \b
      amigrate revision -m "add users"
      amigrate revision -m "billing" --head base --branch-label billing
      amigrate revision -m "fix" --head billing@head
      amigrate revision --autogenerate -m "add email"
    """
    from asyncmigrate.scripts.authoring import RevisionRequest

    _set_compatible(context, wanted=alembic_compatible)
    migrator, output, _ = prepared(context, json)
    if not autogenerate:
        if rename or backfill or scratch or no_renames or allow_drop or source != "database":
            raise UsageError(
                "These options are for --autogenerate.",
                next="Add --autogenerate, or leave them out.",
            )
        work = migrator.revision(
            message,
            head=head or "head",
            splice=splice,
            branch_label=branch_label or (),
            version_path=version_path,
            rev_id=rev_id,
            depends_on=depends_on or (),
            head_only=head_only,
        )
        _show_written(output, run_on(output, migrator, work))
        return
    if head_only:
        raise UsageError(
            "--head-only and --autogenerate do not go together.", next="Leave one of them out."
        )
    placement = RevisionRequest(
        head=tuple(head or ("head",)),
        splice=splice,
        branch_labels=tuple(branch_label or ()),
        version_path=version_path,
        rev_id=rev_id,
        depends_on=tuple(depends_on or ()),
    )
    answers = answers_of(migrator, rename, backfill, no_renames=no_renames, allow_drop=allow_drop)
    origin = source_of(source, scratch)
    with scratch_url(scratch) as url, uncollected(origin):
        making = migrator.autogenerate(
            message, placement=placement, source=origin, scratch=url, answers=answers
        )
        generated = run_on(output, migrator, making)
    _show_generated(output, generated)


@app.command()
def merge(
    context: typer.Context,
    revisions: Annotated[
        list[str], typer.Argument(metavar="REV...", help="The revisions to join, or `heads`.")
    ],
    message: Message = "",
    branch_label: Label = None,
    rev_id: RevId = None,
    splice: Annotated[
        bool, typer.Option("--splice", help="Let REV name revisions that are not heads.")
    ] = False,
    alembic_compatible: AlembicCompatible = False,
    json: Json = False,
) -> None:
    """Write a revision that joins branches.

    \b
      amigrate merge heads -m "join the branches"
      amigrate merge ae10 27c6 -m "join two of them"
    """
    _set_compatible(context, wanted=alembic_compatible)
    migrator, output, _ = prepared(context, json)
    work = migrator.merge(
        *revisions,
        message=message,
        branch_label=branch_label or (),
        rev_id=rev_id,
        splice=splice,
    )
    _show_written(output, run_on(output, migrator, work))


def _set_compatible(context: typer.Context, *, wanted: bool) -> None:
    if wanted:
        options: Options = context.obj
        options.flags["alembic_compatible"] = True


def _show_generated(output: Output, made: Generated) -> None:
    if made.written is not None:
        for failure in made.written.hook_failures:
            output.note(f"warning: {failure}")
    if output.json:
        output.emit(made.to_json())
        return
    output.differences(made.differences, made.not_compared)
    if made.written is not None:
        output.say(f"Wrote {_short(made.written.revision.file)}")


def _show_written(output: Output, written: ScriptWritten) -> None:
    for failure in written.hook_failures:
        output.note(f"warning: {failure}")
    if output.json:
        output.emit(written.to_json())
    else:
        output.say(f"Wrote {_short(written.revision.file)}")


def _short(path: str) -> str:
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


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
        current = _rows(output, migrator)
    rows = migrator.history(start or None, end or None, current=current)
    output.revisions(rows, verbose=options.verbose)


def _needs_database(target: str) -> bool:
    name = target.rpartition("@")[2]
    return name.startswith(("+", "-", "current"))


def _rows(output: Output, migrator: Migrator) -> Heads:
    return run_on(output, migrator, migrator.rows())


@app.command(short_help="Show one revision.")
def show(
    context: typer.Context,
    target: Revision,
    json: Json = False,
) -> None:
    """Show one revision: where it is, what it follows, what it does.

    \b
      amigrate show ae10
      amigrate show head
      amigrate show current    what the database is at
    """
    migrator, output, _ = prepared(context, json)
    current = _rows(output, migrator) if _needs_database(target) else frozenset()
    output.revisions(migrator.show(target, current=current), verbose=True)


@app.command()
def edit(context: typer.Context, target: Revision, json: Json = False) -> None:
    """Open a revision's script in $VISUAL or $EDITOR.

    \b
      amigrate edit head
      amigrate edit ae10
    """
    from asyncmigrate.cli.editor import open_in_editor
    from asyncmigrate.errors import UsageError

    migrator, output, _ = prepared(context, json)
    current = _rows(output, migrator) if _needs_database(target) else frozenset()
    files = [info.revision.file for info in migrator.show(target, current=current)]
    if not files:
        raise UsageError(f"{target!r} names no script.", next="Name a revision id.")
    open_in_editor(files)
    if json:
        output.emit({"opened": files})
