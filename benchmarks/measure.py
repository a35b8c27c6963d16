"""How a scenario is measured: alternating rounds, medians, and exit codes that are looked at."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run cost: seconds of wall clock and of CPU, MiB at the peak."""

    wall: float
    cpu: float
    memory: float = 0.0
    output: str = field(default="", repr=False)


@dataclass(slots=True)
class Bench:
    """Where everything is that a scenario needs."""

    work: Path
    environment: Mapping[str, str]
    rounds: int = 7
    patience: float = 40.0
    """Seconds for one scenario's rounds, after which three are enough."""

    def run(self, cwd: Path, command: Sequence[str | Path], *, code: int = 0) -> Cost:
        """Run a process to its end. Raises RuntimeError if it ends with another code."""
        output = self.work / "output.txt"
        words = [sys.executable, "-SE", LAUNCH, output, *command]
        done = subprocess.run(
            list(map(str, words)),
            cwd=cwd,
            env=dict(self.environment),
            check=True,
            capture_output=True,
            text=True,
        )
        ended, wall, cpu, memory = map(float, done.stdout.split())
        text = output.read_text(encoding="utf-8", errors="replace")
        if ended != code:
            raise RuntimeError(f"{list(map(str, command))} ended with {ended:.0f}:\n{text[-2000:]}")
        return Cost(wall, cpu, memory, text)

    def amigrate(self, cwd: Path, *arguments: str) -> Cost:
        """Run our command line."""
        return self.run(cwd, [sys.executable, self.work / "bin" / "amigrate", *arguments])

    def alembic(self, cwd: Path, *arguments: str) -> Cost:
        """Run Alembic's command line."""
        return self.run(cwd, [sys.executable, self.work / "bin" / "alembic", *arguments])

    def compare(self, **sides: Callable[[], Cost]) -> dict[str, Series]:
        """Run the sides in turn, after one round that warms caches and is thrown away."""
        found: dict[str, list[Cost]] = {name: [] for name in sides}
        for side in sides.values():
            side()
        started = time.monotonic()
        for number in range(self.rounds):
            if number >= 3 and time.monotonic() - started > self.patience:
                break
            for name, side in sides.items():
                found[name].append(side())
        return {name: Series(costs) for name, costs in found.items()}


@dataclass(frozen=True, slots=True)
class Series:
    """The rounds of one side."""

    costs: list[Cost]

    def median(self, what: str) -> float:
        """Return the median of `wall`, `cpu` or `memory`."""
        return statistics.median(getattr(cost, what) for cost in self.costs)

    def spread(self, what: str) -> float:
        """Return half of the middle half's width, over the median."""
        values = sorted(getattr(cost, what) for cost in self.costs)
        low, high = values[len(values) // 4], values[-1 - len(values) // 4]
        return (high - low) / 2 / (self.median(what) or 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report. `figures` are by side; `ratio` is what `target` limits."""

    scenario: str
    unit: str
    figures: Mapping[str, float]
    ratio: float
    target: float | None = None
    note: str = ""
    against: str = "alembic"
    rounds: int = 1

    @property
    def verdict(self) -> str:
        """`pass`, `MISSED`, or nothing where there is no target."""
        if self.target is None:
            return ""
        return "pass" if self.ratio <= self.target else "MISSED"

    def to_json(self) -> dict[str, Any]:
        """Return the row for the results file."""
        return {**asdict(self), "verdict": self.verdict}

    def markdown(self) -> str:
        """Return the row of a table."""
        shown = " / ".join(f"{name} {_short(value)}" for name, value in self.figures.items())
        target = "" if self.target is None else f"≤ {self.target:g}"
        cells = (
            self.scenario,
            f"{shown} {self.unit}",
            f"{self.ratio:.2f} x {self.against}" if self.against else f"{self.ratio:.2f}",
            target,
            self.verdict,
            f"n={self.rounds}" + (f"; {self.note}" if self.note else ""),
        )
        return "| " + " | ".join(cells) + " |"


def row(
    scenario: str,
    series: Mapping[str, Series],
    *,
    what: str = "cpu",
    target: float | None = None,
    against: str = "alembic",
    note: str = "",
) -> Row:
    """Return the ratio of `amigrate` to another side, by medians; the other clock as a note."""
    ours, theirs = series["amigrate"], series[against]
    scale, unit = (1, "MiB") if what == "memory" else (1000, f"ms {what}")
    if what != "memory":
        other = "wall" if what == "cpu" else "cpu"
        ratio = ours.median(other) / theirs.median(other)
        note = "; ".join(filter(None, (f"by {other} {ratio:.2f}", note)))
    return Row(
        scenario,
        unit,
        {name: scale * each.median(what) for name, each in series.items()},
        ours.median(what) / theirs.median(what),
        target,
        note,
        against,
        len(ours.costs),
    )


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment of measured processes: modules may be kept compiled."""
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONSTARTUP"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in dropped and not name.startswith("AMIGRATE_")
    }
    return {**kept, **more}


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"
