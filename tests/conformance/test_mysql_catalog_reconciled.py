"""The live database in the models' terms: one thing for MySQL, two for models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.dialects.mysql_reconcile import as_declared, implied_index
from asyncmigrate.schema.declared import declared
from asyncmigrate.schema.diff import diff
from asyncmigrate.schema.kinds.column import Column
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.unique import Unique
from asyncmigrate.schema.match import matched, with_server_names
from asyncmigrate.schema.renames import same_but_for_the_name
from asyncmigrate.schema.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmigrate.schema.snapshot import Key, Object, Snapshot

FK = ForeignKey("", "child", "fk", ("a",), "", "parent", ("id",))


def snapshot(*objects: Object) -> dict[Key, Object]:
    return {each.key: each for each in objects}


def index(name: str, *columns: str, table: str = "child", unique: bool = False) -> Index:
    return Index("", table, name, tuple(Indexed(each) for each in columns), unique)


def drops(live: Snapshot, models: Snapshot) -> list[str]:
    return [each.key.name for each in diff(as_declared(live, models), models)]


def test_a_unique_index_is_a_constraint_unless_models_declare_an_index() -> None:
    live = snapshot(Unique("", "t", "a", ("a",)), Unique("", "t", "b", ("b",)))
    models = snapshot(Unique("", "t", "a", ("a",)), index("b", "b", table="t", unique=True))

    assert as_declared(live, models) == models


def test_a_unique_index_of_other_columns_is_still_another_one() -> None:
    live = snapshot(Unique("", "t", "b", ("b", "c")))
    models = snapshot(index("b", "b", table="t", unique=True))

    (change,) = diff(as_declared(live, models), models)

    assert change.key.kind == "index"


def test_an_index_that_a_foreign_key_made_is_not_dropped() -> None:
    models = snapshot(FK)

    assert drops(snapshot(FK, index("fk", "a")), models) == []
    assert drops(snapshot(FK, index("a", "a")), models) == []
    assert drops(snapshot(FK, index("a_2", "a")), models) == []


def test_an_index_that_a_foreign_key_needs_is_not_dropped_whatever_its_name() -> None:
    live = snapshot(FK, index("ix_child_a", "a", "b"))

    assert drops(live, snapshot(FK)) == []


def test_an_index_that_a_foreign_key_made_gets_the_name_that_models_give_it() -> None:
    live = snapshot(FK, index("fk", "a"))
    models = snapshot(FK, index("ix_child_a", "a"))

    changes = diff(as_declared(live, models), models)

    assert [each.to for each in same_but_for_the_name(changes)] == ["ix_child_a"]


def test_an_index_that_no_foreign_key_needs_is_dropped() -> None:
    live = snapshot(FK, index("ix", "a", "b"), index("other", "b", "a"), index("ux", "a"))

    assert drops(live, snapshot(FK, index("ux", "a"))) == ["ix", "other"]


def test_the_index_goes_after_the_foreign_key_has_gone_from_the_models() -> None:
    live = snapshot(FK, index("fk", "a"))

    assert drops(live, snapshot()) == ["fk", "fk"]


def test_a_declared_index_named_like_that_of_a_foreign_key_is_compared() -> None:
    live = snapshot(FK, index("fk", "a"))
    models = snapshot(FK, index("fk", "a", "b"))

    assert drops(live, models) == ["fk"]


def test_the_index_of_a_foreign_key_is_known_before_it_is_made() -> None:
    assert implied_index(FK, snapshot(FK)) == index("fk", "a")
    assert implied_index(FK, snapshot(FK, index("ix", "a", "b"))) is None
    assert implied_index(FK, snapshot(FK, PrimaryKey("", "child", "", ("a", "b")))) is None
    assert implied_index(FK, snapshot(FK, index("ix", "b", "a"))) == index("fk", "a")


def test_a_primary_key_is_called_what_models_call_it() -> None:
    live = snapshot(PrimaryKey("", "t", "", ("id",)))
    models = snapshot(PrimaryKey("", "t", "pk_t", ("id",)))

    assert as_declared(live, models) == models


def test_only_options_that_models_declare_are_compared() -> None:
    options = (("mysql_charset", "utf8mb4"), ("mysql_engine", "InnoDB"))
    live = snapshot(Table("", "t", options=options), Table("", "u", options=options))
    models = snapshot(Table("", "t", options=(("mysql_engine", "Aria"),)), Table("", "u"))

    found = as_declared(live, models)

    assert list(found.values()) == [
        Table("", "t", options=(("mysql_engine", "InnoDB"),)),
        Table("", "u"),
    ]


def test_partitions_come_and_go_but_how_they_are_made_is_compared() -> None:
    live = snapshot(
        Table("", "t", partition_by="RANGE (`id`)"), Table("", "u", partition_by="HASH (`id`)")
    )
    models = snapshot(
        Table("", "t", partition_by="RANGE(id) (PARTITION p VALUES LESS THAN (9))"),
        Table("", "u", partition_by="KEY (id)"),
    )

    assert [each.key.name for each in diff(as_declared(live, models), models)] == ["u"]


def test_a_longtext_without_a_check_is_not_json() -> None:
    live = snapshot(Column("", "t", "c", "longtext"))
    models = snapshot(Column("", "t", "c", "json"))

    assert len(diff(as_declared(live, models), models)) == 1


def metadata(*parts: Any) -> sa.MetaData:
    made = sa.MetaData()
    sa.Table("parent", made, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("child", made, sa.Column("a", sa.Integer), sa.Column("b", sa.Integer), *parts)
    return made


def differences(
    before: sa.MetaData, after: sa.MetaData
) -> Callable[[Connection], list[tuple[str, str]]]:
    def compare(connection: Connection) -> list[tuple[str, str]]:
        before.create_all(connection)
        catalog = catalog_of("mysql")
        forms = catalog.forms(connection)
        named, unnamed = with_server_names(declared([after], forms), forms)
        live = catalog.reconcile(catalog.read(connection, Scope()), named)
        found = diff(live, matched(named, unnamed, live))
        return [(type(each).__name__, each.key.path) for each in found]

    return compare


def foreign_key(name: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["a"], ["parent.id"], name=name)


async def test_the_server_s_own_index_for_a_foreign_key_is_no_difference(
    mysql_engine: AsyncEngine,
) -> None:
    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(
            differences(metadata(foreign_key()), metadata(foreign_key()))
        )

    assert found == []


async def test_the_index_of_a_named_foreign_key_goes_with_it(mysql_engine: AsyncEngine) -> None:
    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(differences(metadata(foreign_key("fk")), metadata()))

    assert found == [("Drop", "child.fk"), ("Drop", "child.fk")]


async def test_an_index_that_is_declared_no_more_stays_while_a_foreign_key_needs_it(
    mysql_engine: AsyncEngine,
) -> None:
    before = metadata(foreign_key("fk"), sa.Index("ix", "a"), sa.Index("ix_b", "b"))

    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(differences(before, metadata(foreign_key("fk"))))

    assert found == [("Drop", "child.ix_b")]


async def test_a_constraint_may_become_an_index_without_a_change(
    mysql_engine: AsyncEngine,
) -> None:
    before = metadata(sa.UniqueConstraint("a", name="ux"))
    after = metadata(sa.Index("ux", "a", unique=True))

    async with mysql_engine.connect() as connection:
        found = await connection.run_sync(differences(before, after))

    assert found == []
