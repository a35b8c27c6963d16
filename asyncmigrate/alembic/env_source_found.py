"""What became of an Alembic env.py: what is taken over, and what is left for a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Lines = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something of env.py or of the settings, and what became of it."""

    what: str
    became: str
    lines: Lines = None
    matters: bool = False
    """True if a run does something else than Alembic's would."""

    def where(self, file: Path | None) -> str:
        """Return what it is, and in which lines of a file."""
        if self.lines is None or file is None:
            return self.what
        first, last = self.lines
        return f"{self.what} ({file.name}:{first}{'' if first == last else f'-{last}'})"


@dataclass(slots=True)
class EnvSource:
    """What env.py says, in ours."""

    settings: dict[str, Any] = field(default_factory=dict)
    environments: dict[str, dict[str, Any]] = field(default_factory=dict)
    declares: dict[str, Lines] = field(default_factory=dict)
    """The names that our env.py declares, and where theirs has them."""
    python: str = ""
    """The text of our env.py; empty if none is needed."""
    taken: list[Finding] = field(default_factory=list)
    needs: list[Finding] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    """What our env.py imports, and theirs does not."""
