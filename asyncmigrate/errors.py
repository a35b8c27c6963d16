"""Every error of this package, grouped by who must act.

An error is a sentence for the person who reads it: what was found (`message`), what state
the database is in now (`state`), and what to type next (`next`). The three are fields, so
that the command line, JSON output and an application's log show the same words.

`exit_code` is what `amigrate` exits with when the error reaches it:
1 failed while running · 2 usage or configuration · 3 there is a difference ·
4 lock not obtained · 5 refused, a human must decide · 130/143 interrupted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNTOUCHED = "Nothing was changed in the database."


class MigrateError(Exception):
    """The root of the tree: `except MigrateError` catches whatever this package raises itself."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, state: str = UNTOUCHED, next: str = "") -> None:
        self.message = message
        self.state = state
        self.next = next
        super().__init__(message)

    def __str__(self) -> str:
        return " ".join(part for part in (self.message, self.state, self.next) if part)


# --- settings and the command line: whoever configured the run must act ----------------------


class ConfigError(MigrateError):
    """A setting is missing, misspelt or of the wrong type."""

    exit_code = 2


class UsageError(MigrateError):
    """Arguments that contradict each other or cannot be understood."""

    exit_code = 2


class NothingRunsError(UsageError):
    """`op` was asked for something while no migration runs."""


class UrlError(ConfigError):
    """The database URL is missing, cannot be parsed, or names no usable database."""


class UnsetVariableError(ConfigError):
    """A setting refers to an environment variable that is not set."""

    def __init__(self, message: str, *, variable: str, next: str = "") -> None:
        self.variable = variable
        super().__init__(message, next=next)


class MissingDriverError(ConfigError):
    """The URL needs a database driver that is not installed."""


class MetadataError(ConfigError):
    """The models' metadata cannot be imported, is missing, or holds no table."""


# --- the history on disk: whoever wrote the scripts must act ---------------------------------


class HistoryError(MigrateError):
    """The migration scripts do not make a history."""

    exit_code = 2


class ScriptError(HistoryError):
    """One script cannot be read, imported, or lacks what it must have."""

    def __init__(self, message: str, *, path: str, state: str = UNTOUCHED, next: str = "") -> None:
        self.path = path
        super().__init__(message, state=state, next=next)


class DuplicateRevisionError(HistoryError):
    """Two scripts claim the same revision id, or a label is already taken."""


class MissingRevisionError(HistoryError):
    """A script names a parent or a dependency that no script provides."""


class CycleError(HistoryError):
    """Revisions that are their own ancestors."""

    def __init__(self, message: str, *, revisions: Sequence[str], next: str = "") -> None:
        self.revisions = tuple(revisions)
        super().__init__(message, next=next)


class TargetError(HistoryError):
    """What was asked for cannot be resolved in this history."""


class UnknownRevisionError(TargetError):
    """No revision, prefix or branch label has this name."""


class AmbiguousRevisionError(TargetError):
    """The name fits more than one revision."""

    def __init__(self, message: str, *, candidates: Sequence[str], next: str = "") -> None:
        self.candidates = tuple(candidates)
        super().__init__(message, next=next)


class MultipleHeadsError(TargetError):
    """One head was asked for and the history has several."""

    def __init__(self, message: str, *, heads: Sequence[str], next: str = "") -> None:
        self.heads = tuple(heads)
        super().__init__(message, next=next)


# --- the database's own state: an operator must decide ---------------------------------------


class StateError(MigrateError):
    """The database is not in a state from which the command can go on."""

    exit_code = 5


class UnknownHeadError(StateError):
    """The version table holds revisions for which there is no script."""

    def __init__(self, message: str, *, revisions: Sequence[str], next: str = "") -> None:
        self.revisions = tuple(revisions)
        super().__init__(message, next=next)


class DatabaseAheadError(StateError):
    """The database has revisions that the application does not accept, or does not even know."""

    def __init__(self, message: str, *, revisions: Sequence[str], next: str = "") -> None:
        self.revisions = tuple(revisions)
        super().__init__(message, next=next)


class EditedScriptError(StateError):
    """Scripts were edited after they had been applied, and `strict_history` is on."""

    def __init__(self, message: str, *, revisions: Sequence[str], next: str = "") -> None:
        self.revisions = tuple(revisions)
        super().__init__(message, next=next)


class HalfDoneError(StateError):
    """A revision stopped half-way, and what its script says now does not go on from there.

    `done` are its statements that have taken effect for good.
    """

    def __init__(
        self,
        message: str,
        *,
        revision: str,
        done: Sequence[str] = (),
        state: str = "",
        next: str = "",
    ) -> None:
        self.revision = revision
        self.done = tuple(done)
        super().__init__(message, state=state, next=next)


class IrreversibleError(StateError):
    """A revision that has no way back was asked to go back."""


class RenameQuestionError(StateError):
    """What goes and what comes may be one and the same, and nobody was there to say so.

    `questions` are the old paths with the new ones that each may have become.
    """

    def __init__(
        self, message: str, *, questions: Mapping[str, Sequence[str]], next: str = ""
    ) -> None:
        self.questions = {old: tuple(new) for old, new in questions.items()}
        super().__init__(message, next=next)


class UnwantedDropError(StateError):
    """So many tables would be dropped that the models were probably not imported."""

    def __init__(self, message: str, *, tables: Sequence[str], next: str = "") -> None:
        self.tables = tuple(tables)
        super().__init__(message, next=next)


class MissingValueError(StateError):
    """A new column must not be NULL, and nothing says what the rows that exist shall hold."""

    def __init__(self, message: str, *, columns: Sequence[str], next: str = "") -> None:
        self.columns = tuple(columns)
        super().__init__(message, next=next)


class NotUpToDateError(MigrateError):
    """The database is not at the head revisions."""

    exit_code = 3


# --- while running ----------------------------------------------------------------------------


class RunError(MigrateError):
    """A plan could not be carried out to its end."""


class DatabaseConnectionError(RunError):
    """The server could not be reached, or refused the connection."""


class DatabaseRefusedError(RunError):
    """The database refused a statement of this tool's own, outside of any script."""


class StepFailedError(RunError):
    """One revision failed; it was rolled back where the database can.

    `applied` are the revisions that this run had finished before, in order; `stayed` are the
    failed revision's own statements that have taken effect for good, those of earlier runs, too;
    `blockers` are the sessions that its statement waited for, in words.
    """

    def __init__(
        self,
        message: str,
        *,
        revision: str,
        applied: Sequence[str] = (),
        stayed: Sequence[str] = (),
        blockers: Sequence[str] = (),
        state: str = "",
        next: str = "",
    ) -> None:
        self.revision = revision
        self.applied = tuple(applied)
        self.stayed = tuple(stayed)
        self.blockers = tuple(blockers)
        super().__init__(message, state=state, next=next)


class VersionTableError(RunError):
    """The version table did not hold what it had to hold: a row count was wrong."""


class OfflineError(RunError):
    """A script asked the database something while SQL was only being written."""

    exit_code = 2


class UnsupportedOperationError(RunError):
    """The database at hand cannot carry out the operation, and there is no safe way around it."""


class TableChangeError(RunError, ValueError):
    """One or more directives about one table, carried out together, failed.

    A ValueError, too: that is what scripts catch that were written for Alembic's batches. `lines`
    are those of the script that asked for them, as `file:line`.
    """

    def __init__(
        self, message: str, *, lines: Sequence[str], state: str = UNTOUCHED, next: str = ""
    ) -> None:
        self.lines = tuple(lines)
        super().__init__(message, state=state, next=next)


class LockTimeoutError(RunError):
    """Another migrator held the lock for longer than this one was allowed to wait."""

    exit_code = 4

    def __init__(self, message: str, *, holder: str = "", next: str = "") -> None:
        self.holder = holder
        super().__init__(message, next=next)


class LockLostError(RunError):
    """The lease ran out while this migrator was frozen or cut off: it may commit nothing more."""

    exit_code = 4

    def __init__(
        self, message: str, *, holder: str = "", state: str = UNTOUCHED, next: str = ""
    ) -> None:
        self.holder = holder
        super().__init__(message, state=state, next=next)


class LockHeldError(StateError):
    """The lock was to be taken from its holder, who may be alive."""

    def __init__(self, message: str, *, holder: str = "", next: str = "") -> None:
        self.holder = holder
        super().__init__(message, next=next)


class RunInterruptedError(RunError):
    """Ctrl-C or SIGTERM ended the run (command line only: in an application, `CancelledError`)."""

    exit_code = 130
