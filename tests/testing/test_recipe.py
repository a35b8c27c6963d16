"""What decides which template a database for tests is copied from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator
from asyncmigrate.testing.recipe import recipe

if TYPE_CHECKING:
    from tests.project import Project


@pytest.mark.parametrize("name", ["env.py", "declared.py"])
async def test_another_env_py_makes_another_template(project: Project, name: str) -> None:
    project.revision("a1")
    project.write("asyncmigrate.toml", f'url = "sqlite+aiosqlite://"\nenv_py = "{name}"\n')
    migrator = Migrator.from_config(project.root)

    project.write(f"migrations/{name}", "")
    before = await recipe(migrator)
    project.write(f"migrations/{name}", "def on_connect(connection): ...")
    after = await recipe(migrator)

    assert before.key != after.key
