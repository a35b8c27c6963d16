"""Ctrl-C and SIGTERM, sent to a real process: the exit code, one sentence, nothing half done."""

from __future__ import annotations

import signal
import socket
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest

from asyncmigrate.engine.lock import lock_key
from tests.chaos.dump import dump, sync_url, versions
from tests.chaos.histories import three
from tests.chaos.leftovers import eventually, nothing_on_the_server
from tests.chaos.processes import Process, amigrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project

AT_WORK = """
import os, pathlib
op.execute("INSERT INTO users (id, name) VALUES (3, 'c')")
pathlib.Path(os.environ["AT_WORK"]).touch()
"""
ENDLESS = {
    "postgresql": 'op.execute("SELECT pg_sleep(600)")',
    "sqlite": 'op.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)'
    ' SELECT count(*) FROM n")',
}
IMPORTED = """
import os, pathlib, time
pathlib.Path(os.environ["AT_WORK"]).touch()
time.sleep(600)
"""
AT_B2 = (
    "The database is at b2 (2 earlier revisions stay); "
    "the revision that was running was rolled back."
)


@pytest.fixture
def endless(project: Project, database_url: str) -> Project:
    return three(project, AT_WORK + ENDLESS[database_url.partition("+")[0]])


def errors(stderr: str) -> list[str]:
    """Return the lines of standard error that are not about the revisions that ran."""
    return [line.strip() for line in stderr.splitlines() if line[:2] not in {"  +", "up"}]


def sentence(name: str, state: str) -> list[str]:
    return [
        f"error: Interrupted by {name}.",
        state,
        "next: Run `amigrate status` to see where the database is.",
    ]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_signal_during_a_revision_rolls_it_back_and_says_so(
    endless: Project, database_url: str, number: signal.Signals, code: int
) -> None:
    with amigrate(endless, database_url, "upgrade", "head") as process:
        process.wait_until_at_work()
        process.popen.send_signal(number)
        exit_code, stderr = process.ended_soon()

    assert errors(stderr)[-3:] == sentence(number.name, AT_B2)
    assert stderr.count("error:") == 1
    assert exit_code == code
    nothing_on_the_server(database_url)
    found = dump(database_url)
    assert (versions(found), len(found["users"])) == (["b2"], 2)


def test_more_signals_while_the_first_is_handled_change_nothing(
    endless: Project, postgres_url: str
) -> None:
    with amigrate(endless, postgres_url, "upgrade", "head") as process:
        process.wait_until_at_work()
        for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            process.popen.send_signal(number)
        exit_code, stderr = process.ended_soon()

    assert errors(stderr)[-3:] == sentence("SIGINT", AT_B2)
    assert exit_code == 130
    nothing_on_the_server(postgres_url)
    assert versions(dump(postgres_url)) == ["b2"]


@pytest.fixture
def blocking(project: Project) -> Project:
    """Three revisions; the last keeps the event loop from turning."""
    return three(project, AT_WORK + "import time\ntime.sleep(600)")


def still_running(process: Process) -> bool:
    """Press Ctrl-C, again and again: the kernel may hand the second one to another thread."""
    if process.popen.poll() is not None:
        return False
    process.popen.send_signal(signal.SIGINT)
    time.sleep(0.05)
    return True


def test_a_second_ctrl_c_stops_a_script_that_does_not_listen(
    blocking: Project, database_url: str
) -> None:
    with amigrate(blocking, database_url, "upgrade", "head") as process:
        process.wait_until_at_work()
        eventually(lambda: still_running(process))
        exit_code, stderr = process.ended_soon()

    assert errors(stderr)[-3:] == sentence("SIGINT", AT_B2)
    assert exit_code == 130
    nothing_on_the_server(database_url)
    assert versions(dump(database_url)) == ["b2"]


def test_a_script_that_does_not_listen_is_stopped_when_the_grace_is_over(
    blocking: Project, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMIGRATE_SHUTDOWN_GRACE", "0.3")
    with amigrate(blocking, database_url, "upgrade", "head") as process:
        process.wait_until_at_work()
        process.popen.send_signal(signal.SIGTERM)
        exit_code, stderr = process.ended_soon()

    assert errors(stderr)[-3:] == sentence("SIGTERM", AT_B2)
    assert exit_code == 143
    nothing_on_the_server(database_url)
    assert versions(dump(database_url)) == ["b2"]


def interrupted(process: Process) -> tuple[int, str]:
    process.popen.send_signal(signal.SIGINT)
    return process.ended_soon()


def test_ctrl_c_while_waiting_for_the_lock_changes_nothing(
    endless: Project, postgres_url: str
) -> None:
    with psycopg.connect(sync_url(postgres_url), autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [lock_key("alembic_version")])
        with amigrate(endless, postgres_url, "upgrade", "head") as process:
            process.said("waiting for")
            exit_code, stderr = interrupted(process)

        tables = holder.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() == (0,)
    assert errors(stderr)[-3:] == sentence("SIGINT", "Nothing was changed in the database.")
    assert exit_code == 130
    nothing_on_the_server(postgres_url)


def test_ctrl_c_while_waiting_for_the_file_changes_nothing(
    endless: Project, sqlite_url: str
) -> None:
    with closing(sqlite3.connect(sync_url(sqlite_url), isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with amigrate(endless, sqlite_url, "upgrade", "head") as process:
            process.said("waiting for")
            exit_code, stderr = interrupted(process)

        assert holder.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    assert errors(stderr)[-3:] == sentence("SIGINT", "Nothing was changed in the database.")
    assert exit_code == 130


@pytest.mark.parametrize("signals", [2, 1])
def test_a_script_that_hangs_while_it_is_imported_is_left_behind(
    project: Project, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, signals: int
) -> None:
    monkeypatch.setenv("AMIGRATE_SHUTDOWN_GRACE", "600" if signals > 1 else "0.3")
    three(project, "pass")
    hanging = project.versions / "c3.py"
    hanging.write_text(hanging.read_text() + IMPORTED)
    with amigrate(project, sqlite_url, "upgrade") as process:
        process.wait_until_at_work()
        process.popen.send_signal(signal.SIGINT)
        if signals > 1:
            eventually(lambda: still_running(process))
        exit_code, stderr = process.ended_soon()

    assert errors(stderr) == sentence("SIGINT", "Nothing was changed in the database.")
    assert exit_code == 130


@pytest.fixture
def silent_host() -> Iterator[socket.socket]:
    """A listening socket that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_ctrl_c_while_the_server_does_not_answer(
    project: Project, silent_host: socket.socket, driver: str
) -> None:
    three(project, "pass")
    host, port = silent_host.getsockname()
    url = f"postgresql+{driver}://me@{host}:{port}/shop"
    with amigrate(project, url, "upgrade", "head") as process:
        silent_host.settimeout(30)
        accepted, _ = silent_host.accept()
        exit_code, stderr = interrupted(process)
        accepted.close()

    assert errors(stderr) == sentence("SIGINT", "Nothing was changed in the database.")
    assert exit_code == 130
