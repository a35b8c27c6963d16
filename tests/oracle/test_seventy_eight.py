"""The 78 cases in which Alembic's autogenerate was measured come out right, on PostgreSQL.

The comparison with Alembic, run live, is printed at the end of a run with `-s` or `-rA`, and by
`python -m tests.oracle.seventy_eight`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asyncmigrate.errors import UnsupportedOperationError
from tests.oracle.comparing import execute, lines, ours, run, script
from tests.oracle.databases import postgresql
from tests.oracle.seventy_eight import CASES, in_words, markdown, measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.schema.compare import Comparison
    from tests.oracle.case import Case
    from tests.oracle.databases import PostgreSQL
    from tests.servers.available import Server

ALEMBIC, ALEMBIC_WITH_ALL_OPTIONS = 29, 35
"""In how many cases it sees anything; a partition that it would drop is one of them."""

GENERATED = [case for case in CASES if case.changes and not case.by_hand]


@pytest.fixture(scope="module")
def database(postgres_server: Server) -> Iterator[PostgreSQL]:
    with postgresql(postgres_server) as database:
        yield database


@pytest.fixture
def made(database: PostgreSQL, case: Case) -> PostgreSQL:
    """The database as it is before."""
    database.empty()
    execute(database, case.before or "SELECT 1")
    return database


def said(comparison: Comparison) -> tuple[str, ...]:
    """Return what `check` prints, each difference on a line."""
    return tuple(in_words(each) for each in lines(comparison))


def test_there_are_seventy_eight() -> None:
    assert len({case.name for case in CASES}) == 78


@pytest.mark.parametrize("case", GENERATED, ids=str)
def test_what_differs_is_said_and_the_script_for_it_ends_it_and_can_be_undone(
    made: PostgreSQL, case: Case
) -> None:
    before = ours(made, case.metadata(), case.answers())
    source = script(before)

    run(made, source, "upgrade")
    after = ours(made, case.metadata())
    run(made, source, "downgrade")
    again = ours(made, case.metadata(), case.answers())

    assert said(before) == case.changes
    assert said(after) == ()
    assert said(again) == case.changes_again


@pytest.mark.parametrize("case", [case for case in CASES if not case.changes], ids=str)
def test_what_models_cannot_declare_is_said_to_be_left_out(made: PostgreSQL, case: Case) -> None:
    comparison = ours(made, case.metadata())

    assert said(comparison) == ()
    assert "; ".join(comparison.not_compared) == case.not_compared


@pytest.mark.parametrize("case", [case for case in CASES if case.by_hand], ids=str)
def test_what_nothing_can_change_in_place_is_refused_with_the_reason(
    made: PostgreSQL, case: Case
) -> None:
    comparison = ours(made, case.metadata(), case.answers())

    assert said(comparison) == case.changes
    with pytest.raises(UnsupportedOperationError, match=case.by_hand):
        script(comparison)


def test_alembic_sees_less_than_half_of_them(database: PostgreSQL) -> None:
    rows = [(each.name, *measured(database, each)) for each in CASES]
    print(markdown(rows))

    assert sum(ours != "" for _, ours, _, _ in rows) == 77  # one is right as it is
    assert sum(found != "" for _, _, found, _ in rows) == ALEMBIC
    assert sum(found != "" for _, _, _, found in rows) == ALEMBIC_WITH_ALL_OPTIONS
