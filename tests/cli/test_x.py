"""`-x key=value`: a run's own arguments, for scripts and for env.py."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project
    from tests.terminal import Terminal


@pytest.fixture
def asking(project: Project) -> Project:
    """A revision that writes down what it was given."""
    project.write("asyncmigrate.toml", 'url = "sqlite+aiosqlite:///shop.db"\n')
    project.revision(
        "a1",
        upgrade="""
            op.execute("CREATE TABLE given (text TEXT)")
            for key, value in op.get_context().x.items():
                op.execute(f"INSERT INTO given VALUES ('{key}={value}')")
        """,
    )
    return project


def given(database: Path) -> list[str]:
    with sqlite3.connect(database) as connection:
        found = connection.execute("SELECT text FROM given ORDER BY text").fetchall()
    connection.close()
    return [row[0] for row in found]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], []),
        (["-x", "tenant=a"], ["tenant=a"]),
        (["-xtenant=a", "-x", "size=2"], ["size=2", "tenant=a"]),
        (["-x", "url=a=b"], ["url=a=b"]),
        (["-x", "verbose"], ["verbose="]),
        (["-x", "a=1", "-x", "a=2"], ["a=2"]),
    ],
    ids=str,
)
def test_a_script_reads_them(
    amigrate: Terminal, asking: Project, database: Path, arguments: list[str], expected: list[str]
) -> None:
    amigrate.ok("upgrade", *arguments)

    assert given(database) == expected


def test_they_may_stand_before_the_command(
    amigrate: Terminal, asking: Project, database: Path
) -> None:
    amigrate.ok("-x", "tenant=a", "upgrade")

    assert given(database) == ["tenant=a"]


def test_a_script_reads_them_while_sql_is_written(amigrate: Terminal, asking: Project) -> None:
    assert "VALUES ('tenant=a')" in amigrate.ok("upgrade", "--sql", "-x", "tenant=a")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("get_x_argument()", "['tenant=a', 'verbose']"),
        ("get_x_argument(as_dictionary=True)['tenant']", "a"),
    ],
)
def test_a_script_may_ask_as_it_asked_alembic(
    amigrate: Terminal, project: Project, code: str, expected: str
) -> None:
    project.revision("a1", upgrade=f'op.execute(f"SELECT 1 -- {{op.get_context().{code}}}")')

    typed = amigrate("upgrade", "--sql", "--url", "sqlite://", "-x", "tenant=a", "-x", "verbose")

    assert f"-- {expected}" in typed.out


def test_a_script_cannot_change_them(amigrate: Terminal, project: Project) -> None:
    project.revision("a1", upgrade='op.get_context().x["tenant"] = "b"')

    typed = amigrate("upgrade", "--url", "sqlite+aiosqlite:///shop.db", "-x", "tenant=a")

    assert typed.code == 1
    assert "does not support item assignment" in typed.err


async def test_an_application_hands_them_to_the_migrator(asking: Project, database: Path) -> None:
    url = f"sqlite+aiosqlite:///{database}"

    await Migrator(url, script_location=asking.script_location, x={"tenant": "a"}).upgrade()

    assert given(database) == ["tenant=a"]


def test_env_py_chooses_the_database_by_them(amigrate: Terminal, asking: Project) -> None:
    asking.write("asyncmigrate.toml", "")
    asking.write(
        "migrations/env.py",
        """
        def url(x):
            return f"sqlite+aiosqlite:///{x['tenant']}.db"
        """,
    )

    amigrate.ok("upgrade", "-x", "tenant=acme")

    assert given(asking.root / "acme.db") == ["tenant=acme"]


def test_env_py_makes_the_engine_by_them(amigrate: Terminal, asking: Project) -> None:
    asking.write("asyncmigrate.toml", "")
    asking.write(
        "migrations/env.py",
        """
        from sqlalchemy.ext.asyncio import create_async_engine

        def engine(x):
            return create_async_engine(f"sqlite+aiosqlite:///{x['tenant']}.db")
        """,
    )

    amigrate.ok("upgrade", "-x", "tenant=acme")

    assert given(asking.root / "acme.db") == ["tenant=acme"]


def test_env_py_that_misses_one_says_which(amigrate: Terminal, asking: Project) -> None:
    asking.write("migrations/env.py", "def url(x):\n    return x['tenant']\n")

    typed = amigrate("status", "--json")

    assert typed.code == 2
    assert typed.json["error"]["type"] == "ConfigError"
    assert "KeyError: 'tenant'" in typed.json["error"]["message"]
    assert "-x" in typed.json["error"]["next"]
