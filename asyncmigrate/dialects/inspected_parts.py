"""What SQLAlchemy's inspector answers about tables, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.schema.kinds.check import Check
from asyncmigrate.schema.kinds.column import Column, Computed, Identity
from asyncmigrate.schema.kinds.foreign_key import ForeignKey
from asyncmigrate.schema.kinds.index import Index, Indexed
from asyncmigrate.schema.kinds.primary_key import PrimaryKey
from asyncmigrate.schema.kinds.table import Table
from asyncmigrate.schema.kinds.unique import Unique

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from asyncmigrate.dialects.forms import StandardForms
    from asyncmigrate.schema.snapshot import Object

_IDENTITY = ("always", "start", "increment", "minvalue", "maxvalue", "cycle", "cache")


class InspectedParts:
    """Makes values of the inspector's dictionaries, for the tables of one schema."""

    def __init__(self, forms: StandardForms, schema: str) -> None:
        self._forms = forms
        self._schema = schema
        self._dialect = forms.dialect.name

    def of(self, kind: str, table: str, answer: Any) -> Iterable[Object]:
        """Give what one answer about a table tells."""
        if kind == "table":
            return (Table(self._schema, table, comment=answer.get("text") or None),)
        if kind == "primary_key":
            return self.primary_key(table, answer)
        makers: dict[str, Callable[[str, Any], Iterator[Object]]] = {
            "column": self.columns,
            "unique": self.uniques,
            "check": self.checks,
            "foreign_key": self.foreign_keys,
            "index": self.indexes,
        }
        return makers[kind](table, answer)

    def columns(self, table: str, answer: Iterable[Any]) -> Iterator[Column]:
        """Give the columns of a table."""
        for position, found in enumerate(answer):
            identity, computed = found.get("identity"), found.get("computed")
            default = None if identity or computed else found.get("default")
            yield Column(
                self._schema,
                table,
                str(found["name"]),
                self._forms.type(found["type"]),
                bool(found["nullable"]),
                None if default is None else self._forms.expression(str(default)),
                identity=self._identity(identity) if identity else None,
                computed=self._computed(computed) if computed else None,
                collation=self._forms.collation(found["type"]),
                comment=found.get("comment") or None,
                sa_type=found["type"],
                position=position,
            )

    def _identity(self, found: Mapping[str, Any]) -> Identity:
        declared = sa.Identity(**{name: found[name] for name in _IDENTITY if name in found})
        return Identity(bool(declared.always), self._forms.numbers(declared))

    def _computed(self, found: Mapping[str, Any]) -> Computed:
        text = self._forms.expression(found["sqltext"])
        return Computed(text, bool(found.get("persisted")))

    def primary_key(self, table: str, found: Mapping[str, Any]) -> Iterator[PrimaryKey]:
        """Give the primary key, if there is one."""
        if found.get("constrained_columns"):
            columns = tuple(found["constrained_columns"])
            yield PrimaryKey(self._schema, table, str(found.get("name") or ""), columns)

    def uniques(self, table: str, answer: Iterable[Any]) -> Iterator[Unique]:
        """Give the UNIQUE constraints of a table."""
        for found in answer:
            name, columns = str(found.get("name") or ""), tuple(found["column_names"])
            yield Unique(self._schema, table, name, columns)

    def checks(self, table: str, answer: Iterable[Any]) -> Iterator[Check]:
        """Give the CHECK constraints of a table."""
        for found in answer:
            text = self._forms.expression(found["sqltext"])
            yield Check(self._schema, table, str(found.get("name") or ""), text)

    def foreign_keys(self, table: str, answer: Iterable[Any]) -> Iterator[ForeignKey]:
        """Give the foreign keys of a table."""
        for found in answer:
            options = found.get("options", {})
            match = str(options.get("match") or "").upper()
            yield ForeignKey(
                self._schema,
                table,
                str(found.get("name") or ""),
                tuple(found["constrained_columns"]),
                self._forms.schema(found["referred_schema"]),
                str(found["referred_table"]),
                tuple(found["referred_columns"]),
                self._forms.action(options.get("ondelete")),
                self._forms.action(options.get("onupdate")),
                "" if match == "SIMPLE" else match,
                _deferrable(options),
            )

    def indexes(self, table: str, answer: Iterable[Any]) -> Iterator[Index]:
        """Give the indexes of a table that belong to no constraint."""
        for found in answer:
            if found.get("duplicates_constraint") or not found.get("name"):
                continue
            prefix = f"{self._dialect}_"
            options = {
                name.removeprefix(prefix): value
                for name, value in found.get("dialect_options", {}).items()
            }
            where = options.get("where")
            yield Index(
                self._schema,
                table,
                str(found["name"]),
                tuple(_indexed(found, self._forms)),
                bool(found["unique"]),
                where=None if where is None else self._forms.expression(str(where)),
                include=tuple(options.get("include") or ()),
                options=self._options(options),
            )

    def _options(self, options: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        texts = {
            f"{self._dialect}_{name}": self._forms.option_text(name, value)
            for name, value in options.items()
            if name not in self._forms.not_options
        }
        return tuple(sorted((name, text) for name, text in texts.items() if text))


def _indexed(found: Mapping[str, Any], forms: StandardForms) -> Iterator[Indexed]:
    sorting = found.get("column_sorting", {})
    expressions = found.get("expressions") or found["column_names"]
    for column, expression in zip(found["column_names"], expressions, strict=False):
        words = sorting.get(column if column is not None else expression, ())
        order = " ".join(word.upper().replace("_", " ") for word in words)
        if column is None:
            yield Indexed(forms.expression(str(expression)), is_expression=True, order=order)
        else:
            yield Indexed(str(column), order=order)


def _deferrable(options: Mapping[str, Any]) -> str:
    if str(options.get("initially") or "").upper() == "DEFERRED":
        return "DEFERRABLE INITIALLY DEFERRED"
    return "DEFERRABLE" if options.get("deferrable") else ""
