"""A run as it goes: one line per revision, which is written over while it runs on a terminal.

Where nothing can be written over (a log of CI, a file), a line is said once, and a statement that
takes long is told of every ten seconds.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncmigrate import events
from asyncmigrate.cli.output import duration
from asyncmigrate.engine.logs import Seldom

if TYPE_CHECKING:
    from asyncmigrate.cli.output import Output


@dataclass(slots=True)
class RunView:
    """Shows the events of a run."""

    output: Output
    _step: str = ""
    """The line of the revision that runs."""
    _seldom: Seldom = field(default_factory=Seldom)

    def observe(self, event: events.Event) -> None:
        """Show an event, unless that is not wanted."""
        if isinstance(event, events.RunFailed):
            self.output.left = event.error
            self.output.close_line()
        if self.output.quiet or self.output.json:
            return
        match event:
            case events.RunStarted():
                self.output.note(f"{event.command} {event.database}")
            case events.Noted():
                self.output.note(f"note: {event.text}")
            case events.LockWaiting() | events.Blocked():
                self._wait(event)
            case events.StepStarted():
                self._step = f"  {event.index}/{event.total}  {event.revision}  {event.message}"
                self.output.rewrite(self._step)
            case events.StatementRunning():
                self._running(event)
            case events.StepFinished():
                self.output.settle(self._step_line(event, "✓", "green"))
            case events.StepFailed():
                self.output.settle(self._step_line(event, "✗", "red"))
            case _:
                pass

    def _wait(self, event: events.LockWaiting | events.Blocked) -> None:
        if isinstance(event, events.Blocked):
            blockers = "; ".join(event.blockers) or "another session"
            self.output.note(f"{event.revision} is blocked by {blockers}: rolled back, tries again")
            return
        at = f", which is at {', '.join(event.at)}" if event.at else ""
        text = f"waiting for {event.holder}{at} ({event.waited:.0f} s)"
        if not self.output.rewrite(text):
            self.output.note(text)

    def _running(self, event: events.StatementRunning) -> None:
        is_shown = self.output.rewrite(f"{self._step}  {event.said}")
        if not is_shown and self._seldom.lets(event):
            self.output.note(f"{self._step}  {event.said}; {event.statement}")

    def _step_line(
        self, event: events.StepFinished | events.StepFailed, mark: str, style: str
    ) -> str:
        mark = self.output.styled(mark, style, sys.stderr)
        took = self.output.styled(duration(event.seconds), "dim", sys.stderr)
        arrow = "-" if event.direction == "downgrade" else "+"
        return (
            f"  {mark} {event.index}/{event.total}  {arrow} {event.revision}  "
            f"{event.message}  {took}"
        )
