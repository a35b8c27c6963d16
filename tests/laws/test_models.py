"""Random models are models: what a database would refuse at once is no test of ours."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.laws.models import metadata_of
from tests.laws.specs import ColumnSpec, KeySpec, ModelsSpec, PartSpec, TableSpec
from tests.laws.storing import STORAGE


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite"])
def test_a_naming_convention_gives_no_two_checks_of_a_table_one_name(dialect: str) -> None:
    checks = (PartSpec("check", None, ("n",), 2), PartSpec("check", None, ("n",), 2, ("core",)))
    table = TableSpec(
        "users",
        key=KeySpec((("id", "integer"),)),
        columns=(ColumnSpec("n", "integer"),),
        parts=checks,
        storage=STORAGE[dialect][0],
    )

    made = metadata_of(ModelsSpec((table,), convention=True), dialect).tables["users"]

    found = [c.name for c in made.constraints if isinstance(c, sa.CheckConstraint)]
    assert found == ["ck_users_un 2 n"]
