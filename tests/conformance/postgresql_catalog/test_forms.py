"""What models ordinarily say is known without asking how the server prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.types import TypeDecorator, UserDefinedType

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.dialects.postgresql_forms import object_name
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from tests.conformance.postgresql_catalog.conftest import Database


class Citext(UserDefinedType[str]):
    """As packages of others write their types."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "CITEXT"


class AutoString(TypeDecorator[str]):
    """SQLModel's."""

    impl = sa.String
    cache_ok = True


class Json(TypeDecorator[Any]):
    """Chooses by the dialect."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(pg.JSONB())


MOOD = sa.Enum("sad", "glad", name="mood")
STRANGE = sa.Enum("a", "b", name="Strange Mood", schema="app")

TYPES: list[Any] = [
    *(sa.Integer(), sa.BigInteger(), sa.SmallInteger(), sa.Boolean(), sa.Date()),
    *(sa.String(), sa.String(10), sa.VARCHAR(5), sa.CHAR(), sa.CHAR(5), sa.Text()),
    *(sa.Unicode(20), sa.UnicodeText(), sa.LargeBinary(), sa.PickleType()),
    *(sa.DateTime(), sa.DateTime(timezone=True), sa.TIMESTAMP(timezone=True)),
    *(pg.TIMESTAMP(precision=3, timezone=True), pg.TIMESTAMP(precision=0)),
    *(sa.Time(), sa.Time(timezone=True), pg.TIME(precision=2), sa.Interval()),
    *(pg.INTERVAL(precision=3), pg.INTERVAL(fields="YEAR TO MONTH")),
    pg.INTERVAL(fields="DAY TO SECOND", precision=3),
    *(sa.Numeric(), sa.Numeric(10), sa.Numeric(10, 2), sa.DECIMAL(5, 1)),
    *(sa.Float(), sa.Float(24), sa.Float(53), sa.REAL(), sa.Double(), pg.DOUBLE_PRECISION()),
    *(sa.JSON(), pg.JSON(), pg.JSONB(), sa.JSON().with_variant(pg.JSONB(), "postgresql")),
    *(pg.UUID(), sa.Uuid(), sa.Uuid(native_uuid=False), pg.INET(), pg.CIDR(), pg.MACADDR()),
    *(pg.MACADDR8(), pg.MONEY(), pg.OID(), pg.REGCLASS(), pg.TSVECTOR(), pg.TSQUERY()),
    *(pg.BIT(), pg.BIT(5), pg.BIT(varying=True), pg.BIT(7, varying=True)),
    *(pg.INT4RANGE(), pg.INT8MULTIRANGE(), pg.NUMRANGE(), pg.TSTZRANGE(), pg.DATERANGE()),
    *(sa.ARRAY(sa.Integer), pg.ARRAY(sa.String(10)), pg.ARRAY(sa.Text, dimensions=2)),
    *(pg.ARRAY(sa.Numeric(5, 2)), pg.ARRAY(pg.TIMESTAMP(precision=3, timezone=True))),
    *(MOOD, STRANGE, pg.ARRAY(MOOD), pg.ARRAY(STRANGE), sa.Enum("a", name="pub", schema="public")),
    sa.Enum("a", "b", name="off", native_enum=False),
    *(pg.DOMAIN("positive", sa.Integer, check="VALUE > 0"), pg.DOMAIN("d", sa.Text, schema="app")),
    *(sa.String(10, collation="C"), pg.ARRAY(sa.String(5, collation="C"))),
    *(pg.HSTORE(), Citext(), AutoString(), AutoString(9), Json()),
]

DEFAULTS: list[tuple[Any, Any]] = [
    *((sa.String(10), "new"), (sa.String(10), ""), (sa.Text(), "it's 5% : "), (sa.CHAR(3), "a")),
    *((sa.Text(), sa.text("'x'")), (sa.Text(), sa.text("''::text")), (AutoString(), "x")),
    *((sa.Integer(), "0"), (sa.Integer(), sa.text("0")), (sa.Integer(), sa.text("-1"))),
    *((sa.Integer(), "-1"), (sa.Integer(), sa.literal(7)), (sa.SmallInteger(), "1")),
    *((sa.BigInteger(), "0"), (sa.BigInteger(), sa.text("0"))),
    (sa.BigInteger(), sa.text("3000000000")),
    *((sa.Numeric(10, 2), "0"), (sa.Numeric(10, 2), "1.50"), (sa.Numeric(10, 2), sa.text("0.0"))),
    *((sa.Numeric(), sa.text("-1.5")), (sa.Float(), "0"), (sa.Float(), sa.text("0.5"))),
    *((sa.Boolean(), "true"), (sa.Boolean(), "f"), (sa.Boolean(), "0"), (sa.Boolean(), sa.true())),
    *((sa.Boolean(), sa.text("FALSE")), (sa.Boolean(), sa.false())),
    *((sa.DateTime(), sa.func.now()), (sa.DateTime(timezone=True), sa.text("NOW()"))),
    *((sa.DateTime(), sa.text("CURRENT_TIMESTAMP")), (sa.DateTime(), sa.text("(now())"))),
    *((sa.DateTime(), sa.func.current_timestamp()), (sa.Date(), sa.text("current_date"))),
    (sa.DateTime(), sa.text("timezone('utc', now())")),
    (sa.DateTime(), sa.text("(now() at time zone 'utc')")),
    *((sa.Date(), "2020-01-01"), (sa.Interval(), "1 day"), (sa.Text(), sa.text("current_user"))),
    *((pg.UUID(), sa.text("gen_random_uuid()")), (pg.JSONB(), sa.text("'{}'::jsonb"))),
    *((pg.JSONB(), "{}"), (sa.JSON(), "[]"), (pg.JSONB(), sa.text("'[]'")), (pg.BIT(3), "101")),
    *((pg.ARRAY(sa.Integer), "{}"), (pg.ARRAY(sa.String(10)), "{}"), (MOOD, "sad")),
    *((MOOD, sa.text("'sad'::mood")), (STRANGE, "a"), (pg.ARRAY(MOOD), "{}")),
    *((sa.Text(), sa.text("NULL")), (sa.String(5), sa.text("NULL"))),
    (sa.Integer(), sa.Sequence("s").next_value()),
]


async def test_types_and_defaults_are_as_the_server_prints_them(database: Database) -> None:
    await database.run("CREATE SCHEMA app", "CREATE EXTENSION hstore", "CREATE EXTENSION citext")
    metadata = sa.MetaData()
    types = [sa.Column(f"t{n}", type_) for n, type_ in enumerate(TYPES)]
    defaults = [
        sa.Column(f"d{n}", type_, server_default=default)
        for n, (type_, default) in enumerate(DEFAULTS)
    ]
    table = sa.Table("t", metadata, *types, *defaults)

    def both(connection: sa.Connection) -> Any:
        catalog = catalog_of("postgresql")
        forms, printed = catalog.forms(connection), catalog.printed(connection, [table], [])
        columns: list[Any] = [printed[Key("column", "", "t", each.name)] for each in table.c]
        return (
            [(forms.type(c.type), forms.default(c), forms.collation(c.type)) for c in table.c],
            [(column.type, column.default, column.collation) for column in columns],
        )

    ours, the_servers = await database.sync(both)

    assert ours == the_servers


async def test_names_of_constraints_are_as_the_server_makes_them_up(database: Database) -> None:
    table, one, other = "täble_" + "x" * 40, "column_" + "y" * 30, "other_" + "z" * 50
    await database.run(
        f"CREATE TABLE {table} ({one} integer PRIMARY KEY, {other} integer UNIQUE CHECK"
        f" ({other} > 0), UNIQUE ({one}, {other}), FOREIGN KEY ({other}) REFERENCES {table},"
        f" CHECK ({one} > {other}), CHECK (1 > 0))"
    )
    found: dict[Key, Any] = dict(await database.read())

    assert {each.name for key, each in found.items() if key.kind not in ("table", "column")} == {
        object_name(table, "", "pkey"),
        object_name(table, other, "key"),
        object_name(table, f"{one}_{other}", "key"),
        object_name(table, other, "check"),
        object_name(table, "", "check"),
        object_name(table, "", "check1"),
        object_name(table, other, "fkey"),
    }


async def test_a_serial_column_is_what_sqlalchemy_makes_one(database: Database) -> None:
    metadata = sa.MetaData()
    sa.Table("a", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("b", metadata, sa.Column("id", sa.BigInteger, primary_key=True, server_default="1"))
    sa.Table("c", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
    sa.Table("d", metadata, sa.Column("id", sa.ForeignKey("a.id"), primary_key=True))
    sa.Table("e", metadata, sa.Column("id", sa.Integer, sa.Sequence("s"), primary_key=True))
    sa.Table("f", metadata, sa.Column("id", sa.Integer, primary_key=True, default=lambda: 1))
    await database.create_all(metadata)
    found: dict[Key, Any] = dict(await database.read())

    def declared(connection: sa.Connection) -> dict[str, bool]:
        forms = catalog_of("postgresql").forms(connection)
        return {name: forms.autoincrement(table.c.id) for name, table in metadata.tables.items()}

    assert await database.sync(declared) == {
        key.table: each.autoincrement for key, each in found.items() if key.kind == "column"
    }
