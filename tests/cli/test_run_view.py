"""What is shown of a run while it runs: a line that is written over, or one every ten seconds."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from asyncmigrate.cli.output import Output
from asyncmigrate.cli.run_view import RunView
from asyncmigrate.events import StatementRunning, StepFinished, StepStarted
from tests.chaos.dump import sync_url
from tests.conformance.watching import users
from tests.terminal import on_a_terminal

if TYPE_CHECKING:
    from tests.project import Project
    from tests.terminal import Terminal

STARTED = StepStarted("b2", "upgrade", "add a name", 1, 2)
RUNNING = "ALTER TABLE users ADD COLUMN name text"


def running(elapsed: float) -> StatementRunning:
    return StatementRunning("b2", RUNNING, elapsed, ("report (server process 7)",), 3)


def test_without_a_terminal_a_long_statement_is_told_of_every_ten_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    view = RunView(Output())

    view.observe(STARTED)
    for second in range(1, 26):
        view.observe(running(second + 0.01))
    view.observe(StepFinished("b2", "upgrade", "add a name", 1, 2, 25.5, ("a1",), ("b2",)))

    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.splitlines() == [
        f"  1/2  b2  add a name  {seconds} s; 3 sessions wait behind it; "
        f"it waits for report (server process 7); {RUNNING}"
        for seconds in (10, 20)
    ] + ["  ✓ 1/2  + b2  add a name  25.5 s"]


@pytest.mark.parametrize("output", [Output(quiet=True), Output(json=True)])
def test_nothing_is_shown_of_it_with_quiet_and_with_json(
    output: Output, capsys: pytest.CaptureFixture[str]
) -> None:
    view = RunView(output)

    view.observe(STARTED)
    view.observe(running(11))

    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_shows_each_second_on_whom_a_statement_waits(
    project: Project, postgres_url: str, amigrate: Terminal
) -> None:
    users(project)
    project.write("asyncmigrate.toml", f'url = "{postgres_url}"\n')
    amigrate.ok("-c", str(project.root), "upgrade", "a1")
    with psycopg.connect(sync_url(postgres_url)) as other:
        other.execute("SET application_name = 'report'")
        other.execute("SELECT * FROM users")
        conversation = on_a_terminal(project.root, "upgrade", term="xterm", columns=72)
        line = conversation.until("it waits for report", times=2)
        other.rollback()

    assert conversation.ended() == 0
    assert re.match(r"\x1b\[K  1/1  b2  b2  \d+ s; it waits for report \(server process \d+", line)
    assert len(line.removeprefix("\x1b[K")) <= 71, "it can be written over"
    assert "\x1b[K  ✓ 1/1  + b2  b2  " in conversation.written
