"""`Migrator.check` and `Migrator.autogenerate`, awaited by a program, on every driver."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate import Answers, Migrator
from asyncmigrate.errors import NotUpToDateError, RenameQuestionError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmigrate.schema.needs import NeedsValue
    from asyncmigrate.schema.renames import Question
    from tests.project import Project


def users(*more: sa.Column[object], name: str = "name") -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "users",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(name, sa.String(50)),
        *more,
    )
    return metadata


def many(count: int) -> sa.MetaData:
    """Return tables with a foreign key, a UNIQUE, a CHECK, a default and an index each."""
    metadata = sa.MetaData()
    for number in range(count):
        sa.Table(
            f"t{number}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("before", sa.ForeignKey(f"t{max(number - 1, 0)}.id"), index=True),
            sa.Column("code", sa.String(20), server_default="x", unique=True),
            sa.CheckConstraint("code <> ''", name=f"c{number}"),
        )
    return metadata


def migrator(project: Project, engine: AsyncEngine, metadata: sa.MetaData) -> Migrator:
    return Migrator(engine, script_location=project.script_location, metadata=metadata)


async def begun(project: Project, engine: AsyncEngine) -> None:
    """Make the first revision, and run it."""
    first = migrator(project, engine, users())
    await first.autogenerate("begin")
    await first.upgrade("head")


async def test_what_is_generated_makes_them_equal(project: Project, engine: AsyncEngine) -> None:
    first = migrator(project, engine, users())

    made = await first.autogenerate("begin")
    behind = pytest.raises(NotUpToDateError)
    with behind:
        await first.check()
    await first.upgrade("head")
    found = await first.check()

    assert [str(each) for each in made.differences] == ["+ table users"]
    assert made.written is not None
    assert found.is_equal
    assert found.sql == ""


async def test_a_program_may_answer_questions(project: Project, engine: AsyncEngine) -> None:
    await begun(project, engine)
    asked: list[object] = []

    def rename(question: Question) -> str | None:
        asked.append(question.before.key.path)
        return question.candidates[0].key.path

    def value(needed: NeedsValue) -> str | None:
        asked.append(needed.key.path)
        return "7"

    changed = users(sa.Column("age", sa.Integer, nullable=False), name="full_name")
    second = migrator(project, engine, changed)
    made = await second.autogenerate("more", answers=Answers(ask_rename=rename, ask_value=value))
    await second.upgrade("head")

    assert asked == ["users.name", "users.age"]
    assert "~ column users.name → users.full_name" in map(str, made.differences)
    assert (await second.check()).is_equal


async def test_a_question_that_nobody_answers_is_an_error_with_the_candidates(
    project: Project, engine: AsyncEngine
) -> None:
    await begun(project, engine)

    with pytest.raises(RenameQuestionError) as refused:
        await migrator(project, engine, users(name="full_name")).autogenerate("more")

    assert refused.value.questions == {"users.name": ("users.full_name",)}
    assert len(list(project.versions.glob("*.py"))) == 1


async def test_the_statements_are_as_many_for_many_tables_as_for_few(
    project: Project, engine: AsyncEngine
) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(many(2).create_all)
    few = await statements(project, engine, many(2))
    async with engine.begin() as connection:
        await connection.run_sync(many(40).create_all)

    assert await statements(project, engine, many(40)) == few
    assert few <= 16  # one of them only because there is no version table here


async def statements(project: Project, engine: AsyncEngine, metadata: sa.MetaData) -> int:
    sent: list[str] = []

    def count(*arguments: object) -> None:
        sent.append(str(arguments[2]))

    sa.event.listen(engine.sync_engine, "before_cursor_execute", count)
    found = await migrator(project, engine, metadata).check()
    sa.event.remove(engine.sync_engine, "before_cursor_execute", count)
    assert found.is_equal, [str(each) for each in found.differences]
    return len(sent)


async def test_several_may_compare_at_once_and_give_their_connections_back(
    project: Project, engine: AsyncEngine
) -> None:
    await begun(project, engine)
    changed = users(sa.Column("age", sa.Integer))

    found = await asyncio.gather(
        *(migrator(project, engine, users()).check() for _ in range(3)),
        *(migrator(project, engine, changed).check() for _ in range(3)),
    )

    assert [each.is_equal for each in found] == [True] * 3 + [False] * 3
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_an_object_is_explained(project: Project, engine: AsyncEngine) -> None:
    await begun(project, engine)

    both = await migrator(project, engine, users(sa.Column("age", sa.Integer))).explain("users.age")

    assert (both.kind, both.path, both.before, both.is_equal) == (
        "column",
        "users.age",
        None,
        False,
    )
    assert both.after is not None
    assert both.after["nullable"] is True
