"""What a user may import: the names, and that each one says what it is."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import asyncmigrate
from asyncmigrate import errors, testing

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[1]


def public_errors() -> list[type[errors.MigrateError]]:
    return [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.MigrateError)
    ]


@pytest.fixture(params=[asyncmigrate, testing], ids=lambda module: module.__name__)
def public(request: pytest.FixtureRequest) -> ModuleType:
    """A module that users import from."""
    found: ModuleType = request.param
    return found


def test_every_public_name_is_there(public: ModuleType) -> None:
    assert [name for name in public.__all__ if not hasattr(public, name)] == []


def test_public_names_are_listed_once_and_in_order(public: ModuleType) -> None:
    assert list(public.__all__) == sorted(set(public.__all__))


def test_what_completion_offers_is_what_is_public(public: ModuleType) -> None:
    offered = {name for name in dir(public) if not name.startswith("_")}

    assert set(public.__all__) - {"__version__"} <= offered


def test_a_name_that_does_not_exist_is_an_ordinary_attribute_error(public: ModuleType) -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        public.no_such_name  # noqa: B018


def test_every_public_object_says_what_it_is(public: ModuleType) -> None:
    silent = [
        name
        for name in public.__all__
        if callable(getattr(public, name)) and not inspect.getdoc(getattr(public, name))
    ]

    assert silent == []


@pytest.mark.parametrize("error", public_errors())
def test_an_error_says_what_it_is_and_which_exit_code_it_gives(
    error: type[errors.MigrateError],
) -> None:
    assert error.__doc__
    assert error.exit_code in {1, 2, 3, 4, 5, 130, 143}


@pytest.mark.parametrize("error", public_errors())
def test_an_error_is_raised_somewhere_or_is_what_others_have_in_common(
    error: type[errors.MigrateError],
) -> None:
    files = [p for p in (ROOT / "asyncmigrate").rglob("*.py") if p.name != "errors.py"]
    made = [p for p in files if f"{error.__name__}(" in p.read_text(encoding="utf-8")]

    assert made or error.__subclasses__()


def test_errors_are_defined_in_errors_and_those_of_test_servers_beside_them() -> None:
    program = (
        "import pkgutil, importlib, asyncmigrate\n"
        "from asyncmigrate.errors import MigrateError\n"
        "for found in pkgutil.walk_packages(asyncmigrate.__path__, 'asyncmigrate.'):\n"
        "    if not found.name.endswith('__main__'):\n"
        "        importlib.import_module(found.name)\n"
        "def below(cls):\n"
        "    yield cls\n"
        "    for child in cls.__subclasses__():\n"
        "        yield from below(child)\n"
        "print(*sorted({c.__module__ for c in below(MigrateError)}))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.stdout.split() == [
        "asyncmigrate.alembic.util.exc",  # Alembic's own names, for its scripts
        "asyncmigrate.errors",
        "asyncmigrate.testing.process",
    ], run.stderr
