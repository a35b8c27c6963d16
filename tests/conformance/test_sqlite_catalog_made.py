"""A database of SQLite is equal to its models however it came to be, and unequal where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations as AlembicOperations
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.schema.declared import declared
from asyncmigrate.schema.diff import diff
from asyncmigrate.schema.operations import Alter, differences
from asyncmigrate.schema.scope import Scope
from asyncmigrate.schema.snapshot import Key
from asyncmigrate.schema.views import View
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmigrate.schema.operations import Change


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine of a file that does not exist yet."""
    engine = create_async_engine(sqlite_url)
    yield engine
    await engine.dispose()


def models() -> sa.MetaData:
    """What `migrated` makes."""
    metadata = sa.MetaData()
    sa.Table("parents", metadata, sa.Column("id", sa.Integer, primary_key=True))
    table = sa.Table(
        "things",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("userName", sa.String(10), nullable=False, server_default="x"),
        sa.Column("b", sa.Integer, server_default=sa.text("-1"), nullable=False),
        sa.Column("parent", sa.Integer),
        sa.Column("made", sa.DateTime, server_default=sa.func.now()),
        sa.UniqueConstraint("userName", "b", name="uq"),
        sa.CheckConstraint(sa.column("b") > 0, name="ck"),
        sa.ForeignKeyConstraint(["parent"], ["parents.id"], name="fk", ondelete="CASCADE"),
    )
    sa.Index("ix", sa.func.lower(table.c.userName), "b", unique=True, sqlite_where=sa.text("b > 1"))
    return metadata


def migrated(op: Any) -> None:
    """Migrate, as a script does, in small steps."""
    op.create_table("parents", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table(
        "t",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(20)),
        sa.Column("gone", sa.Float),
    )
    op.add_column("t", sa.Column("b", sa.Integer, server_default=sa.text("-1"), nullable=False))
    op.add_column("t", sa.Column("parent", sa.Integer))
    with op.batch_alter_table("t") as batch:
        batch.alter_column(
            "name",
            new_column_name="userName",
            type_=sa.String(10),
            nullable=False,
            server_default="x",
        )
        batch.drop_column("gone")
        batch.add_column(sa.Column("made", sa.DateTime, server_default=sa.func.now()))
    with op.batch_alter_table("t") as batch:
        batch.create_unique_constraint("uq", ["userName", "b"])
        batch.create_check_constraint("ck", sa.column("b") > 0)
        batch.create_foreign_key("fk", "parents", ["parent"], ["id"], ondelete="CASCADE")
    op.rename_table("t", "things")
    op.create_index(
        "ix",
        "things",
        [sa.text('lower("userName")'), "b"],
        unique=True,
        sqlite_where=sa.text("b>1"),
    )


def by_us(connection: Connection) -> None:
    migrated(Operations(LiveSink(connection)))


def by_alembic(connection: Connection) -> None:
    migrated(AlembicOperations(MigrationContext.configure(connection)))


def by_create_all(connection: Connection) -> None:
    models().create_all(connection)


def by_hand(connection: Connection) -> None:
    statements = (
        "create table Parents(ID integer primary key)",
        (
            "create table THINGS(id integer not null primary key, [userName] varchar (10) default"
            " ('x') not null, B integer not null default (-1) constraint ck check((b>0)), parent"
            " integer constraint fk references Parents on delete cascade, `made` datetime default"
            " current_timestamp, constraint uq unique (USERNAME, b))"
        ),
        "create unique index IX on things(LOWER(username) asc, b) where (B > 1)",
    )
    for statement in statements:
        connection.exec_driver_sql(statement)


def changes(connection: Connection, metadata: sa.MetaData) -> list[Change]:
    """What would have to change, without asking how anything is printed."""
    catalog = catalog_of("sqlite")
    wanted = declared([metadata], catalog.forms(connection))
    return diff(catalog.reconcile(catalog.read(connection, Scope()), wanted), wanted)


@pytest.mark.parametrize("make", [by_us, by_alembic, by_create_all, by_hand])
async def test_a_database_is_equal_to_its_models_however_it_was_made(
    engine: AsyncEngine, make: Any
) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(make)

    async with engine.connect() as connection:
        found = await connection.run_sync(changes, models())

    assert found == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (sa.Column("c", sa.String(10)), sa.Column("c", sa.String), "type"),
        (sa.Column("c", sa.Float), sa.Column("c", sa.Double), "type"),
        (sa.Column("c", sa.Integer), sa.Column("c", sa.BigInteger), "type"),
        (sa.Column("c", sa.Numeric(8, 2)), sa.Column("c", sa.Numeric(8, 3)), "type"),
        (sa.Column("c", sa.Integer), sa.Column("c", sa.Integer, nullable=False), "nullable"),
        (
            sa.Column("c", sa.String, server_default="x"),
            sa.Column("c", sa.String, server_default="X"),
            "default",
        ),
        (
            sa.Column("c", sa.String, server_default="1"),
            sa.Column("c", sa.String, server_default=sa.text("1")),
            "default",
        ),
        (
            sa.Column("c", sa.String),
            sa.Column("c", sa.String(collation="NOCASE")),
            "collation",
        ),
        (
            sa.Column("c", sa.Integer, sa.Computed("id + 1", persisted=True)),
            sa.Column("c", sa.Integer, sa.Computed("id + 2", persisted=True)),
            "computed",
        ),
        (
            sa.Column("c", sa.Integer, sa.Computed("id + 1", persisted=True)),
            sa.Column("c", sa.Integer, sa.Computed("id + 1")),
            "computed",
        ),
    ],
)
async def test_a_changed_column_is_one_difference(
    engine: AsyncEngine, old: sa.Column[Any], new: sa.Column[Any], field: str
) -> None:
    before, after = sa.MetaData(), sa.MetaData()
    sa.Table("t", before, sa.Column("id", sa.Integer, primary_key=True), old)
    sa.Table("t", after, sa.Column("id", sa.Integer, primary_key=True), new)
    async with engine.begin() as connection:
        await connection.run_sync(before.create_all)

        (change,) = await connection.run_sync(changes, after)

    assert isinstance(change, Alter)
    assert change.key == Key("column", "", "t", "c")
    assert [*differences(change.before, change.after)] == [field]


def views() -> sa.MetaData:
    """Views of all sorts of SELECT, of a table whose name needs quotes."""
    metadata = sa.MetaData()
    table = sa.Table(
        "myTable",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("userName", sa.String),
        sa.CheckConstraint(sa.column("userName").like("a%"), name="ck"),
    )
    alias = table.alias()
    some = sa.select(alias.c.id).cte("someCte")
    selects: dict[str, Any] = {
        "counted": sa.select(
            table.c.userName.label("theName"), sa.func.count().over(partition_by=table.c.id)
        ).where(table.c.userName.like("x%"), table.c.id.in_([1, 2])),
        "typed": "select userName, id as ID from myTable where id>3 -- or so",
        "united": sa.union_all(sa.select(table.c.id), sa.select(sa.literal(-3))),
        "with a cte": sa.select(some.c.id, sa.case((some.c.id > 1, "a"), else_="b").label("k")),
        "nameless": sa.select(alias.c.id + 1, sa.cast(alias.c.id, sa.String(5))).limit(3).offset(1),
    }
    for name, select in selects.items():
        View(name, select, metadata)
    return metadata


async def test_views_are_equal_to_their_selects_which_make_them_again(engine: AsyncEngine) -> None:
    metadata = views()
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        assert await connection.run_sync(changes, metadata) == []
        found = await connection.run_sync(lambda c: catalog_of("sqlite").read(c, Scope()))
        made: list[Any] = [each for key, each in found.items() if key.kind == "view"]
        for view in made:
            await connection.exec_driver_sql(f'DROP VIEW "{view.name}"')
            await connection.exec_driver_sql(f'CREATE VIEW "{view.name}" AS {view.definition}')
            await connection.exec_driver_sql(f'SELECT * FROM "{view.name}"')

        again = await connection.run_sync(lambda c: catalog_of("sqlite").read(c, Scope()))

    assert again == found
    assert len(made) == 5
    assert {view.references for view in made} == {(Key("table", "", "", "myTable"),)}


async def test_what_is_read_of_columns_can_be_made_again(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(by_us)
        found = await connection.run_sync(lambda c: catalog_of("sqlite").read(c, Scope()))
        await connection.exec_driver_sql("DROP TABLE things")
        await connection.exec_driver_sql("DROP TABLE parents")
        columns: list[Any] = [each for key, each in found.items() if key.kind == "column"]
        metadata = sa.MetaData()
        for each in columns:
            default = None if each.default is None else sa.text(each.default)
            column = sa.Column(
                each.name, each.sa_type, nullable=each.nullable, server_default=default
            )
            sa.Table(each.table, metadata, column, extend_existing=True)

        await connection.run_sync(metadata.create_all)
        again = await connection.run_sync(lambda c: catalog_of("sqlite").read(c, Scope()))

    assert [again[each.key] for each in columns] == columns
