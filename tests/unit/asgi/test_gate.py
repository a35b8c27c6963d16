"""The gate: which paths it answers itself, which it keeps out, which it hands on."""

from __future__ import annotations

import pytest

from asyncmigrate import Migrator
from asyncmigrate.asgi import MigrationGate
from asyncmigrate.asgi.progress import Progress, progress_of
from asyncmigrate.events import LockWaiting, RunStarted, StepStarted
from tests.asgi_client import ask, connect, hello


@pytest.fixture
def migrator() -> Migrator:
    return Migrator("sqlite+aiosqlite://")


@pytest.fixture
def progress(migrator: Migrator) -> Progress:
    """A start that is in the middle of its second step of three."""
    found = progress_of(migrator)
    found.begin("starting")
    found.observe(RunStarted("upgrade", "sqlite://", ("a1",), 3))
    found.observe(StepStarted("c3", "upgrade", "index names", 2, 3))
    return found


@pytest.mark.usefixtures("progress")
async def test_a_path_is_refused_with_a_hint_when_to_come_back(migrator: Migrator) -> None:
    answer = await ask(MigrationGate(hello, migrator, retry_after=7), "/users")

    assert answer.status == 503
    assert answer.headers["retry-after"] == "7"
    assert answer.json == {
        "detail": "The database is being migrated.",
        "state": "migrating",
        "step": "2/3",
    }


@pytest.mark.usefixtures("progress")
async def test_liveness_is_200_while_migrations_run(migrator: Migrator) -> None:
    answer = await ask(MigrationGate(hello, migrator), "/livez")

    assert (answer.status, answer.json) == (200, {"state": "alive"})


@pytest.mark.usefixtures("progress")
async def test_readiness_tells_how_far_the_migrations_are(migrator: Migrator) -> None:
    answer = await ask(MigrationGate(hello, migrator), "/readyz")

    elapsed = answer.json.pop("elapsed")
    assert answer.status == 503
    assert isinstance(elapsed, float)
    assert answer.json | {"elapsed": 0} == {
        "state": "migrating",
        "revision": "c3",
        "step": "2/3",
        "statement": None,
        "elapsed": 0,
        "waiting_on": None,
        "error": None,
    }


async def test_readiness_names_whom_the_migrations_wait_for(
    migrator: Migrator, progress: Progress
) -> None:
    progress.observe(LockWaiting("amigrate:elsewhere:7", 3.0))

    answer = await ask(MigrationGate(hello, migrator), "/readyz")

    assert answer.json["state"] == "waiting"
    assert answer.json["waiting_on"] == "amigrate:elsewhere:7"


async def test_every_path_is_handed_on_when_the_database_is_ready(
    migrator: Migrator, progress: Progress
) -> None:
    progress.end("ready")
    gate = MigrationGate(hello, migrator)

    assert (await ask(gate, "/users")).json == {"hello": "world"}
    assert (await ask(gate, "/readyz")).json["state"] == "ready"
    assert (await connect(gate, "/chat"))["type"] == "websocket.accept"


async def test_a_failure_keeps_the_gate_closed_and_readiness_says_why(
    migrator: Migrator, progress: Progress
) -> None:
    progress.end("failed", "no such table: userz")
    gate = MigrationGate(hello, migrator)

    assert (await ask(gate, "/users")).status == 503
    assert (await ask(gate, "/livez")).status == 200
    ready = await ask(gate, "/readyz")
    assert (ready.status, ready.json["error"]) == (503, "no such table: userz")


@pytest.mark.usefixtures("progress")
async def test_allowed_paths_are_handed_on_at_any_time(migrator: Migrator) -> None:
    gate = MigrationGate(hello, migrator, allow=["/static/*", "/about"])

    statuses = [(await ask(gate, path)).status for path in ("/static/a.css", "/about", "/aboutx")]

    assert statuses == [200, 200, 503]


@pytest.mark.usefixtures("progress")
async def test_probes_may_have_other_paths_or_be_the_applications_own(migrator: Migrator) -> None:
    gate = MigrationGate(hello, migrator, livez="/health/live", readyz=None)

    assert (await ask(gate, "/health/live")).status == 200
    assert (await ask(gate, "/readyz")).json["detail"] == "The database is being migrated."


@pytest.mark.usefixtures("progress")
async def test_what_a_proxy_puts_before_the_path_does_not_matter(migrator: Migrator) -> None:
    gate = MigrationGate(hello, migrator)

    assert (await ask(gate, "/api/livez", root_path="/api")).status == 200
    assert (await ask(gate, "/livez", root_path="/api")).status == 200
    assert (await ask(gate, "/apilivez", root_path="/api")).status == 503


@pytest.mark.usefixtures("progress")
async def test_an_answer_to_head_has_no_body(migrator: Migrator) -> None:
    answer = await ask(MigrationGate(hello, migrator), "/readyz", method="HEAD")

    assert answer.body == b""
    assert int(answer.headers["content-length"]) > 0


@pytest.mark.usefixtures("progress")
async def test_a_websocket_is_told_to_try_again_later(migrator: Migrator) -> None:
    said = await connect(MigrationGate(hello, migrator), "/chat")

    assert said == {"type": "websocket.close", "code": 1013}


@pytest.mark.usefixtures("progress")
async def test_a_websocket_gets_503_where_the_server_can_say_so(migrator: Migrator) -> None:
    said = await connect(
        MigrationGate(hello, migrator), "/chat", extensions={"websocket.http.response": {}}
    )

    assert (said["type"], said["status"]) == ("websocket.http.response.start", 503)


async def test_a_gate_whose_lifespan_has_just_begun_does_not_ask_whether_it_runs(
    migrator: Migrator,
) -> None:
    progress_of(migrator).begin("starting")

    answer = await ask(MigrationGate(hello, migrator), "/users")

    assert answer.status == 503
    assert answer.json["detail"] == "It is being looked at what the database needs."


async def test_a_gate_whose_lifespan_never_ran_says_so(migrator: Migrator) -> None:
    answer = await ask(MigrationGate(hello, migrator), "/users")

    assert answer.status == 503
    assert "is its lifespan run?" in answer.json["detail"]


def test_a_gate_and_a_lifespan_of_one_migrator_know_of_each_other(migrator: Migrator) -> None:
    MigrationGate(hello, migrator)

    assert progress_of(migrator).gated
    assert not progress_of(Migrator("sqlite+aiosqlite://")).gated
