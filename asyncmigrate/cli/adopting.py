"""`amigrate init --from-alembic`: what was made of an Alembic project, and whether both agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from asyncmigrate.errors import NotUpToDateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.alembic.env_source_found import Finding
    from asyncmigrate.cli.app import Options
    from asyncmigrate.cli.output import Output
    from asyncmigrate.migrator.adopting import Adopted
    from asyncmigrate.migrator.agreement import Agreement

_WIDEST = 44


def adopt_project(options: Options, output: Output, named: str | None) -> None:
    """Write our settings for an Alembic project, print what became of its own, and compare."""
    from asyncmigrate.cli.database import run_on
    from asyncmigrate.migrator import agreement
    from asyncmigrate.migrator.adopting import adopt, reads_alembic

    adopted = adopt(Path.cwd(), named or options.config_file, section=options.environment)
    if not output.json:
        _show(output, adopted)
    options.config_file = str(adopted.settings)
    if options.environment not in adopted.conversion.environments:
        options.environment = None
    migrator = options.migrator(output)
    alembic = (
        agreement.Alembic(reads_alembic(adopted.alembic), Path.cwd())
        if agreement.is_installed()
        else None
    )
    asked = agreement.agreements(migrator, alembic, elsewhere=bool(options.flags.get("url")))
    found = run_on(output, migrator, asked)
    differing = agreement.disagreeing(found)
    if output.json:
        verdict = [each.to_json() for each in found]
        output.emit(adopted.to_json() | {"verdict": verdict, "agrees": _agree(found)})
    else:
        _show_verdict(output, found, is_installed=alembic is not None)
    if differing:
        raise typer.Exit(NotUpToDateError.exit_code)


def _agree(found: Sequence[Agreement]) -> bool | None:
    said = [each.agrees for each in found if each.agrees is not None]
    return all(said) if said else None


def _show(output: Output, adopted: Adopted) -> None:
    found = adopted.conversion
    file = found.env_file
    for title, rows in (
        ("Taken over", found.taken),
        ("Written for you", found.written),
        ("Needs you", found.needs),
    ):
        if rows:
            output.say(output.styled(title, "dim"))
            _table(output, rows, file)
            output.say()
    names = [_short(path) for path in (adopted.settings, *adopted.files)]
    output.say(f"Wrote {', '.join(names)}. Nothing of Alembic's was changed.")


def _table(output: Output, rows: Sequence[Finding], file: Path | None) -> None:
    width = min(max(len(each.where(file)) for each in rows), _WIDEST)
    for each in rows:
        output.say(f"  {each.where(file):<{width}}  {each.became}")


def _show_verdict(output: Output, found: Sequence[Agreement], *, is_installed: bool) -> None:
    output.say()
    for each in found:
        mark = {True: "✓", False: "✗", None: " "}[each.agrees]
        style = {True: "green", False: "red", None: "dim"}[each.agrees]
        theirs = "" if each.theirs is None else f"; Alembic: {each.theirs}"
        words = each.ours if each.agrees else f"{each.ours}{theirs}"
        output.say(f"  {output.styled(mark, style)} {each.what:<9} {words}")
        if each.note:
            output.say(f"              {each.note}")
    output.say(_verdict(found, is_installed=is_installed))


def _verdict(found: Sequence[Agreement], *, is_installed: bool) -> str:
    if not is_installed:
        return "Alembic is not installed here, so nothing was compared with it."
    differing = [each.what for each in found if each.agrees is False]
    if not differing:
        agreed = [each.what for each in found if each.agrees]
        if not agreed:
            return "Nothing could be compared with Alembic."
        return f"Alembic says the same: {', '.join(agreed)}."
    if differing == ["check"]:
        return (
            "Alembic says the same, but for check: it does not compare all that is compared here."
        )
    return f"Alembic says something else: {', '.join(differing)}."


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
