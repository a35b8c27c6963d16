"""`alembic.script.revision`: errors about revisions, under Alembic's names."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.words import absent
from asyncmigrate.errors import HistoryError as RevisionError
from asyncmigrate.errors import TargetError as ResolutionError

MultipleHeads = RangeNotAncestorError = ResolutionError
CycleDetected = LoopDetected = DependencyCycleDetected = DependencyLoopDetected = RevisionError

__all__ = [
    "CycleDetected",
    "DependencyCycleDetected",
    "DependencyLoopDetected",
    "LoopDetected",
    "MultipleHeads",
    "RangeNotAncestorError",
    "ResolutionError",
    "RevisionError",
]


def __getattr__(name: str) -> Any:
    raise absent("alembic.script.revision", name)
