"""Importing scripts: what may run, and what is refused before anything runs."""

from __future__ import annotations

import os
import sys
import traceback
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from asyncmigrate.errors import ScriptError
from asyncmigrate.history.revision import Direction, Plan, Revision, Step
from asyncmigrate.scripts.loader import Script, call, load_script, load_scripts

if TYPE_CHECKING:
    from pathlib import Path

BOTH = "def upgrade(): ...\ndef downgrade(): ...\n"


def written(folder: Path, text: str, name: str = "a1_x.py") -> Revision:
    file = folder / name
    file.write_text(dedent(text), encoding="utf-8")
    return Revision("a1", file=str(file))


def loaded(folder: Path, text: str) -> Script:
    return load_script(written(folder, text))


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ScriptError) as caught:
        loaded(folder, text)
    assert caught.value.next
    return caught.value.message.removeprefix(f"{folder}{os.sep}")


def plan(revision: Revision | None, direction: Direction) -> Plan:
    return Plan(frozenset(), (Step(revision, direction, frozenset(), frozenset()),))


def test_a_script_offers_its_functions_and_its_place(tmp_path: Path) -> None:
    script = loaded(tmp_path, BOTH)

    assert (script.revision, script.path) == ("a1", tmp_path / "a1_x.py")
    assert script.upgrade is script.module.upgrade
    assert script.downgrade is script.module.downgrade


def test_a_script_may_leave_its_downgrade_out(tmp_path: Path) -> None:
    revision = written(tmp_path, "def upgrade(): ...\n")

    assert load_scripts(plan(revision, Direction.UP))["a1"].downgrade is None


def test_a_stamp_imports_nothing(tmp_path: Path) -> None:
    revision = written(tmp_path, "raise RuntimeError")

    assert load_scripts(plan(revision, Direction.STAMP)) == {}
    assert load_scripts(plan(None, Direction.STAMP)) == {}


def test_the_checksum_does_not_depend_on_line_endings(tmp_path: Path) -> None:
    unix = loaded(tmp_path, BOTH).checksum
    windows = loaded(tmp_path, BOTH.replace("\n", "\r\n")).checksum
    other = loaded(tmp_path, BOTH + "\nx = 1\n").checksum

    assert unix == windows
    assert unix != other
    assert len(unix) == 64


def test_loading_leaves_nothing_beside_the_script(tmp_path: Path) -> None:
    loaded(tmp_path, BOTH)

    assert os.listdir(tmp_path) == ["a1_x.py"]


def test_a_changed_script_is_loaded_anew(tmp_path: Path) -> None:
    loaded(tmp_path, BOTH + "value = 1\n")

    assert loaded(tmp_path, BOTH + "value = 2\n").module.value == 2


def test_a_failed_import_leaves_no_module_behind(tmp_path: Path) -> None:
    before = set(sys.modules)

    refusal(tmp_path, "raise RuntimeError")

    assert set(sys.modules) == before


def test_a_dataclass_with_postponed_annotations_works_in_a_script(tmp_path: Path) -> None:
    script = loaded(
        tmp_path,
        """
        from __future__ import annotations
        from dataclasses import dataclass
        from typing import ClassVar

        def upgrade():
            @dataclass
            class Row:
                count: ClassVar[int] = 0
            Row()
        """,
    )

    call(script.upgrade, None)


def test_a_traceback_shows_the_scripts_own_line(tmp_path: Path) -> None:
    script = loaded(tmp_path, "def upgrade():\n    raise ValueError  # here\n")

    with pytest.raises(ValueError) as caught:
        call(script.upgrade, None)

    assert "raise ValueError  # here" in "".join(traceback.format_exception(caught.value))


def test_a_script_in_a_package_can_import_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("SIZE = 2\n")
    (tmp_path / "tables.py").write_text("NAME = 't'\n")

    module = loaded(
        tmp_path, "from . import SIZE\nfrom .tables import NAME\ndef upgrade(): ...\n"
    ).module

    assert (module.SIZE, module.NAME) == (2, "t")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\n", "a1_x.py: the script has no `upgrade` function."),
        ("upgrade = 5\n", "a1_x.py: `upgrade` is not a function but 5."),
        ("\nasync def upgrade(): ...\n", "a1_x.py:2: `upgrade` is asynchronous"),
        (BOTH + "async def downgrade(): yield\n", "a1_x.py:3: `downgrade` is asynchronous"),
        ("def upgrade(): yield 1\n", "a1_x.py:1: `upgrade` contains `yield`"),
        ("def upgrade(a, b): ...\n", "a1_x.py:1: `upgrade` takes more than one parameter"),
        ("def upgrade(*, a): ...\n", "a1_x.py: `upgrade` requires a keyword argument"),
        ("x = 1\nx / 0\n", "a1_x.py:2: the script cannot be imported (ZeroDivisionError: "),
        ("import sys\nsys.exit()\n", "a1_x.py:2: the script cannot be imported (SystemExit)"),
        ("import no_such_one\n", "a1_x.py:1: the script cannot be imported (ModuleNotFoundError: "),
        ("from . import x\n", "a1_x.py:1: the script cannot be imported (ImportError: "),
        ("x = 1\ndef upgrade(:\n", "a1_x.py:2: this is not valid Python"),
    ],
)
def test_what_cannot_run_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text).startswith(message)


def test_a_missing_module_is_named_in_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="Install `no_such_one`"):
        loaded(tmp_path, "import no_such_one\n")


def test_a_script_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="does not exist"):
        load_script(Revision("a1", file=str(tmp_path / "gone.py")))


def test_a_revision_without_a_file_is_refused() -> None:
    with pytest.raises(ScriptError, match="has no script file"):
        load_script(Revision("a1"))


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("upgrade()", ()),
        ("upgrade(op)", ("the op",)),
        ("upgrade(operations, /)", ("the op",)),
        ("upgrade(op=None)", (None,)),
        ("upgrade(*op)", ((),)),
        ("upgrade(**op)", ({},)),
        ("upgrade(op, **rest)", ("the op",)),
    ],
)
def test_op_is_handed_to_a_function_that_requires_one_argument(
    tmp_path: Path, signature: str, expected: tuple[object, ...]
) -> None:
    text = f"got = []\ndef {signature}: got.extend(v for k, v in locals().items() if k[0] == 'o')\n"
    script = loaded(tmp_path, text)

    call(script.upgrade, "the op")

    assert tuple(script.module.got) == expected


def test_a_wrapped_function_is_called_as_what_it_wraps(tmp_path: Path) -> None:
    script = loaded(
        tmp_path,
        """
        from functools import wraps
        got = []

        def logged(function):
            @wraps(function)
            def around(*args):
                return function(*args)
            return around

        @logged
        def upgrade(op):
            got.append(op)
        """,
    )

    call(script.upgrade, "the op")

    assert script.module.got == ["the op"]


def test_a_coroutine_that_nobody_would_await_is_an_error(tmp_path: Path) -> None:
    script = loaded(tmp_path, "async def work(): ...\ndef upgrade(): return work()\n")

    with pytest.raises(ScriptError, match="`upgrade` is asynchronous"):
        call(script.upgrade, None)
