"""What a migrator is made of: its settings, the database that they name, what env.py declares.

Nothing of SQLAlchemy or asyncio is imported before a command needs it: `heads` and `history` only
read files.
"""

from __future__ import annotations

import copy
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from asyncmigrate import config as settings_module
from asyncmigrate.config import Config, Settings
from asyncmigrate.config.settings import lock_named
from asyncmigrate.engine.aside import aside, imported
from asyncmigrate.errors import ConfigError
from asyncmigrate.history.graph import RevisionGraph

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from typing import Self, TypeVar

    from sqlalchemy import URL, MetaData
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from asyncmigrate.alembic.converted import Conversion
    from asyncmigrate.engine.bind import Bind
    from asyncmigrate.engine.database import Database
    from asyncmigrate.engine.store import Store
    from asyncmigrate.events import Event, Observer
    from asyncmigrate.schema.compare import Comparison
    from asyncmigrate.scripts.environment import Environment
    from asyncmigrate.scripts.surroundings import Surroundings

    T = TypeVar("T")


def _ignore(_: Event) -> None:
    """Observe nothing."""


class Setup:
    """What a migrator is made of. `Project`, `Commands` and `Migrator` add what it can do.

    What is not in the API reference is for the modules of the package, and may change.
    """

    def __init__(
        self,
        bind: AsyncEngine | AsyncConnection | URL | str | None = None,
        *,
        script_location: str | Path = "migrations",
        metadata: MetaData | None = None,
        version_locations: Sequence[str | Path] = (),
        recursive_version_locations: bool = False,
        version_table: str = "alembic_version",
        version_table_schema: str | None = None,
        history_table: str = "amigrate_history",
        strict_history: bool = False,
        lock: bool | Literal["auto", "session", "lease", "off"] = "auto",
        lease_seconds: float = 30.0,
        lock_timeout: float = 900.0,
        when_locked: Literal["wait", "skip", "fail"] = "wait",
        statement_timeout: float = 0.0,
        table_lock_timeout: float = 0.0,
        lock_retries: int = 10,
        opentelemetry: bool = False,
        shutdown_grace: float = 20.0,
        x: Mapping[str, str] | None = None,
        observer: Observer | None = None,
    ) -> None:
        settings = Settings(
            script_location=str(script_location),
            version_locations=tuple(map(str, version_locations)),
            recursive_version_locations=recursive_version_locations,
            version_table=version_table,
            version_table_schema=version_table_schema,
            history_table=history_table,
            strict_history=strict_history,
            lock=lock_named(lock),
            lease_seconds=lease_seconds,
            lock_timeout=lock_timeout,
            when_locked=when_locked,
            statement_timeout=statement_timeout,
            table_lock_timeout=table_lock_timeout,
            lock_retries=lock_retries,
            opentelemetry=opentelemetry,
            shutdown_grace=shutdown_grace,
        )
        self.config = Config(settings, Path.cwd())
        self.observer: Observer = observer or _ignore
        self.statements: Callable[[str], None] | None = None
        self._bind: Bind | None = bind
        self._metadata = metadata
        self._declared: Environment | None = None
        self._alembic: Conversion | None = None
        self.x: Mapping[str, str] = dict(x or {})
        """The run's own arguments: scripts read them as `op.get_context().x`."""
        self.attributes: dict[str, Any] = {}
        """Objects for scripts: `op.get_context().config.attributes`."""
        self.legacy: Any = None
        """The `Config` of Alembic's with which one of its commands was called."""

    @classmethod
    def from_config(
        cls,
        path: str | Path | Config | None = None,
        *,
        environment: str | None = None,
        engine: AsyncEngine | AsyncConnection | None = None,
        x: Mapping[str, str] | None = None,
        observer: Observer | None = None,
    ) -> Self:
        """Make a migrator from the settings in `pyproject.toml` or `asyncmigrate.toml`.

        `path` names the file, or the folder that holds it; without it, the working folder and
        those above it are searched. `engine` is used instead of the settings' URL.

        Raises:
            ConfigError: the settings are missing, misspelt or of the wrong type.
        """
        config = (
            path
            if isinstance(path, Config)
            else settings_module.load(path, environment=environment)
        )
        made = cls(engine, x=x, observer=observer)
        made.config = config
        if config.alembic is not None:
            made._adopt(config)
        return made

    def _adopt(self, config: Config) -> None:
        """Read a plain Alembic project's env.py as source, for what its settings do not say."""
        from asyncmigrate.alembic.converted import converted, with_env

        self._alembic = converted(config)
        self.config = with_env(config, self._alembic)

    # --- another one like it --------------------------------------------------------------------

    def on(self, bind: Bind) -> Self:
        """Return a migrator of the same history and settings for another database."""
        twin = copy.copy(self)
        twin._bind = bind
        return twin

    def observed(
        self, observer: Observer, *, statements: Callable[[str], None] | None = None
    ) -> Self:
        """Return the same migrator with another observer.

        `statements` is called with the text of each statement of a script before it is sent.
        """
        twin = copy.copy(self)
        twin.observer, twin.statements = observer, statements
        return twin

    # --- the scripts ----------------------------------------------------------------------------

    def graph(self) -> RevisionGraph:
        """Read the headers of all scripts, without importing them, and return the graph.

        Raises:
            HistoryError: the scripts do not make a history.
        """
        from asyncmigrate.scripts.headers import read_revisions

        folders = self.config.version_folders
        if not any(folder.is_dir() for folder in folders):
            raise ConfigError(
                f"There is no folder {folders[0]}.",
                next="Run `amigrate init`, or set script_location (--script-location).",
            )
        settings = self.config.settings
        return RevisionGraph(
            read_revisions(
                [folder for folder in folders if folder.is_dir()],
                recursive=settings.recursive_version_locations,
                sourceless=settings.sourceless,
                cache=settings.cache,
            )
        )

    async def read_graph(self) -> RevisionGraph:
        """Return the graph as `graph` does, and let the event loop go on meanwhile."""
        # Reading files blocks; an application's loop has other things to do meanwhile.
        return await aside(self.graph)

    # --- what the settings and env.py give --------------------------------------------------------

    def declared(self) -> Environment:
        """Return what the project's `env.py` declares; it is imported once.

        Alembic's own never runs: what was cut out of its source does.
        """
        from asyncmigrate.scripts.declared_hooks import with_version_table
        from asyncmigrate.scripts.surroundings import Surroundings, surrounded

        if self._declared is None:
            given = (self.config, None, (), False, self.x, self.attributes, self.legacy)
            with surrounded(Surroundings(*given)):
                declared = self._import_env()
                self.config = with_version_table(self.config, declared, self.x)
                self._declared = declared
            if self._alembic is not None and (unmet := self._alembic.unmet()):
                from asyncmigrate.events import Noted

                self.observer(Noted(unmet))
        return self._declared

    def _import_env(self) -> Environment:
        from asyncmigrate.scripts.environment import declared_by, environment

        folder, settings = self.config.script_folder, self.config.settings
        if self._alembic is not None:
            return declared_by(self._alembic.env_text, folder / "env.py")
        from_arguments = self.config.file is None  # they say it all
        return environment(folder, settings.env_py, ignores_alembic=from_arguments)

    def counted(self, comparison: Comparison) -> Comparison:
        """Return as much of a comparison as `check` counts.

        In a plain Alembic project, run without conversion, that is what Alembic would see.
        """
        if self._alembic is None:
            return comparison
        from asyncmigrate.schema.as_alembic import as_alembic_sees

        name = "compare_server_default"
        defaults = self._alembic.has_on(name) or bool(getattr(self.declared(), name))
        return as_alembic_sees(comparison, defaults=defaults)

    @property
    def was_given_metadata(self) -> bool:
        """True if no setting and no `env.py` has to say which models there are."""
        return self._metadata is not None

    def metadata(self) -> MetaData | None:
        """Return the models' metadata, imported from where the settings say.

        Raises:
            MetadataError: it cannot be imported.
        """
        from asyncmigrate.scripts.environment import metadata, metadata_of

        if self._metadata is not None:
            return self._metadata
        declared = self.declared().target_metadata
        if declared is not None and not isinstance(declared, list | tuple):
            return metadata_of(declared, "target_metadata in env.py")
        return metadata(self.config.expand_each("metadata"))

    def metadatas(self) -> tuple[MetaData, ...]:
        """Return every metadata of the models, each once; none if none is set.

        Raises:
            MetadataError: one cannot be imported.
        """
        from asyncmigrate.scripts.environment import each_metadata, metadata_of

        if self._metadata is not None:
            return (self._metadata,)
        declared = self.declared().target_metadata
        if declared is None:
            return each_metadata(self.config.expand_each("metadata"))
        several = declared if isinstance(declared, list | tuple) else [declared]
        return tuple(metadata_of(each, "target_metadata in env.py") for each in several)

    def surroundings(
        self, graph: RevisionGraph, targets: tuple[str, ...], *, as_sql: bool = False
    ) -> Surroundings:
        """Return what scripts may ask for while they run or are written as SQL."""
        from asyncmigrate.scripts.declared_hooks import (
            arguments_of_scripts,
            called_after_each,
            options_of_scripts,
        )
        from asyncmigrate.scripts.surroundings import Surroundings

        declared = self.declared()
        given = (self.config, graph, targets, as_sql, self.x, self.attributes, self.legacy)
        after = () if as_sql else called_after_each(declared)
        arguments = arguments_of_scripts(self.config, declared, self.x)
        return Surroundings(*given, after, arguments, options_of_scripts(declared, self.x))

    # --- the database ----------------------------------------------------------------------------

    def url(self) -> URL | str:
        """Return the URL of the database.

        Raises:
            ConfigError: none is set.
        """
        from asyncmigrate.engine.bind import url_of

        return url_of(self._bound())

    async def bind(self) -> Bind:
        """Return what to connect to: an engine, a connection or a URL. Raises as `url` does."""
        # Whoever is to say may have an env.py that imports all the models.
        is_known = self._bind is not None and self._declared is not None
        return self._bound() if is_known else await aside(self._bound)

    def _bound(self) -> Bind:
        declared = self.declared()
        if self._bind is not None:
            return self._bind
        from asyncmigrate.scripts.environment import evaluated

        if declared.engine is not None and "url" not in self._overridden():
            self._bind = evaluated(declared.engine, "engine", self.x)
        elif declared.url is not None and "url" not in self._overridden():
            self._bind = evaluated(declared.url, "url", self.x)
        else:
            self._bind = self.config.database_url()
        return self._bind

    def _overridden(self) -> set[str]:
        """Return the settings that a flag or an AMIGRATE_ variable gives: they beat env.py."""
        sources = self.config.sources.items()
        return {name for name, source in sources if source.startswith(("-", "$"))}

    async def missing_file(self) -> str | None:
        """Return the SQLite file of the database if it is not there yet: opening makes it."""
        from asyncmigrate.engine.bind import missing_file

        return missing_file(await self.bind())

    @asynccontextmanager
    async def open_database(self) -> AsyncIterator[Database]:
        """Open the database for the block, and close what was opened for it.

        Raises:
            DatabaseConnectionError, DatabaseRefusedError: it does not answer, or lets nobody in.
        """
        await imported("asyncmigrate.engine.database")
        from asyncmigrate.engine.database import database
        from asyncmigrate.scripts.declared_hooks import called_on_connect

        bind = await self.bind()
        grace = self.config.settings.shutdown_grace
        first = called_on_connect(self.declared(), self.x)
        async with database(bind, grace=grace, on_connect=first) as found:
            yield found

    async def closing(self, work: Awaitable[T]) -> T:
        """Await `work`, then dispose of an engine that `env.py` made: for the command line."""
        try:
            return await work
        finally:
            dispose = getattr(self._bind, "dispose", None)
            ended = dispose() if dispose is not None else None
            if ended is not None:  # a sync engine was refused, and gives nothing to await
                await ended

    def store(self, *, purging: bool = False) -> Store:
        """Return the version table and the history table that the settings name.

        With `purging`, the version table is emptied before anything is recorded in it.
        """
        from asyncmigrate.engine.purge import PurgingStore
        from asyncmigrate.engine.store import Store

        config = self.config
        return (PurgingStore if purging else Store)(
            config.expand("version_table") or "",
            config.expand("version_table_schema"),
            config.expand("history_table") or "",
        )
