"""A folder of scripts with its settings: what can be answered or written without a database.

Nothing of SQLAlchemy or asyncio is imported before a command needs it: `heads` and `history` only
read files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from asyncmigrate import config as settings_module
from asyncmigrate.config import Config, Settings
from asyncmigrate.config.settings import lock_named
from asyncmigrate.engine.aside import aside
from asyncmigrate.engine.listed import RevisionInfo
from asyncmigrate.errors import ConfigError
from asyncmigrate.history.graph import RevisionGraph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Self

    from sqlalchemy import URL, MetaData
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from asyncmigrate.alembic.converted import Conversion
    from asyncmigrate.engine.bind import Bind
    from asyncmigrate.engine.store import Store
    from asyncmigrate.events import Event, Observer
    from asyncmigrate.history.revision import Heads, Revision
    from asyncmigrate.scripts.authoring import ScriptWritten
    from asyncmigrate.scripts.environment import Environment
    from asyncmigrate.scripts.surroundings import Surroundings


def _ignore(_: Event) -> None:
    """Observe nothing."""


class Project:
    """The commands that work on files; `Migrator` adds those that talk to a database."""

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

    def use(self, bind: Bind | None) -> None:
        """Work on this database instead of the one that the settings name; None changes nothing."""
        if bind is not None:
            self._bind = bind

    # --- the history on disk: no database -----------------------------------------------------

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

    def heads(self, *, resolve_dependencies: bool = False) -> tuple[RevisionInfo, ...]:
        """Return the heads; with `resolve_dependencies`, without those others depend on."""
        graph = self.graph()
        found = graph.real_heads if resolve_dependencies else graph.heads
        return tuple(RevisionInfo.of(graph, graph[each]) for each in found)

    def branches(self) -> tuple[RevisionInfo, ...]:
        """Return the revisions that more than one other follows."""
        from asyncmigrate.history import plan as planning

        graph = self.graph()
        return tuple(
            RevisionInfo.of(graph, revision)
            for revision in planning.history(graph, None, None, frozenset())
            if graph.is_branch_point(revision.id)
        )

    def history(
        self, start: str | None = None, end: str | None = None, *, current: Heads | None = None
    ) -> tuple[RevisionInfo, ...]:
        """Return the revisions from `start` to `end`, both included, newest first.

        `current` is what the database is at: it marks those revisions, and gives the words
        `current` and `-1` their meaning in a range.
        """
        from asyncmigrate.history import plan as planning

        graph = self.graph()
        rows = planning.history(graph, start, end, current or frozenset())
        marked = None if current is None else ids(planning.all_current(graph, current))
        return tuple(RevisionInfo.of(graph, each, marked) for each in rows)

    def show(self, *targets: str, current: Heads = frozenset()) -> tuple[RevisionInfo, ...]:
        """Return the revisions that the targets name."""
        from asyncmigrate.history.target import resolve

        graph = self.graph()
        found = [each for target in targets for each in resolve(graph, target, current)]
        return tuple(RevisionInfo.of(graph, each) for each in found)

    # --- writing scripts ------------------------------------------------------------------------

    async def revision(
        self,
        message: str = "",
        *,
        head: str | Sequence[str] = "head",
        splice: bool = False,
        branch_label: str | Sequence[str] = (),
        version_path: str | Path | None = None,
        rev_id: str | None = None,
        depends_on: str | Sequence[str] = (),
        head_only: bool = False,
    ) -> ScriptWritten:
        """Write a new, empty revision that follows `head`.

        Nothing is left on disk if the revision would not fit into the history.

        Raises:
            TargetError: `head` names no head, or several (and `splice` is not given).
            UsageError, ConfigError, HistoryError: an id, label or setting that cannot be.
        """
        from asyncmigrate.scripts.authoring import RevisionRequest, write_revision

        wanted = RevisionRequest(
            message=message,
            head=_several(head),
            splice=splice,
            branch_labels=_several(branch_label),
            version_path=None if version_path is None else Path(version_path),
            rev_id=rev_id,
            depends_on=_several(depends_on),
            head_only=head_only,
        )
        graph = await self._graph()
        return await aside(write_revision, self.config, graph, wanted)

    async def merge(
        self,
        *revisions: str,
        message: str = "",
        branch_label: str | Sequence[str] = (),
        rev_id: str | None = None,
    ) -> ScriptWritten:
        """Write a revision that joins others (`heads` if none is named). Raises as `revision`."""
        from asyncmigrate.scripts.authoring import RevisionRequest, write_merge

        wanted = RevisionRequest(
            message=message, branch_labels=_several(branch_label), rev_id=rev_id
        )
        graph = await self._graph()
        joined = revisions or ("heads",)
        return await aside(write_merge, self.config, graph, joined, wanted)

    def sql(self, command: str, *targets: str) -> str:
        """Return the SQL of `upgrade`, `downgrade` or `stamp` over `FROM:TO`. Asks no database.

        Raises:
            OfflineError: a script asked the database something.
            UsageError: `downgrade` without FROM.
        """
        from asyncmigrate.engine.offline import OfflineRun, dialect_of, offline_plan
        from asyncmigrate.scripts.surroundings import surrounded

        graph = self.graph()
        plan = offline_plan(command, graph, targets)
        lines: list[str] = []
        run = OfflineRun(
            dialect_of(self._url()), self._store(), lines.append, self.metadata(), self.x, graph
        )
        with surrounded(self._surroundings(graph, targets, as_sql=True)):
            run.run(command, plan)
        return "".join(lines)

    def _surroundings(
        self, graph: RevisionGraph, targets: tuple[str, ...], *, as_sql: bool = False
    ) -> Surroundings:
        from asyncmigrate.scripts.declared_hooks import called_after_each
        from asyncmigrate.scripts.surroundings import Surroundings

        given = (self.config, graph, targets, as_sql, self.x, self.attributes, self.legacy)
        return Surroundings(*given, () if as_sql else called_after_each(self.declared()))

    # --- what the settings and env.py give --------------------------------------------------------

    def declared(self) -> Environment:
        """Return what the project's `env.py` declares; it is imported once.

        Alembic's own never runs: what was cut out of its source does.
        """
        from asyncmigrate.scripts.surroundings import Surroundings, surrounded

        if self._declared is None:
            given = (self.config, None, (), False, self.x, self.attributes, self.legacy)
            with surrounded(Surroundings(*given)):
                self._declared = self._import_env()
            if self._alembic is not None:
                self._note_needs(self._alembic)
        return self._declared

    def _import_env(self) -> Environment:
        from asyncmigrate.scripts.environment import declared_by, environment

        folder, settings = self.config.script_folder, self.config.settings
        if self._alembic is not None:
            return declared_by(self._alembic.env_text, folder / "env.py")
        from_arguments = self.config.file is None  # they say it all
        return environment(folder, settings.env_py, ignores_alembic=from_arguments)

    def _note_needs(self, found: Conversion) -> None:
        """Say in one line what Alembic's env.py does, and we do not."""
        said = "; ".join(each.where(found.env_file) for each in found.needs if each.matters)
        if not said:
            return
        from asyncmigrate.events import Noted

        self.observer(Noted(f"not taken over from Alembic: {said} (amigrate init --from-alembic)"))

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

    def _bound(self) -> Bind:
        if self._bind is not None:
            return self._bind
        from asyncmigrate.scripts.environment import evaluated

        declared = self.declared()
        if declared.engine is not None and "url" not in self._overridden():
            self._bind = evaluated(declared.engine, "engine", self.x)
        elif declared.url is not None and "url" not in self._overridden():
            self._bind = evaluated(declared.url, "url", self.x)
        else:
            self._bind = self.config.database_url()
        return self._bind

    def _url(self) -> URL | str:
        from asyncmigrate.engine.bind import url_of

        return url_of(self._bound())

    def _overridden(self) -> set[str]:
        """Return the settings that a flag or an AMIGRATE_ variable gives: they beat env.py."""
        sources = self.config.sources.items()
        return {name for name, source in sources if source.startswith(("-", "$"))}

    def _store(self, *, purging: bool = False) -> Store:
        from asyncmigrate.engine.purge import PurgingStore
        from asyncmigrate.engine.store import Store

        config = self.config
        return (PurgingStore if purging else Store)(
            config.expand("version_table") or "",
            config.expand("version_table_schema"),
            config.expand("history_table") or "",
        )

    async def _graph(self) -> RevisionGraph:
        # Reading files blocks; an application's loop has other things to do meanwhile.
        return await aside(self.graph)


def _several(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def ids(revisions: Iterable[Revision]) -> frozenset[str]:
    """Return the ids of revisions."""
    return frozenset(revision.id for revision in revisions)
