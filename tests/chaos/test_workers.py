"""A real server with several workers, each of which migrates at its start."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.chaos.dump import dump, upgraded, versions
from tests.chaos.histories import IDS, three, twelve
from tests.chaos.leftovers import eventually, nothing_on_the_server
from tests.chaos.processes import REPOSITORY, SLOW_START

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project

WORKERS = 4
_APPLICATION = """
import os
from contextlib import asynccontextmanager
from pathlib import Path

from asyncmigrate import Migrator
from asyncmigrate.asgi import MigrationGate, lifespan

migrator = Migrator(os.environ["URL"], script_location="migrations", lease_seconds=1.0,
                    lock=os.environ.get("LOCK", "auto"))

@asynccontextmanager
async def own(app):
    Path(f"started-{os.environ['NAME']}-{os.getpid()}").touch()
    yield

async def hello(scope, receive, send):
    if scope["type"] == "lifespan":
        assert (await receive())["type"] == "lifespan.startup"
        async with own(None):
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})

app = lifespan(migrator, mode=os.environ["MODE"]).wrap(MigrationGate(hello, migrator))
"""
_KILLED_ONCE = """
import os, pathlib, signal
op.execute("INSERT INTO users (id) VALUES (3)")
try:
    pathlib.Path("killed").touch(exist_ok=False)
except FileExistsError:
    pass
else:
    os.kill(os.getpid(), signal.SIGKILL)
"""


_FROZEN_ONCE = """
import os, pathlib, signal
op.execute(f"INSERT INTO users (id) VALUES ({os.getpid()})")
try:
    pathlib.Path("frozen").touch(exist_ok=False)
except FileExistsError:
    pass
else:
    pathlib.Path("frozen").write_text(str(os.getpid()))
    os.kill(os.getpid(), signal.SIGSTOP)
"""


class Uvicorn:
    """One `uvicorn` that a test started."""

    def __init__(self, project: Project, url: str, name: str, mode: str, workers: int) -> None:
        self.folder, self.name = project.root, name
        self.log = project.root / f"{name}.log"
        with self.log.open("w") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "application:app", "--port", "0"]
                + ["--workers", str(workers)] * (workers > 1),
                cwd=project.root,
                env=os.environ
                | {"PYTHONPATH": str(REPOSITORY), "URL": url, "NAME": name, "MODE": mode},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def started(self) -> list[Path]:
        """A file for each worker whose start came to its end."""
        return list(self.folder.glob(f"started-{self.name}-*"))

    def is_waited_for(self, workers: int) -> str:
        """Say what it has logged, as long as so many workers have not started."""
        return "" if len(self.started) >= workers else f"not started: {self.log.read_text()}"

    def get(self, path: str) -> bytes:
        """Ask whichever worker takes the request."""
        found = re.search(r"running on (http://[\d.:]+)", self.log.read_text())
        assert found, self.log.read_text()
        with urllib.request.urlopen(found[1] + path, timeout=SLOW_START) as answer:
            body: bytes = answer.read()
            return body

    def end(self) -> int:
        """Ask it to end in order, and return its exit code."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(SLOW_START)


@contextmanager
def uvicorn(
    project: Project, url: str, name: str, *, mode: str = "await", workers: int = WORKERS
) -> Iterator[Uvicorn]:
    """Start a server; whatever happens, it does not outlive the block, nor do its workers."""
    project.write("application.py", _APPLICATION)
    server = Uvicorn(project, url, name, mode, workers)
    try:
        yield server
    finally:
        if server.popen.poll() is None:
            os.killpg(server.popen.pid, signal.SIGKILL)
            server.popen.wait()


def all_started(*servers: Uvicorn, workers: int = WORKERS) -> None:
    """Wait until every worker of every server has started."""
    for server in servers:
        eventually(lambda server=server: server.is_waited_for(workers), patience=2 * SLOW_START)


def test_eight_workers_of_two_servers_start_at_once_and_each_revision_runs_once(
    project: Project, postgres_url: str
) -> None:
    twelve(project)

    with uvicorn(project, postgres_url, "one") as one, uvicorn(project, postgres_url, "two") as two:
        all_started(one, two)
        bodies = [server.get("/users") for server in (one, two)]
        one.end()
        two.end()

    assert bodies == [b"hello", b"hello"]
    found = dump(postgres_url)
    assert [row[0] for row in found["journal"]] == list(IDS)
    assert upgraded(found) == list(IDS)
    nothing_on_the_server(postgres_url)


def test_a_worker_that_is_killed_while_it_migrates_is_replaced_and_nothing_ran_twice(
    project: Project, postgres_url: str
) -> None:
    three(project, _KILLED_ONCE)

    with uvicorn(project, postgres_url, "one") as server:
        all_started(server)
        body = server.get("/users")
        server.end()

    assert (project.root / "killed").exists()
    assert body == b"hello"
    found = dump(postgres_url)
    assert upgraded(found) == ["a1", "b2", "c3"]
    assert [row[0] for row in found["users"]] == [1, 2, 3]
    assert versions(found) == ["c3"]


def test_a_worker_that_is_frozen_for_longer_than_its_lease_does_not_commit_when_it_wakes_up(
    project: Project, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCK", "lease")
    three(project, _FROZEN_ONCE)
    frozen = project.root / "frozen"

    with uvicorn(project, postgres_url, "one", workers=1) as one:
        eventually(lambda: one.popen.poll() is None and not _is_stopped(frozen), patience=60)
        with uvicorn(project, postgres_url, "two", workers=1) as two:
            all_started(two, workers=1)
            os.kill(int(frozen.read_text()), signal.SIGCONT)
            code = one.popen.wait(SLOW_START)
            body = two.get("/users")
            two.end()

    assert code != 0
    assert "This migrator lost its lease" in one.log.read_text()
    assert body == b"hello"
    found = dump(postgres_url)
    assert upgraded(found) == ["a1", "b2", "c3"]
    assert len(found["users"]) == 3
    assert int(frozen.read_text()) not in [row[0] for row in found["users"]]
    assert versions(found) == ["c3"]
    nothing_on_the_server(postgres_url)


def _is_stopped(file: Path) -> bool:
    """Return whether the process whose number is in the file stands still."""
    number = file.read_text() if file.exists() else ""
    return bool(number) and ") T " in Path(f"/proc/{number}/stat").read_text()


@pytest.mark.parametrize("mode", ["await", "background"])
def test_a_server_whose_migration_fails_ends_by_itself_and_not_with_success(
    project: Project, sqlite_url: str, mode: str
) -> None:
    three(project, 'op.execute("SELECT nonsense FROM nowhere")')

    with uvicorn(project, sqlite_url, "one", mode=mode, workers=1) as server:
        code = server.popen.wait(SLOW_START)

    assert code != 0
    assert "The upgrade of revision c3 (c3) failed" in server.log.read_text()
    assert versions(dump(sqlite_url)) == ["b2"]
