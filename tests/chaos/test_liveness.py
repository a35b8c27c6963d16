"""A server that is asked all the time while it migrates: alive throughout, served never too early.

For three seconds; `ASYNCMIGRATE_LIVENESS_SECONDS=60` makes it a minute.
"""

from __future__ import annotations

import os
import threading
import urllib.error
from typing import TYPE_CHECKING

from tests.chaos.dump import dump, upgraded
from tests.chaos.histories import three
from tests.chaos.leftovers import eventually
from tests.chaos.test_workers import Uvicorn, uvicorn

if TYPE_CHECKING:
    from tests.project import Project

SECONDS = float(os.environ.get("ASYNCMIGRATE_LIVENESS_SECONDS", "3"))
ASKERS = 6


class Asked:
    """Asks one path again and again, in threads, and keeps what was answered."""

    def __init__(self, server: Uvicorn, path: str) -> None:
        self.server, self.path = server, path
        self.answers: list[int | str] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._ask) for _ in range(ASKERS)]
        for thread in self.threads:
            thread.start()

    def _ask(self) -> None:
        while not self.over.is_set():
            try:
                self.server.get(self.path)
                self.answers.append(200)
            except urllib.error.HTTPError as error:
                self.answers.append(error.code)
                error.close()
            except OSError as error:
                self.answers.append(repr(error))

    def end(self) -> list[int | str]:
        """Ask no more; return the answers."""
        self.over.set()
        for thread in self.threads:
            thread.join()
        return self.answers


def test_a_server_is_alive_all_the_time_and_serves_only_when_it_has_migrated(
    project: Project, postgres_url: str
) -> None:
    three(project, f'op.execute("SELECT pg_sleep({SECONDS})")')

    with uvicorn(project, postgres_url, "one", mode="background", workers=1) as server:
        eventually(lambda: "running on" not in server.log.read_text(), patience=60)
        alive, served = Asked(server, "/livez"), Asked(server, "/users")
        eventually(lambda: 200 not in served.answers, patience=60 + 2 * SECONDS)
        found = dump(postgres_url)
        lives, serves = alive.end(), served.end()
        server.end()

    assert upgraded(found) == ["a1", "b2", "c3"]
    assert set(lives) == {200}
    assert set(serves) == {503, 200}
    assert serves.count(503) > ASKERS
