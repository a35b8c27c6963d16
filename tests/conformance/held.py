"""A migration that stands still until a test lets it go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project

_HELD = """
op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))

async def until_let_go(connection):
    import asyncio, pathlib
    while not pathlib.Path({gate!r}).exists():
        await asyncio.sleep(0.01)

op.run_async(until_let_go)
"""


@dataclass(frozen=True)
class Held:
    """Three revisions, of which the second waits for a file."""

    gate: Path

    def let_go(self) -> None:
        self.gate.touch()


def held(project: Project) -> Held:
    """Write the history: users, held, notes."""
    gate = project.root / "let_go"
    create = 'op.create_table("{}", sa.Column("id", sa.Integer, primary_key=True))'
    project.revision("a1", upgrade=create.format("users"), message="create users")
    body = _HELD.format(table="held", gate=str(gate))
    project.revision("b2", "a1", upgrade=body, message="take long")
    project.revision("c3", "b2", upgrade=create.format("notes"), message="create notes")
    return Held(gate)
