"""A step on its way through the observer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from asyncmigrate.engine.results import StepResult
from asyncmigrate.events import StepFailed, StepFinished, StepStarted

if TYPE_CHECKING:
    from asyncmigrate.errors import MigrateError
    from asyncmigrate.events import Observer
    from asyncmigrate.history.revision import Step


@dataclass(slots=True)
class Reported:
    """Tells the observer of a step, the `index`th of `total`, and takes its time."""

    step: Step
    index: int
    total: int
    clock: float = field(default_factory=time.perf_counter)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    _common: tuple[str, str, str, int, int] = field(init=False)
    """How every event of a step begins."""

    def __post_init__(self) -> None:
        revision, direction = self.step.revision, self.step.direction.value
        id, message = (revision.id, revision.message) if revision else ("base", "")
        self._common = (id, direction, message, self.index, self.total)

    def start(self, observer: Observer) -> None:
        """Tell that it begins."""
        observer(StepStarted(*self._common))

    def finish(self, observer: Observer, *, joined: bool) -> StepResult:
        """Tell that it is done, and return what the run's result has of it."""
        seconds = time.perf_counter() - self.clock
        result = StepResult.of(self.step, "uncommitted" if joined else "done", seconds)
        observer(StepFinished(*self._common, seconds, result.before, result.after))
        return result

    def fail(self, observer: Observer, failure: MigrateError) -> None:
        """Tell that it has failed."""
        seconds = time.perf_counter() - self.clock
        observer(StepFailed(*self._common, seconds, str(failure)))
