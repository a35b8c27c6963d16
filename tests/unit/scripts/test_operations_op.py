"""`op`: the proxy that scripts import."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys

import pytest
from sqlalchemy.engine.default import DefaultDialect

import asyncmigrate.op as imported_as_a_module
from asyncmigrate import op
from asyncmigrate.errors import MigrateError
from asyncmigrate.op import execute, use
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sqltext import SqlSink


def writing_to(lines: list[str]) -> Operations:
    return Operations(SqlSink(DefaultDialect(), lines.append))


def test_op_is_the_operations_of_the_migration_that_runs() -> None:
    outer: list[str] = []
    inner: list[str] = []

    with use(writing_to(outer)):
        op.execute("SELECT 1")
        with use(writing_to(inner)):
            op.execute("SELECT 2")
        op.execute("SELECT 3")

    assert outer == ["SELECT 1;\n\n", "SELECT 3;\n\n"]
    assert inner == ["SELECT 2;\n\n"]


def test_every_way_of_importing_it_gives_the_same() -> None:
    lines: list[str] = []

    with use(writing_to(lines)):
        imported_as_a_module.execute("SELECT 1")
        execute("SELECT 2")

    assert lines == ["SELECT 1;\n\n", "SELECT 2;\n\n"]


async def test_migrations_that_run_at_once_do_not_see_each_other() -> None:
    async def migrate(number: int) -> list[str]:
        lines: list[str] = []
        with use(writing_to(lines)):
            for _ in range(3):
                op.execute(f"SELECT {number}")
                await asyncio.sleep(0)
        return lines

    written = await asyncio.gather(*(migrate(number) for number in range(3)))

    assert written == [[f"SELECT {number};\n\n"] * 3 for number in range(3)]


def test_outside_of_a_migration_op_says_where_it_works() -> None:
    with pytest.raises(MigrateError, match="works only while a migration runs"):
        op.execute("SELECT 1")


def test_a_directive_that_does_not_exist_is_an_attribute_error() -> None:
    with use(writing_to([])), pytest.raises(AttributeError, match="create_tabel"):
        op.create_tabel("t")  # type: ignore[attr-defined]


def test_importing_a_directive_that_does_not_exist_is_an_import_error() -> None:
    module = importlib.import_module("asyncmigrate.op")

    with pytest.raises(AttributeError, match="op has no directive 'add_colunm'"):
        module.add_colunm  # noqa: B018


def test_op_cannot_be_changed_by_a_script() -> None:
    with pytest.raises(AttributeError, match="cannot be set"):
        op.execute = print  # type: ignore[method-assign, assignment]


def test_importing_op_loads_neither_sqlalchemy_nor_asyncio() -> None:
    check = (
        "import sys; import asyncmigrate.op; from asyncmigrate import op; "
        "assert not {'sqlalchemy', 'asyncio'} & set(sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
