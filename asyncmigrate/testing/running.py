"""The test run that we are in, if pytest runs with our plugin: its history and its server.

`migration_case` asks here, so that a test of data shares the server of the suite. The plugin alone
writes here, once it is configured; a run within a run (pytest's own `pytester`) goes on top.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.fresh import Given


@dataclass(frozen=True, slots=True)
class Run:
    """What the plugin offers."""

    migrator: Callable[[], Migrator]
    given: Callable[[Migrator], Given]


RUNS: list[Run] = []
"""The runs that go on in this process, the innermost last."""


def migrator() -> Migrator:
    """Return the history of the project that is tested, or of the working folder's settings."""
    if RUNS:
        return RUNS[-1].migrator()
    from asyncmigrate.migrator import Migrator  # SQLAlchemy, once somebody asks

    return Migrator.from_config()


def given(history: Migrator) -> Given | None:
    """Return what gives databases on the run's server; None outside of a run."""
    return RUNS[-1].given(history) if RUNS else None
