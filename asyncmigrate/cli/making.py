"""The commands that write files: settings, and scripts by hand or from the models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    from asyncmigrate.migrator.answers import Generated
    from asyncmigrate.scripts.authoring import ScriptWritten
    from asyncmigrate.scripts.project import Project

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
    named = None if project.settings else options.config().settings.script_location
    _show_made(output, project, directory, named)


def _show_made(output: Output, project: Project, directory: str, named: str | None) -> None:
    """Say what there is now, and what comes next; `named` is what older settings say."""
    output.say(f"Created {directory}/ with versions/.")
    if project.settings:
        output.say(f"Wrote the settings to {project.settings.name}.")
    else:
        output.say("The settings were there already and were left alone.")
        if named != directory:
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
        written = run_on(output, migrator, work)
        _show_written(output, written, written.to_json())
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
    written = run_on(output, migrator, work)
    _show_written(output, written, written.to_json())


def _set_compatible(context: typer.Context, *, wanted: bool) -> None:
    if wanted:
        options: Options = context.obj
        options.flags["alembic_compatible"] = True


def _show_generated(output: Output, made: Generated) -> None:
    if not output.json:
        output.differences(made.differences, made.not_compared)
    if made.written is not None:
        _show_written(output, made.written, made.to_json())
    elif output.json:
        output.emit(made.to_json())


def _show_written(output: Output, written: ScriptWritten, shape: dict[str, Any]) -> None:
    for failure in written.hook_failures:
        output.note(f"warning: {failure}")
    if output.json:
        output.emit(shape)
    else:
        output.say(f"Wrote {_short(written.revision.file)}")


def _short(path: str) -> str:
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
