"""What a user may import: the names, and that each one says what it is."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import asyncmigrate
from asyncmigrate import errors

ROOT = Path(__file__).parents[1]


def public_errors() -> list[type[errors.MigrateError]]:
    return [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.MigrateError)
    ]


def test_every_public_name_is_there() -> None:
    missing = [name for name in asyncmigrate.__all__ if not hasattr(asyncmigrate, name)]

    assert missing == []


def test_public_names_are_listed_once_and_in_order() -> None:
    assert list(asyncmigrate.__all__) == sorted(set(asyncmigrate.__all__))


def test_what_completion_offers_is_what_is_public() -> None:
    offered = {name for name in dir(asyncmigrate) if not name.startswith("_")}

    assert set(asyncmigrate.__all__) - {"__version__"} <= offered


def test_a_name_that_does_not_exist_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        asyncmigrate.no_such_name  # noqa: B018


def test_every_public_object_says_what_it_is() -> None:
    silent = [
        name
        for name in asyncmigrate.__all__
        if callable(getattr(asyncmigrate, name)) and not inspect.getdoc(getattr(asyncmigrate, name))
    ]

    assert silent == []


@pytest.mark.parametrize("error", public_errors())
def test_an_error_says_what_it_is_and_which_exit_code_it_gives(
    error: type[errors.MigrateError],
) -> None:
    assert error.__doc__
    assert error.exit_code in {1, 2, 3, 4, 5, 130, 143}


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
