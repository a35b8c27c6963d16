"""What autogenerate once got wrong on PostgreSQL; each is a way there and back that holds now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmigrate import View
from asyncmigrate.errors import UnsupportedOperationError
from tests.conformance.declaring import key, nothing, only, table
from tests.laws.storing import Composite, made_with
from tests.laws.travellers import Traveller, on_postgresql, there_and_back
from tests.laws.trip import Models, Trip, executed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.available import Server


@pytest.fixture(scope="module")
def database(postgres_server: Server) -> Iterator[Traveller]:
    with on_postgresql(postgres_server) as traveller:
        yield traveller


def test_a_check_without_a_name_on_a_quoted_column_is_no_difference(database: Traveller) -> None:
    def first(metadata: sa.MetaData) -> None:
        quoted = sa.Column('do"uble', sa.Integer), sa.Column("it's", sa.Date)
        table(metadata, "ключ", key(), *quoted, sa.CheckConstraint('"do""uble" IN (1, 2)'))
        table(
            metadata, "b", key(), sa.Column("it's", sa.Date), sa.CheckConstraint('"it\'s" > now()')
        )

    there_and_back(database, first, nothing)


def test_the_check_of_a_domain_is_compared_as_the_server_prints_it(database: Traveller) -> None:
    def first(metadata: sa.MetaData) -> None:
        positive = postgresql.DOMAIN("positive", sa.Numeric(10, 2), check="VALUE + 1 > 2 * 3")
        table(metadata, "t", key(), sa.Column("n", positive))

    there_and_back(database, first, nothing)


def test_a_check_of_strings_comes_back_as_it_was(database: Traveller) -> None:
    status = sa.Enum("a", "it's", native_enum=False, create_constraint=True, name="status")

    def first(metadata: sa.MetaData) -> None:
        table(metadata, "t", key(), sa.Column("status", status))

    there_and_back(database, first, lambda m: table(m, "t", key(), sa.Column("status", sa.Text)))


def test_an_exclude_constraint_on_a_column_with_a_blank_in_its_name(database: Traveller) -> None:
    def first(metadata: sa.MetaData) -> None:
        table(metadata, "t", key(), sa.Column("two words", postgresql.INT4RANGE))

    def second(metadata: sa.MetaData) -> None:
        column = sa.Column("two words", postgresql.INT4RANGE)
        excluded = postgresql.ExcludeConstraint((column, "&&"), name="apart", using="gist")
        table(metadata, "t", key(), column, excluded)

    there_and_back(database, first, second)


def test_an_identity_goes_before_its_type_and_its_not_null(database: Traveller) -> None:
    def first(metadata: sa.MetaData) -> None:
        numbered = sa.Column("n", sa.Integer, sa.Identity(), nullable=False)
        table(
            metadata, "t", sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True), numbered
        )

    there_and_back(
        database, first, lambda m: table(m, "t", key(sa.String(10)), sa.Column("n", sa.Integer))
    )


def test_an_identity_takes_the_place_of_a_default_and_of_another_type(
    database: Traveller,
) -> None:
    text, now = sa.text("'2 days'::interval"), sa.func.now()

    def first(metadata: sa.MetaData) -> None:
        columns = (
            sa.Column("n", postgresql.INTERVAL(fields="DAY"), server_default=text),
            sa.Column("m", sa.DateTime, server_default=now),
        )
        table(metadata, "t", key(), *columns)

    def second(metadata: sa.MetaData) -> None:
        columns = (sa.Column(name, sa.Integer, sa.Identity(), nullable=False) for name in "nm")
        table(metadata, "t", key(), *columns)

    there_and_back(database, first, second)


def test_serial_of_a_table_with_a_long_name_becomes_an_identity(database: Traveller) -> None:
    name = "a_table_whose_name_is_nearly_as_long_as_names_can_be_at_all_x"

    def second(metadata: sa.MetaData) -> None:
        table(metadata, name, sa.Column("id", sa.Integer, sa.Identity(start=3), primary_key=True))

    there_and_back(database, lambda m: table(m, name, key()), second)


def referring(metadata: sa.MetaData, type_: Any) -> None:
    table(metadata, "parent", key(type_, autoincrement=False))
    table(metadata, "child", key(), sa.Column("parent_id", type_, sa.ForeignKey("parent.id")))


def test_a_foreign_key_makes_way_for_another_type_of_its_columns(database: Traveller) -> None:
    there_and_back(
        database, lambda m: referring(m, sa.BigInteger), lambda m: referring(m, sa.String(10))
    )


def test_a_new_table_refers_to_a_column_that_gets_another_type(database: Traveller) -> None:
    there_and_back(
        database,
        lambda m: table(m, "parent", key(sa.BigInteger)),
        lambda m: referring(m, sa.String(10)),
    )


def test_a_foreign_key_makes_way_for_another_key(database: Traveller) -> None:
    def models(metadata: sa.MetaData, *made_of: Any) -> None:
        columns = (sa.Column(name, sa.Integer, nullable=False) for name in ("a", "b"))
        table(metadata, "parent", *columns, *made_of)
        table(metadata, "child", key(), sa.Column("parent_a", sa.ForeignKey("parent.a")))

    there_and_back(
        database,
        lambda m: models(m, sa.PrimaryKeyConstraint("a")),
        lambda m: models(m, sa.PrimaryKeyConstraint("a", "b"), sa.UniqueConstraint("a")),
    )


def test_a_unique_primary_key_is_no_difference(database: Traveller) -> None:
    there_and_back(database, lambda m: table(m, "t", key(unique=True)), nothing)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (sa.LargeBinary, sa.Time),
        (sa.JSON, sa.Integer),
        (sa.DateTime, sa.Float),
        (sa.Uuid, postgresql.ARRAY(sa.Integer)),
        (postgresql.ARRAY(sa.Uuid), postgresql.ARRAY(sa.Integer)),
        (postgresql.ARRAY(sa.Text), postgresql.JSONB),
    ],
)
def test_a_type_without_a_cast_leads_through_text(database: Traveller, old: Any, new: Any) -> None:
    there_and_back(
        database,
        lambda m: table(m, "t", key(), sa.Column("x", old)),
        lambda m: table(m, "t", key(), sa.Column("x", new)),
    )


def computed(metadata: sa.MetaData, base: Any, type_: Any) -> None:
    twice = sa.Column("twice", type_, sa.Computed("n * 2", persisted=True))
    made = table(metadata, "t", key(), sa.Column("n", base), twice, sa.CheckConstraint("twice > 1"))
    sa.Index("ix_twice", made.c.twice)


def test_a_computed_column_makes_way_for_what_it_is_made_of(database: Traveller) -> None:
    there_and_back(
        database,
        lambda m: computed(m, sa.Integer, sa.Numeric),
        lambda m: computed(m, sa.BigInteger, sa.Numeric),
    )


def test_a_computed_column_gets_a_type_that_needs_a_cast(database: Traveller) -> None:
    def models(metadata: sa.MetaData, type_: Any) -> None:
        made = sa.Column("low", type_, sa.Computed("lower(name)::text", persisted=True))
        table(metadata, "t", key(), sa.Column("name", sa.Text), made)

    def second(metadata: sa.MetaData) -> None:
        made = sa.Column("low", sa.Integer, sa.Computed("length(name)", persisted=True))
        table(metadata, "t", key(), sa.Column("name", sa.Text), made)

    there_and_back(database, lambda m: models(m, sa.Text), second)


def of_domain(metadata: sa.MetaData, type_: Any, default: str) -> None:
    code = postgresql.DOMAIN("code", type_)
    made = table(
        metadata,
        "t",
        key(),
        sa.Column("code", code, server_default=default),
        sa.Column("codes", postgresql.ARRAY(code)),
    )
    View("codes", sa.select(made.c.code), metadata)


def test_a_domain_gets_another_type(database: Traveller) -> None:
    there_and_back(
        database, lambda m: of_domain(m, sa.String(3), "1"), lambda m: of_domain(m, sa.Integer, "1")
    )


def test_a_downgrade_renames_after_all_else(database: Traveller) -> None:
    def first(metadata: sa.MetaData) -> None:
        table(metadata, "t", key(), sa.Column("name", sa.String(10)))

    def second(metadata: sa.MetaData) -> None:
        renamed = sa.Column("full_name", sa.Text, index=True, info={"was": "name"})
        table(metadata, "t", key(), renamed, sa.Column("name", sa.Integer))

    there_and_back(database, first, second)


def test_equal_constraints_without_names_are_as_many_as_create_table_makes(
    database: Traveller,
) -> None:
    def first(metadata: sa.MetaData) -> None:
        table(metadata, "a", key())
        again = sa.Column("a_id", sa.ForeignKey("a.id"), unique=True)
        extra = sa.ForeignKeyConstraint(["a_id"], ["a.id"]), sa.UniqueConstraint("a_id")
        checks = (sa.CheckConstraint("a_id > 0") for _ in range(3))
        table(metadata, "t", key(), again, *extra, *checks)

    there_and_back(database, first, lambda m: table(m, "a", key()))


def test_how_a_table_is_partitioned_is_compared_as_the_server_prints_it(
    database: Traveller,
) -> None:
    def first(metadata: sa.MetaData) -> None:
        columns = (sa.Column(name, sa.Integer) for name in ("n", "at"))
        table(metadata, "t", *columns, postgresql_partition_by='range ("at" , (n+1))')

    there_and_back(database, first, nothing)


def test_a_foreign_key_that_was_added_not_valid_is_no_difference_and_comes_back_as_it_was(
    database: Traveller,
) -> None:
    def models(metadata: sa.MetaData, ondelete: str | None) -> None:
        keywords = {"postgresql_not_valid": True, "ondelete": ondelete}
        table(metadata, "a", key())
        named = sa.ForeignKeyConstraint(["x"], ["a.id"], name="fk", **keywords)
        unnamed = sa.ForeignKeyConstraint(["y"], ["a.id"], **keywords)
        columns = (sa.Column(name, sa.Integer) for name in ("x", "y"))
        table(metadata, "t", key(), *columns, named, unnamed)

    there_and_back(database, lambda m: models(m, None), lambda m: models(m, "CASCADE"))


def test_a_not_valid_foreign_key_that_was_validated_is_valid_when_it_made_way(
    database: Traveller,
) -> None:
    def models(metadata: sa.MetaData, type_: Any) -> None:
        table(metadata, "a", key(type_))
        refers = sa.ForeignKey("a.id", name="fk", postgresql_not_valid=True)
        table(metadata, "t", key(), sa.Column("a_id", type_, refers))

    there_and_back(database, lambda m: models(m, sa.BigInteger), lambda m: models(m, sa.Uuid))


def test_an_invalid_index_is_made_anew_and_stays_valid_on_the_way_back(database: Traveller) -> None:
    models = only(lambda m: table(m, "t", key(), sa.Column("n", sa.Integer, index=True)))

    def migrate(connection: sa.Connection) -> tuple[str, str, list[Any]]:
        trip = Trip(connection, database.database.dialect)
        trip.wipe()
        trip.create_all(models)
        with trip.transaction():
            connection.exec_driver_sql(
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_t_n'::regclass"
            )
        text = trip.script(trip.compared(models, renames=False))
        trip.run(executed(text), "upgrade")
        upgrade, _, downgrade = text.partition("def downgrade")
        return upgrade, downgrade, list(trip.compared(models, renames=False).changes)

    upgrade, downgrade, left = database.runner.run(database.database.run(migrate))

    assert ("op.create_index" in upgrade, "index" in downgrade, left) == (True, False, [])


def test_another_type_of_what_a_table_is_partitioned_by_is_refused_in_words(
    database: Traveller,
) -> None:
    first, second = (
        only(lambda m, n=n: table(m, "t", sa.Column("n", n), postgresql_partition_by="HASH (n)"))
        for n in (sa.Integer, sa.BigInteger)
    )

    assert refused(database, first, second) == (
        "The table t is partitioned by HASH (n), so the type of t.n cannot be changed in place. "
        "Create another table, copy the rows, drop this one, and give the new one its name."
    )


def test_another_order_of_a_composite_type_s_attributes_is_refused_in_words(
    database: Traveller,
) -> None:
    def models(*names: str) -> Models:
        def declare(metadata: sa.MetaData) -> None:
            spot = Composite("spot", tuple(sa.Column(name, sa.Integer) for name in names))
            made_with(metadata, spot)
            table(metadata, "t", key(), sa.Column("at", spot))

        return only(declare)

    assert refused(database, models("x", "y"), models("y", "x")) == (
        "The attributes of the composite type spot stand in another order in the models: that "
        "cannot be changed in place. Declare new attributes last and keep the others where they "
        "are, or make another type."
    )


def test_another_type_of_an_attribute_is_refused_in_words_while_columns_use_it(
    database: Traveller,
) -> None:
    def models(type_: Any) -> Models:
        def declare(metadata: sa.MetaData) -> None:
            spot = Composite("spot", (sa.Column("x", type_),))
            made_with(metadata, spot)
            table(metadata, "t", key(), sa.Column("at", spot))

        return only(declare)

    assert refused(database, models(sa.Integer()), models(sa.Text())) == (
        "x of the composite type spot cannot be given another type while columns are of it: t.at. "
        "Make another type, move the columns to it, and drop this one."
    )


def refused(database: Traveller, first: Models, second: Models) -> str:
    """Return why no script leads from the first models to the second."""

    def written(connection: sa.Connection) -> str:
        trip = Trip(connection, database.database.dialect)
        trip.wipe()
        trip.create_all(first)
        return trip.script(trip.compared(second, renames=False))

    with pytest.raises(UnsupportedOperationError) as error:
        database.runner.run(database.database.run(written))
    return error.value.message


def test_another_partitioning_is_refused_with_both_in_words(database: Traveller) -> None:
    first, second = (
        only(lambda m, by=by: table(m, "t", sa.Column("n", sa.Integer), postgresql_partition_by=by))
        for by in ("RANGE (n)", "LIST (n)")
    )

    assert refused(database, first, second) == (
        "The table t is partitioned by RANGE (n) and the models say partitioned by LIST (n): that "
        "cannot be changed in place. Create another table, copy the rows, drop this one, and give "
        "the new one its name."
    )


@pytest.mark.parametrize("part", [sa.Index, sa.UniqueConstraint], ids=["index", "unique"])
def test_a_name_that_only_one_part_can_have_goes_to_another_table(
    database: Traveller, part: Any
) -> None:
    def named(*columns: str) -> Any:
        if part is sa.Index:
            return sa.Index("of_one", *columns)
        return sa.UniqueConstraint(*columns, name="of_one")

    there_and_back(
        database,
        lambda m: table(m, "z", key(), sa.Column("email", sa.Text), named("email")),
        lambda m: table(m, "a", key(), sa.Column("n", sa.Integer), named("n", "id")),
    )
