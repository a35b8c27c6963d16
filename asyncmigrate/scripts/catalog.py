"""Whether something exists, asked of a live database. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Inspector

    from asyncmigrate.dialects.base import Dialect


def is_true(connection: Connection, query: str) -> bool:
    """Return what a query for one truth value says."""
    return bool(connection.scalar(sa.text(query.replace(":", r"\:"))))


def table_that_checks(
    connection: Connection, enum: str, schema: str | None, value: str
) -> str | None:
    """Return the first table with a CHECK of this enum that does not allow `value`, or None.

    The CHECK of an `sa.Enum` has the enum's name, or ends in it by the naming convention.
    """
    inspector = sa.inspect(connection)
    for table in inspector.get_table_names(schema=schema):
        for check in inspector.get_check_constraints(table, schema=schema):
            name, text = check["name"] or "", check["sqltext"]
            is_its = " IN (" in text.upper() and (name == enum or name.endswith(f"_{enum}"))
            if is_its and f"'{value}'" not in text:
                return table
    return None


def has_table(connection: Connection, table: str, schema: str | None) -> bool:
    """Return True if there is such a table."""
    return sa.inspect(connection).has_table(table, schema=schema)


def has_schema(connection: Connection, schema: str) -> bool:
    """Return True if there is such a schema."""
    return schema in sa.inspect(connection).get_schema_names()


def has_sequence(connection: Connection, sequence: str, schema: str | None) -> bool:
    """Return True if there is such a sequence."""
    return sa.inspect(connection).has_sequence(sequence, schema=schema)


def has_view(connection: Connection, view: str, schema: str | None) -> bool:
    """Return True if there is such a view."""
    return view in sa.inspect(connection).get_view_names(schema=schema)


def has_column(connection: Connection, table: str, schema: str | None, column: str) -> bool:
    """Return True if the table is there and has this column."""
    inspector = sa.inspect(connection)
    return inspector.has_table(table, schema=schema) and any(
        found["name"] == column for found in inspector.get_columns(table, schema=schema)
    )


def has_index(connection: Connection, table: str | None, schema: str | None, index: str) -> bool:
    """Return True if there is such an index; without a table, every table is searched."""
    inspector = sa.inspect(connection)
    tables = [table] if table is not None else inspector.get_table_names(schema=schema)
    return any(
        found["name"] == index
        for name in tables
        if inspector.has_table(name, schema=schema)
        for found in inspector.get_indexes(name, schema=schema)
    )


def check_findable(directive: str, constraint: sa.Constraint) -> None:
    """Refuse to look for a constraint that nothing tells from others.

    Raises:
        UsageError: it has no name, and is no primary key, of which a table has one.
    """
    if not _name(constraint) and not isinstance(constraint, sa.PrimaryKeyConstraint):
        raise UsageError(
            f"op.{directive}(None, …, if_not_exists=True): without a name there is nothing to "
            "look for.",
            next="Give the constraint a name, or the metadata a naming convention.",
        )


def has_constraint(connection: Connection, dialect: Dialect, constraint: sa.Constraint) -> bool:
    """Return True if the constraint's table is there and has one of any kind with its name.

    A primary key without a name, and one whose name the database does not keep, is there if there
    is any.
    """
    table: Any = constraint.table
    name = _name(constraint)
    if name:
        preparer = connection.dialect.identifier_preparer
        [name] = preparer.unformat_identifiers(preparer.format_constraint(constraint) or name)
        query = dialect.has_constraint(preparer.format_table(table), name)
        if query is not None:
            return is_true(connection, query)
    inspector = sa.inspect(connection)
    if not inspector.has_table(table.name, schema=table.schema):
        return False
    key = inspector.get_pk_constraint(table.name, schema=table.schema)
    if isinstance(constraint, sa.PrimaryKeyConstraint) and not (name and key.get("name")):
        return bool(key["constrained_columns"])
    return name in {key.get("name"), *_constraint_names(inspector, table)}


def _name(constraint: sa.Constraint) -> str:
    return constraint.name if isinstance(constraint.name, str) else ""


def _constraint_names(inspector: Inspector, table: sa.Table) -> Iterator[str | None]:
    for kind in ("unique_constraints", "foreign_keys", "check_constraints"):
        for found in getattr(inspector, f"get_{kind}")(table.name, schema=table.schema):
            yield found["name"]
