"""What a run belongs to: settings, history and target, for scripts and hooks that ask.

A `ContextVar`, as `op` is: several runs in one process do not see each other's.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from asyncmigrate.config import Config
    from asyncmigrate.history.graph import RevisionGraph


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A run, as Alembic's `context` describes it."""

    config: Config | None = None
    graph: RevisionGraph | None = None
    targets: tuple[str, ...] = ()
    as_sql: bool = False
    x: Mapping[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    """Objects that a caller hands to scripts: Alembic's `Config.attributes`."""
    legacy: Any = None
    """The `alembic.config.Config` with which one of `alembic.command` was called."""
    on_version_apply: tuple[Any, ...] = ()
    """What is called after each revision, with Alembic's arguments."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """What scripts' functions are handed by name, if they have such parameters."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What scripts find in `op.get_context().opts` besides what is always there."""


_current: ContextVar[Surroundings] = ContextVar("asyncmigrate.surroundings")
_NONE = Surroundings()


def surroundings() -> Surroundings:
    """Return what the run of this context belongs to; empty if there is none."""
    return _current.get(_NONE)


@contextmanager
def surrounded(by: Surroundings) -> Iterator[None]:
    """Let scripts and hooks that run inside the block find `by`."""
    token = _current.set(by)
    try:
        yield
    finally:
        _current.reset(token)
