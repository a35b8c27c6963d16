"""`amigrate init`: the folder, the settings, the models; and what works right after it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal import Terminal

PYPROJECT = '[project]\nname = "shop"\n'
BASE = """
    from sqlalchemy.orm import DeclarativeBase

    class Base(DeclarativeBase):
        pass
    """
TABLES = """
    from sqlalchemy.orm import Mapped, mapped_column
    from {base} import Base

    class {name}(Base):
        __tablename__ = "{name}"
        id: Mapped[int] = mapped_column(primary_key=True)
    """


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A folder without anything in it."""
    project = Project(tmp_path / "project")
    project.root.mkdir()
    return project


def tables(file: Path) -> dict[str, object]:
    found: dict[str, object] = tomllib.loads(file.read_text(encoding="utf-8"))
    return found


def test_without_a_pyproject_the_settings_get_a_file_of_their_own(
    amigrate: Terminal, project: Project
) -> None:
    out = amigrate.ok("init")

    assert "Created migrations/ with versions/." in out
    assert "Wrote the settings to asyncmigrate.toml." in out
    assert tables(project.root / "asyncmigrate.toml") == {
        "url": "${DATABASE_URL}",
        "script_location": "migrations",
    }
    assert project.versions.is_dir()


def test_a_pyproject_keeps_what_is_in_it(amigrate: Terminal, project: Project) -> None:
    file = project.write("pyproject.toml", PYPROJECT)

    amigrate.ok("init")

    text = file.read_text(encoding="utf-8")
    assert text.startswith(PYPROJECT)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not (project.root / "asyncmigrate.toml").exists()


def test_a_pyproject_without_a_last_newline_stays_valid(
    amigrate: Terminal, project: Project
) -> None:
    file = project.root / "pyproject.toml"
    file.write_bytes(b'[project]\nname = "shop"')

    amigrate.ok("init")

    assert tables(file)["project"] == {"name": "shop"}


def test_an_empty_pyproject_gets_the_table_with_its_name(
    amigrate: Terminal, project: Project
) -> None:
    file = project.write("pyproject.toml", "")

    amigrate.ok("init")

    assert "asyncmigrate" in tables(file)["tool"]  # type: ignore[operator]


@pytest.mark.parametrize("data", [b"[project", b"name = '\xe4'"], ids=["syntax", "latin-1"])
def test_a_pyproject_that_cannot_be_read_is_left_alone(
    amigrate: Terminal, project: Project, data: bytes
) -> None:
    file = project.root / "pyproject.toml"
    file.write_bytes(data)

    typed = amigrate("init", "--json")

    assert typed.code == 2
    assert "pyproject.toml" in typed.json["error"]["message"]
    assert list(project.root.iterdir()) == [file]
    assert file.read_bytes() == data


def test_a_pyproject_with_crlf_keeps_it(amigrate: Terminal, project: Project) -> None:
    file = project.root / "pyproject.toml"
    file.write_bytes(b'[project]\r\nname = "shop"\r\n')

    amigrate.ok("init")

    data = file.read_bytes()
    assert data.startswith(b'[project]\r\nname = "shop"\r\n')
    assert data.count(b"\n") == data.count(b"\r\n")


def test_settings_that_are_there_are_left_alone(amigrate: Terminal, project: Project) -> None:
    file = project.write("asyncmigrate.toml", 'url = "sqlite+aiosqlite:///x.db"\n')

    out = amigrate.ok("init", "other")

    assert file.read_text(encoding="utf-8") == 'url = "sqlite+aiosqlite:///x.db"\n'
    assert 'script_location = "other"' in out


def test_a_second_init_is_refused_and_changes_nothing(amigrate: Terminal, project: Project) -> None:
    amigrate.ok("init")
    before = {file: file.read_bytes() for file in project.root.rglob("*") if file.is_file()}

    typed = amigrate("init")

    assert typed.code == 2
    assert "not an empty folder" in typed.err
    assert before == {file: file.read_bytes() for file in project.root.rglob("*") if file.is_file()}


def test_a_folder_with_something_in_it_is_refused(amigrate: Terminal, project: Project) -> None:
    project.write("migrations/notes.txt", "mine")

    typed = amigrate("init")

    assert typed.code == 2
    assert not (project.root / "asyncmigrate.toml").exists()


def test_a_file_in_the_way_is_refused(amigrate: Terminal, project: Project) -> None:
    project.write("migrations", "a file")

    assert amigrate("init").code == 2


def test_a_folder_elsewhere_may_be_named(amigrate: Terminal, project: Project) -> None:
    amigrate.ok("init", "db/history")

    assert (project.root / "db/history/versions").is_dir()
    assert tables(project.root / "asyncmigrate.toml")["script_location"] == "db/history"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"shop/models.py": BASE + "\n    class User(Base):\n        __tablename__ = 'u'\n"},
            {"metadata": "shop.models:Base"},
            id="a base and its tables in one module",
        ),
        pytest.param(
            {
                "shop/base.py": BASE,
                "shop/models.py": TABLES.format(base="shop.base", name="User"),
            },
            {"metadata": "shop.models:Base"},
            id="the module with the tables, not the one with the base",
        ),
        pytest.param(
            {
                "shop/base.py": BASE,
                "shop/users.py": TABLES.format(base="shop.base", name="User"),
                "shop/orders.py": TABLES.format(base="shop.base", name="Order"),
            },
            {"metadata": ["shop.orders:Base", "shop.users:Base"]},
            id="every module with tables",
        ),
        pytest.param(
            {
                "src/shop/__init__.py": "",
                "src/shop/base.py": BASE,
                "src/shop/models.py": TABLES.format(base="shop.base", name="User"),
            },
            {"metadata": "shop.models:Base", "prepend_sys_path": ["src"]},
            id="src layout",
        ),
        pytest.param(
            {"models.py": "from sqlalchemy import MetaData\nmetadata = MetaData()\n"},
            {"metadata": "models:metadata"},
            id="a plain MetaData",
        ),
        pytest.param(
            {
                "models.py": "from sqlmodel import SQLModel\n"
                "class User(SQLModel, table=True):\n    id: int\n"
            },
            {"metadata": "models:SQLModel"},
            id="SQLModel",
        ),
        pytest.param({"app.py": "print('hello')\n"}, {}, id="no models"),
        pytest.param({"broken.py": "def (:\n"}, {}, id="a file that is not Python"),
    ],
)
def test_the_models_are_found_by_reading(
    amigrate: Terminal, project: Project, files: dict[str, str], expected: dict[str, object]
) -> None:
    for path, text in files.items():
        project.write(path, text)

    amigrate.ok("init")

    written = tables(project.root / "asyncmigrate.toml")
    assert {
        name: value for name, value in written.items() if name in ("metadata", "prepend_sys_path")
    } == expected


def test_the_next_two_commands_work_right_away(
    amigrate: Terminal, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///shop.db")
    project.write("shopkeeper/base.py", BASE)
    project.write("shopkeeper/models.py", TABLES.format(base="shopkeeper.base", name="User"))

    amigrate.ok("init")
    amigrate.ok("revision", "-m", "create users")
    found = amigrate.json("upgrade")

    assert [each["message"] for each in found["steps"]] == ["create users"]
    assert amigrate.json("status")["is_up_to_date"] is True
