from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from asyncmigrate.errors import OfflineError
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sqltext import SqlSink

FULL: dict[str, Any] = {
    "existing_type": sa.Integer(),
    "existing_nullable": False,
    "existing_server_default": None,
    "existing_comment": None,
    "existing_autoincrement": False,
}
"""All that a script can say of a column; None says that there is no default and no comment."""


def altered(column: str = "a", **change: Any) -> str:
    lines: list[str] = []
    Operations(SqlSink(mysql.dialect(), lines.append)).alter_column("t", column, **change)
    return "".join(lines)


def without(*names: str, **change: Any) -> dict[str, Any]:
    return {name: value for name, value in FULL.items() if name not in names} | change


@pytest.mark.parametrize(
    ("missing", "change"),
    [
        ("existing_type", {"comment": "new"}),
        ("existing_nullable", {"comment": "new"}),
        ("existing_server_default", {"comment": "new"}),
        ("existing_comment", {"type_": sa.BigInteger()}),
        ("existing_autoincrement", {"type_": sa.BigInteger()}),
    ],
)
def test_what_a_modify_would_lose_is_named_with_what_to_type(
    missing: str, change: dict[str, Any]
) -> None:
    with pytest.raises(OfflineError, match=f"of t.a, {missing} is not given") as caught:
        altered(**without(missing, **change))

    assert f"Add to op.alter_column: {missing}=" in caught.value.next


def test_the_line_of_the_script_is_named() -> None:
    with pytest.raises(OfflineError, match=r"test_mysql_existing\.py:\d+: MySQL writes"):
        altered(nullable=False)


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(OfflineError) as caught:
        altered(comment="new")

    assert [name for name in FULL if f"{name}=" not in caught.value.next] == ["existing_comment"]


def test_none_and_false_say_something() -> None:
    assert (
        altered(**FULL, comment="c") == "ALTER TABLE t MODIFY a INTEGER NOT NULL COMMENT 'c';\n\n"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"nullable": False, "existing_nullable": True},
        {"nullable": True, "existing_nullable": False},
        {"type_": sa.BigInteger(), "existing_nullable": False, "existing_server_default": "7"},
        {"type_": sa.String(9), "existing_nullable": False},
        {"type_": sa.Integer(), "existing_type": sa.String(9), "existing_nullable": False},
        {"type_": sa.Boolean(), "existing_type": sa.Boolean(), "existing_nullable": False},
    ],
)
def test_auto_increment_is_asked_only_of_what_may_have_it(change: dict[str, Any]) -> None:
    text = altered(**{**without("existing_autoincrement", "existing_nullable"), **change})

    assert "MODIFY" in text


def test_a_key_that_counts_has_no_default_to_ask_for() -> None:
    given = without("existing_server_default", existing_autoincrement=True)

    assert "BIGINT NOT NULL AUTO_INCREMENT" in altered("id", **given, type_=sa.BigInteger())


@pytest.mark.parametrize("type_", [sa.DateTime(), mysql.TIMESTAMP(), mysql.DATETIME(fsp=6)])
def test_a_new_default_of_a_time_asks_for_the_old_ones_on_update(type_: Any) -> None:
    with pytest.raises(OfflineError, match=r"without the ON UPDATE.* existing_server_default is"):
        altered("at", server_default=None, existing_type=type_)


def test_a_default_that_says_on_update_itself_asks_for_no_other() -> None:
    given = without("existing_server_default", existing_type=sa.DateTime())
    new = sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")

    assert "ON UPDATE" in altered("at", **given, server_default=new)


def test_a_generated_column_keeps_its_expression() -> None:
    given = without("existing_server_default", existing_nullable=True)

    text = altered(**given, comment="c", existing_server_default=sa.Computed("b * 2"))

    assert "GENERATED ALWAYS AS (b * 2)" in text
