"""Every test begins with an empty, migrated PostgreSQL: numbers start at 1, nobody cleans up."""

import pytest
from httpx import AsyncClient


@pytest.mark.parametrize("title", [f"Volume {n}" for n in range(1, 41)])
async def test_the_first_book_has_number_one(client: AsyncClient, title: str) -> None:
    added = await client.post(f"/authors/Ada/books/{title}")

    assert added.json() == 1
    assert (await client.get("/authors/Ada/books")).json() == [title]


@pytest.mark.parametrize("count", range(1, 6))
async def test_books_are_counted(client: AsyncClient, count: int) -> None:
    for number in range(count):
        await client.post(f"/authors/Ada/books/{number}")

    assert (await client.get("/count")).json() == count


async def test_an_author_is_made_once(client: AsyncClient) -> None:
    await client.post("/authors/Ada/books/Notes")
    await client.post("/authors/Ada/books/Letters")

    assert (await client.get("/authors/Ada/books")).json() == ["Letters", "Notes"]


async def test_nobody_has_books_at_first(client: AsyncClient) -> None:
    assert (await client.get("/authors/Ada/books")).json() == []


async def test_a_book_is_removed(client: AsyncClient) -> None:
    await client.post("/authors/Ada/books/Notes")

    assert (await client.delete("/books/1")).status_code == 204
    assert (await client.get("/count")).json() == 0


async def test_what_is_not_there_cannot_be_removed(client: AsyncClient) -> None:
    assert (await client.delete("/books/1")).status_code == 404


async def test_what_an_author_has_not_written_is_not_listed(client: AsyncClient) -> None:
    await client.post("/authors/Ada/books/Notes")
    await client.post("/authors/Grace/books/Compilers")

    assert (await client.get("/authors/Grace/books")).json() == ["Compilers"]
