"""What the commands give back: typed values, each with the JSON shape that others rely on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncmigrate.history.revision import Heads, Plan, Revision, Step

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of a plan and what became of it.

    `outcome` is `"planned"`, `"done"`, `"uncommitted"` (in the caller's transaction) or
    `"not run"`; `seconds` is None for a step that did not run.
    """

    revision: str | None
    direction: str
    message: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    outcome: str = "planned"
    seconds: float | None = None

    @classmethod
    def of(cls, step: Step, outcome: str = "planned", seconds: float | None = None) -> StepResult:
        """Describe a step of a plan."""
        return cls(
            revision=step.revision.id if step.revision else None,
            direction=step.direction.value,
            message=step.revision.message if step.revision else "",
            before=_sorted(step.before),
            after=_sorted(step.after),
            outcome=outcome,
            seconds=seconds,
        )

    def to_json(self) -> Json:
        """Return the step as in `plan --json`; `seconds` and `outcome` only once it was tried."""
        shape: Json = {
            "revision": self.revision,
            "direction": self.direction,
            "message": self.message,
            "before": list(self.before),
            "after": list(self.after),
        }
        if self.outcome != "planned":
            shape |= {"seconds": self.seconds, "outcome": self.outcome}
        return shape


def _sorted(heads: Heads) -> tuple[str, ...]:
    return tuple(heads) if len(heads) < 2 else tuple(sorted(heads))


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What would run, in order. Nothing was touched."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    steps: tuple[StepResult, ...]

    @classmethod
    def of(cls, plan: Plan) -> PlanResult:
        """Describe a plan."""
        return cls(
            before=tuple(sorted(plan.before)),
            after=tuple(sorted(plan.after)),
            steps=tuple(StepResult.of(step) for step in plan.steps),
        )

    def to_json(self) -> Json:
        """Return the shape of `plan --json`."""
        return {"steps": [step.to_json() for step in self.steps]}


@dataclass(frozen=True, slots=True)
class RunResult:
    """What an upgrade, a downgrade or a stamp did. `steps` is empty if there was nothing to do."""

    command: str
    database: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    steps: tuple[StepResult, ...] = ()
    seconds: float = 0.0
    committed: bool = True
    """False if the steps ran in a transaction of the caller, who has yet to commit it."""
    skipped: str = ""
    """Who was migrating already, if that is why nothing ran (`when_locked = "skip"`)."""

    def to_json(self) -> Json:
        """Return the shape of `upgrade --json`."""
        shape: Json = {
            "before": list(self.before),
            "after": list(self.after),
            "steps": [step.to_json() for step in self.steps],
        }
        return shape | {"skipped": self.skipped} if self.skipped else shape


@dataclass(frozen=True, slots=True)
class Status:
    """Where a database is, compared with the scripts."""

    database: str
    current: tuple[str, ...]
    heads: tuple[str, ...]
    pending: tuple[Revision, ...]
    unknown: tuple[str, ...]
    """Revisions that the database records and no script provides."""
    edited: tuple[str, ...] = ()
    """Applied revisions whose scripts were edited afterwards; looked for only if asked to."""

    @property
    def is_up_to_date(self) -> bool:
        """True if nothing is pending and nothing unknown."""
        return not self.pending and not self.unknown

    def to_json(self) -> Json:
        """Return the shape of `status --json`."""
        return {
            "database": self.database,
            "current": list(self.current),
            "heads": list(self.heads),
            "pending": [{"revision": r.id, "message": r.message} for r in self.pending],
            "unknown": list(self.unknown),
            "edited": list(self.edited),
            "is_up_to_date": self.is_up_to_date,
        }
