"""Models as snapshots for a database that keeps every kind of object; no connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmigrate.dialects.forms import StandardForms
from asyncmigrate.schema.declared import declared
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import Dialect


class AllKinds(StandardForms):
    """The forms of an ordinary database that has enums, domains and the like, too."""

    kept: ClassVar[frozenset[str]] = StandardForms.kept | {"enum", "domain", "composite", "exclude"}


def forms_of(dialect: Dialect | None = None, *, default_schema: str = "public") -> StandardForms:
    """The forms of a database, PostgreSQL's dialect by default."""
    return AllKinds(dialect or postgresql.dialect(), default_schema)


class Declared:
    """What a metadata declares, asked by kind and name."""

    def __init__(self, *metadatas: sa.MetaData, forms: StandardForms | None = None) -> None:
        self.objects = declared(metadatas, forms or forms_of())

    def names(self, kind: str) -> list[str]:
        """The paths of all objects of a kind."""
        return sorted(key.path for key in self.objects if key.kind == kind)

    def __call__(self, kind: str, name: str, *, table: str = "", schema: str = "") -> Any:
        """The object; an error if there is none."""
        return self.objects[Key(kind, schema, table, name)]

    def only(self, kind: str) -> Any:
        """The one object of a kind."""
        [found] = [each for key, each in self.objects.items() if key.kind == kind]
        return found


def one_column(column: sa.Column[Any], *, forms: StandardForms | None = None) -> Any:
    """The value of a column that stands in a table of its own."""
    metadata = sa.MetaData()
    sa.Table("t", metadata, column)
    return Declared(metadata, forms=forms)("column", str(column.name), table="t")
