"""A declared table as a temporary table: what CREATE TEMPORARY TABLE can hold of it.

Every constraint of the copy has a name, the one that `match` knows the declared one by, so that
what is read back can be told apart. Indexes stand within CREATE TABLE, because CREATE INDEX
commits even for a temporary table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.elements import conv

from asyncmigrate.dialects import by_name
from asyncmigrate.schema.declared_parts import Parts
from asyncmigrate.schema.match import with_server_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.sql.compiler import DDLCompiler

    from asyncmigrate.dialects.mysql_forms import MySQLForms
    from asyncmigrate.schema.snapshot import Key, Object

PRIVATE = "_amigrate_scratch"

_NAMED = ("unique", "check", "index")
"""The kinds of parts whose names a copy may lose or make anew."""

_KEPT_OPTIONS = ("engine", "charset", "character_set", "collate")
"""The options that decide how columns are printed; others may forbid a temporary table."""

_ON_TABLE = re.compile(r"^CREATE (.*?)INDEX (.*?) ON (?:(?:`(?:[^`]|``)+`|[^\s`]+)\.?)+ \(", re.S)


class InlineIndex(sa.schema.Constraint):
    """An index as a part of CREATE TABLE."""

    def __init__(self, index: sa.Index) -> None:
        super().__init__()
        self.index = index


@compiles(InlineIndex, "mysql", "mariadb")
def _inline_index(element: InlineIndex, compiler: DDLCompiler, **_: Any) -> str:
    text = compiler.process(CreateIndex(element.index))
    return _ON_TABLE.sub(r"\1INDEX \2 (", text)


class Scratch:
    """One temporary table: how it is made, and what the names in it mean."""

    def __init__(self, table: sa.Table, forms: MySQLForms, name: str) -> None:
        self.forms = forms
        self.declared = declared_parts(table, forms)
        self.names: dict[str, str] = {}
        """The names of checks in the copy, where they are others than in `declared`."""
        self.copy = table.to_metadata(sa.MetaData(), name=name)
        self.copy._prefixes = ["TEMPORARY"]
        self._fit_options()
        self._fit_constraints()

    @property
    def name(self) -> str:
        """The table's name in SQL for a driver that formats."""
        return self.forms.dialect.identifier_preparer.format_table(self.copy)

    def create(self, connection: sa.Connection, *, indexes: bool) -> bool:
        """Make the table, and return whether the server did."""
        added = [InlineIndex(each) for each in self._indexes()] if indexes else []
        for each in added:
            self.copy.append_constraint(each)
        dialect = by_name("mariadb" if self.forms.server.mariadb else "mysql")
        try:
            with dialect.fitted(self.copy):
                connection.execute(CreateTable(self.copy))
        except (sa.exc.DBAPIError, sa.exc.CompileError) as error:
            if getattr(error, "connection_invalidated", False):
                raise
            return False
        return True

    def drop(self, connection: sa.Connection) -> None:
        """Drop it; never a table that is not temporary."""
        connection.exec_driver_sql(f"DROP TEMPORARY TABLE {self.name}")

    def _indexes(self) -> list[sa.Index]:
        """Return those that a temporary table of InnoDB can have."""
        indexes = sorted(self.copy.indexes, key=lambda index: str(index.name))
        return [each for each in indexes if self.forms.index_method(each) != "fulltext"]

    def _fit_options(self) -> None:
        prefix = self.forms.server.prefix
        for name in [each for each in self.copy.kwargs if each.startswith(prefix)]:
            words = name.removeprefix(prefix).lower().replace(" ", "_")
            if words.removeprefix("default_") not in _KEPT_OPTIONS:
                del self.copy.kwargs[name]

    def _fit_constraints(self) -> None:
        """Take foreign keys out, and name all others as `declared` does."""
        for constraint in self.copy.foreign_key_constraints:
            self.copy.constraints.discard(constraint)
        names: defaultdict[Any, list[str]] = defaultdict(list)
        for each in self.declared.values():
            names[_structure(each)].append(each.key.name)
        for each in Parts(self.forms).of(self.copy):
            if each.key.kind in _NAMED and (found := names.get(_structure(each))):
                self._rename(each, found.pop(0))

    def _rename(self, obj: Any, name: str) -> None:
        if obj.key.kind == "check" and not self.forms.server.mariadb:
            # On MySQL a check's name is one of the whole database, and the real table has it.
            own = f"{PRIVATE}_{len(self.names)}"
            self.names[own], name = name, own
        obj.element.name = conv(name)


def declared_parts(table: sa.Table, forms: MySQLForms) -> dict[Key, Object]:
    """Return a declared table and its parts, named as `match` names them."""
    parts: Iterable[Object] = Parts(forms).of(table)
    return with_server_names({each.key: each for each in parts}, forms)[0]


def _structure(obj: Any) -> Any:
    """Return what two parts have in common that are the same but for their names."""
    if obj.key.kind not in _NAMED:
        return None
    return replace(obj, name="", schema="", table="", element=None)
