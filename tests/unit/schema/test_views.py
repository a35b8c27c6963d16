"""Views that belong to the models: declared, created by `create_all`, dropped by `drop_all`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

import asyncmigrate
from asyncmigrate import View
from asyncmigrate.schema.kinds.index import Indexed
from asyncmigrate.schema.snapshot import Key
from asyncmigrate.schema.views import is_view
from tests.unit.schema.declaring import Declared, forms_of

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_views_of_sqlalchemy = pytest.mark.skipif(
    not hasattr(sa, "CreateView"), reason="SQLAlchemy has views of its own since 2.1"
)


class Models:
    """A table, and what the tests declare beside it."""

    def __init__(self) -> None:
        self.metadata = sa.MetaData()
        self.users = sa.Table(
            "users",
            self.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.Text),
        )

    def adults(self, name: str = "adults", **options: bool) -> View:
        """A view of the users."""
        select = sa.select(self.users.c.id, self.users.c.name).where(self.users.c.id > 17)
        return View(name, select, self.metadata, materialized=options.get("materialized", False))


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    """An empty database in memory."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def views(connection: sa.Connection) -> list[str]:
    return sorted(sa.inspect(connection).get_view_names())


def test_view_is_public() -> None:
    assert asyncmigrate.View is View


def test_a_view_is_declared_with_what_it_reads() -> None:
    models = Models()
    adults = models.adults()

    view = Declared(models.metadata).only("view")

    assert view.definition == "SELECT users.id, users.name \nFROM users \nWHERE users.id > 17"
    assert view.references == (Key("table", "", "", "users"),)
    assert view.element is adults


def test_a_view_of_a_view_reads_a_view() -> None:
    models = Models()
    adults = models.adults()
    View("names", sa.select(adults.table.c.name), models.metadata)

    assert Declared(models.metadata)("view", "names").references == (Key("view", "", "", "adults"),)


def test_a_view_is_no_table_of_the_metadata() -> None:
    models = Models()
    view = models.adults()

    assert list(models.metadata.tables) == ["users"]
    assert Declared(models.metadata).names("table") == ["users"]
    assert is_view(view.table)
    assert not is_view(models.users)


def test_a_view_of_text_is_that_text() -> None:
    models = Models()
    View("one", "SELECT 1 AS one", models.metadata, schema="app")

    view = Declared(models.metadata)("view", "one", schema="app")

    assert (view.definition, view.references) == ("SELECT 1 AS one", ())


def test_a_view_has_the_schema_of_its_metadata() -> None:
    metadata = sa.MetaData(schema="app")
    View("one", "SELECT 1 AS one", metadata)

    assert Declared(metadata).names("view") == ["app.one"]


def test_a_percent_sign_in_a_view_is_one_whatever_the_driver() -> None:
    models = Models()
    View("v", sa.select(models.users).where(models.users.c.name.like("a%")), models.metadata)

    view = Declared(models.metadata, forms=forms_of(postgresql.psycopg.dialect())).only("view")

    assert "LIKE 'a%'" in view.definition


def test_a_materialized_view_can_have_indexes() -> None:
    models = Models()
    view = models.adults(materialized=True)
    sa.Index("ix_adults_name", view.table.c.name)

    found = Declared(models.metadata)

    assert found.only("view").materialized
    assert found("index", "ix_adults_name", table="adults").columns == (Indexed("name"),)


def test_a_comment_is_declared_where_views_have_them() -> None:
    metadata = sa.MetaData()
    View("one", "SELECT 1 AS one", metadata, comment="just one")

    assert Declared(metadata).only("view").comment == "just one"


def test_the_columns_of_a_view_are_those_that_have_names() -> None:
    models = Models()
    select = sa.select(
        models.users.c.id, sa.func.count(), sa.func.max(models.users.c.name).label("m")
    )

    view = View("v", select, models.metadata)

    assert view.table.c.keys() == ["id", "m"]


def test_create_all_makes_views_after_tables_and_drop_all_drops_them(
    connection: sa.Connection,
) -> None:
    models = Models()
    adults = models.adults()
    View("names", sa.select(adults.table.c.name), models.metadata)

    models.metadata.create_all(connection)
    connection.execute(sa.insert(models.users), [{"id": 17, "name": "a"}, {"id": 18, "name": "b"}])

    assert views(connection) == ["adults", "names"]
    assert connection.execute(sa.select(adults.table)).all() == [(18, "b")]
    models.metadata.drop_all(connection)
    assert views(connection) == []


def test_create_all_twice_is_like_once(connection: sa.Connection) -> None:
    models = Models()
    models.adults()

    models.metadata.create_all(connection)
    models.metadata.create_all(connection)

    assert views(connection) == ["adults"]


def test_create_all_of_other_tables_leaves_out_what_cannot_be_made(
    connection: sa.Connection,
) -> None:
    models = Models()
    models.adults()
    other = sa.Table("other", models.metadata, sa.Column("id", sa.Integer))

    models.metadata.create_all(connection, tables=[other])

    assert views(connection) == []


def test_drop_all_of_other_tables_leaves_the_views(connection: sa.Connection) -> None:
    models = Models()
    models.adults()
    other = sa.Table("other", models.metadata, sa.Column("id", sa.Integer))
    models.metadata.create_all(connection)

    models.metadata.drop_all(connection, tables=[other])

    assert views(connection) == ["adults"]


def test_braces_and_percent_signs_in_the_text_of_a_view_stay(connection: sa.Connection) -> None:
    metadata = sa.MetaData()
    view = View("v", "SELECT '{}%' AS x", metadata)

    metadata.create_all(connection)

    assert connection.execute(sa.select(sa.text("x")).select_from(view.table)).scalar() == "{}%"


@needs_views_of_sqlalchemy
def test_a_view_of_sqlalchemy_is_declared_and_is_no_table() -> None:
    models = Models()
    select = sa.select(models.users.c.name)
    sa.CreateView(select, "names", metadata=models.metadata, materialized=True)

    found = Declared(models.metadata)

    assert found.names("table") == ["users"]
    assert found.only("view").definition == "SELECT users.name \nFROM users"
    assert found.only("view").materialized
    assert found.only("view").references == (Key("table", "", "", "users"),)


@needs_views_of_sqlalchemy
def test_a_temporary_view_of_sqlalchemy_is_not_declared() -> None:
    models = Models()
    sa.CreateView(sa.select(models.users.c.name), "names", metadata=models.metadata, temporary=True)

    assert Declared(models.metadata).names("view") == []


@needs_views_of_sqlalchemy
def test_a_table_made_of_a_select_is_declared_as_a_table() -> None:
    models = Models()
    sa.CreateTableAs(sa.select(models.users.c.name), "names", metadata=models.metadata)

    assert Declared(models.metadata).names("column") == ["names.name", "users.id", "users.name"]
