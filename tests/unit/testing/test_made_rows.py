"""Made-up values and rows, and the search for the fewest of them."""

from __future__ import annotations

import asyncio
import doctest
from datetime import date
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql, postgresql

from asyncmigrate.testing import compose, filling, losing, rows, shrinking, stored, values
from asyncmigrate.testing.making import FIRST, Around, Maker
from asyncmigrate.testing.shrinking import smallest
from asyncmigrate.testing.values import supply

if TYPE_CHECKING:
    from collections.abc import Sequence

USERS = sa.Table(
    "users",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(5)),
    sa.Column("email", sa.String(50), nullable=False, unique=True),
    sa.Column("age", sa.SmallInteger, nullable=False),
    sa.Column("boss", sa.ForeignKey("users.id"), type_=sa.Integer),
    sa.Column("status", sa.String(10), nullable=False),
    sa.CheckConstraint("status IN ('new', 'paid')"),
)


NO_TYPES = {"ARRAY", "DOMAIN", "NamedType", "PickleType", "TupleType", "TypeDecorator"}
"""What holds other types, or is no column's."""


@pytest.mark.parametrize("module", [values, stored, filling, shrinking, losing, compose])
def test_examples_in_docstrings(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("module", [postgresql, mysql, sa])
def test_every_type_of_a_dialect_has_values_or_is_known_to_have_none(module: Any) -> None:
    made = {
        name: kind("a", "b") if name in ("ENUM", "SET", "Enum") else kind()  # type: ignore[call-arg]
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, sa.types.TypeEngine)
        if not name.startswith("Abstract") and name not in NO_TYPES
    }
    without = {name for name, each in made.items() if supply(each) is None}

    assert len(made) > 20
    assert without <= {"REGCLASS", "REGCONFIG", "JSONPATH"}


@given(st.integers(), st.sampled_from([sa.String(3), sa.CHAR(3), mysql.VARBINARY(3)]))
def test_a_length_is_kept(seed: int, of: Any) -> None:
    found = supply(of)
    assert found is not None

    assert all(len(each) <= 3 for each in (*found.least, *found.most, found.any(Random(seed))))


@given(st.integers(1, 12), st.integers(0, 8), st.integers())
def test_a_number_has_no_more_digits_than_its_column(digits: int, places: int, seed: int) -> None:
    places = min(places, digits)
    found = supply(sa.Numeric(digits, places))
    assert found is not None

    number = found.any(Random(seed))

    assert abs(number) < 10 ** (digits - places)
    assert number == round(number, places)


def test_the_edges_of_a_date_are_those_that_postgresql_calls_infinity() -> None:
    found = supply(postgresql.ARRAY(sa.Date))
    assert found is not None

    assert found.least == ([],)
    assert date.max in found.most[0]


def made(shapes: Sequence[str], seed: int = 0, **around: Any) -> list[dict[str, Any]]:
    return Maker(USERS, Around(**around)).rows(Random(seed), shapes)


def test_the_first_rows_are_null_where_they_may_the_same_again_and_both_edges() -> None:
    bare, again, least, most = made(FIRST)

    assert bare["name"] is None
    assert bare["boss"] is None
    assert "id" not in bare
    assert {**bare, "email": ""} == {**again, "email": ""}
    assert bare["email"] != again["email"]
    assert (least["age"], most["age"]) == (least["age"], 2**15 - 1)
    assert least["age"] in (-(2**15), 0)
    assert most["name"] in (None, "é" * 5)


def test_rows_refer_to_rows_that_are_there() -> None:
    found = made(["drawn"] * 30, parents={"users": [{"id": 7}, {"id": 8}]})

    assert {row["boss"] for row in found} == {None, 7, 8}


def test_values_that_a_check_names_are_taken_in_turn() -> None:
    found = made(["drawn"] * 30)

    assert {"new", "paid"} <= {row["status"] for row in found}


def test_what_the_user_says_counts() -> None:
    said = {"users.name": "Ada", "users": {"age": lambda random: random.randint(30, 40)}}

    found = made(["drawn", *FIRST], values=said)

    assert {row["name"] for row in found} == {"Ada"}
    assert all(30 <= row["age"] <= 40 for row in found)


@given(st.integers())
def test_the_same_seed_makes_the_same_rows(seed: int) -> None:
    assert made(["drawn"] * 3, seed) == made(["drawn"] * 3, seed)


@given(rows(USERS, min_size=1, max_size=3))
def test_rows_are_a_strategy_of_hypothesis(found: list[dict[str, Any]]) -> None:
    assert 1 <= len(found) <= 3
    assert all(len(row["name"] or "") <= 5 and row["age"] is not None for row in found)


@given(st.integers(1, 60), st.data())
def test_the_fewest_are_found_and_each_of_them_is_needed(count: int, data: st.DataObject) -> None:
    things = list(range(count))
    needed = data.draw(st.sets(st.sampled_from(things), min_size=1, max_size=4))

    async def fails(some: Sequence[int]) -> bool:
        return needed <= set(some)

    assert set(asyncio.run(smallest(things, fails, trials=10_000))) == needed


def test_the_search_ends_after_so_many_trials() -> None:
    tried = []

    async def fails(some: Sequence[int]) -> bool:
        tried.append(some)
        return 3 in some

    left = asyncio.run(smallest(range(64), fails, trials=3))

    assert len(tried) == 3
    assert 3 in left
