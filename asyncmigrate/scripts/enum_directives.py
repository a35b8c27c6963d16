"""The directives about named ENUM types (PostgreSQL), and what they mean where there are none.

| | type (PostgreSQL) | values in the column (MySQL) | VARCHAR, perhaps a CHECK (others) |
|---|---|---|---|
| create, drop | the statement | nothing | nothing |
| add a value | the statement | refused | nothing, or refused if a CHECK is found |
| rename a value | the statement | refused | refused: the rows hold the old text |
| other values | the type is made anew | refused | refused |
| rename | the statement | nothing | nothing |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from asyncmigrate.dialects.enums import NewValue
from asyncmigrate.errors import UnsupportedOperationError, UsageError
from asyncmigrate.scripts import catalog
from asyncmigrate.scripts.directives import Directives
from asyncmigrate.scripts.sqltext import undecidable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.schema import ExecutableDDLElement


class EnumDirectives(Directives):
    """Create, drop and change ENUM types."""

    def create_enum(
        self,
        name: str | sa.Enum,
        *values: str,
        schema: str | None = None,
        if_not_exists: bool | None = None,
    ) -> None:
        """Create an ENUM type from its name and values, or from an `sa.Enum`.

        `create_table`, `add_column` and `alter_column` create the types of their columns
        themselves. Where a database has no such types this does nothing.
        """
        enum = _enum(name, *values, schema=schema)
        self._send(self._dialect.create_enum(enum, if_not_exists=bool(if_not_exists)))

    def drop_enum(
        self, name: str | sa.Enum, *, schema: str | None = None, if_exists: bool | None = None
    ) -> None:
        """Drop an ENUM type; where a database has none this does nothing."""
        enum = _enum(name, schema=schema)
        self._send(self._dialect.drop_enum(enum, if_exists=bool(if_exists)))

    def add_enum_value(
        self,
        name: str | sa.Enum,
        value: str,
        *,
        schema: str | None = None,
        before: str | None = None,
        after: str | None = None,
        if_not_exists: bool | None = None,
    ) -> None:
        """Add a value to an ENUM type, at the end or beside another value.

        The next statement of the script can use it: what stands before is committed first, unless
        this transaction has made the type. With `--atomic` and on a connection whose transaction
        is the caller's nothing is committed, and PostgreSQL refuses the value until the end.

        Raises:
            UnsupportedOperationError: the database has no ENUM types, and this value would be
                refused by a column's own type or by a CHECK.
        """
        if before is not None and after is not None:
            raise UsageError(
                f"op.add_enum_value(): {value!r} cannot stand before {before!r} and after "
                f"{after!r} at once.",
                next="Leave one of them out.",
            )
        enum = _enum(name, schema=schema)
        new = NewValue(value, before, after, if_not_exists=bool(if_not_exists))
        statements = tuple(self._dialect.add_enum_value(enum, new))
        if not statements:
            self._refuse_if_checked(enum, value)
        elif self._is_new(enum) or not self._sink.can_leave_transaction:
            self._send(statements)
        else:
            with self._sink.autocommit():
                self._send(statements)

    def rename_enum_value(
        self, name: str | sa.Enum, old: str, new: str, *, schema: str | None = None
    ) -> None:
        """Give a value of an ENUM type another name, in all rows at once.

        Raises:
            UnsupportedOperationError: the database has no ENUM types.
        """
        enum = _enum(name, schema=schema)
        self._send(self._dialect.rename_enum_value(enum, old, new))

    def replace_enum(
        self,
        name: str | sa.Enum,
        *values: str,
        existing_values: Sequence[str] = (),
        mapping: Mapping[str, str] | None = None,
        schema: str | None = None,
    ) -> None:
        """Give an ENUM type other values, or the same in another order (PostgreSQL).

        `mapping` says what becomes of the rows with a value that goes: `{"old": "new"}`. The type
        is made anew and every column of it is converted, arrays too, in one statement that happens
        wholly or not at all. Defaults stay; indexes and constraints that name a value are made
        again. It takes a lock on each of the tables, and writes each of them anew: to add or to
        rename a value, `add_enum_value` and `rename_enum_value` cost nothing. `existing_values`
        are for the way back.

        Refused by the server, before anything has changed and with their names, are views,
        functions, domains, triggers and whatever else depends on the type or on one of its
        columns; and rows with a value that is neither among the new ones nor in `mapping`, with
        their number.

        Raises:
            UnsupportedOperationError: the database has no ENUM types.
            UsageError: `mapping` leads to a value that is not among the new ones.
        """
        del existing_values
        enum = _enum(name, *values, schema=schema)
        for old, new in (mapping or {}).items():
            if new not in enum.enums:
                raise UsageError(
                    f"op.replace_enum({enum.name!r}): {old!r} shall become {new!r}, which is not "
                    "among the new values.",
                    next="Add it to the values, or mend mapping=.",
                )
        self._send(self._dialect.replace_enum(enum, dict(mapping or {})))

    def rename_enum(
        self, old_name: str | sa.Enum, new_name: str, *, schema: str | None = None
    ) -> None:
        """Give an ENUM type another name; where a database has none this does nothing."""
        self._send(self._dialect.rename_enum(_enum(old_name, schema=schema), new_name))

    def _drop_unused_enums(self, columns: Iterable[sa.Column[object]]) -> None:
        """Drop the ENUM types of columns that are gone, but those that something still uses."""
        statements: list[ExecutableDDLElement] = []
        for enum in dict.fromkeys(filter(None, map(_named_enum, columns))):
            statements += self._dialect.drop_enum(enum, if_exists=True, if_unused=True)
        self._send(statements)

    def _is_new(self, enum: sa.Enum) -> bool:
        """Return whether the current transaction has made the type."""
        if self._sink.as_sql:
            return False
        preparer = self._sink.dialect.identifier_preparer
        query = self._dialect.is_new_type(preparer.format_type(enum))  # type: ignore[attr-defined]
        return query is not None and catalog.is_true(self._sink.bind(), query)

    def _refuse_if_checked(self, enum: sa.Enum, value: str) -> None:
        if self._sink.as_sql:
            raise undecidable("add_enum_value")
        table = catalog.table_that_checks(self._sink.bind(), str(enum.name), enum.schema, value)
        if table is not None:
            raise UnsupportedOperationError(
                f"This database has no ENUM types, and a CHECK of table {table!r} allows the "
                f"values of {str(enum.name)!r} without {value!r}.",
                next=f"Use op.alter_column({table!r}, …, type_=sa.Enum(…), existing_type=…), which "
                "replaces the CHECK.",
            )


def _enum(name: str | sa.Enum, *values: str, schema: str | None) -> sa.Enum:
    if isinstance(name, str):
        return sa.Enum(*values, name=name, schema=schema)
    if name.name is None:
        raise UsageError(
            "This sa.Enum has no name, so it names no type of the database.",
            next="Give it one: sa.Enum(…, name=…).",
        )
    return sa.Enum(*(values or name.enums), name=name.name, schema=schema or name.schema)


def _named_enum(column: sa.Column[object]) -> sa.Enum | None:
    kind = column.type
    if isinstance(kind, sa.ARRAY):
        kind = kind.item_type
    if isinstance(kind, sa.Enum) and kind.name is not None and kind.native_enum:
        return kind
    return None
