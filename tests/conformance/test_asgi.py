"""An application that migrates at its start, on every live database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from asyncmigrate import Migrator
from asyncmigrate.asgi import MigrationGate, lifespan
from asyncmigrate.errors import NotUpToDateError, StepFailedError
from tests.asgi_client import Answer, ask, hello, served, until
from tests.conformance.held import held

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


@pytest.fixture
def migrator(engine: AsyncEngine, project: Project) -> Migrator:
    return Migrator(engine, script_location=project.script_location)


async def tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names()))


def is_served(answer: Answer) -> bool:
    return answer.status == 200


def in_the_middle(answer: Answer) -> bool:
    return answer.json["step"] == "2/3" and bool(answer.json["statement"])


def two(project: Project, last: str = "pass") -> None:
    create = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))'
    project.revision("a1", upgrade=create, message="create users")
    project.revision("b2", "a1", upgrade=last, message="the newest")


async def test_the_applications_own_lifespan_begins_on_a_database_that_is_ready(
    migrator: Migrator, engine: AsyncEngine, project: Project
) -> None:
    two(project)
    seen: list[set[str]] = []

    @asynccontextmanager
    async def own(app: object) -> AsyncIterator[dict[str, object]]:
        seen.append(await tables(engine))
        yield {"app": app}

    async with lifespan(migrator, then=own)("the application") as state:
        assert state == {"app": "the application"}

    assert "users" in seen[0]


async def test_a_migration_that_fails_keeps_the_application_from_starting(
    migrator: Migrator, project: Project
) -> None:
    two(project, 'op.execute("SELECT nonsense FROM nowhere")')

    with pytest.raises(StepFailedError, match="b2"):
        async with lifespan(migrator)(None):
            pass


async def test_a_framework_that_tells_its_server_the_traceback_tells_little_but_our_sentence(
    migrator: Migrator, project: Project
) -> None:
    two(project, 'op.execute("SELECT nonsense FROM nowhere")')

    with pytest.raises(StepFailedError):
        async with served(Starlette(lifespan=lifespan(migrator))) as server:
            pass

    told = server.said[0]["message"].splitlines()
    assert told.count("Traceback (most recent call last):") == 1
    assert not [line for line in told if "sqlalchemy" in line]
    assert told[-1].startswith("asyncmigrate.errors.StepFailedError: The upgrade of revision b2")
    assert "nonsense" in told[-1]


async def test_a_mistake_in_a_scripts_python_keeps_its_own_traceback(
    migrator: Migrator, project: Project
) -> None:
    two(project, 'dict(a=1)["b"]')

    with pytest.raises(StepFailedError):
        async with served(Starlette(lifespan=lifespan(migrator))) as server:
            pass

    told = server.said[0]["message"].splitlines()
    assert told[0] == "Traceback (most recent call last):"
    assert f'"{project.versions / "b2.py"}"' in told[1]
    assert "KeyError: 'b'" in told
    assert told[-1].startswith("asyncmigrate.errors.StepFailedError: The upgrade of revision b2")


async def test_no_request_is_served_early_and_none_is_lost_while_a_migration_runs(
    migrator: Migrator, engine: AsyncEngine, project: Project
) -> None:
    history = held(project)
    reached: list[set[str]] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            reached.append(await tables(engine))
        await hello(scope, receive, send)

    gate = MigrationGate(application, migrator)
    app = lifespan(migrator, mode="background").wrap(gate)
    async with served(app) as server:
        assert server.said == [{"type": "lifespan.startup.complete"}]
        ready = await until(app, "/readyz", in_the_middle)
        refused = await asyncio.gather(*(ask(app, f"/users/{each}") for each in range(50)))
        alive = await ask(app, "/livez")
        history.let_go()
        answer = await until(app, "/users/1", is_served)
        done = await ask(app, "/readyz")

    assert (ready.status, ready.json["state"], ready.json["revision"]) == (503, "migrating", "b2")
    assert ready.json["statement"].startswith("CREATE TABLE held")
    assert {each.status for each in refused} == {503}
    assert alive.status == 200
    assert answer.json == {"hello": "world"}
    assert reached == [reached[0]] * len(reached)
    assert {"users", "held", "notes"} <= reached[0]
    assert (done.status, done.json["state"], done.json["revision"]) == (200, "ready", "c3")


async def test_an_application_that_ends_while_it_migrates_leaves_nothing_half_done(
    migrator: Migrator, engine: AsyncEngine, project: Project
) -> None:
    history = held(project)
    app = lifespan(migrator, mode="background").wrap(MigrationGate(hello, migrator))

    async with served(app) as server:
        await until(app, "/readyz", in_the_middle)

    assert server.said[-1]["type"] == "lifespan.shutdown.complete"
    assert await migrator.rows() == {"a1"}
    history.let_go()
    if engine.dialect.name in {"mysql", "mariadb"}:  # it keeps what was created
        async with engine.begin() as connection:
            await connection.execute(sa.text("DROP TABLE held"))
    assert (await migrator.upgrade()).after == ("c3",)


async def test_a_failure_in_the_background_may_leave_the_application_behind_its_gate(
    migrator: Migrator, project: Project
) -> None:
    two(project, 'op.execute("SELECT nonsense FROM nowhere")')
    gate = MigrationGate(hello, migrator)
    app = lifespan(migrator, mode="background", on_failure="stay").wrap(gate)

    async with served(app) as server:
        ready = await until(app, "/readyz", lambda answer: answer.json["state"] == "failed")
        users, alive = await ask(app, "/users"), await ask(app, "/livez")

    assert (ready.status, users.status, alive.status) == (503, 503, 200)
    assert "nonsense" in ready.json["error"]
    assert server.said[-1]["type"] == "lifespan.shutdown.complete"


async def test_two_applications_that_start_at_once_run_each_revision_once(
    engine: AsyncEngine, project: Project
) -> None:
    two(project)
    migrators = [Migrator(engine, script_location=project.script_location) for _ in range(2)]
    apps = [
        lifespan(each, mode="background").wrap(MigrationGate(hello, each)) for each in migrators
    ]

    async with served(apps[0]), served(apps[1]):
        answers = [await until(app, "/users", is_served) for app in apps]

    assert [each.status for each in answers] == [200, 200]
    ledger = await migrators[0].ledger()
    assert [row.revision for row in ledger if row.outcome == "upgraded"] == ["a1", "b2"]


# --- check: nothing is written -----------------------------------------------------------------


async def test_check_does_not_start_on_a_database_that_is_behind_and_writes_nothing(
    migrator: Migrator, engine: AsyncEngine, project: Project
) -> None:
    two(project)

    with pytest.raises(NotUpToDateError, match="needs 2 revisions more, up to b2"):
        async with lifespan(migrator, mode="check")(None):
            pass

    assert await tables(engine) == set()


async def test_check_may_warn_and_start(
    migrator: Migrator, engine: AsyncEngine, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    two(project)
    app = lifespan(migrator, mode="check", policy="warn").wrap(MigrationGate(hello, migrator))

    async with served(app):
        answer = await ask(app, "/users")

    assert answer.status == 200
    assert "needs 2 revisions more" in caplog.text
    assert await tables(engine) == set()


async def test_check_may_wait_behind_the_gate_for_somebody_else_to_migrate(
    migrator: Migrator, engine: AsyncEngine, project: Project
) -> None:
    two(project)
    app = lifespan(migrator, mode="check", policy="wait").wrap(MigrationGate(hello, migrator))

    async with served(app):
        ready = await until(app, "/readyz", lambda answer: answer.json["state"] == "waiting")
        early = await ask(app, "/users")
        await Migrator(engine, script_location=project.script_location).upgrade()
        late = await until(app, "/users", is_served)

    assert ready.json["waiting_on"] == "2 revisions that others are to run"
    assert (early.status, late.status) == (503, 200)


async def test_off_asks_nothing_and_serves(migrator: Migrator, project: Project) -> None:
    two(project)
    app = lifespan(migrator, mode="off").wrap(MigrationGate(hello, migrator))

    async with served(app):
        answers = [await ask(app, path) for path in ("/users", "/readyz")]

    assert [each.status for each in answers] == [200, 200]
    assert await migrator.rows() == frozenset()


async def test_a_background_migration_without_a_gate_is_warned_of(
    migrator: Migrator, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    two(project)

    async with served(lifespan(migrator, mode="background").wrap(hello)):
        pass

    assert "without a MigrationGate" in caplog.text


async def test_an_older_release_starts_on_a_newer_database_if_it_is_told_so(
    migrator: Migrator, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    two(project)
    await migrator.upgrade()
    (project.versions / "b2.py").unlink()

    async with lifespan(migrator, ahead="warn")(None):
        pass

    assert "ahead of this application, by 1 revision: b2 (the newest), upgraded" in caplog.text
