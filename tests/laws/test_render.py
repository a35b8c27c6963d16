"""Laws of scripts: running the text makes the calls again, and formatters leave it alone."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from asyncmigrate.render.script import ScriptBodies, script
from asyncmigrate.schema.call import Call
from asyncmigrate.scripts.template import ScriptText, render
from tests.laws.calls import calls

FOLDER = Path(__file__).parent


class Recorder:
    """Stands in for `op`, and keeps every call."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def f(self, name: str) -> Any:
        return sa.schema.conv(name)

    def __getattr__(self, directive: str) -> Any:
        def record(*arguments: Any, **keywords: Any) -> None:
            self.calls.append(Call(directive, arguments, keywords))

        return record


def whole(bodies: ScriptBodies) -> str:
    return render(
        ScriptText(
            rev_id="ae1",
            message="everything",
            date=datetime(2024, 5, 6),
            imports=bodies.imports,
            upgrades=bodies.upgrades,
            downgrades=bodies.downgrades,
        ),
        FOLDER,
    )


def recorded(text: str) -> tuple[list[Call], list[Call]]:
    """Run both directions of a script."""
    found = []
    for direction in ("upgrade", "downgrade"):
        namespace: dict[str, Any] = {}
        exec(compile(text, "script", "exec"), namespace)
        namespace["op"] = recorder = Recorder()
        namespace[direction]()
        found.append(recorder.calls)
    return found[0], found[1]


def without_notes(found: list[Call]) -> list[Call]:
    return [Call(each.directive, each.arguments, each.keywords) for each in found]


@given(st.lists(calls, min_size=1, max_size=4), st.lists(calls, max_size=2))
@settings(max_examples=40, deadline=None)
def test_running_a_script_makes_the_calls_that_it_was_written_from(
    upgrade: list[Call], downgrade: list[Call]
) -> None:
    written = script(without_notes(upgrade), without_notes(downgrade))

    again = script(*recorded(whole(written)))

    assert again == written


@given(st.lists(calls, min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_the_same_calls_are_the_same_bytes(upgrade: list[Call]) -> None:
    assert script(upgrade, []) == script(upgrade, [])


@given(st.lists(calls, min_size=30, max_size=40))
@settings(max_examples=4, deadline=None, phases=[Phase.reuse, Phase.generate])  # no long search
def test_ruff_has_nothing_to_change(upgrade: list[Call]) -> None:
    text = whole(script(upgrade, upgrade[:1]))

    formatted = ruff(text, "format", "--diff", "--line-length=88")
    checked = ruff(text, "check", "--output-format=concise")

    assert (formatted, checked) == ("", "All checks passed!\n")


def ruff(text: str, *command: str) -> str:
    """What ruff, with its own defaults, says about a script."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--isolated", "--stdin-filename=a.py", "-"],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tempfile.gettempdir(),  # in the repository asyncmigrate would be the project's own
    )
    return done.stdout
