"""An application inside of the lifespan: its own startup and shutdown, its failures."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from asyncmigrate import Migrator
from asyncmigrate.asgi import lifespan
from asyncmigrate.asgi.lifespan_protocol import wrapped
from asyncmigrate.errors import UsageError
from tests.asgi_client import ask, hello, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncmigrate.asgi.types import Message, Receive, Scope, Send


class Application:
    """Notes what it is told, and answers what it is made to."""

    def __init__(self, notes: list[str], answer: str = "complete") -> None:
        self.notes, self.answer = notes, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for phase in ("startup", "shutdown"):
            self.notes.append((await receive())["type"])
            await send({"type": f"lifespan.{phase}.{self.answer}", "message": "no socket"})


@asynccontextmanager
async def block(notes: list[str]) -> AsyncIterator[None]:
    notes.append("in")
    yield
    notes.append("out")


async def test_the_application_starts_inside_and_ends_inside() -> None:
    notes: list[str] = []

    async with served(wrapped(Application(notes), lambda: block(notes))) as server:
        pass

    assert notes == ["in", "lifespan.startup", "lifespan.shutdown", "out"]
    assert [each["type"] for each in server.said] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


async def test_an_application_without_a_lifespan_is_served_all_the_same() -> None:
    notes: list[str] = []
    app = wrapped(hello, lambda: block(notes))

    async with served(app) as server:
        answer = await ask(app, "/")

    assert answer.json == {"hello": "world"}
    assert notes == ["in", "out"]
    assert server.said[-1] == {"type": "lifespan.shutdown.complete"}


async def test_a_failure_of_the_application_is_handed_on() -> None:
    notes: list[str] = []

    async with served(wrapped(Application(notes, "failed"), lambda: block(notes))) as server:
        pass

    assert server.said == [{"type": "lifespan.startup.failed", "message": "no socket"}]
    assert notes == ["in", "lifespan.startup", "out"]


async def test_a_block_that_fails_keeps_the_application_from_starting() -> None:
    @asynccontextmanager
    async def broken() -> AsyncIterator[None]:
        raise RuntimeError("no such table: userz")
        yield

    notes: list[str] = []
    async with served(wrapped(Application(notes), broken)) as server:
        pass

    assert server.said == [{"type": "lifespan.startup.failed", "message": "no such table: userz"}]
    assert notes == []


async def test_a_block_that_fails_at_its_end_is_a_shutdown_that_failed() -> None:
    @asynccontextmanager
    async def broken() -> AsyncIterator[None]:
        yield
        raise RuntimeError("the migration failed")

    async with served(wrapped(hello, broken)) as server:
        pass

    assert server.said[-1]["type"] == "lifespan.shutdown.failed"


@pytest.mark.parametrize(
    ("argument", "word"), [("mode", "backgound"), ("policy", "ignore"), ("on_failure", "retry")]
)
def test_a_misspelt_word_is_refused_at_once(argument: str, word: str) -> None:
    with pytest.raises(UsageError, match=f"{argument}='{word}'"):
        lifespan(Migrator("sqlite+aiosqlite://"), **{argument: word})  # type: ignore[arg-type]


def test_a_server_whose_loop_is_not_asyncios_is_told_in_a_sentence() -> None:
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        said.append(message)

    app = lifespan(Migrator("sqlite+aiosqlite://"), mode="background").wrap(hello)
    with pytest.raises(StopIteration):  # it has come to its end, without a loop
        app({"type": "lifespan"}, receive, send).__await__().send(None)

    assert said[0]["type"] == "lifespan.startup.failed"
    assert "There is no event loop of asyncio's here" in said[0]["message"]
