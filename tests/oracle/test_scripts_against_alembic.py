"""The same scripts run by Alembic and by us: the same schema and the same rows, or a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.catalogs import without_bookkeeping
from tests.oracle.collected import BY_NAME, CASES, SCRIPTS
from tests.oracle.script_differences import DIFFERENCES, Difference, difference
from tests.oracle.sides import differing
from tests.oracle.written import DATABASES, EVERY

if TYPE_CHECKING:
    from tests.oracle.sides import Sides

pytest.importorskip("alembic", reason="Alembic is not installed")


@pytest.mark.parametrize(("database", "name"), CASES)
def test_a_script_leaves_what_alembic_leaves_or_differs_for_a_reason(
    database: str, name: str, sides: Sides
) -> None:
    script = BY_NAME[name]
    theirs = sides.alembics(script)
    ours = sides.ours(script)

    expected = difference(database, name)

    assert isinstance(ours, dict), "a script that we cannot run says nothing"
    found = differing(ours=without_bookkeeping(ours), other=without_bookkeeping(theirs))
    assert bool(found) is (expected is not None), found


@pytest.mark.parametrize("each", DIFFERENCES, ids=lambda each: each.reason[:50])
def test_every_difference_is_about_scripts_that_there_are(each: Difference) -> None:
    scripts = [script for script in EVERY if script.name in each.scripts]

    assert len(scripts) == len(each.scripts)
    assert all(set(each.databases) <= set(script.databases) for script in scripts)


def test_there_are_enough_scripts_for_every_database() -> None:
    counts = {name: len([s for s in SCRIPTS if name in s.databases]) for name in DATABASES}

    assert min(counts.values()) >= 300, counts
