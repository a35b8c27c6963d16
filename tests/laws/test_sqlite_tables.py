"""Taking a CREATE TABLE statement apart loses nothing, and SQLite agrees about what it says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from hypothesis import given, settings

from asyncmigrate.dialects.sqlite_parser import parse
from asyncmigrate.dialects.sqlite_syntax import folded, text_of, tokens
from tests.laws.tables import Written, tables

PRAGMAS = ("table_xinfo", "foreign_key_list", "index_list")


def described(connection: sqlite3.Connection, table: str) -> dict[str, list[Any]]:
    found = {name: connection.execute(f"PRAGMA {name}({table})").fetchall() for name in PRAGMAS}
    found["index_list"] = [(row[0], *row[2:]) for row in found["index_list"]]
    return found


@settings(max_examples=200, deadline=None)
@given(tables())
def test_the_text_comes_back_to_the_letter(written: Written) -> None:
    table = parse(written.text)

    assert table.text == written.text
    assert (len(table.columns), len(table.constraints)) == (written.columns, written.constraints)


@settings(max_examples=200, deadline=None)
@given(tables())
def test_tokens_put_together_are_the_text(written: Written) -> None:
    found, rest = tokens(written.text)

    assert text_of(found) + rest == written.text


@settings(max_examples=200, deadline=None)
@given(tables())
def test_sqlite_sees_the_same_table_under_another_name(written: Written) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE p (id PRIMARY KEY)")
        connection.execute(written.text)
        stored = connection.execute("SELECT sql FROM sqlite_master WHERE name LIKE 't'").fetchone()

        table = parse(stored[0])
        connection.execute(table.called("other").text)

        assert described(connection, "other") == described(connection, "t")
        seen = connection.execute("PRAGMA table_xinfo(t)").fetchall()
    assert [column.name for column in table.columns] == [row[1] for row in seen]
    assert [c.name for c in table.stored] == [row[1] for row in seen if row[6] == 0]
    assert [c.declared.strip("'") for c in table.columns] == [row[2] for row in seen]
    keys = sorted((row[5], folded(row[1])) for row in seen if row[5])
    assert [name for _, name in keys] == [folded(name) for name in table.primary_key]
