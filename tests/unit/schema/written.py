"""Two models as the script that leads from one to the other; no connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmigrate.dialects.postgresql_forms import PostgreSQLForms
from asyncmigrate.render.script import script
from asyncmigrate.schema.diff import diff
from asyncmigrate.schema.fold import fold
from asyncmigrate.schema.kinds.base import Around
from asyncmigrate.schema.match import matched, with_server_names
from asyncmigrate.schema.order import order
from tests.unit.schema.declaring import Declared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from asyncmigrate.dialects.forms import StandardForms
    from asyncmigrate.schema.operations import Operation
    from asyncmigrate.schema.snapshot import Key, Object


def tables(*made: Callable[[sa.MetaData], object]) -> sa.MetaData:
    """Models, each put in by a function."""
    metadata = sa.MetaData()
    for each in made:
        each(metadata)
    return metadata


def users(*items: Any, **options: Any) -> sa.MetaData:
    """The models of one table with a key."""
    key = sa.Column("id", sa.Integer, primary_key=True)
    return tables(lambda metadata: sa.Table("users", metadata, key, *items, **options))


def printed_by_postgresql() -> StandardForms:
    """The forms that are taken if a test names no others."""
    return PostgreSQLForms(postgresql.dialect(), "public")


def snapshot(metadata: sa.MetaData, forms: StandardForms) -> dict[Key, Object]:
    """What models declare, all of it with names."""
    named, free = with_server_names(Declared(metadata, forms=forms).objects, forms)
    return matched(named, free, {})


def upgraded(
    before: sa.MetaData,
    after: sa.MetaData,
    *,
    forms: StandardForms | None = None,
    fills: Mapping[Key, str] | None = None,
) -> str:
    """The upgrade that is written for PostgreSQL, or for another database's forms."""
    forms = forms or printed_by_postgresql()
    live, declared = snapshot(before, forms), snapshot(after, forms)
    operations: list[Operation] = order(diff(live, declared), live)
    calls = fold(operations, Around(live, declared, forms), fills=fills)
    return script(calls, []).upgrades


def of(*operations: Operation, forms: StandardForms | None = None) -> str:
    """What operations become that stand for themselves."""
    return script(fold(operations, Around({}, {}, forms or printed_by_postgresql())), []).upgrades
