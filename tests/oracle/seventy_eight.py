"""The 78 cases in which Alembic's autogenerate was measured: its answers and ours, run live.

    python -m tests.oracle.seventy_eight

prints them as a table in Markdown. PostgreSQL is started for it, or named by
ASYNCMIGRATE_TEST_POSTGRES.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle import seventy_eight_columns as columns
from tests.oracle import seventy_eight_constraints as constraints
from tests.oracle.comparing import ALL_OPTIONS, alembics, execute, lines, ours, safely
from tests.oracle.databases import postgresql
from tests.servers import available

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.oracle.case import Case
    from tests.oracle.databases import Database

CASES: list[Case] = [
    *columns.TABLES,
    *columns.COLUMNS,
    *columns.KEYS,
    *constraints.FOREIGN_KEYS,
    *constraints.CONSTRAINTS,
    *constraints.INDEXES,
    *columns.OTHERS,
    *constraints.VIEWS,
    *constraints.NOT_COMPARED,
]
"""Every case of the list that was measured."""


def measured(database: Database, case: Case) -> tuple[str, str, str]:
    """Return what is found in one case: by us, by Alembic, and by Alembic with all its options."""
    metadata = case.metadata()
    database.empty()
    if case.before:
        execute(database, case.before)
    by_default = safely(lambda: alembics(database, metadata, {}))
    with_all = safely(lambda: alembics(database, metadata, ALL_OPTIONS))
    comparison = ours(database, metadata, case.answers())
    found = lines(comparison) or [f"not compared: {each}" for each in comparison.not_compared]
    return ("; ".join(found), *("; ".join(map(str, each)) for each in (by_default, with_all)))


def markdown(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """Return a table: the case, Alembic's answers, and ours."""
    heading = ("Case", "asyncmigrate", "Alembic", "Alembic, all options")
    cells = [heading, ("---",) * 4, *rows]
    return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in cells)


def in_words(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def _cell(text: str) -> str:
    return in_words(text.replace("|", "\\|")) or "nothing"


def main() -> None:
    with available.postgres() as server, postgresql(server) as database:
        print(markdown((each.name, *measured(database, each)) for each in CASES))


if __name__ == "__main__":
    main()
