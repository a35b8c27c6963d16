"""`amigrate test`: the ready-made tests without pytest, on a server that lives as long as they."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from asyncmigrate.cli.app import Json, app
from asyncmigrate.cli.database import prepared, run_on
from asyncmigrate.errors import RunError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncmigrate.cli.output import Output
    from asyncmigrate.testing.checks import Check, Result
    from asyncmigrate.testing.settings import TestingSettings
    from asyncmigrate.testing.stairway import Finding


@app.command("test", short_help="Test the migrations themselves.")
def ready_made(
    context: typer.Context,
    only: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="These tests; all if none.")
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            "--server",
            metavar="SERVER",
            help="A server's URL, or `postgresql`, `mariadb`, `sqlite` for one that is started.",
        ),
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option("--skip", metavar="NAME", help="Leave out this test.")
    ] = None,
    fuzz: Annotated[
        bool, typer.Option("--fuzz", help="Also with made-up rows in the tables.")
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Other rows; the same number makes the same."),
    ] = None,
    json: Json = False,
) -> None:
    """Test the migrations; exit with 1 if anything is wrong. The project's database is not touched.

    The tests are: one_head, walkable (each script can be reached and imported), documented (each
    has a message and a way back), offline (the SQL can be written without a database), stairway
    (each revision goes up, down and up again), no_trace (nothing is left after `downgrade base`)
    and models (they match the history). What does not apply to a project is named in `skip` of
    [tool.asyncmigrate.testing].

    With --fuzz, or `fuzz = true` in the settings, also: rows_up (each revision is applied to tables
    that hold made-up rows: what works only while they are empty is found), rows_down (and is
    undone) and rows_kept (rows are what they were after upgrade and downgrade).

    \b
      amigrate test
      amigrate test one_head walkable documented    without a database
      amigrate test --server sqlite --skip offline
      amigrate test --fuzz
      amigrate test rows_up --seed 2
    """
    migrator, output, _ = prepared(context, json)
    migrator.observer = lambda _: None
    from asyncmigrate.testing.checks import run_checks
    from asyncmigrate.testing.settings import settings

    is_url = server is not None and ":" in server
    found = settings(
        migrator.config, url=server if is_url else None, server=None if is_url else server
    )
    found = replace(found, fuzz=fuzz or found.fuzz)
    found = found if seed is None else replace(found, fuzz_seed=seed)
    chosen = _chosen(found, only or [], skip or [])
    if seed is not None and not any(each.name.startswith("rows_") for each in chosen):
        raise UsageError("--seed is for made-up rows, and no test has any.", next="Add --fuzz.")
    work = run_checks(migrator, found, chosen, _teller(output))
    results = run_on(output, migrator, work)
    _end(output, results)


def _chosen(found: TestingSettings, only: list[str], skip: list[str]) -> list[Check]:
    from asyncmigrate.testing.fuzz import fuzz_checks, named_checks

    named = named_checks(found)
    for name in (*only, *skip):
        if name not in named:
            raise UsageError(
                f"There is no test {name!r}.", next=f"There are {', '.join(sorted(named))}."
            )
    left_out = {*skip, *found.skip}
    if not only and not found.fuzz:
        left_out |= {each.name for each in fuzz_checks(found)}
    return [
        check
        for name, check in named.items()
        if (not only or name in only) and name not in left_out
    ]


def _teller(output: Output) -> Callable[[Result], None]:
    def tell(result: Result) -> None:
        if output.json:
            return
        sign, colour = {"passed": ("✓", "green"), "failed": ("✗", "red")}.get(
            result.outcome, ("-", "dim")
        )
        ended = f"{result.seconds * 1000:.0f} ms"
        line = f"  {output.styled(sign, colour)} {result.check.name:<11} {ended}"
        output.note(f"{line}  ({result.reason})" if result.reason else line)

    return tell


def _end(output: Output, results: list[Result]) -> None:
    failed = [each for each in results if each.findings]
    if output.json:
        output.emit(
            {"passed": not failed, "tests": [_shape(each) for each in results]},
        )
        if failed:
            raise typer.Exit(RunError.exit_code)
        return
    for each in failed:
        output.say(each.check.described(list(each.findings)))
    if failed:
        raise typer.Exit(RunError.exit_code)
    if not output.quiet:
        output.say("Nothing is wrong with the migrations.")


def _shape(result: Result) -> dict[str, Any]:
    return {
        "name": result.check.name,
        "outcome": result.outcome,
        "seconds": round(result.seconds, 3),
        "reason": result.reason,
        "findings": [_found(each) for each in result.findings],
    }


def _found(finding: Finding) -> dict[str, Any]:
    from json import dumps, loads  # `amigrate heads` comes by here, and needs none of it

    from asyncmigrate.testing.fuzz import RowsFinding

    shape: dict[str, Any] = {
        "revision": finding.revision or None,
        "message": finding.text,
        "differences": list(finding.differences),
    }
    if isinstance(finding, RowsFinding):
        rows = [{"table": table, "row": dict(row)} for table, row in finding.rows]
        shape |= {"seed": finding.seed, "rows": loads(dumps(rows, default=str))}
    return shape
