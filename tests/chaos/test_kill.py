"""`kill -9` at random moments: the next run ends as if nothing had happened."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.chaos.dump import Dump, dump, upgraded, versions
from tests.chaos.emptying import emptied
from tests.chaos.histories import IDS, twelve
from tests.chaos.leftovers import nothing_on_the_server
from tests.chaos.processes import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project

KILLS = 18
"""Per driver; with three drivers more than fifty."""
AT = {(): [], **{IDS[: count + 1]: [id] for count, id in enumerate(IDS)}}
"""Which version rows go with what the history table says."""


class Nursery:
    """Starts upgrades in forked children, and kills them."""

    def __init__(self, url: str, project: Project) -> None:
        self._run = f"{url} {project.script_location}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def upgrade(self, *, kill_after: float | str = "never") -> str:
        """Upgrade in a child; return how it ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{self._run} {kill_after}\n")
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture
def nursery(database_url: str, project: Project) -> Iterator[Nursery]:
    nursery = Nursery(database_url, twelve(project))
    yield nursery
    nursery.close()


def undisturbed(nursery: Nursery, url: str) -> tuple[Dump, float]:
    """Return what a run leaves behind that nobody disturbs, and how long it takes."""
    nursery.upgrade()
    emptied(url)
    started = time.monotonic()
    assert nursery.upgrade() == "exited 0"
    return dump(url), time.monotonic() - started


def killed_once(nursery: Nursery, url: str, moment: float) -> bool:
    """Kill a run at a moment, and assert that nothing is half done; True if it was still going."""
    emptied(url)
    ended = nursery.upgrade(kill_after=moment)
    nothing_on_the_server(url)
    found = dump(url)
    assert versions(found) == AT[tuple(upgraded(found))]
    assert [row[0] for row in found.get("journal", [])] == upgraded(found)
    return ended == "killed"


def test_a_run_that_is_killed_at_any_moment_can_simply_be_run_again(
    nursery: Nursery, database_url: str
) -> None:
    expected, duration = undisturbed(nursery, database_url)
    moments = random.Random(database_url.partition(":")[0])
    killed = 0

    while killed < KILLS:
        moment = moments.uniform(0, duration)
        killed += killed_once(nursery, database_url, moment)

        assert nursery.upgrade() == "exited 0"
        assert dump(database_url) == expected
        nothing_on_the_server(database_url)
