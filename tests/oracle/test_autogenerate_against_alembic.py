"""What Alembic with all its options sees of a change, we see as well; what it gets wrong is listed.

Each edit of the models is one test on each database: made by `create_all`, compared by both tools,
migrated by our script, and compared by both once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from asyncmigrate.migrator.autogenerate import Answers
from tests.oracle.autogenerate_differences import MISTAKES, mistakes
from tests.oracle.comparing import ALL_OPTIONS, alembics, create_all, ours, run, safely, script
from tests.oracle.edits import EDITS
from tests.oracle.seen import missed, seen, too_much
from tests.oracle.shop import Shop

if TYPE_CHECKING:
    import sqlalchemy as sa

    from asyncmigrate.schema.compare import Comparison
    from tests.oracle.comparing import Found
    from tests.oracle.databases import Database
    from tests.oracle.shop import Edit

PAIRS = [
    pytest.param(name, edit, id=f"{name}: {edit}")
    for name in ("sqlite", "postgresql", "mariadb")
    for edit in EDITS
    if name in edit.databases
]
ANSWERS = Answers(no_renames=True, ask_value=lambda needs: "'1'")


def alembics_answer(database: Database, metadata: sa.MetaData) -> list[Found]:
    """Return what Alembic sees with all its options; on MariaDB a schema is another database."""
    options = dict(ALL_OPTIONS, include_schemas=database.name == "postgresql")
    return safely(lambda: alembics(database, metadata, options))


def apply(database: Database, comparison: Comparison) -> None:
    """Run the script that we write, if there is one to write."""
    if comparison.changes:
        run(database, script(comparison, ANSWERS), "upgrade")


@pytest.fixture
def database(request: pytest.FixtureRequest, name: str) -> Database:
    """The database with the models as they were."""
    database: Database = request.getfixturevalue(f"{name}_database")
    database.empty()
    create_all(database, Shop().metadata)
    return database


@pytest.mark.parametrize(("name", "edit"), PAIRS)
def test_what_alembic_sees_we_see_and_after_our_script_neither_sees_anything(
    database: Database, edit: Edit
) -> None:
    after = edit.after()
    theirs = alembics_answer(database, after)
    before = ours(database, after, ANSWERS)
    found = seen(before)

    apply(database, before)
    left = ours(database, after, ANSWERS)
    theirs_left = alembics_answer(database, after)

    assert too_much(theirs, found) == set()
    assert missed(theirs, found) == mistakes(database.name, edit.name, "missed")
    assert left.changes == ()
    assert too_much(theirs_left, []) == mistakes(database.name, edit.name, "afterwards")


def test_every_mistake_that_is_listed_is_one_of_an_edit() -> None:
    made = {(name, edit.name) for edit in EDITS for name in edit.databases}

    listed = {(name, each.edit) for each in MISTAKES for name in each.databases}

    assert listed <= made
