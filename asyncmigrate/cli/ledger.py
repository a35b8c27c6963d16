"""The history table, for people: a line for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.cli.output import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncmigrate.cli.output import Output
    from asyncmigrate.engine.ledger import Applied


def show_ledger(output: Output, rows: Sequence[Applied]) -> None:
    """Print the rows, oldest first."""
    if output.json:
        output.emit({"applied": [row.to_json() for row in rows]})
        return
    for row in rows:
        took = duration((row.finished_at - row.started_at).total_seconds())
        outcome = output.styled(f"{row.outcome:<10}", "red" if row.error else "green")
        output.say(
            f"{row.finished_at:%Y-%m-%d %H:%M:%S}  {outcome}  {row.revision}  {row.message or ''}"
            f"  ({took}, {row.os_user}@{row.host}, asyncmigrate {row.tool_version})"
        )
        if row.error:
            output.say(f"{'':<21}{row.error.splitlines()[0]}")
