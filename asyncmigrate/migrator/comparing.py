"""What `check`, `diff` and `revision --autogenerate` do with a database: read it, once.

With `source="history"` the database is a scratch one on which the history was replayed: nobody
needs a development database to make a revision.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from asyncmigrate.engine.aside import aside, imported
from asyncmigrate.engine.journal_table import journal_of
from asyncmigrate.engine.lease_table import HEARTBEAT, LEASE
from asyncmigrate.errors import UNTOUCHED, MigrateError
from asyncmigrate.events import Noted
from asyncmigrate.migrator import autogenerate
from asyncmigrate.migrator.answers import Generated, source_named
from asyncmigrate.migrator.reading import Compared, behind, read
from asyncmigrate.schema.elsewhere import FEW
from asyncmigrate.schema.in_the_way import as_owners
from asyncmigrate.schema.operations import Drop
from asyncmigrate.schema.scope import Scope
from asyncmigrate.scripts.comparing import Comparators
from asyncmigrate.scripts.declared_hooks import guarded
from asyncmigrate.scripts.surroundings import surrounded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    import sqlalchemy as sa

    from asyncmigrate.events import Observer
    from asyncmigrate.migrator.answers import Answers, Source
    from asyncmigrate.migrator.commands import Commands
    from asyncmigrate.migrator.reading import Read
    from asyncmigrate.schema.compare import Comparison, Sides
    from asyncmigrate.schema.operations import Change
    from asyncmigrate.scripts.authoring import RevisionRequest

P = ParamSpec("P")
T = TypeVar("T")

_WRITERS = (
    "asyncmigrate.alembic.runtime.migration",
    "asyncmigrate.migrator.plugging",
    "asyncmigrate.scripts.authoring",
    "asyncmigrate.scripts.making",
)
"""What a revision is written with: much to import for a loop that should turn."""


@asynccontextmanager
async def _place(
    migrator: Commands, source: Source, scratch: str | None
) -> AsyncIterator[Commands]:
    """Give a migrator that is bound to the database to compare with."""
    source = source_named(source)
    # What is wrong with models is said before a history is replayed.
    await aside(migrator.metadatas)
    replays = source == "history" or scratch is not None
    if not replays and await migrator.missing_file() is not None:
        graph = await migrator.read_graph()
        if graph.real_heads:
            raise behind(frozenset(), frozenset(graph.real_heads))
        replays = True  # a file that is missing stays missing
    if replays:
        async with replayed(migrator, scratch) as twin:
            yield twin
    else:
        yield migrator


async def compared(
    migrator: Commands, source: Source, scratch: str | None, answers: Answers
) -> Compared:
    """Read both sides and compare them, with every question answered. Reads only.

    Raises:
        NotUpToDateError: the database is behind the history, so a difference would mean nothing.
        MetadataError: the models cannot be imported.
        RunError: the history could not be replayed.
        RenameQuestionError, UsageError, UnwantedDropError: see `Migrator.check`.
    """
    await imported("asyncmigrate.migrator.plugging")
    from asyncmigrate.migrator import plugging

    async with _place(migrator, source, scratch) as place:
        found = await _read(place, migrator.metadatas())
        count = len(found.sides.live) + len(found.sides.declared)
        takes = taker(migrator, found.sides)
        comparison = await apart(count, answers, autogenerate.decided, found.sides, answers, takes)
        home = plugging.home_of(migrator)
        if migrator.config.settings.alembic_compatible:
            comparison = _without_strange_views(comparison)
        if home:
            comparison = plugging.left_to_plug_ins(comparison, home)
        await apart(count, answers, autogenerate.guarded, comparison, answers, _sources(migrator))
        plugged = await plugging.plugged(place, comparison, answers, home) if home else None
    return Compared(found, comparison, plugged)


def _without_strange_views(comparison: Comparison) -> Comparison:
    """Return a comparison that leaves views alone of which models say nothing.

    Where Alembic is to run the same scripts, views are made by `op.execute`; that no model declares
    them does not mean that they should go.
    """
    if any(key.kind == "view" for key in comparison.declared):
        return comparison
    strange = {
        each.key
        for each in comparison.changes
        if isinstance(each, Drop) and each.key.kind == "view"
    }
    owners = as_owners(strange)
    kept = tuple(e for e in comparison.changes if not {e.key, e.key.owner} & {*strange, *owners})
    said = (f"view {key.path}: no model declares a view, so it stays" for key in sorted(strange))
    return replace(comparison, changes=kept, not_compared=(*comparison.not_compared, *said))


async def apart(
    count: int, answers: Answers, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Return what `work` gives, which goes through `count` values: many in a thread of its own.

    Not where a person may be asked something meanwhile: that is the main thread's.
    """
    if count < FEW or answers.ask_rename is not None or answers.ask_value is not None:
        return work(*args, **kwargs)
    return await aside(work, *args, **kwargs)


async def _read(migrator: Commands, metadatas: Sequence[sa.MetaData]) -> Read:
    return await read(migrator, metadatas, _scope(migrator), comparators(migrator))


def _sources(migrator: Commands) -> list[str]:
    if migrator.was_given_metadata:
        return ["the metadata that the Migrator was given"]
    if migrator.declared().target_metadata is not None:
        return ["target_metadata of env.py"]
    return autogenerate.loaded_beside(migrator.config.expand_each("metadata"))


async def written(
    migrator: Commands,
    compared: Compared,
    answers: Answers,
    message: str,
    placement: RevisionRequest | None,
) -> Generated:
    """Write the revision of a comparison, if there is anything to write."""
    for module in _WRITERS:
        await imported(module)
    from asyncmigrate.alembic.runtime.migration import MigrationContext
    from asyncmigrate.migrator import plugging
    from asyncmigrate.scripts.authoring import RevisionRequest, write_revision
    from asyncmigrate.scripts.making import tried

    comparison = compared.comparison
    graph = await migrator.read_graph()
    with surrounded(migrator.surroundings(graph, ())):
        count = len(comparison.live) + len(comparison.declared)
        draft = await apart(count, answers, plugging.drafted, migrator, compared, answers, message)
        if draft is None or draft.is_empty:
            return Generated(None, (), comparison.not_compared)
        body = await apart(count, answers, plugging.body_of, migrator, comparison, draft)
    request = replace(
        plugging.placed(placement or RevisionRequest(), draft),
        imports=body.imports,
        upgrades=body.upgrades,
        downgrades=body.downgrades,
        trial=partial(
            tried,
            dialect=comparison.forms.dialect,
            structure=comparison.structure,
            metadata=migrator.metadata(),
            x=migrator.x,
            context=MigrationContext,
        ),
    )
    config = plugging.as_written(migrator.config, draft)
    script = await asyncio.to_thread(write_revision, config, graph, request)
    hook = migrator.declared().process_revision_directives
    changes = comparison.changes if hook is None else draft.operations
    of_models = await apart(count, answers, autogenerate.described, changes)
    found = (*of_models, *plugging.described(draft.plugged))
    return Generated(script, found, comparison.not_compared)


@asynccontextmanager
async def replayed(migrator: Commands, scratch: str | None) -> AsyncIterator[Commands]:
    """Replay the whole history on a scratch database, and give a migrator that is bound to it."""
    from asyncmigrate.engine.scratch import make_schema
    from asyncmigrate.engine.scratch import scratch as scratch_database

    async with scratch_database(scratch or migrator.url()) as engine:
        twin = migrator.on(engine)
        schema = migrator.store().versions.schema
        if schema is not None and engine.dialect.name != "sqlite":
            await make_schema(engine, schema)
        await _upgraded(twin, migrator.observer)
        yield twin


async def _upgraded(twin: Commands, observer: Observer) -> None:
    count = len(await twin.read_graph())
    if not count:
        return
    observer(Noted(f"replaying {count} revision{'' if count == 1 else 's'} on a scratch database"))
    twin.observer = lambda _: None
    try:
        await twin.upgrade("heads")
    except MigrateError as error:
        error.state = f"That was on a scratch database, which is gone. {UNTOUCHED}"
        error.next = error.next.replace("`amigrate upgrade`", "this command")
        raise


def _scope(migrator: Commands) -> Scope:
    store = migrator.store()
    own = (
        store.version_table,
        store.history_table,
        LEASE,
        HEARTBEAT,
        journal_of(store.version_table),
    )
    settings = migrator.config.settings
    return Scope(
        own=frozenset((store.schema or "", name) for name in own if name),
        include=settings.include,
        exclude=settings.exclude,
    )


def comparators(migrator: Commands) -> Comparators:
    """Return the comparators that the project's env.py declares."""
    declared = guarded(migrator.declared())
    return Comparators(
        declared.compare_type, declared.compare_server_default, declared.include_name
    )


def taker(migrator: Commands, found: Sides) -> Callable[[Change], bool] | None:
    """Return what asks the project's `include_object` about a change; None if it has none."""
    include_object = guarded(migrator.declared()).include_object
    if include_object is None:
        return None
    from asyncmigrate.scripts.including import Including

    return Including(include_object, found.live, found.declared)
