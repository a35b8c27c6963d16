"""Where a script of ours ends otherwise than Alembic's, and why ours is right."""

from __future__ import annotations

from dataclasses import dataclass

POSTGRESQL = ("postgresql",)
MARIADB = ("mariadb",)
SQLITE = ("sqlite",)
ALL = (*SQLITE, *POSTGRESQL, *MARIADB)


@dataclass(frozen=True, slots=True)
class Difference:
    """Scripts that differ, by name, for one reason."""

    databases: tuple[str, ...]
    reason: str
    scripts: tuple[str, ...]


DIFFERENCES = [
    Difference(
        POSTGRESQL,
        "the type of an added column is created; Alembic's statement fails without it",
        ("a column of a new enum",),
    ),
    Difference(
        POSTGRESQL,
        "the sequence that the column takes its values from is created, as create_all does",
        ("a table whose column has a sequence",),
    ),
    Difference(
        POSTGRESQL,
        "recreate= is about SQLite; Alembic makes the table anew here as well, and leaves its "
        "sequence and its constraints behind under the names of _alembic_tmp_account",
        ("a batch that always makes the table anew",),
    ),
    Difference(
        POSTGRESQL,
        "the columns of postgresql_include are known by their names; Alembic raises KeyError",
        ("a unique constraint with INCLUDE and equal NULLs",),
    ),
    Difference(
        MARIADB,
        "as on PostgreSQL; Alembic's new table cannot be made, as the foreign key's name is taken",
        ("a batch that always makes the table anew",),
    ),
    Difference(
        MARIADB,
        "the column is read, so the script need not say its type; Alembic refuses",
        (
            "NOT NULL, a script that does not name the type",
            "another name, a script that says nothing else",
            "another name and another default",
        ),
    ),
    Difference(
        MARIADB,
        "the column is read, so what the script does not name stays; Alembic's MODIFY loses it",
        (
            "NOT NULL, a script that does not name the default",
            "another type, a script that says nothing else",
            "another type, a script that does not name the default",
            "a comment that a script does not name",
            "a key that gets bigger, a script that does not say that it counts",
        ),
    ),
    Difference(
        SQLITE,
        "what refers to a renamed column follows; Alembic's batch leaves it referring to nothing",
        ("another name for a column that is referred to",),
    ),
    Difference(
        SQLITE,
        "values are kept; Alembic's CAST makes the number 2026 of '2026-01-02'",
        ("a date that becomes a time of a day",),
    ),
    Difference(
        SQLITE,
        "columns that the order does not name keep their places among each other",
        ("a batch with an order of columns",),
    ),
    Difference(
        SQLITE,
        "the rows get the default that the column was added with; Alembic's batch copies NULL",
        ("a batch with a boolean",),
    ),
    Difference(
        SQLITE,
        "SQLite's ADD COLUMN takes constants only: the table is made anew, and Alembic fails",
        ("a column with a default that is an expression",),
    ),
    Difference(
        SQLITE,
        "a constraint may go without a name, as on every other database; Alembic's batch fails",
        (
            "a column with a reference that has no name",
            "a column that is unique",
        ),
    ),
    Difference(
        SQLITE,
        "the CHECK of the column's type goes in; Alembic leaves it out with a warning",
        ("a column of an enum that is a CHECK",),
    ),
    Difference(
        SQLITE,
        "looked up in the catalog, as SQLite has no such words; Alembic fails",
        ("a column if it is not there", "a column that is dropped if it is there"),
    ),
    Difference(
        SQLITE,
        "SQLite has no comments, so nothing happens; Alembic sends what SQLite cannot read",
        ("a table's comment", "a table's comment that changes", "a table's comment that goes"),
    ),
    Difference(
        SQLITE,
        "the convention names what a column brings along; Alembic's batch leaves UNIQUE nameless",
        ("a column whose parts the convention names",),
    ),
    Difference(
        SQLITE,
        "all that the table is and has is kept; Alembic's batch loses what SQLAlchemy does not "
        "reflect (AUTOINCREMENT and its count, triggers, the words of types, ON DELETE and CHECK "
        "inside of a column, indexes of expressions) or cannot copy the table (a view on it, "
        "computed columns)",
        (
            "a counting table that is made anew",
            "a table with a trigger that is made anew",
            "a table with a view that is made anew",
            "a table with an inline reference that is made anew",
            "a table with a nameless check that is made anew",
            "a table with a computed column that is made anew",
            "a table with an index of an expression that is made anew",
        ),
    ),
    Difference(
        SQLITE,
        "what is about nothing but the dropped column goes with it; Alembic's batch fails",
        ("a column that an index uses is dropped", "a column that a check uses is dropped"),
    ),
]


def difference(database: str, script: str) -> Difference | None:
    """Return why a script differs on a database, or None if it must not."""
    found = [each for each in DIFFERENCES if database in each.databases and script in each.scripts]
    assert len(found) <= 1, f"{script} differs for more than one reason on {database}"
    return found[0] if found else None
