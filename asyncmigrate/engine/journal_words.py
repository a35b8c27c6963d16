"""What a person is told about a revision that is half done."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from asyncmigrate.errors import HalfDoneError

if TYPE_CHECKING:
    from collections.abc import Sequence

Names: TypeAlias = tuple[str, str, str]
"""Of a revision, of its direction, of the journal's table."""
_MOST, _LONGEST = 20, 120


def listed(statements: Sequence[str], *, partly: bool = False) -> str:
    """Return, as the second half of a sentence, which statements have taken effect.

    >>> listed(["CREATE TABLE a (b int)"])
    'these statements have taken effect for good: (1) CREATE TABLE a (b int)'
    """
    if not statements and not partly:
        return ""
    shown = [f"({n}) {short(each)}" for n, each in enumerate(statements[:_MOST], 1)]
    if len(statements) > _MOST:
        shown.append(f"and {len(statements) - _MOST} more")
    if partly:
        shown.append("perhaps the first statements of the text that failed")
    return f"these statements have taken effect for good: {'; '.join(shown)}"


def short(statement: str) -> str:
    """Return the beginning of a statement, on one line."""
    text = " ".join(statement.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def refused_script(
    names: Names, now: str, then: str, done: Sequence[str], *, sure: bool
) -> HalfDoneError:
    """Refuse a script that was edited where a statement is done, or may be (not `sure`)."""
    is_done = "is done" if sure else "was begun, and may be done,"
    instead = f"it now says: {short(now)}" if now else "it says nothing now"
    return _refused(
        names,
        f"its script was edited since: where this {is_done} ({short(then)}), {instead}.",
        done,
        next="Put back what is done, and change only what comes after it.",
    )


def refused_values(names: Names, now: str, done: Sequence[str]) -> HalfDoneError:
    """Refuse an INSERT of other values than before, which might be one that is done."""
    return _refused(
        names,
        f"this statement now has other values than one that is done: {short(now)}.",
        done,
        next="A rerun knows a statement by its text and values: those that change from run to run "
        "(uuid4(), now(), what others have written meanwhile) cannot be told apart.",
    )


def refused_result(names: Names, then: str, done: Sequence[str]) -> HalfDoneError:
    """Refuse to pass over a statement whose rows the script wants, and that were not kept."""
    return _refused(
        names,
        f"the rows that a statement gave are not known any more: {short(then)}.",
        done,
        next="Let the script ask for them with a SELECT of its own.",
    )


def _refused(names: Names, found: str, done: Sequence[str], *, next: str) -> HalfDoneError:
    return HalfDoneError(
        f"The {names[1]} of revision {names[0]} is half done, and {found}",
        revision=names[0],
        done=done,
        state=_state(done),
        next=f"{next} {_anew(names)}",
    )


def _state(done: Sequence[str]) -> str:
    said = listed(done)
    return f"Of this revision, {said}." if said else "Nothing was changed by this run."


def _anew(names: Names) -> str:
    return (
        "To begin anew instead, undo by hand what is done, and have it forgotten: DELETE FROM "
        f"{names[2]} WHERE revision = '{names[0]}'."
    )
