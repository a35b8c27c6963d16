"""What SQLAlchemy's inspector sees after `create_all` is what was declared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from asyncmigrate import View
from asyncmigrate.dialects.inspected_catalog import InspectedCatalog
from asyncmigrate.schema.declared import declared
from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.column import Column, Computed, Identity
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.unique import Unique
from asyncmigrate.schema.kinds.view import View as ViewValue
from asyncmigrate.schema.operations import differences
from asyncmigrate.schema.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.schema.snapshot import Key, Object

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def models() -> sa.MetaData:
    """Tables with one of everything that SQLite's inspector can see."""
    metadata = sa.MetaData(naming_convention=NAMES)
    users = sa.Table(
        "users",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(10), sa.CheckConstraint("name <> ''", name="named")),
        sa.Column("mail", sa.String(collation="NOCASE"), unique=True, nullable=False),
        sa.Column("active", sa.Boolean(create_constraint=True, name="active"), index=True),
        sa.Column("kind", sa.Enum("a", "b", name="kind", create_constraint=True)),
        sa.Column("at", sa.DateTime, server_default=sa.func.now()),
        sa.Column("data", sa.JSON, server_default=sa.text("'{}'")),
        sa.Column("next", sa.Integer, sa.Computed("(id + 1)")),
        sa.Column("price", sa.Numeric(10, 2), server_default="0"),
        sa.CheckConstraint("id > 0", name="positive"),
    )
    sa.Table(
        "posts",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE")),
        sa.Column("parent", sa.ForeignKey("posts.id", deferrable=True, initially="DEFERRED")),
        sa.Column("x", sa.Integer),
        sa.Column("y", sa.Integer),
        sa.UniqueConstraint("x", "y"),
        sa.Index("ix_some", "x", unique=True, sqlite_where=sa.text("x > 3")),
    )
    View("names", sa.select(users.c.name), metadata)
    return metadata


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    """An empty database in memory."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def compared(
    connection: sa.Connection, metadata: sa.MetaData, scope: Scope
) -> tuple[dict[Key, Object], dict[Key, Object]]:
    """The live and the declared snapshot."""
    catalog = InspectedCatalog()
    live = catalog.read(connection, scope)
    wanted = declared([metadata], catalog.forms(connection))
    return dict(catalog.reconcile(live, wanted)), wanted


def test_after_create_all_both_are_equal(connection: sa.Connection) -> None:
    metadata = models()
    metadata.create_all(connection)

    live, wanted = compared(connection, metadata, Scope())

    assert live == wanted


def test_a_change_of_the_models_is_seen(connection: sa.Connection) -> None:
    models().create_all(connection)
    changed = models()
    changed.tables["users"].c.price.type = sa.Numeric(12, 2)

    live, wanted = compared(connection, changed, Scope())
    different = [key.path for key in wanted if live.get(key) != wanted[key]]

    assert different == ["users.price"]


def test_another_condition_under_the_same_name_is_seen(connection: sa.Connection) -> None:
    models().create_all(connection)
    connection.exec_driver_sql("DROP INDEX ix_some")
    connection.exec_driver_sql("CREATE UNIQUE INDEX ix_some ON posts (x) WHERE x > 4")

    live, wanted = compared(connection, models(), Scope())
    [key] = [key for key in wanted if live.get(key) != wanted[key]]

    assert differences(live[key], wanted[key]) == {"where": ("x > 4", "x > 3")}


def test_what_is_out_of_scope_is_not_read(connection: sa.Connection) -> None:
    metadata = models()
    metadata.create_all(connection)

    live = InspectedCatalog().read(connection, Scope(exclude=("posts", "names")))

    assert {key.table or key.name for key in live} == {"users"}


def test_tables_of_an_attached_database_are_in_its_schema(connection: sa.Connection) -> None:
    connection.exec_driver_sql("ATTACH ':memory:' AS app")
    metadata = sa.MetaData(schema="app")
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
    metadata.create_all(connection)

    live, wanted = compared(connection, metadata, Scope(schemas=frozenset({"", "app"})))

    assert live == wanted


COLUMN = Column("", "t", "a", "INTEGER", computed=Computed("b + 1", persisted=True))
INDEX = Index("", "t", "i", (Indexed("a", is_expression=True),), unique=True, where="a > 5")


@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        (Check("", "t", "c", "([a]>(17))"), Check("", "t", "c", "a > 17")),
        (replace(COLUMN, default="(NULL)"), replace(COLUMN, default="null")),
        (replace(COLUMN, computed=Computed("[b]+(1)", persisted=True)), COLUMN),
        (replace(COLUMN, collation="Latin1"), COLUMN),
        (replace(INDEX, where="([a]>(5))", columns=(Indexed('"A"'),)), INDEX),
        (ViewValue("", "v", "SELECT a\nFROM t"), ViewValue("", "v", "select a from t")),
        (Index("", "t", "u", (Indexed("a"),), unique=True), Unique("", "t", "u", ("a",))),
    ],
)
def test_the_same_in_other_words_is_no_difference(live: Any, wanted: Any) -> None:
    declared = {wanted.key: wanted}

    assert InspectedCatalog().reconcile({live.key: live}, declared) == declared


@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        (Check("", "t", "c", "a > 16"), Check("", "t", "c", "a > 17")),
        (replace(COLUMN, default="1"), replace(COLUMN, default="2")),
        (replace(COLUMN, identity=Identity(always=True)), COLUMN),
        (replace(INDEX, where="a > 6"), INDEX),
        (Index("", "t", "u", (Indexed("b"),), unique=True), Unique("", "t", "u", ("a",))),
    ],
)
def test_what_is_different_stays_so(live: Any, wanted: Any) -> None:
    assert InspectedCatalog().reconcile({live.key: live}, {wanted.key: wanted}) == {live.key: live}
