"""Scripts that were edited after they had been applied: found, refused, or taken as they are now.

Such a script is no longer what made this database, and other databases got, or will get, something
else. Sometimes that is on purpose (a comment, a name, a mended downgrade), so it is reported; with
`strict_history` nothing runs until somebody has decided.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from asyncmigrate.errors import EditedScriptError, UsageError
from asyncmigrate.scripts.checksum import agrees, checksum_of
from asyncmigrate.scripts.kept import kept
from asyncmigrate.scripts.source import read_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from asyncmigrate.config import Settings
    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.store import Entry, Store
    from asyncmigrate.history.graph import RevisionGraph
    from asyncmigrate.history.revision import Heads


async def edited(
    graph: RevisionGraph, rows: Heads, recorded: Mapping[str, str], *, cache: bool
) -> tuple[str, ...]:
    """Return the applied revisions whose scripts are not the ones that were recorded, in order.

    With `cache`, the checksums of many are kept for the next time.
    """
    return await asyncio.to_thread(_edited, graph, rows, recorded, cache=cache)


def has_recorded(settings: Settings, graph: RevisionGraph, rows: Heads) -> bool:
    """Return whether the history table can know the checksums of applied scripts."""
    return bool(settings.history_table) and any(row in graph for row in rows)


async def edited_on(
    database: Database, store: Store, settings: Settings, graph: RevisionGraph, rows: Heads
) -> tuple[str, ...]:
    """Ask an open database what was recorded, and return as `edited` does. Reads only."""
    if not has_recorded(settings, graph, rows):
        return ()
    from asyncmigrate.engine.ledger import checksums

    recorded = await database.run(checksums, store)
    return await edited(graph, rows, recorded, cache=settings.cache)


def _edited(
    graph: RevisionGraph, rows: Heads, recorded: Mapping[str, str], *, cache: bool
) -> tuple[str, ...]:
    applied = graph.ancestors(row for row in rows if row in graph)
    looked_at = [id for id in graph.parents_first() if id in applied and id in recorded]
    files = [graph[id].file for id in looked_at]
    with kept("checksums", files, checksum_of, cache=cache) as checksum:
        return tuple(
            id
            for id, file in zip(looked_at, files, strict=True)
            if not agrees(recorded[id], read_bytes(file), file, checksum=checksum)
        )


def refuse(found: Sequence[str], graph: RevisionGraph) -> None:
    """Refuse to go on if a script was edited.

    Raises:
        EditedScriptError: one was.
    """
    if not found:
        return
    several = len(found) > 1
    raise EditedScriptError(
        f"The script{'s' if several else ''} of {', '.join(found)} "
        f"{'were' if several else 'was'} edited after {'they' if several else 'it'} had been "
        "applied to this database, and strict_history is on.",
        revisions=found,
        next=f"Restore {graph[found[0]].file}{' and the others' if several else ''}; or, if the "
        "edit is meant to be, run `amigrate repair`.",
    )


def repairs(graph: RevisionGraph, wanted: Sequence[str]) -> list[Entry]:
    """Return what is to be recorded so that the scripts as they are now count as applied."""
    from asyncmigrate.engine.ledger import REPAIRED
    from asyncmigrate.engine.store import Entry

    now = datetime.now(UTC)
    return [
        Entry(
            revision=id,
            direction="repair",
            started_at=now,
            finished_at=now,
            outcome=REPAIRED,
            checksum=checksum_of(read_bytes(graph[id].file)),
            message=graph[id].message,
        )
        for id in wanted
    ]


def chosen(found: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return those of the edited revisions that are wanted; all of them if none is named.

    Raises:
        UsageError: one that is named was not edited.
    """
    for each in wanted:
        if each not in found:
            raise UsageError(
                f"The script of {each} is the one that was applied, or {each} is not applied.",
                next="`amigrate status` lists the scripts that were edited.",
            )
    return tuple(wanted) or tuple(found)
