"""The ready-made tests of a history: what every project can ask of its migrations.

Each is a function that gives findings; nothing found, all is well. pytest (`testing.ready`) and
`amigrate test` run the same ones.
"""

from __future__ import annotations

import ast
import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from asyncmigrate.errors import IrreversibleError, MigrateError
from asyncmigrate.history import plan as planning
from asyncmigrate.scripts.loader import load_scripts
from asyncmigrate.scripts.surroundings import surrounded
from asyncmigrate.scripts.syntax import tree_of
from asyncmigrate.testing.ephemeral import ephemeral
from asyncmigrate.testing.stairway import Finding, stairway, trace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from asyncmigrate.history.revision import Revision
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.fresh import Given
    from asyncmigrate.testing.settings import TestingSettings

OfFiles: TypeAlias = "Callable[[Migrator], list[Finding]]"
OfDatabase: TypeAlias = "Callable[[Migrator, Given], Awaitable[list[Finding]]]"


class NotApplicableError(Exception):
    """A test that has nothing to look at in this project; its text says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """One ready-made test. `why` is said with each failure: what goes wrong without it."""

    name: str
    title: str
    why: str
    of_files: OfFiles | None = None
    of_database: OfDatabase | None = None

    def described(self, findings: list[Finding]) -> str:
        """Return what a person reads when it has found something."""
        found = "\n".join(f"  {each}" for each in findings)
        return f"{self.title}: no.\n{found}\n{self.why}"


def one_head(migrator: Migrator) -> list[Finding]:
    """Find heads beside the first."""
    heads = migrator.heads()
    if len(heads) < 2:
        return []
    named = "; ".join(f"{each.revision.id} ({each.revision.message})" for each in heads)
    return [Finding(f"There are {len(heads)} heads: {named}. Join them: amigrate merge.")]


def walkable(migrator: Migrator) -> list[Finding]:
    """Find what keeps the history from being planned, or a script from being imported."""
    try:
        graph = migrator.graph()
        up = planning.upgrade(graph, frozenset(), ("heads",))
        planning.downgrade(graph, up.after, "base")
        with surrounded(migrator.surroundings(graph, ())):
            load_scripts(up, cache=migrator.config.settings.cache)
    except MigrateError as error:
        return [Finding(str(error))]
    return []


def documented(migrator: Migrator) -> list[Finding]:
    """Find scripts without a message, and those that neither go back nor say that they cannot."""
    found = []
    for revision in _revisions(migrator):
        if not revision.message or revision.message == revision.id:
            found.append(Finding(f"{revision.id} has no message ({revision.file}).", revision.id))
        found += _way_back(migrator, revision)
    return found


def _way_back(migrator: Migrator, revision: Revision) -> list[Finding]:
    body = _body(revision, "downgrade")
    if body is None:
        from asyncmigrate.engine.offline import dialect_of
        from asyncmigrate.scripts.loader import load_script
        from asyncmigrate.scripts.reversal import reversed_upgrade

        try:
            dialect = dialect_of("postgresql+asyncpg://")
            with surrounded(migrator.surroundings(migrator.graph(), ())):
                reversed_upgrade(load_script(revision), dialect, x=migrator.x)
        except IrreversibleError as error:
            return [Finding(str(error), revision.id)]
        return []
    if _is_empty(body) and not _is_empty(_body(revision, "upgrade") or []):
        text = f"{revision.id}: downgrade() does nothing, upgrade() does ({revision.file})."
        return [Finding(f"{text} If there is no way back, raise NotImplementedError.", revision.id)]
    return []


def says_irreversible(revision: Revision) -> bool:
    """Return whether `downgrade()` only raises: the way to say that there is no way back."""
    body = _body(revision, "downgrade")
    return body is not None and len(body) == 1 and isinstance(body[0], ast.Raise)


def _is_empty(body: list[ast.stmt]) -> bool:
    return all(isinstance(each, ast.Pass) for each in body)


def _body(revision: Revision, name: str) -> list[ast.stmt] | None:
    """Return a function's statements without its docstring; None if there is no such function."""
    tree = tree_of(Path(revision.file).read_bytes())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return [each for each in node.body if not _is_constant(each)]
    return None


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _revisions(migrator: Migrator) -> list[Revision]:
    graph = migrator.graph()
    steps = planning.upgrade(graph, frozenset(), ("heads",)).steps if graph.heads else ()
    return [step.revision for step in steps if step.revision is not None]


def offline(migrator: Migrator) -> list[Finding]:
    """Find revisions whose SQL cannot be written without a database."""
    twin = migrator.on("postgresql+asyncpg://") if _has_no_url(migrator) else migrator
    if not twin.graph().heads:
        return []
    try:
        twin.sql("upgrade", "base:heads")
    except MigrateError as error:
        return [Finding(str(error))]
    return []


def _has_no_url(migrator: Migrator) -> bool:
    try:
        migrator.url()
    except MigrateError:
        return True
    return False


async def up_and_down(migrator: Migrator, given: Given) -> list[Finding]:
    """Find revisions that do not go up, or whose way back or second way up leads elsewhere."""
    stuck = frozenset(each.id for each in _revisions(migrator) if says_irreversible(each))
    return await stairway(migrator, given, stuck)


async def no_trace(migrator: Migrator, given: Given) -> list[Finding]:
    """Find what is left of the history after `downgrade base`."""
    if any(says_irreversible(each) for each in _revisions(migrator)):
        raise NotApplicableError("a revision says that it cannot be undone")
    try:
        return await trace(migrator, given)
    except MigrateError as error:
        return [Finding(str(error))]


async def models(migrator: Migrator, given: Given) -> list[Finding]:
    """Find differences between the models and what the history makes."""
    try:
        if not migrator.metadatas():
            raise NotApplicableError("no models are set (metadata)")
        async with given() as url:
            result = await migrator.on(url).check()
    except MigrateError as error:
        return [Finding(str(error))]
    if result.is_equal:
        return []
    text = "The models and the history differ. Write what is missing: amigrate revision"
    return [Finding(f"{text} --autogenerate.", "", tuple(map(str, result.differences)))]


CHECKS = (
    Check(
        "one_head",
        "There is one head",
        "With two, `upgrade head` does not know which one is meant.",
        of_files=one_head,
    ),
    Check(
        "walkable",
        "The history can be walked",
        "A script that cannot be reached or imported stops every deployment.",
        of_files=walkable,
    ),
    Check(
        "documented",
        "Every script has a message and a way back",
        "The message is what people see when it fails; the way back is for the day it must go.",
        of_files=documented,
    ),
    Check(
        "offline",
        "The SQL can be written without a database",
        "`upgrade --sql` is how somebody reviews what will run, or runs it by hand.",
        of_files=offline,
    ),
    Check(
        "stairway",
        "Every revision goes up, down and up again",
        "A downgrade that leads elsewhere is found when it is needed, which is the worst moment.",
        of_database=up_and_down,
    ),
    Check(
        "no_trace",
        "Nothing is left after `downgrade base`",
        "What is left is in the way of the next upgrade.",
        of_database=no_trace,
    ),
    Check(
        "models",
        "The models match the history",
        "Tests that make their tables from the models stay green while production lacks them.",
        of_database=models,
    ),
)
"""All of them, those that need no database first."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one ready-made test ended: `passed`, `failed` or `skipped` (with the reason)."""

    check: Check
    outcome: str
    seconds: float
    findings: tuple[Finding, ...] = ()
    reason: str = ""


async def run_checks(
    migrator: Migrator,
    found: TestingSettings,
    chosen: Sequence[Check],
    tell: Callable[[Result], None],
) -> list[Result]:
    """Run tests one after the other; a server is started for the first one that needs it.

    Raises:
        ServerUnavailableError, ServerStartError, DatabaseConnectionError: there is no server.
    """
    results = []
    async with AsyncExitStack() as stack:
        given: Given | None = None
        for check in chosen:
            if check.of_database is not None and given is None:
                server = await stack.enter_async_context(ephemeral(found))
                given = partial(server.database, migrator)
            results.append(await _result(check, migrator, given))
            tell(results[-1])
    return results


async def _result(check: Check, migrator: Migrator, given: Given | None) -> Result:
    started = time.perf_counter()
    try:
        if check.of_files is not None:
            findings = await asyncio.to_thread(check.of_files, migrator)
        else:
            assert check.of_database is not None
            assert given is not None
            findings = await check.of_database(migrator, given)
    except NotApplicableError as reason:
        return Result(check, "skipped", time.perf_counter() - started, (), str(reason))
    outcome = "failed" if findings else "passed"
    return Result(check, outcome, time.perf_counter() - started, tuple(findings))
