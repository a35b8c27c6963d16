"""A project in good order, for a test to break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bad_input.refused import execute
from tests.cli.conftest import amigrate, declare, drawn

if TYPE_CHECKING:
    from tests.project import Project

__all__ = ["amigrate", "declare", "drawn"]


@pytest.fixture
def shop(project: Project) -> Project:
    """Two revisions, a1 and b2, and a SQLite database that is at a1."""
    project.write("asyncmigrate.toml", 'url = "sqlite+aiosqlite:///shop.db"\n')
    project.revision(
        "a1",
        upgrade='op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))',
        downgrade='op.drop_table("users")',
    )
    project.revision(
        "b2",
        "a1",
        upgrade='op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True))',
        downgrade='op.drop_table("orders")',
    )
    execute(
        project,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
        "INSERT INTO alembic_version VALUES ('a1')",
        "CREATE TABLE users (id INTEGER PRIMARY KEY)",
    )
    return project
