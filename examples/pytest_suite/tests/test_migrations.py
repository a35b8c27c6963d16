"""The migrations themselves: the ready-made tests, and what one revision does to rows."""

from collections.abc import Callable
from typing import Any

from asyncmigrate.testing.ready import *  # noqa: F403


async def test_books_find_their_authors(amigrate_case: Callable[[str], Any]) -> None:
    async with amigrate_case("0002") as case:
        await case.insert(
            "books",
            {"id": 1, "author": "Ada", "title": "Notes"},
            {"id": 2, "author": "Ada", "title": "Letters"},
        )
        await case.upgrade()
        [ada] = await case.rows("authors")
        assert {row["author_id"] for row in await case.rows("books")} == {ada["id"]}

        await case.downgrade()
        assert [row["author"] for row in await case.rows("books")] == ["Ada", "Ada"]
