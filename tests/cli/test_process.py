"""`python -m asyncmigrate` as a process: streams, encodings, pipes and terminals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.terminal import REPOSITORY, process

if TYPE_CHECKING:
    from tests.project import Project

UTF8 = {"PYTHONIOENCODING": "utf-8", "AMIGRATE_URL": ""}


def test_a_person_types_the_whole_way(shop: Project) -> None:
    upgraded = process(shop.root, "upgrade", environ=UTF8)
    status = process(shop.root, "status", "--json", environ=UTF8)
    undone = process(shop.root, "downgrade", "base", environ=UTF8)

    assert (upgraded.returncode, status.returncode, undone.returncode) == (0, 0, 0)
    assert upgraded.stdout.startswith(b"Upgraded base -> c3")
    assert json.loads(status.stdout)["is_up_to_date"] is True


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["status", "--check"], 3),
        (["upgrade", "nope"], 2),
        (["--nope"], 2),
        ([], 2),
        (["--help"], 0),
        (["upgrade", "--help"], 0),
    ],
    ids=str,
)
def test_the_exit_code_reaches_the_shell(shop: Project, arguments: list[str], code: int) -> None:
    assert process(shop.root, *arguments).returncode == code


@pytest.mark.parametrize("arguments", [["upgrade"], ["history"], ["upgrade", "nope"]], ids=str)
def test_without_a_terminal_there_are_no_escape_codes_and_no_carriage_returns(
    shop: Project, arguments: list[str]
) -> None:
    done = process(shop.root, *arguments, environ=UTF8)

    assert b"\x1b" not in done.stdout + done.stderr
    assert b"\r" not in done.stdout + done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_that_is_not_utf8_gets_what_it_can_show(shop: Project, encoding: str) -> None:
    shop.revision("d4", "c3", message="añadir 名前 …")

    upgraded = process(shop.root, "upgrade", environ={"PYTHONIOENCODING": encoding})
    history = process(shop.root, "history", environ={"PYTHONIOENCODING": encoding})
    found = process(shop.root, "history", "--json", environ={"PYTHONIOENCODING": encoding})

    assert (upgraded.returncode, history.returncode, found.returncode) == (0, 0, 0)
    assert "ok 4/4  + d4" in upgraded.stderr.decode(encoding)
    assert json.loads(found.stdout.decode(encoding))["revisions"][0]["message"] == "añadir 名前 …"


def test_sql_reaches_a_terminal_that_is_not_utf8(shop: Project) -> None:
    shop.revision("d4", "c3", upgrade="op.execute(\"INSERT INTO users VALUES (1, '名前')\")")

    done = process(shop.root, "upgrade", "c3:d4", "--sql", environ={"PYTHONIOENCODING": "ascii"})

    assert done.returncode == 0
    assert "'名前'" in done.stdout.decode("utf-8")


def test_a_reader_that_goes_away_is_no_error(shop: Project) -> None:
    for number in range(200):
        shop.revision(f"x{number:03}", f"x{number - 1:03}" if number else "c3", message="m" * 900)

    done = subprocess.run(
        f'"{sys.executable}" -m asyncmigrate history | head -n 1',
        shell=True,
        cwd=shop.root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=False,
    )

    assert done.stdout.startswith(b"x198 -> x199")
    assert done.stderr == b""


def test_a_closed_stdout_is_no_error(shop: Project) -> None:
    done = subprocess.run(
        f'"{sys.executable}" -m asyncmigrate heads >&-',
        shell=True,
        cwd=shop.root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=False,
    )

    assert b"Traceback" not in done.stderr


def on_a_terminal(shop: Project, *arguments: str, environ: dict[str, str]) -> str:
    """Run a command on a pseudo-terminal and return all that it wrote."""
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "asyncmigrate", *arguments],
        cwd=shop.root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environ},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    written = b""
    try:
        while chunk := os.read(master, 65536):
            written += chunk
    except OSError:  # Linux says so when the last writer has closed its end
        pass
    finally:
        os.close(master)
        running.wait(timeout=60)
    return written.decode("utf-8", "replace")


def test_a_terminal_gets_colours_and_progress(shop: Project) -> None:
    written = on_a_terminal(shop, "upgrade", environ={"TERM": "xterm-256color", "NO_COLOR": ""})

    assert "\x1b[32m" in written
    assert "\r\x1b[K" in written


@pytest.mark.parametrize(
    "environ", [{"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb", "NO_COLOR": ""}], ids=str
)
def test_a_terminal_that_wants_no_colours_gets_none(shop: Project, environ: dict[str, str]) -> None:
    written = on_a_terminal(shop, "history", environ=environ)

    assert "a1 -> b2, add name" in written
    assert "\x1b[" not in written


def test_a_dumb_terminal_gets_plain_lines_of_progress(shop: Project) -> None:
    written = on_a_terminal(shop, "upgrade", environ={"TERM": "dumb", "NO_COLOR": ""})

    assert "\x1b" not in written
    assert "✓ 3/3  + c3" in written


def test_heads_does_not_import_sqlalchemy(shop: Project) -> None:
    code = (
        "import sys; from asyncmigrate.cli import run; run(['heads']);"
        "sys.exit('sqlalchemy' in sys.modules or 'asyncio' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=shop.root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
        capture_output=True,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown_for_a_shell(shop: Project, shell: str) -> None:
    done = process(shop.root, "--show-completion", shell)

    assert done.returncode == 0
    assert b"_AMIGRATE_COMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        ("amigrate up", "upgrade"),
        ("amigrate upgrade --at", "--atomic"),
        ("amigrate history --rev", "--rev-range"),
        ("amigrate --scr", "--script-location"),
    ],
)
def test_a_shell_is_told_how_a_line_may_go_on(shop: Project, words: str, proposed: str) -> None:
    done = process(
        shop.root,
        environ={
            "_AMIGRATE_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        },
    )

    assert proposed in done.stdout.decode().split()


def test_completion_can_be_installed(shop: Project) -> None:
    home = shop.root / "home"
    home.mkdir()

    done = process(
        shop.root, "--install-completion", "bash", environ={"HOME": str(home), "SHELL": "/bin/bash"}
    )

    assert done.returncode == 0
    assert (home / ".bash_completions" / "amigrate.sh").is_file()
