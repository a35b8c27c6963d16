"""`kill -9` at random moments: the next run ends as if nothing had happened."""

from __future__ import annotations

import random
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.chaos.children import nursery
from tests.chaos.dump import Dump, dump, upgraded, versions
from tests.chaos.emptying import emptied
from tests.chaos.histories import IDS, twelve
from tests.chaos.leftovers import nothing_on_the_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.project import Project

KILLS = 10
"""Per driver, at random; `test_kill_at` does so at exact requests."""
AT = {(): [], **{IDS[: count + 1]: [id] for count, id in enumerate(IDS)}}
"""Which version rows go with what the history table says."""


@pytest.fixture
def upgrade(database_url: str, project: Project) -> Iterator[Callable[..., str]]:
    """What upgrades in a child, and returns how that ended."""
    with nursery() as children:
        yield partial(children.upgrade, database_url, twelve(project))


def undisturbed(upgrade: Callable[..., str], url: str) -> tuple[Dump, float]:
    """Return what a run leaves behind that nobody disturbs, and how long it takes."""
    upgrade()
    emptied(url)
    started = time.monotonic()
    assert upgrade() == "exited 0"
    return dump(url), time.monotonic() - started


def killed_once(upgrade: Callable[..., str], url: str, moment: float) -> bool:
    """Kill a run at a moment, and assert that nothing is half done; True if it was still going."""
    emptied(url)
    ended = upgrade(kill_after=moment)
    nothing_on_the_server(url)
    found = dump(url)
    assert versions(found) == AT[tuple(upgraded(found))]
    assert [row[0] for row in found.get("journal", [])] == upgraded(found)
    return ended == "killed"


def test_a_run_that_is_killed_at_any_moment_can_simply_be_run_again(
    upgrade: Callable[..., str], database_url: str
) -> None:
    expected, duration = undisturbed(upgrade, database_url)
    moments = random.Random(database_url.partition(":")[0])
    killed = 0

    while killed < KILLS:
        moment = moments.uniform(0, duration)
        killed += killed_once(upgrade, database_url, moment)

        assert upgrade() == "exited 0"
        assert dump(database_url) == expected
        nothing_on_the_server(database_url)
