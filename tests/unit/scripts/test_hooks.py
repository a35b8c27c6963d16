"""Post-write hooks: real commands on real files."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from asyncmigrate.errors import ConfigError
from asyncmigrate.scripts.hooks import Hook, HookFailure, hooks_from, run_hooks
from asyncmigrate.scripts.writer import NewScript, ScriptFolder, new_script

PYTHON = {"name": "py", "type": "exec", "executable": sys.executable}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "a b.py"
    file.write_text("x   =   1\n")
    return file


def test_ruff_formats_a_new_script_if_it_is_installed(script: Path) -> None:
    assert run_hooks(hooks_from(None), script) == ()
    assert script.read_text() == "x = 1\n"


def test_without_ruff_nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    assert hooks_from(None) == ()


def test_an_empty_setting_runs_nothing() -> None:
    assert hooks_from([]) == ()


@pytest.mark.parametrize(
    "entry",
    [
        "ruff",
        {"type": "module", "module": "ruff", "options": "format -q REVISION_SCRIPT_FILENAME"},
        {
            "type": "exec",
            "executable": shutil.which("ruff", path=str(Path(sys.executable).parent)),
            "options": "format -q REVISION_SCRIPT_FILENAME",
        },
    ],
)
def test_each_way_to_name_a_command_runs_it(script: Path, entry: object) -> None:
    assert run_hooks(hooks_from([entry]), script) == ()
    assert script.read_text() == "x = 1\n"


def test_a_console_script_gets_its_arguments(script: Path) -> None:
    entry = {"type": "console_scripts", "entrypoint": "pytest", "options": "--version"}

    (hook,) = hooks_from([entry])

    assert hook.command[-2:] == ("REVISION_SCRIPT_FILENAME", "--version")
    assert run_hooks([hook], script) == ()


def test_the_path_comes_first_where_the_options_do_not_place_it(script: Path) -> None:
    (hook,) = hooks_from([{**PYTHON, "options": "--flag 'two words'"}])

    assert hook.command[1:] == ("REVISION_SCRIPT_FILENAME", "--flag", "two words")


def test_a_hook_runs_in_its_own_folder(script: Path, tmp_path: Path) -> None:
    code = "import pathlib,sys; pathlib.Path('here').write_text(sys.argv[1])"
    (tmp_path / "sub").mkdir()
    options = f'-c "{code}" REVISION_SCRIPT_FILENAME'

    assert (
        run_hooks(
            hooks_from([{**PYTHON, "options": options, "cwd": str(tmp_path / "sub")}]), script
        )
        == ()
    )
    assert (tmp_path / "sub/here").read_text() == str(script)


def test_a_hook_that_fails_is_reported_and_the_script_stays(script: Path) -> None:
    code = "import sys; print('bad'); sys.exit(7)"
    failing = Hook("py", (sys.executable, "-c", code))

    failures = run_hooks([failing, *hooks_from(["ruff"])], script)

    assert failures == (HookFailure("py", failing.command, 7, "bad"),)
    assert "'py'" in str(failures[0])
    assert "exited 7:\nbad" in str(failures[0])
    assert script.read_text() == "x = 1\n"


def test_a_command_that_does_not_exist_is_reported(script: Path) -> None:
    (failure,) = run_hooks([Hook("x", ("/no/such/command",))], script)

    assert failure.exit_code is None
    assert "could not be started" in str(failure)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("black", "neither a table"),
        (5, "neither a table"),
        ({"name": "x"}, "'x' has no `type`"),
        ({"name": "x", "type": "magic"}, "the type 'magic'"),
        ({"name": "x", "type": "exec"}, "'x' has no `executable`"),
        ({"name": "x", "type": "module", "module": "no_such_one"}, "which is not installed"),
        ({"name": "x", "type": "module", "module": "no.such.one"}, "which is not installed"),
        ({"name": "x", "type": "console_scripts", "entrypoint": "nix"}, "which is not installed"),
        ({**PYTHON, "options": "'open"}, "cannot be split"),
    ],
)
def test_a_wrong_setting_is_found_before_anything_is_written(entry: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        hooks_from([entry])


@pytest.mark.parametrize(
    "wanted",
    [
        NewScript(message="add users"),
        NewScript(message='"quoted" \\ text\n\n  indented', head_only=True),
        NewScript(message="x", branch_labels=("a", "b"), upgrades='op.execute("x")'),
    ],
)
def test_a_new_script_is_formatted_already(tmp_path: Path, wanted: NewScript) -> None:
    path = new_script(ScriptFolder(folder=tmp_path), [], wanted).path
    assert path is not None
    before = path.read_text()
    (ruff,) = hooks_from(["ruff"])

    failures = run_hooks([Hook("r", (*ruff.command, "--isolated"))], path)

    assert failures == ()
    assert path.read_text() == before
