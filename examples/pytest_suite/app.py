"""A FastAPI application: books and their authors."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from models import Author, Book
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession


def create_app(engine: AsyncEngine) -> FastAPI:
    """Return the application on a database; the tests hand in another one each."""
    app = FastAPI()

    async def session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as opened, opened.begin():
            yield opened

    Session = Annotated[AsyncSession, Depends(session)]

    @app.post("/authors/{name}/books/{title}", status_code=201)
    async def add(name: str, title: str, session: Session) -> int:
        author = await session.scalar(select(Author).where(Author.name == name))
        if author is None:
            author = Author(name=name)
            session.add(author)
            await session.flush()
        book = Book(author_id=author.id, title=title)
        session.add(book)
        await session.flush()
        return book.id

    @app.get("/authors/{name}/books")
    async def books(name: str, session: Session) -> list[str]:
        found = select(Book.title).join(Author, Author.id == Book.author_id)
        return list(await session.scalars(found.where(Author.name == name).order_by(Book.title)))

    @app.delete("/books/{number}", status_code=204)
    async def remove(number: int, session: Session) -> None:
        book = await session.get(Book, number)
        if book is None:
            raise HTTPException(404)
        await session.delete(book)

    @app.get("/count")
    async def count(session: Session) -> int:
        return await session.scalar(select(func.count(Book.id))) or 0

    return app
