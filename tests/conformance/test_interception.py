"""Which statements have to go through SQLAlchemy, so that somebody can follow them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from asyncmigrate.scripts.interception import intercepted, wants_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.scripts.interception import Sending


class Following:
    wants_all = False

    def intercept(self, sending: Sending) -> None:
        sending.send()

    def was_sent(self, text: str) -> None:
        raise AssertionError(text)


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, intercepted(connection, Following()):
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    "text", ["CREATE TEMP TABLE a (b int)", "create /* c */ local\ntemporary table a (b int)"]
)
def test_what_makes_a_temporary_table_does(connection: sa.Connection, text: str) -> None:
    assert wants_all(connection, text)


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE a SET b = 'temporary-failure'",
        "CREATE TYPE a AS ENUM ('temporary-failure')",
        "CREATE TABLE templates (a int)",
    ],
)
def test_a_value_or_a_name_that_looks_like_it_does_not(
    connection: sa.Connection, text: str
) -> None:
    assert not wants_all(connection, text)


def test_everything_does_after_a_temporary_table(connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TEMP TABLE a (b int)")

    assert wants_all(connection, "INSERT INTO a VALUES (1)")
