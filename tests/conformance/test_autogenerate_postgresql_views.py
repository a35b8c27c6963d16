"""Which views of PostgreSQL make way for a change, and what they have when they come again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmigrate import View
from tests.conformance.declaring import key, nothing, only, table
from tests.laws.travellers import Traveller, on_postgresql, there_and_back
from tests.laws.trip import Trip, executed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.available import Server


@pytest.fixture(scope="module")
def database(postgres_server: Server) -> Iterator[Traveller]:
    with on_postgresql(postgres_server) as traveller:
        yield traveller


def stored(metadata: sa.MetaData, type_: Any) -> None:
    base = table(metadata, "t", key(), sa.Column("name", type_))
    view = View("names", sa.select(base.c.id, base.c.name), metadata, materialized=True)
    sa.Index("ix names", view.table.c.id)


def test_an_index_of_a_new_materialized_view_comes_after_it(database: Traveller) -> None:
    there_and_back(database, nothing, lambda m: stored(m, sa.String(10)))


def test_a_view_that_is_made_again_keeps_its_index(database: Traveller) -> None:
    there_and_back(database, lambda m: stored(m, sa.String(10)), lambda m: stored(m, sa.Text))


@pytest.mark.parametrize("materialized", [False, True])
def test_a_view_makes_way_for_an_enum_that_loses_a_value_on_either_way(
    database: Traveller, materialized: bool
) -> None:
    def models(metadata: sa.MetaData, *values: str) -> None:
        base = table(metadata, "t", key(), sa.Column("mood", sa.Enum(*values, name="mood")))
        View("moods", sa.select(base.c.mood), metadata, materialized=materialized)

    few, many = ("a", "c"), ("a", "b", "c")
    there_and_back(database, lambda m: models(m, *few), lambda m: models(m, *many))
    there_and_back(database, lambda m: models(m, *many), lambda m: models(m, *few))


def read(metadata: sa.MetaData, name: Any, **options: Any) -> None:
    """A table, and a view of two of its columns; `options` are those of the table."""
    base = table(metadata, "t", key(), name, sa.Column("other", sa.String(9)), **options)
    View("names", sa.select(base.c.id, base.c.name), metadata)


def script(database: Traveller, first: Any, second: Any, *statements: str) -> str:
    """Return what leads to the second models, after the statements; it has run, and led there."""

    def migrate(connection: sa.Connection) -> str:
        trip = Trip(connection, database.database.dialect)
        trip.wipe()
        trip.create_all(only(first))
        with trip.transaction():
            for statement in statements:
                connection.exec_driver_sql(statement)
        text = trip.script(trip.compared(only(second), renames=False))
        trip.run(executed(text), "upgrade")
        trip.must_be_equal("nothing is left", trip.compared(only(second), renames=False))
        return text

    return str(database.runner.run(database.database.run(migrate)))


def test_a_view_stays_while_what_it_reads_gets_a_comment_a_default_or_not_null(
    database: Traveller,
) -> None:
    def second(metadata: sa.MetaData) -> None:
        said = {"nullable": False, "server_default": "x", "comment": "its name"}
        read(metadata, sa.Column("name", sa.Text, **said), comment="people")

    found = script(database, lambda m: read(m, sa.Column("name", sa.Text)), second)

    assert "view" not in found


@pytest.mark.skipif(
    "with" not in dict(postgresql.dialect.construct_arguments or [])[sa.Table],
    reason="SQLAlchemy 2.0 writes no storage parameters of tables",
)
def test_a_view_stays_while_what_it_reads_gets_storage_parameters(database: Traveller) -> None:
    def second(metadata: sa.MetaData) -> None:
        read(metadata, sa.Column("name", sa.Text), postgresql_with={"fillfactor": 70})

    found = script(database, lambda m: read(m, sa.Column("name", sa.Text)), second)

    assert ("fillfactor" in found, "view" in found) == (True, False)


def test_a_view_stays_while_a_column_that_it_does_not_read_changes(database: Traveller) -> None:
    def second(metadata: sa.MetaData) -> None:
        base = table(metadata, "t", key(), sa.Column("name", sa.Text))
        View("names", sa.select(base.c.id, base.c.name), metadata)

    found = script(database, lambda m: read(m, sa.Column("name", sa.Text)), second)

    assert ("drop_column" in found, "view" in found) == (True, False)


def test_a_view_of_whole_rows_makes_way_for_each_column(database: Traveller) -> None:
    def models(metadata: sa.MetaData, type_: Any) -> None:
        table(metadata, "t", key(), sa.Column("name", type_))
        View("rows", sa.text("SELECT row_to_json(t.*) AS whole FROM t"), metadata)

    there_and_back(database, lambda m: models(m, sa.String(9)), lambda m: models(m, sa.Text))


@pytest.mark.parametrize(
    "second",
    [
        lambda m: read(m, sa.Column("name", sa.Text)),
        lambda m: View("names", sa.select(read_table(m).c.name), m),
    ],
    ids=["made again", "redefined"],
)
def test_a_view_that_comes_again_has_the_options_that_it_had(
    database: Traveller, second: Any
) -> None:
    def options(connection: sa.Connection) -> list[str]:
        query = "SELECT reloptions FROM pg_class WHERE relname = 'names'"
        found: list[str] = connection.exec_driver_sql(query).scalar_one()
        connection.rollback()
        return found

    script(
        database,
        lambda m: read(m, sa.Column("name", sa.String(9))),
        second,
        "ALTER VIEW names SET (security_barrier, check_option = local)",
    )

    assert database.runner.run(database.database.run(options)) == [
        "check_option=local",
        "security_barrier=true",
    ]


def read_table(metadata: sa.MetaData) -> sa.Table:
    columns = sa.Column("name", sa.String(9)), sa.Column("other", sa.String(9))
    return table(metadata, "t", key(), *columns)
