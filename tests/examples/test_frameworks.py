"""The lifespan and the gate in applications of real frameworks, wired as the documentation says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from asyncmigrate import Migrator
from asyncmigrate.asgi import MigrationGate, lifespan
from tests.asgi_client import ask, served, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncmigrate.asgi.types import App
    from tests.project import Project

    Make: TypeAlias = Callable[[Migrator], App]


def fastapi(migrator: Migrator) -> App:
    from fastapi import FastAPI

    app = FastAPI(lifespan=lifespan(migrator, mode="background", on_failure="stay"))
    app.add_middleware(MigrationGate, migrator=migrator)

    @app.get("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    return app  # type: ignore[return-value]  # its types are Starlette's


def starlette(migrator: Migrator) -> App:
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def hello(_: object) -> JSONResponse:
        return JSONResponse({"hello": "world"})

    app = Starlette(
        routes=[Route("/hello", hello)],
        lifespan=lifespan(migrator, mode="background", on_failure="stay"),
    )
    app.add_middleware(MigrationGate, migrator=migrator)  # type: ignore[arg-type]
    return app  # type: ignore[return-value]


def litestar(migrator: Migrator) -> App:
    from litestar import Litestar, get

    @get("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    begin = lifespan(migrator, mode="background", on_failure="stay")
    app: Any = Litestar([hello], lifespan=[begin])
    return MigrationGate(app, migrator)


def quart(migrator: Migrator) -> App:
    reason = "Quart is not installed: it brings Flask and Hypercorn, too much for one test"
    app = pytest.importorskip("quart", reason=reason).Quart("hello")

    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    app.route("/hello")(hello)
    app.asgi_app = MigrationGate(app.asgi_app, migrator)
    begin = lifespan(migrator, mode="background", on_failure="stay")
    app.asgi_app = begin.wrap(app.asgi_app)
    return app  # type: ignore[no-any-return]


@pytest.fixture(params=[fastapi, starlette, litestar, quart])
def make(request: pytest.FixtureRequest) -> Make:
    found: Make = request.param
    return found


async def test_an_application_migrates_behind_its_gate_and_serves(
    project: Project, sqlite_url: str, make: Make
) -> None:
    project.revision("a1", upgrade='op.create_table("a", sa.Column("id", sa.Integer))')
    app = make(Migrator(sqlite_url, script_location=project.script_location))

    async with served(app) as server:
        alive = await ask(app, "/livez")
        hello = await until(app, "/hello", lambda answer: answer.status == 200)
        ready = await ask(app, "/readyz")

    assert [each["type"] for each in server.said] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert (alive.status, hello.json) == (200, {"hello": "world"})
    assert (ready.status, ready.json["revision"]) == (200, "a1")


async def test_an_application_whose_migration_fails_stays_behind_its_gate(
    project: Project, sqlite_url: str, make: Make
) -> None:
    project.revision("a1", upgrade='op.execute("SELECT nonsense FROM nowhere")')
    app = make(Migrator(sqlite_url, script_location=project.script_location))

    async with served(app):
        ready = await until(app, "/readyz", lambda answer: answer.json["state"] == "failed")
        hello, alive = await ask(app, "/hello"), await ask(app, "/livez")

    assert (ready.status, hello.status, alive.status) == (503, 503, 200)
    assert "nowhere" in ready.json["error"]
    assert hello.headers["retry-after"] == "5"
