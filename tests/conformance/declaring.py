"""Small words for models, in tests of what autogenerate makes of two of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.laws.trip import Models


def table(metadata: sa.MetaData, name: str, *items: Any, **keywords: Any) -> sa.Table:
    return sa.Table(name, metadata, *items, **keywords)


def key(type_: Any = sa.Integer, **keywords: Any) -> sa.Column[Any]:
    return sa.Column("id", type_, primary_key=True, **keywords)


def nothing(_: sa.MetaData) -> None:
    pass


def only(declare: Any) -> Models:
    def make() -> sa.MetaData:
        metadata = sa.MetaData()
        declare(metadata)
        return metadata

    return Models(make)
