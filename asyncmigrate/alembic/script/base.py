"""`alembic.script.ScriptDirectory`: the history on disk, read without running a script."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmigrate.alembic.util.exc import CommandError
from asyncmigrate.alembic.words import Offered, absent
from asyncmigrate.history.graph import RevisionGraph
from asyncmigrate.history.plan import history
from asyncmigrate.history.target import resolve
from asyncmigrate.scripts.headers import read_revisions
from asyncmigrate.scripts.loader import load_script
from asyncmigrate.scripts.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from asyncmigrate.history.revision import Revision

_NOTHING: frozenset[str] = frozenset()


class Script(Offered):
    """One revision of the history."""

    def __init__(self, graph: RevisionGraph, revision: Revision) -> None:
        self._graph = graph
        self._revision = revision
        self.revision = revision.id
        self.path = revision.file

    @cached_property
    def module(self) -> ModuleType:
        """The script, imported."""
        return load_script(self._revision).module

    @property
    def down_revision(self) -> str | tuple[str, ...] | None:
        """None, one id, or the ids that a merge joins."""
        parents = self._revision.parents
        return parents[0] if len(parents) == 1 else parents or None

    @property
    def dependencies(self) -> tuple[str, ...] | str | None:
        """What `depends_on` says."""
        requires = self._revision.requires
        return requires[0] if len(requires) == 1 else requires or None

    @property
    def branch_labels(self) -> set[str]:
        """The labels that reach it."""
        return set(self._graph.labels(self.revision))

    @property
    def nextrev(self) -> frozenset[str]:
        """What follows it."""
        return frozenset(self._graph.next(self.revision))

    @property
    def doc(self) -> str:
        """The first paragraph of its docstring."""
        return self._revision.message

    @property
    def longdoc(self) -> str:
        """Its docstring."""
        return self._revision.doc

    @property
    def is_head(self) -> bool:
        """Whether nothing follows it."""
        return self._graph.is_head(self.revision)

    @property
    def is_base(self) -> bool:
        """Whether it follows nothing."""
        return self._graph.is_base(self.revision)

    @property
    def is_branch_point(self) -> bool:
        """Whether several follow it."""
        return self._graph.is_branch_point(self.revision)

    @property
    def is_merge_point(self) -> bool:
        """Whether it follows several."""
        return self._graph.is_merge_point(self.revision)

    def __str__(self) -> str:
        below = ", ".join(self._revision.parents) or "<base>"
        marks = " (head)" if self.is_head else ""
        marks += " (branchpoint)" if self.is_branch_point else ""
        marks += " (mergepoint)" if self.is_merge_point else ""
        return f"{below} -> {self.revision}{marks}, {self.doc}"


class ScriptDirectory(Offered):
    """The scripts of a project."""

    def __init__(self, dir: str | Path = "", *, graph: RevisionGraph | None = None) -> None:
        self.dir = str(dir)
        if graph is None:
            graph = RevisionGraph(read_revisions([Path(dir) / "versions"]))
        self._graph = graph

    @classmethod
    def from_config(cls, config: Any) -> ScriptDirectory:
        """Return the history that the settings name; in a run, the run's own.

        Raises:
            CommandError: they name none.
        """
        location = config.get_main_option("script_location")
        run = surroundings()
        if run.graph is not None and (location is None or _is_of(run.config, location)):
            return cls(location or "", graph=run.graph)
        if location is None:
            raise CommandError("The settings have no script_location.")
        if ":" in location and not Path(location).is_absolute():
            from importlib.resources import files

            package, _, folder = location.partition(":")
            location = str(files(package).joinpath(*folder.split(":")))
        places = (config.get_main_option("version_locations") or "").replace(",", " ").split()
        folders = [Path(each) for each in places] or [Path(location) / "versions"]
        recursive = config.get_alembic_boolean_option("recursive_version_locations")
        return cls(location, graph=RevisionGraph(read_revisions(folders, recursive=recursive)))

    def get_current_head(self) -> str | None:
        """Return the head; None if there is no revision.

        Raises:
            CommandError: there are several.
        """
        heads = self.get_heads()
        if len(heads) > 1:
            raise CommandError(
                f"The history has several heads ({', '.join(heads)}); get_heads() returns them."
            )
        return heads[0] if heads else None

    def get_heads(self, consider_depends_on: bool = False) -> list[str]:
        """Return the heads."""
        found = self._graph.real_heads if consider_depends_on else self._graph.heads
        return sorted(found)

    @property
    def versions(self) -> str:
        """The folder of the scripts."""
        return str(Path(self.dir) / "versions")

    @property
    def env_py_location(self) -> str:
        """Where `env.py` is."""
        return str(Path(self.dir) / "env.py")

    def as_revision_number(self, id_: str | None) -> Any:
        """Return the ids that an identifier names; one by itself, None for base."""
        found = tuple(each.revision for each in self.get_revisions(id_))
        return (found[0] if len(found) == 1 else found) or None

    def get_bases(self) -> list[str]:
        """Return the revisions that follow nothing."""
        return list(self._graph.bases)

    def get_base(self) -> str | None:
        """Return the first revision; None if there is none, or there are several."""
        bases = self._graph.bases
        return bases[0] if len(bases) == 1 else None

    def get_revision(self, id_: str | None) -> Script | None:
        """Return the revision that an identifier names; None for base.

        Raises:
            TargetError: it names none.
        """
        found = self.get_revisions(id_)
        return found[0] if found else None

    def get_revisions(self, id_: str | Iterable[str] | None) -> tuple[Script, ...]:
        """Return the revisions that identifiers name."""
        asked = [id_] if isinstance(id_, str) else list(id_ or ())
        found = [each for text in asked for each in resolve(self._graph, text, _NOTHING)]
        return tuple(Script(self._graph, each) for each in found)

    def walk_revisions(self, base: str = "base", head: str = "heads") -> Iterator[Script]:
        """Yield the revisions from `head` down to `base`, both included."""
        start = None if base == "base" else base
        for each in history(self._graph, start, None if head == "heads" else head, _NOTHING):
            yield Script(self._graph, each)

    def iterate_revisions(self, upper: Any, lower: Any, **_: Any) -> Iterator[Script]:
        """Yield the revisions from `upper` down to `lower`, which is left out."""
        below = {each.revision for each in self.get_revisions(lower)}
        for each in self.walk_revisions(lower or "base", upper or "heads"):
            if each.revision not in below:
                yield each


def __getattr__(name: str) -> Any:
    raise absent("alembic.script.base", name)


def _is_of(config: Any, location: str) -> bool:
    return config is not None and Path(location).absolute() == config.script_folder.absolute()
