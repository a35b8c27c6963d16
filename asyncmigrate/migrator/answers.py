"""What a person says about a comparison, and what comes of it: values that programs can use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from asyncmigrate.schema.describe import Difference
    from asyncmigrate.schema.needs import NeedsValue
    from asyncmigrate.schema.renames import Question
    from asyncmigrate.scripts.authoring import ScriptWritten

    Source = Literal["database", "history"]
    """Where the side before comes from: `database`, or `history`, replayed on a scratch one."""
    AskRename = Callable[[Question], str | None]
    AskValue = Callable[[NeedsValue], str | None]


def source_named(name: str) -> Source:
    """Return the source of this name.

    Raises:
        UsageError: there is none.
    """
    if name not in ("database", "history"):
        raise UsageError(
            f"--from {name}: there is no such source.", next="It is `database` or `history`."
        )
    return cast("Source", name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person says about a comparison, before it is made or when asked.

    Paths are written `table.column`, with the schema in front if it is not the default one.
    """

    renames: Mapping[str, str] = field(default_factory=dict)
    """Old paths and new ones: `{"users.name": "users.full_name"}`."""
    no_renames: bool = False
    """Nothing else was renamed: what goes is dropped, what comes is created."""
    backfill: Mapping[str, str] = field(default_factory=dict)
    """For new columns that take no NULL: the value for the rows that exist, as SQL."""
    allow_drop: bool = False
    """It is meant that so many tables go."""
    ask_rename: AskRename | None = None
    """Asks a person; returns the new path, or None for "it is dropped"."""
    ask_value: AskValue | None = None
    """Asks a person; returns SQL, or None for "I do not know"."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What differs between a database and the models; reading it changed nothing."""

    database: str
    differences: tuple[Difference, ...]
    not_compared: tuple[str, ...] = ()
    """What was left out, in words: what is not listed here was compared."""
    sql: str = ""
    """The statements that would make the database equal to the models."""
    edited: tuple[str, ...] = ()
    """The revisions whose scripts were edited after they had been applied, if a database was
    compared and not its history."""

    @property
    def is_equal(self) -> bool:
        """True if there is no difference."""
        return not self.differences

    def to_json(self) -> dict[str, Any]:
        """Return the shape of `check --json`."""
        return {
            "database": self.database,
            "is_equal": self.is_equal,
            "differences": [each.to_json() for each in self.differences],
            "not_compared": list(self.not_compared),
            "edited": list(self.edited),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Both sides of one object: what was compared, in words."""

    kind: str
    path: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    rows: tuple[tuple[str, str, str], ...]
    """Each field's name, with its value in the database and in the models."""

    @property
    def is_equal(self) -> bool:
        """True if nothing of it differs."""
        return self.before == self.after

    def to_json(self) -> dict[str, Any]:
        """Return the shape of `diff --explain --json`."""
        return {
            "kind": self.kind,
            "object": self.path,
            "is_equal": self.is_equal,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True)
class Generated:
    """What `autogenerate` found, and the script that it wrote; None if nothing differs."""

    written: ScriptWritten | None
    differences: tuple[Difference, ...]
    not_compared: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the shape of `revision --autogenerate --json`."""
        shape: dict[str, Any] = (
            {"revision": None} if self.written is None else self.written.to_json()
        )
        return {
            **shape,
            "differences": [each.to_json() for each in self.differences],
            "not_compared": list(self.not_compared),
        }
