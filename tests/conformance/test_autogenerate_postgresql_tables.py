"""Children and UNLOGGED tables of PostgreSQL: ways there and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tests.conformance.declaring import key, nothing, only, table
from tests.laws.travellers import Traveller, on_postgresql, there_and_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.available import Server


@pytest.fixture(scope="module")
def database(postgres_server: Server) -> Iterator[Traveller]:
    with on_postgresql(postgres_server) as traveller:
        yield traveller


def test_a_child_is_made_after_the_table_that_it_inherits_from(database: Traveller) -> None:
    def first(metadata: sa.MetaData) -> None:
        parent = table(metadata, "z", key())
        child = table(metadata, "a", sa.Column("n", sa.Integer), postgresql_inherits="z")
        child.add_is_dependent_on(parent)

    there_and_back(database, nothing, first)


def test_the_parent_of_a_child_has_a_name_in_quotes_or_with_a_schema(database: Traveller) -> None:
    names = {"Group": None, "a, b": None, 'qu"ote': "Other %", "plain": "public"}

    def parents(metadata: sa.MetaData) -> None:
        for name, schema in names.items():
            table(metadata, name, sa.Column(name.replace('"', ""), sa.Integer), schema=schema)

    def families(metadata: sa.MetaData) -> None:
        parents(metadata)
        raw = {"quoted": '"Other %"."qu""ote"', "public": "public.plain"}
        of: dict[str, Any] = {n: sa.sql.quoted_name(w, quote=False) for n, w in raw.items()}
        for name, parent in {**of, "a": "Group", "both": ["Group", "a, b"]}.items():
            child = table(metadata, name, key(), postgresql_inherits=parent)
            for each in [*metadata.tables.values()][:4]:
                child.add_is_dependent_on(each)

    schemas = frozenset({"Other %"})
    database.go(replace(only(parents), schemas=schemas), replace(only(families), schemas=schemas))


def unlogged(metadata: sa.MetaData, *references: tuple[str, str], but: str = "") -> None:
    """Tables that refer to each other, all unlogged but those whose names are in `but`."""
    for name in {name: None for pair in references for name in pair}:
        targets = [other for own, other in references if own == name]
        columns = [
            sa.Column(f"{other}_id", sa.ForeignKey(f"{other}.id", name=f"{name}_{other}"))
            for other in targets
        ]
        prefixes = [] if name in but else ["UNLOGGED"]
        table(metadata, name, key(), *columns, prefixes=prefixes)


@pytest.mark.parametrize(
    "references",
    [[("a", "b"), ("b", "c")], [("c", "b"), ("b", "a")], [("a", "b"), ("b", "a"), ("b", "b")]],
    ids=["forwards", "backwards", "circle"],
)
def test_tables_become_unlogged_and_logged_in_the_order_of_their_foreign_keys(
    database: Traveller, references: list[tuple[str, str]]
) -> None:
    there_and_back(
        database,
        lambda m: unlogged(m, *references),
        lambda m: unlogged(m, *references, but="abc"),
    )


def test_an_unlogged_table_that_went_comes_back_unlogged(database: Traveller) -> None:
    there_and_back(database, lambda m: unlogged(m, ("a", "a")), nothing)


def test_a_new_table_refers_to_one_that_becomes_logged(database: Traveller) -> None:
    there_and_back(
        database,
        lambda m: unlogged(m, ("z", "z")),
        lambda m: unlogged(m, ("a", "z"), but="az"),
    )
