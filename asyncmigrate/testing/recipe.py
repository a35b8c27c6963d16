"""What a database for tests is made of, and the names of the templates that hold it.

The name of a template is a hash of all that decides what is in it: the scripts with their order,
the settings of the version table, env.py, the versions of this package and of SQLAlchemy. Each
beginning of a history has a name of its own, so the template of a shorter history is found by its
name and only what is new has to run.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import sqlalchemy
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate._version import __version__
from asyncmigrate.engine.scratch import make_schema
from asyncmigrate.history import plan as planning

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmigrate.engine.bind import Bind
    from asyncmigrate.migrator import Migrator

KEPT_TEMPLATES = 8
"""More than these, the oldest go: a project has one per branch that somebody works on."""

Seed: TypeAlias = Callable[[AsyncConnection], Awaitable[object]]
"""Fills a migrated database, in one transaction: `async def fill(connection)`."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A database: a history up to a point, and what is filled in after it."""

    migrator: Migrator
    targets: tuple[str, ...]
    keys: tuple[str, ...]
    """The hash of each beginning of the history, the shortest first; the last is all of it."""
    seed: Seed | None = None
    seeded: str = ""
    """The hash of the whole with the seed."""

    @property
    def key(self) -> str:
        """The hash of the whole."""
        return self.seeded or self.keys[-1]

    @property
    def unseeded(self) -> Recipe:
        """The same without its seed."""
        return Recipe(self.migrator, self.targets, self.keys)

    def nearest(self, prefix: str, there: Collection[str]) -> str | None:
        """Return the template to begin with: the one that needs the fewest revisions, if any."""
        names = (prefix + key for key in reversed(self.keys))
        return next((name for name in names if name in there), None)

    async def run(self, bind: Bind) -> None:
        """Migrate a database from wherever it is."""
        twin = self.migrator.on(bind)
        await _with_schema(twin, bind)
        if len(self.keys) > 1:
            await twin.upgrade(*self.targets)

    async def fill(self, bind: str) -> None:
        """Run the seed on a migrated database."""
        assert self.seed is not None
        async with _engine_of(bind) as engine, engine.begin() as connection:
            await self.seed(connection)


async def recipe(
    migrator: Migrator, targets: tuple[str, ...] = (), seed: Seed | None = None
) -> Recipe:
    """Read the scripts and return the recipe of the database at `targets` (`heads` if none).

    Raises:
        HistoryError: the scripts do not make a history.
        TargetError: there is no such target.
    """
    return await asyncio.to_thread(_recipe, migrator, targets, seed)


def _recipe(migrator: Migrator, targets: tuple[str, ...], seed: Seed | None) -> Recipe:
    graph = migrator.graph()
    wanted = () if targets == ("base",) else targets or ("heads",)
    steps = planning.upgrade(graph, frozenset(), wanted).steps if wanted and graph.heads else ()
    keys = [_hash(_settings(migrator))]
    for step in steps:
        assert step.revision is not None
        script = sha256(Path(step.revision.file).read_bytes()).hexdigest()
        keys.append(_hash([keys[-1], step.revision.id, script]))
    seeded = _hash([keys[-1], *_source(seed)]) if seed else ""
    return Recipe(migrator, wanted, tuple(keys), seed, seeded)


def _settings(migrator: Migrator) -> list[str]:
    config = migrator.config
    env = config.script_folder / config.settings.env_py
    return [
        __version__,
        sqlalchemy.__version__,
        config.settings.version_table,
        str(config.settings.version_table_schema),
        config.settings.history_table,
        repr(sorted(migrator.x.items())),
        env.read_text(encoding="utf-8") if env.is_file() else "",
    ]


def _source(seed: Seed) -> list[str]:
    """Return the file that a seed is defined in: what it calls is mostly there, too."""
    function = inspect.unwrap(seed)
    try:
        file = Path(inspect.getfile(function)).read_text(encoding="utf-8")
    except (TypeError, OSError):
        file = repr(function)
    return [getattr(function, "__qualname__", ""), file]


def _hash(parts: list[str]) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:24]


async def _with_schema(twin: Migrator, bind: Bind) -> None:
    schema = twin.store().versions.schema
    if schema is None or not isinstance(bind, str) or bind.startswith("sqlite"):
        return
    async with _engine_of(bind) as engine:
        await make_schema(engine, schema)


@asynccontextmanager
async def _engine_of(url: str) -> AsyncIterator[AsyncEngine]:
    """Give an engine for the block, after which nobody is connected to what is to be copied."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        yield engine
    finally:
        await engine.dispose()
