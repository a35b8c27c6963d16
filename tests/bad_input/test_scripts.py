"""Scripts that are not migration scripts."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.bad_input.refused import Refused, case

if TYPE_CHECKING:
    from tests.project import Project
    from tests.terminal import Terminal

HEADER = "revision = 'c3'\ndown_revision = 'b2'\n"
UPGRADE = "def upgrade():\n    pass\n"


def script(project: Project, text: str) -> None:
    """Write the script c3, whole."""
    data = text.encode("utf-8").replace(b"<NUL>", b"\0").replace(b"<LATIN-1>", b"\xe4")
    (project.versions / "c3.py").write_bytes(data)


def text(name: str, body: str, code: int, type: str, words: str | list[str]) -> object:
    """Return a case: the script c3 is `body`, and `upgrade` is typed."""
    return case(name, "upgrade", code, type, words, partial(script, text=body))


def folder_named_like_a_script(project: Project) -> None:
    (project.versions / "c3.py").mkdir()


def dangling_link(project: Project) -> None:
    os.symlink("nowhere.py", project.versions / "c3.py")


@pytest.mark.parametrize(
    "refused",
    [
        text("syntax error", HEADER + "def upgrade(:\n", 2, "ScriptError", ["c3.py:3", "valid"]),
        text("tabs and spaces", HEADER + "def upgrade():\n\tx=1\n        y=1\n", 2, "ScriptError",
             "c3.py"),
        text("import error", HEADER + "import no_such_module_here\n" + UPGRADE, 2, "ScriptError",
             ["c3.py:3", "no_such_module_here", "Install"]),
        text("wrong name imported", HEADER + "from os import nope\n" + UPGRADE, 2, "ScriptError",
             ["c3.py:3", "nope"]),
        text("no upgrade", HEADER, 2, "ScriptError", ["no `upgrade`", "def upgrade() -> None:"]),
        text("async upgrade", HEADER + "async def upgrade():\n    pass\n", 2, "ScriptError",
             ["c3.py:3", "asynchronous", "def upgrade()"]),
        text("two parameters", HEADER + "def upgrade(op, engine):\n    pass\n", 2, "ScriptError",
             "more than one parameter"),
        text("a keyword parameter", HEADER + "def upgrade(*, op):\n    pass\n", 2, "ScriptError",
             "keyword"),
        text("a generator", HEADER + "def upgrade():\n    yield\n", 2, "ScriptError", "yield"),
        text("upgrade is no function", HEADER + "upgrade = 3\n", 2, "ScriptError", "`upgrade`"),
        text("raises at import", HEADER + "1/0\n" + UPGRADE, 2, "ScriptError",
             ["c3.py:3", "ZeroDivisionError"]),
        text("exits at import", HEADER + "raise SystemExit(0)\n" + UPGRADE, 2, "ScriptError",
             "SystemExit"),
        text("op at import", "from asyncmigrate import op\n" + HEADER + "op.execute('x')\n"
             + UPGRADE, 2, "ScriptError", "only while a migration runs"),
        text("NUL bytes", HEADER + "<NUL>" + UPGRADE, 2, "ScriptError", "c3.py"),
        text("latin-1 bytes", HEADER + "x = '<LATIN-1>'\n" + UPGRADE, 2, "ScriptError", "c3.py"),
        text("empty file", "", 2, "ScriptError", ["c3.py", "revision"]),
        case("no revision", "upgrade", 2, "ScriptError", ["helper.py", "revision"],
             lambda project: project.write("migrations/versions/helper.py",
                                           "down_revision = 'b2'")),
        case("not a migration script", "upgrade", 2, "ScriptError", ["helper.py", "move it out"],
             lambda project: project.write("migrations/versions/helper.py", "x = 1")),
        text("no down_revision", "revision = 'c3'\n" + UPGRADE, 2, "ScriptError",
             ["c3.py", "down_revision"]),
        text("revision is a number", "revision = 3\ndown_revision = 'b2'\n" + UPGRADE, 2,
             "ScriptError", ["c3.py", "revision"]),
        text("down_revision is a number", "revision = 'c3'\ndown_revision = 2\n" + UPGRADE, 2,
             "ScriptError", ["c3.py", "down_revision"]),
        text("labels are numbers", HEADER + "branch_labels = (1,)\n" + UPGRADE, 2, "ScriptError",
             ["c3.py", "branch_labels"]),
        text("depends_on is a mapping", HEADER + "depends_on = {'a': 1}\n" + UPGRADE, 2,
             "ScriptError", ["c3.py", "depends_on"]),
        text("a computed header that fails", "revision = 'c' + 3\ndown_revision = 'b2'\n"
             + UPGRADE, 2, "ScriptError", ["c3.py:1", "TypeError"]),
        text("revision is empty", "revision = ''\ndown_revision = 'b2'\n" + UPGRADE, 2,
             "ScriptError", ["c3.py", "revision"]),
        text("relative import without a package", HEADER + "from .names import x\n" + UPGRADE, 2,
             "ScriptError", "__init__.py"),
        case("a folder named like a script", "upgrade", 2, "ScriptError",
             ["c3.py", "folder", "Rename"], folder_named_like_a_script),
        case("a link to nowhere", "upgrade", 2, "ScriptError", "c3.py", dangling_link),
    ],
)  # fmt: skip
def test_a_script_that_cannot_run_is_refused_before_anything_runs(
    amigrate: Terminal, shop: Project, refused: Refused
) -> None:
    refused.check(amigrate, shop)


def test_a_script_that_cannot_be_read_is_refused(amigrate: Terminal, shop: Project) -> None:
    file = shop.revision("c3", "b2")
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("this user may read every file")

    typed = amigrate("heads", "--json")

    assert typed.code == 2
    assert "c3.py" in typed.json["error"]["message"]
    assert "permissions" in typed.json["error"]["next"]


def test_a_byte_order_mark_is_no_error(amigrate: Terminal, shop: Project) -> None:
    script(shop, "\ufeff" + HEADER + UPGRADE)

    assert amigrate.json("upgrade")["after"] == ["c3"]


def test_a_computed_header_is_no_error(amigrate: Terminal, shop: Project) -> None:
    script(shop, "revision = 'c' + str(3)\ndown_revision = 'b2'\n" + UPGRADE)

    assert amigrate.json("upgrade")["after"] == ["c3"]


def test_a_script_for_alembic_runs_where_alembic_is_not_installed(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "alembic", None)
    body = "from alembic import op\n" + HEADER + "def upgrade():\n    op.execute('SELECT 1')\n"
    script(shop, text=body)

    assert amigrate.json("upgrade")["after"] == ["c3"]


def test_what_alembic_has_and_we_have_not_is_an_error_that_names_the_nearest(
    amigrate: Terminal, shop: Project
) -> None:
    body = "from alembic.config import CommandLine\n" + HEADER + UPGRADE
    words = ["c3.py:1", "alembic.config.CommandLine", "amigrate"]

    Refused(["upgrade"], 2, "ScriptError", words, partial(script, text=body)).check(amigrate, shop)


@pytest.mark.parametrize(
    ("downgrade", "code", "type_"),
    [
        pytest.param("", 5, "IrreversibleError", id="no downgrade"),
        pytest.param("async def downgrade():\n    pass\n", 2, "ScriptError", id="async"),
    ],
)
def test_a_way_back_that_does_not_exist_is_refused_before_anything_runs(
    amigrate: Terminal, shop: Project, downgrade: str, code: int, type_: str
) -> None:
    head = (
        "from asyncmigrate import op\nrevision = 'b2'\ndown_revision = 'a1'\n"
        "def upgrade():\n    op.execute('SELECT 1')\n"
    )
    (shop.versions / "b2.py").write_text(head + downgrade, encoding="utf-8")
    amigrate("stamp", "b2")

    Refused(["downgrade", "base"], code, type_, ["b2.py", "downgrade"], lambda _: None).check(
        amigrate, shop
    )


@pytest.mark.parametrize("code", ["", "0", "'bye'"])
def test_a_script_that_ends_the_process_has_failed(
    amigrate: Terminal, shop: Project, code: str
) -> None:
    shop.revision("c3", "b2", upgrade=f"import sys; sys.exit({code})")

    typed = amigrate("upgrade", "--json")

    error = typed.json["error"]
    assert (typed.code, error["type"]) == (1, "StepFailedError")
    assert f"sys.exit({code})" in error["message"]
    assert "at b2" in error["state"]
    assert amigrate.json("status")["current"] == ["b2"]


def test_an_irreversible_revision_says_how_to_go_on(amigrate: Terminal, shop: Project) -> None:
    shop.revision("c3", "b2", downgrade='raise NotImplementedError("the data is gone")')
    amigrate.ok("upgrade")

    typed = amigrate("downgrade", "-1", "--json")

    assert typed.code in (1, 5)
    assert "the data is gone" in typed.json["error"]["message"]
    assert amigrate.json("status")["current"] == ["c3"]
