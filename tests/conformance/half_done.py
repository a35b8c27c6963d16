"""Revisions that stop half-way, and what they leave when they have come to their end after all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project

STATEMENTS = (
    (
        'pets = op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True),'
        ' sa.Column("name", sa.String(20), nullable=False))'
    ),
    "op.execute(\"INSERT INTO pets (name) VALUES ('a'), ('b')\")",
    'op.add_column("pets", sa.Column("tag", sa.String(20)))',
    'count = op.get_bind().execute(sa.text("UPDATE pets SET tag = :t"), {"t": "x"}).rowcount',
    'op.bulk_insert(pets, [{"name": f"c{n}"} for n in range(count)])',
    'op.create_index("ix_pets", "pets", ["tag"])',
    'op.execute("UPDATE pets SET name = name || tag")',
)
"""DDL and rows in turns; what comes later rests upon what came before."""
GATES = range(len(STATEMENTS) + 1)


def gated(statements: tuple[str, ...] = STATEMENTS, *, outside: range = range(0)) -> str:
    """Return a script that passes a gate before each statement and at its end.

    A gate is a table that has to be there. The statements of `outside` stand in op.autocommit().
    """
    lines = []
    for number, statement in enumerate((*statements, "pass")):
        if number == outside.start and outside:
            lines.append("with op.autocommit():")
        indent = "    " if number in outside else ""
        lines.append(f'{indent}op.execute("SELECT 1 FROM gate_{number}")')
        lines.append(f"{indent}{statement}")
    return "\n".join(lines)


async def close(engine: AsyncEngine, gate: int | None, gates: range = GATES) -> None:
    """Make every gate but one."""
    async with engine.begin() as connection:
        for number in gates:
            if number != gate:
                await connection.exec_driver_sql(f"CREATE TABLE gate_{number} (x INTEGER)")


async def open_gate(engine: AsyncEngine, gate: int) -> None:
    """Make the gate that was missing."""
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"CREATE TABLE gate_{gate} (x INTEGER)")


def contents(connection: Connection) -> dict[str, Any]:
    """Return schema, rows, version and what the history says was done."""
    inspector = sa.inspect(connection)
    tables = sorted({*inspector.get_table_names()} - {"amigrate_history", "alembic_version"})
    made = [each for each in tables if not each.startswith(("gate_", "amigrate_"))]
    done = "SELECT revision FROM amigrate_history WHERE outcome IN ('upgraded', 'downgraded')"
    return {
        **{each: _table(connection, each) for each in made},
        "version": connection.exec_driver_sql("SELECT version_num FROM alembic_version").all(),
        "done": connection.exec_driver_sql(done).all(),
        "journal": _journal(connection, tables),
    }


def _table(connection: Connection, name: str) -> dict[str, Any]:
    inspector = sa.inspect(connection)
    columns = [(each["name"], str(each["type"])) for each in inspector.get_columns(name)]
    indexes = sorted(str(each["name"]) for each in inspector.get_indexes(name))
    # What was rolled back has used up numbers.
    shown = ", ".join(column for column, _ in columns if column != "id")
    rows = connection.exec_driver_sql(f"SELECT {shown} FROM {name} ORDER BY {shown}").all()
    return {"columns": columns, "indexes": indexes, "rows": rows}


def _journal(connection: Connection, tables: list[str]) -> list[Any]:
    if "amigrate_journal" not in tables:
        return []
    return [*connection.exec_driver_sql("SELECT position, statement FROM amigrate_journal").all()]


async def found(engine: AsyncEngine) -> dict[str, Any]:
    """Return the same, from an engine."""
    async with engine.connect() as connection:
        return await connection.run_sync(contents)


async def emptied(engine: AsyncEngine) -> None:
    """Drop every table."""
    async with engine.begin() as connection:
        for name in await connection.run_sync(lambda c: sa.inspect(c).get_table_names()):
            await connection.exec_driver_sql(f"DROP TABLE {name}")


def mended(project: Project, revision: str, old: str, new: str) -> None:
    """Edit a script."""
    file = project.versions / f"{revision}.py"
    text = file.read_text(encoding="utf-8")
    assert re.search(re.escape(old), text)
    file.write_text(text.replace(old, new), encoding="utf-8")
