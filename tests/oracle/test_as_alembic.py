"""In a project that still is Alembic's, `check` finds a difference where Alembic's finds one.

Judged by Alembic itself: on its own 78 measured cases, and on edits of models on each database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from asyncmigrate.schema.as_alembic import as_alembic_sees
from tests.oracle.comparing import alembics, create_all, execute, ours
from tests.oracle.edits import EDITS
from tests.oracle.seventy_eight import CASES
from tests.oracle.shop import Shop

if TYPE_CHECKING:
    import sqlalchemy as sa

    from tests.oracle.case import Case
    from tests.oracle.databases import Database
    from tests.oracle.shop import Edit

OTHERWISE = {
    "attached partition, right model": "Alembic would drop the partition",
}
"""Where the two verdicts differ, and why."""
OPTIONS = [{}, {"compare_server_default": True}]
PAIRS = [
    pytest.param(name, edit, id=f"{name}: {edit}")
    for name in ("sqlite", "postgresql", "mariadb")
    for edit in EDITS
    if name in edit.databases
]


def verdicts(
    database: Database, metadata: sa.MetaData, options: dict[str, Any]
) -> tuple[bool | str, bool, str]:
    """Return whether each of the two tools sees a difference, and ours in words."""
    try:
        theirs: bool | str = bool(alembics(database, metadata, options))
    except Exception as error:
        theirs = type(error).__name__  # it cannot say itself
    found = ours(database, metadata)
    shown = as_alembic_sees(found, defaults=bool(options.get("compare_server_default")))
    assert len(shown.not_compared) - len(found.not_compared) >= (
        len(found.changes) > 0 and not shown.changes
    )
    return theirs, bool(shown.changes), str([str(each) for each in shown.changes])[:300]


def check(name: str, theirs: bool | str, mine: bool, said: str) -> None:
    if isinstance(theirs, str):
        return
    if name in OTHERWISE:
        assert mine is not theirs, OTHERWISE[name]
    else:
        assert mine is theirs, said


@pytest.mark.parametrize("options", OPTIONS, ids=["by default", "with defaults"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_measured_cases(postgresql_database: Database, case: Case, options: Any) -> None:
    postgresql_database.empty()
    execute(postgresql_database, case.before or "SELECT 1")

    check(case.name, *verdicts(postgresql_database, case.metadata(), options))


@pytest.mark.parametrize("options", OPTIONS, ids=["by default", "with defaults"])
@pytest.mark.parametrize(("name", "edit"), PAIRS)
def test_edits_of_models(
    request: pytest.FixtureRequest, name: str, edit: Edit, options: Any
) -> None:
    database: Database = request.getfixturevalue(f"{name}_database")
    database.empty()
    create_all(database, Shop().metadata)
    more = dict(options, include_schemas=name == "postgresql")

    check(f"{name}: {edit.name}", *verdicts(database, edit.after(), more))
