"""Whatever models say, SQLite's catalog reads back from the database that was made of them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from hypothesis import given, settings
from sqlalchemy.pool import StaticPool

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.dialects.sqlite_words import default
from asyncmigrate.schema.declared import declared
from asyncmigrate.schema.scope import Scope
from tests.conformance.sqlite_models import models
from tests.laws.tables import Written, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.schema.snapshot import Snapshot

SCOPE = Scope(schemas=frozenset({"", "aux"}))


@contextmanager
def made(metadata: sa.MetaData) -> Iterator[sa.Connection]:
    """A database with everything that models declare."""
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("ATTACH ':memory:' AS aux")
        metadata.create_all(connection)
        yield connection
    engine.dispose()


def without_foreign_keys(found: Snapshot) -> Snapshot:
    return {key: each for key, each in found.items() if key.kind != "foreign_key"}


@settings(max_examples=100, deadline=None)
@given(models())
def test_what_create_all_has_made_is_read_as_it_was_declared(metadata: sa.MetaData) -> None:
    catalog = catalog_of("sqlite")

    with made(metadata) as connection:
        live = catalog.read(connection, SCOPE)
        expected = declared([metadata], catalog.forms(connection))

    assert catalog.reconcile(live, expected) == expected


@settings(max_examples=60, deadline=None)
@given(models())
def test_what_would_be_made_is_printed_as_it_is_read(metadata: sa.MetaData) -> None:
    catalog = catalog_of("sqlite")

    with made(metadata) as connection:
        live = catalog.read(connection, SCOPE)
        printed = catalog.printed(connection, list(metadata.tables.values()), [])

    assert printed == without_foreign_keys(live)


def columns_seen(connection: sa.Connection) -> list[tuple[object, ...]]:
    """What SQLite itself says about the columns of `t`: name, NOT NULL, default, generated."""
    query = "SELECT name, \"notnull\", dflt_value, hidden FROM pragma_table_xinfo('t')"
    return [
        (name, bool(not_null), text and default(text), {2: False, 3: True}.get(hidden))
        for name, not_null, text, hidden in connection.exec_driver_sql(query)
    ]


def keys_seen(connection: sa.Connection) -> set[tuple[object, ...]]:
    """What SQLite itself says about the foreign keys of `t`."""
    query = "SELECT * FROM pragma_foreign_key_list('t') ORDER BY id, seq"
    return {
        (of.lower(), to, column or "id", update, delete, match)
        for _, _, to, of, column, update, delete, match in connection.exec_driver_sql(query)
    }


def uniques_seen(connection: sa.Connection) -> set[tuple[str, ...]]:
    """What SQLite itself says about the UNIQUE constraints of `t`."""
    query = (
        "SELECT i.name, x.name FROM pragma_index_list('t') AS i, pragma_index_info(i.name) AS x "
        "WHERE i.origin = 'u' ORDER BY i.seq, x.seqno"
    )
    found: dict[str, tuple[str, ...]] = {}
    for index, column in connection.exec_driver_sql(query):
        found[index] = (*found.get(index, ()), column)
    return set(found.values())


def key_seen(connection: sa.Connection) -> list[str]:
    query = "SELECT name FROM pragma_table_xinfo('t') WHERE pk ORDER BY pk"
    return list(connection.exec_driver_sql(query).scalars())


@settings(max_examples=100, deadline=None)
@given(tables())
def test_sqlite_agrees_about_what_is_read_of_a_statement(written: Written) -> None:
    with made(sa.MetaData()) as connection:
        connection.exec_driver_sql("CREATE TABLE p (id PRIMARY KEY)")
        connection.exec_driver_sql(written.text)
        live = catalog_of("sqlite").read(connection, SCOPE)
        parts = [each for key, each in live.items() if key.owner and key.table.lower() == "t"]
        seen = columns_seen(connection)
        keys, uniques = keys_seen(connection), uniques_seen(connection)
        primary = key_seen(connection)

    columns: list[Any] = [each for each in parts if each.key.kind == "column"]
    found: list[Any] = [each for each in parts if each.key.kind == "foreign_key"]
    own = {each.key.kind: list(each.columns) for each in parts if each.key.kind == "primary_key"}  # type: ignore[attr-defined]
    implied = set(primary)
    assert own.get("primary_key", []) == primary
    assert [(c.name, c.default, c.computed and c.computed.persisted) for c in columns] == [
        (name, text, stored) for name, _, text, stored in seen
    ]
    assert {c.name for c in columns if not c.nullable} - implied == {
        name for name, not_null, *_ in seen if not_null
    } - implied
    assert uniques - {tuple(primary)} <= {u.columns for u in parts if u.key.kind == "unique"}  # type: ignore[attr-defined]
    read = {
        (
            *(column.lower() for column in each.columns),
            each.referred_table,
            *each.referred_columns,
            each.on_update or "NO ACTION",
            each.on_delete or "NO ACTION",
            "NONE",
        )
        for each in found
    }
    assert read <= keys  # of two from one column to one table without a name, one is known
    assert {key[:3] for key in read} == {key[:3] for key in keys}
