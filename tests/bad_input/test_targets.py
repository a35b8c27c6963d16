"""Targets that mean nothing, too much, or the wrong way. The database is at a1 of a1 → b2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bad_input.refused import Refused, case

if TYPE_CHECKING:
    from tests.project import Project
    from tests.terminal import Terminal


def branches(project: Project) -> None:
    project.revision("c3", "b2", labels="shop")
    project.revision("d4", "a1", labels="blog")


def similar(project: Project) -> None:
    project.revision("b2aa", "b2")
    project.revision("b2ab", "b2aa")
    project.revision("b2b", "b2ab")


@pytest.mark.parametrize(
    "refused",
    [
        case("unknown", "upgrade nope", 2, "UnknownRevisionError", ["'nope'", "history"]),
        case("nearly known", "upgrade bb2", 2, "UnknownRevisionError",
             ["'bb2'", "Did you mean b2?"]),
        case("an ambiguous prefix", "upgrade b2a", 2, "AmbiguousRevisionError",
             ["b2aa", "b2ab", "more characters"], similar),
        case("too far up", "upgrade +99", 2, "TargetError", "+99"),
        case("too far up from a revision", "upgrade b2+1", 2, "TargetError", "b2+1"),
        case("too far down", "downgrade -99", 2, "TargetError", "-99"),
        case("too far down from a revision", "downgrade a1-2", 2, "TargetError", "a1-2"),
        case("up is down", "upgrade -1", 2, "TargetError", ["-1", "amigrate downgrade -1"]),
        case("down is up", "downgrade +1", 2, "TargetError", ["+1", "amigrate upgrade +1"]),
        case("down to what is not applied", "downgrade b2", 2, "TargetError",
             ["b2", "not applied", "a1"]),
        case("a range that is run", "upgrade a1:b2", 2, "UsageError", ["range", "--sql"]),
        case("a range that is undone", "downgrade b2:a1", 2, "UsageError", ["range", "--sql"]),
        case("a range of three, as SQL", "upgrade a1:b2:c3 --sql", 2, "UsageError", "a1:b2:c3"),
        case("two ranges, as SQL", "upgrade a1:b2 b2:head --sql", 2, "UsageError", "range"),
        case("a range of three, shown", "history -r a:b:c", 2, "UsageError", "a:b:c"),
        case("no range, shown", "history -r a1", 2, "UsageError", ["a1", "start:end"]),
        case("an unknown start, shown", "history -r nope:", 2, "UnknownRevisionError", "nope"),
        case("a range backwards, shown", "history -r b2:a1", 2, "TargetError", ["a1", "b2"]),
        case("an unknown label", "upgrade nope@head", 2, "UnknownRevisionError",
             ["'nope'", "blog", "shop"], branches),
        case("a revision on another branch", "upgrade shop@d4", 2, "TargetError",
             ["d4", "shop"], branches),
        case("two at signs", "upgrade a@b@head", 2, "UsageError", "a@b@head"),
        case("nothing before the at sign", "upgrade @head", 2, "UsageError", "@head"),
        case("nothing after the at sign", "upgrade shop@", 2, "UsageError", "shop@", branches),
        case("an empty string", ["upgrade", ""], 2, "UsageError", "head"),
        case("a blank string", ["upgrade", "  "], 2, "UsageError", "head"),
        case("an empty downgrade", ["downgrade", ""], 2, "UsageError", "base"),
        case("very long", ["upgrade", "x" * 10_000], 2, "UnknownRevisionError", "history"),
        case("a very large number", ["upgrade", "+" + "9" * 30], 2, "TargetError", "999"),
        case("a number that Python will not read", ["upgrade", "+" + "9" * 5000], 2,
             "TargetError", "999"),
        case("not ASCII", ["upgrade", "révision-名前"], 2, "UnknownRevisionError", "révision-名前"),
        case("not even text", ["upgrade", "\udcff"], 2, "UnknownRevisionError", "history"),
        case("SQL", ["upgrade", "'; DROP TABLE users; --"], 2, "UnknownRevisionError",
             "DROP TABLE"),
        case("a glob", ["upgrade", "*"], 2, "UnknownRevisionError", "*"),
        case("a control character", ["upgrade", "a\x1b[31m1"], 2, "UnknownRevisionError", "\\x1b"),
        case("to show nothing", "show nope", 2, "UnknownRevisionError", "nope"),
        case("to stamp nothing", "stamp nope", 2, "UnknownRevisionError", "nope"),
        case("to stamp nothing with purge", "stamp --purge nope", 2, "UnknownRevisionError",
             "nope"),
        case("to plan nothing", "plan nope", 2, "UnknownRevisionError", "nope"),
        case("to plan in both directions", "plan head -1", 2, "TargetError", "-1"),
        case("to stamp a revision and its ancestor", "stamp a1 b2", 2, "TargetError", ["a1", "b2"]),
        case("no target to go down to", "downgrade", 2, "UsageError", "TARGET"),
        case("two targets to go down to", "downgrade a1 base", 2, "UsageError", "base"),
        case("SQL down from nowhere", "downgrade base --sql", 2, "UsageError",
             ["FROM:TO", "head:base"]),
        case("SQL up to an unknown one", "upgrade a1:nope --sql", 2, "UnknownRevisionError",
             "nope"),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_reached_is_refused(
    amigrate: Terminal, shop: Project, refused: Refused
) -> None:
    refused.check(amigrate, shop)
