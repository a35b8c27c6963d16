from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.golden.cases import CASES
from tests.golden.sqltext import URLS, written

SQLALCHEMY_20 = sa.__version__.startswith("2.0.")

CHANGED_IN_21 = {
    (dialect, directive)
    for dialect in ("postgresql", "mssql", "oracle")
    for directive in ("create_table", "add_column")
}
"""Where SQLAlchemy 2.1 writes other SQL than 2.0: GENERATED on PostgreSQL, BOOLEAN elsewhere."""

HERE = Path(__file__).parent


@pytest.mark.filterwarnings("ignore:Oracle Database does not contain native UPDATE CASCADE")
@pytest.mark.parametrize("directive", CASES)
@pytest.mark.parametrize("dialect", [*URLS, "default"])
def test_the_sql_is_what_the_golden_file_says(
    dialect: str, directive: str, update_golden: bool
) -> None:
    if SQLALCHEMY_20 and (dialect, directive) in CHANGED_IN_21:
        pytest.skip("SQLAlchemy 2.0 writes this in other words")
    file = HERE / dialect / f"{directive}.sql"
    actual = written(dialect, directive, CASES[directive])
    if update_golden:
        file.parent.mkdir(exist_ok=True)
        file.write_text(actual, encoding="utf-8")

    assert actual == file.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_case() -> None:
    files = {str(file.relative_to(HERE)) for file in HERE.glob("*/*.sql")}

    assert files == {f"{dialect}/{name}.sql" for dialect in [*URLS, "default"] for name in CASES}
