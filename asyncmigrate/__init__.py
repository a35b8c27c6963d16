"""Database migrations for SQLAlchemy's async engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate._version import __version__
from asyncmigrate.op import op

if TYPE_CHECKING:
    from asyncmigrate.config import Config
    from asyncmigrate.engine.listed import RevisionInfo
    from asyncmigrate.engine.results import PlanResult, RunResult, Status, StepResult
    from asyncmigrate.errors import MigrateError
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.migrator.answers import Answers, CheckResult, Explanation, Generated
    from asyncmigrate.migrator.standing import Standing, ensure_current
    from asyncmigrate.schema.describe import Difference
    from asyncmigrate.schema.draft import Rewriter
    from asyncmigrate.schema.views import View
    from asyncmigrate.scripts.batch_operations import BatchOperations
    from asyncmigrate.scripts.operations import Operations

__all__ = [
    "Answers",
    "BatchOperations",
    "CheckResult",
    "Config",
    "Difference",
    "Explanation",
    "Generated",
    "MigrateError",
    "Migrator",
    "Operations",
    "PlanResult",
    "RevisionInfo",
    "Rewriter",
    "RunResult",
    "Standing",
    "Status",
    "StepResult",
    "View",
    "__version__",
    "ensure_current",
    "op",
]

_HOMES = {
    "Answers": "migrator.answers",
    "BatchOperations": "scripts.batch_operations",
    "CheckResult": "migrator.answers",
    "Config": "config",
    "Difference": "schema.describe",
    "Explanation": "migrator.answers",
    "Generated": "migrator.answers",
    "MigrateError": "errors",
    "Migrator": "migrator",
    "Operations": "scripts.operations",
    "PlanResult": "engine.results",
    "RevisionInfo": "engine.listed",
    "Rewriter": "schema.draft",
    "RunResult": "engine.results",
    "Standing": "migrator.standing",
    "Status": "engine.results",
    "StepResult": "engine.results",
    "View": "schema.views",
    "ensure_current": "migrator.standing",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: a migration script needs only `op`."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
