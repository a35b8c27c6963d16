"""Results, events and errors, as text for people or as JSON: the only module that prints.

Results go to standard output, everything else (progress, warnings, errors) to standard error.
With `--json`, standard output carries exactly one JSON object, also for an error.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from asyncmigrate.errors import UNTOUCHED, MigrateError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncmigrate.engine.listed import RevisionInfo
    from asyncmigrate.engine.results import PlanResult, RunResult, Status
    from asyncmigrate.migrator.answers import Explanation
    from asyncmigrate.schema.describe import Difference

_COLOURS = {"green": "32", "red": "31", "yellow": "33", "dim": "2", "bold": "1"}


@dataclass(slots=True)
class Output:
    """Where and how a command speaks."""

    json: bool = False
    quiet: bool = False
    traceback: bool = False
    left: str = ""
    """In what state a run that ended early left the database; empty if none did."""
    _line_open: bool = False

    @classmethod
    def for_errors(cls, arguments: list[str]) -> Output:
        """Return an output for an error that may have come before the options were parsed."""
        own = arguments[: arguments.index("--")] if "--" in arguments else arguments
        return cls(json="--json" in own, traceback="--traceback" in own)

    # --- the two streams -----------------------------------------------------------------------

    def say(self, text: str = "") -> None:
        """Print a line of a result."""
        print(_printable(text, sys.stdout))

    def note(self, text: str) -> None:
        """Print a line about what is going on, unless that is not wanted."""
        if not self.quiet:
            self.close_line()
            print(_printable(text, sys.stderr), file=sys.stderr)

    def emit(self, shape: dict[str, Any]) -> None:
        """Print the one JSON object."""
        import json

        text = json.dumps(shape, ensure_ascii=False)
        print(text if _carries(sys.stdout, text) else json.dumps(shape))

    def write(self, text: str) -> None:
        """Write SQL as it is: in UTF-8 where the stream's own encoding would lose a character."""
        if _carries(sys.stdout, text):
            sys.stdout.write(text)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(text.encode("utf-8"))

    def styled(self, text: str, style: str, stream: TextIO | None = None) -> str:
        """Return text in a colour if the stream is a terminal that wants it."""
        return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if _colours(stream or sys.stdout) else text

    # --- comparisons -----------------------------------------------------------------------------

    def differences(self, found: Sequence[Difference], not_compared: Sequence[str]) -> None:
        """Print what differs, a line each, and what was not compared."""
        for each in found:
            line = str(each)
            style = {"+": "green", "-": "red"}.get(line[0], "yellow")
            self.say(self.styled(line, style))
        if not found:
            self.say("The models and the database are equal.")
        self.left_out(not_compared)

    def left_out(self, not_compared: Sequence[str]) -> None:
        """Print what was not compared."""
        for words in not_compared:
            self.note(f"not compared: {words}")

    def explained(self, both: Explanation) -> None:
        """Print both sides of one object, field by field."""
        if self.json:
            self.emit(both.to_json())
            return
        self.say(f"{both.kind} {both.path}: {'equal' if both.is_equal else 'different'}")
        rows = [("", "database", "models"), *both.rows]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        for name, before, after in rows:
            mark = "~" if name and before != after else " "
            self.say(f"{mark} {name:<{widths[0]}}  {before:<{widths[1]}}  {after}".rstrip())

    # --- errors ----------------------------------------------------------------------------------

    def error(self, error: MigrateError) -> None:
        """Print what was found, what state the database is in, and what to type next."""
        self.close_line()
        if self.traceback:
            _print_traceback(error)
        if self.json:
            self.emit({"error": _error_shape(error)})
            return
        head = self.styled("error:", "red", sys.stderr)
        lines = [f"{head} {error.message}", f"  {error.state}" if error.state else ""]
        if error.next:
            lines.append(f"  {self.styled('next:', 'bold', sys.stderr)} {error.next}")
        print(_printable("\n".join(filter(None, lines)), sys.stderr), file=sys.stderr)

    def unexpected(self, error: Exception) -> int:
        """Print an error that is not one of ours; return the exit code."""
        if hasattr(error, "format_message"):  # typer's own: the command line was not understood
            self._usage(error)
            return 2
        if self.traceback:
            _print_traceback(error)
        known = MigrateError(
            f"Unexpected {type(error).__name__}: {error}.",
            state="It is not known what the run had done; `amigrate status` tells.",
            next="Run again with --traceback to see where it came from, and please report it.",
        )
        self.error(known)
        return 1

    def _usage(self, error: Any) -> None:
        said = error.format_message()
        if type(error).__name__ == "NoArgsIsHelpError":  # `amigrate` alone: its text is the help
            if not self.json:
                print(_printable(said, sys.stderr), file=sys.stderr)
                return
            said = "No command was given."
        usage = UsageError(said, next=_usage_hint(error))
        if not self.json:
            usage.state = ""
        self.error(usage)

    # --- a line that is written over --------------------------------------------------------------

    def rewrite(self, text: str) -> bool:
        """Show a line that the next one is written over; return whether this can be done here."""
        if not _can_rewrite(sys.stderr):
            return False
        line = _printable(text, sys.stderr)[: _columns(sys.stderr)]
        print("\r\x1b[K" + line, end="", file=sys.stderr, flush=True)
        self._line_open = True
        return True

    def settle(self, text: str) -> None:
        """Print a line in place of one that could be written over."""
        self.close_line()
        print(_printable(text, sys.stderr), file=sys.stderr, flush=True)

    def close_line(self) -> None:
        """Take the line away that could be written over."""
        if self._line_open:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._line_open = False

    # --- results ---------------------------------------------------------------------------------

    def run(self, result: RunResult) -> None:
        """Print what an upgrade, a downgrade or a stamp did."""
        if self.json:
            self.emit(result.to_json())
            return
        if self.quiet:
            return
        before, after = _heads(result.before), _heads(result.after)
        if result.skipped:
            self.say(f"Skipped: {result.skipped} is at work.")
            return
        if not result.steps:
            self.say(f"Nothing to do: the database is at {after}.")
            return
        count = f"{len(result.steps)} revision{'s' if len(result.steps) > 1 else ''}"
        done = {"upgrade": "Upgraded", "downgrade": "Downgraded", "stamp": "Stamped"}
        self.say(
            f"{done[result.command]} {before} -> {after} ({count}, {duration(result.seconds)})."
        )

    def plan(self, result: PlanResult) -> None:
        """Print what would run."""
        if self.json:
            self.emit(result.to_json())
            return
        if not result.steps:
            self.say(f"Nothing to do: the database is at {_heads(result.before)}.")
            return
        lines = (
            f"{number:>4}  {'-' if step.direction == 'downgrade' else '+'} "
            f"{step.revision}  {step.message}"
            for number, step in enumerate(result.steps, 1)
        )
        self.say("\n".join(lines))  # in one go: there may be ten thousand of them

    def status(self, status: Status) -> None:
        """Print where the database is."""
        if self.json:
            self.emit(status.to_json())
            return
        self.say(f"database  {status.database}")
        self.say(f"current   {_heads(status.current)}")
        self.say(f"heads     {_heads(status.heads)}")
        for revision in status.pending:
            self.say(f"pending   {revision.id}  {revision.message}")
        for name in status.unknown:
            self.say(self.styled(f"unknown   {name}  (no script has this revision)", "red"))
        for name in status.edited:
            self.say(self.styled(f"edited    {name}  (after it was applied)", "yellow"))
        if status.is_up_to_date:
            self.say(self.styled("up to date", "green"))
        elif status.pending and not status.unknown:
            self.say(self.styled(f"{len(status.pending)} to run: `amigrate upgrade`", "yellow"))

    def revisions(self, rows: Iterable[RevisionInfo], *, verbose: bool = False) -> None:
        """Print revisions, one per line, or one block each."""
        rows = list(rows)
        if self.json:
            self.emit({"revisions": [row.to_json() for row in rows]})
            return
        if rows:  # in one go: there may be ten thousand of them
            styled = self.styled("%s", "yellow")
            self.say("\n".join(_block(row) if verbose else _line(row, styled) for row in rows))

    def branches(self, rows: Iterable[RevisionInfo], *, verbose: bool = False) -> None:
        """Print branch points, each with the revisions that follow it."""
        rows = list(rows)
        if self.json:
            self.emit(
                {"revisions": [row.to_json() | {"children": list(row.children)} for row in rows]}
            )
            return
        for row in rows:
            self.say(_block(row) if verbose else f"{row.revision.id}{_marks(row)}")
            for child in row.children:
                self.say(f"{' ' * 12}-> {child}")


def _line(row: RevisionInfo, styled: str) -> str:
    """Return a revision on one line, its identifier in place of the `%s`.

    A message of several lines is printed as it is written, as `alembic history` does.
    """
    revision = row.revision
    parents = ", ".join(revision.parents) or "<base>"
    needs = f" ({', '.join(revision.requires)})" if revision.requires else ""
    return f"{parents}{needs} -> {styled % revision.id}{_marks(row)}, {revision.paragraph}"


def _marks(row: RevisionInfo) -> str:
    marks = [
        ", ".join(row.branch_labels),
        "effective head" if row.is_effective_head else "head" if row.is_head else "",
        "current" if row.is_current else "",
        "branchpoint" if row.is_branch_point else "",
        "mergepoint" if row.is_merge_point else "",
    ]
    return "".join(f" ({mark})" for mark in marks if mark)


def _block(row: RevisionInfo) -> str:
    revision = row.revision
    parents = ", ".join(revision.parents) or "<base>"
    lines = [
        f"Rev: {revision.id}{_marks(row)}",
        f"{'Merges' if row.is_merge_point else 'Parent'}: {parents}",
        f"Also depends on: {', '.join(revision.requires)}" if revision.requires else "",
        f"Branches into: {', '.join(row.children)}" if row.is_branch_point else "",
        f"Branch names: {', '.join(row.branch_labels)}" if row.branch_labels else "",
        f"Path: {revision.file}",
    ]
    body = "\n".join(f"    {line}".rstrip() for line in revision.doc.strip().splitlines())
    return "\n".join([*filter(None, lines), "", body, ""])


def _print_traceback(error: BaseException) -> None:
    import traceback

    traceback.print_exception(error)


def _error_shape(error: MigrateError) -> dict[str, Any]:
    """Return an error with the fields of its class, such as `questions` or `tables`."""
    said = {
        "type": type(error).__name__,
        "message": error.message,
        "state": error.state or UNTOUCHED,
        "next": error.next,
    }
    fields = {
        name: value
        for name, value in vars(error).items()
        if isinstance(value, str | tuple | dict) and value and not hasattr(type(error), name)
    }
    return fields | said


def _usage_hint(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return f"Run `{context.command_path if context else 'amigrate'} --help`."


def _heads(heads: tuple[str, ...]) -> str:
    return ", ".join(heads) or "base"


def duration(seconds: float) -> str:
    """Return a duration for people.

    >>> duration(0.0123), duration(3.21), duration(150)
    ('12 ms', '3.2 s', '2 min 30 s')
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def _colours(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or _can_rewrite(stream)


def _can_rewrite(stream: TextIO) -> bool:
    """Return whether the stream is a terminal that understands escape codes."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _columns(stream: TextIO) -> int | None:
    """Return how much fits on a line: what is longer could not be written over. None: unknown."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return None
    return columns - 1 if columns > 1 else None


def _carries(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _printable(text: str, stream: TextIO) -> str:
    """Return text that the stream's encoding can carry."""
    if _carries(stream, text):
        return text
    plain = text.translate({ord("✓"): "ok", ord("✗"): "FAILED", ord("…"): "..."})
    encoding = stream.encoding or "ascii"
    return plain.encode(encoding, "replace").decode(encoding)
