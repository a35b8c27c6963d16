"""PostgreSQL's SERIAL, of which only the words in CREATE TABLE are one thing.

Later it is a sequence that the column owns, and a default that takes from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.written import in_schema, literal, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.kinds.column_values import Column


def counting(column: Column, forms: Forms) -> Iterator[Call]:
    """Give what makes a plain column count on from its greatest value, if it is to count."""
    if not column.autoincrement and column.identity is None:
        return
    table = _quoted(column.schema, column.table)
    own = _quoted("", column.name)
    counted = f"pg_get_serial_sequence({literal(table)}, {literal(column.name)})"
    if column.autoincrement:
        sequence = _sequence(column, forms)
        yield Call("execute", (f"CREATE SEQUENCE {sequence} OWNED BY {table}.{own}",))
        keywords = {
            "server_default": text(f"nextval({literal(sequence)}::regclass)"),
            "existing_server_default": None,
            **in_schema(column.schema),
        }
        yield Call("alter_column", (column.table, column.name), keywords)
    sql = f"SELECT setval({counted}, max({own})) FROM {table}"
    yield Call("execute", (sql,), note="It counts on from the greatest value.")


def not_counting(column: Column, forms: Forms) -> Iterator[Call]:
    """Give what takes the default of SERIAL away, and its sequence."""
    if not column.autoincrement:
        return
    former = text(f"nextval({literal(_sequence(column, forms))}::regclass)")
    keywords = {"server_default": None, "existing_server_default": former}
    arguments = (column.table, column.name)
    yield Call("alter_column", arguments, {**keywords, **in_schema(column.schema)})
    yield Call("execute", (f"DROP SEQUENCE IF EXISTS {_sequence(column, forms)}",))


def _sequence(column: Column, forms: Forms) -> str:
    name = forms.constraint_name("sequence", column.table, [column.name])
    return _quoted(column.schema, name)


def _quoted(schema: str, name: str) -> str:
    parts = [each.replace('"', '""') for each in (schema, name) if each]
    return ".".join(f'"{each}"' for each in parts)
