"""books refer to authors"""

import sqlalchemy as sa

from asyncmigrate import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("books", sa.Column("author_id", sa.Integer))
    op.execute(
        "INSERT INTO authors (name) SELECT DISTINCT author FROM books"
        " WHERE author NOT IN (SELECT name FROM authors)"
    )
    op.execute(
        "UPDATE books SET author_id = authors.id FROM authors WHERE authors.name = books.author"
    )
    op.alter_column("books", "author_id", nullable=False)
    op.create_foreign_key("books_author", "books", "authors", ["author_id"], ["id"])
    op.drop_column("books", "author")


def downgrade() -> None:
    op.add_column("books", sa.Column("author", sa.String(100)))
    op.execute(
        "UPDATE books SET author = authors.name FROM authors WHERE authors.id = books.author_id"
    )
    op.alter_column("books", "author", nullable=False)
    op.drop_constraint("books_author", "books")
    op.drop_column("books", "author_id")
