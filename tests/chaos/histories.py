"""Histories that show when a revision ran twice, in half, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.project import Project

IDS = tuple(f"r{number:02}" for number in range(1, 13))
"""The revisions of `twelve`, in order."""

_STEP = """
op.create_table("{id}", sa.Column("id", sa.Integer, primary_key=True), sa.Column("word", sa.Text))
op.create_index("ix_{id}_word", "{id}", ["word"])
op.bulk_insert(sa.table("{id}", sa.column("word")), [dict(word=str(n)) for n in range(20)])
op.execute("INSERT INTO journal (revision) VALUES ('{id}')")
"""
_FIRST = """
op.create_table("journal", sa.Column("revision", sa.String(8)))
"""


def twelve(project: Project) -> Project:
    """Write twelve revisions: each makes a table with rows, and writes itself into `journal`."""
    for id, down in zip(IDS, (None, *IDS), strict=False):
        project.revision(id, down, upgrade=(_STEP if down else _FIRST + _STEP).format(id=id))
    return project


def three(project: Project, last: str) -> Project:
    """Write three revisions, the last with a body of one's own."""
    project.revision(
        "a1",
        upgrade="""
        op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
        op.execute("INSERT INTO users (id) VALUES (1), (2)")
        """,
    )
    project.revision("b2", "a1", upgrade='op.add_column("users", sa.Column("name", sa.String(50)))')
    project.revision("c3", "b2", upgrade=last)
    return project
