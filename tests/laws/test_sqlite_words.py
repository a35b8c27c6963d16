"""SQL of SQLite in one spelling says what it said before: SQLite itself is asked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from asyncmigrate.dialects.sqlite_syntax import quoted
from asyncmigrate.dialects.sqlite_words import (
    Names,
    default,
    expression,
    type_words,
    view_definition,
)
from tests.laws.tables import defaults, types

COLUMNS = ("a", "userName", "order", "match", "Straße")
NAMES = Names.of("t", COLUMNS)
ROWS = [(1, "x", -2.5, None, "It's"), (None, "X", 0, b"\0", "")]

gap = st.sampled_from([" ", "\n\t", " /* ' ( */ ", " -- ) \n"])
atoms = st.sampled_from(
    [
        *("a", "A", '"a"', "[a]", "t.a", 'T."A"', "userName", '"USERNAME"', '"order"', "`match`"),
        *('"Straße"', "Straße", "1", "1.5e1", "0x1F", ".5", "NULL", "null", "TRUE", "x'00'"),
        *("'It''s -- (x)'", "'A'", '"no such"', "rowid", "ROWID"),
    ]
)
operators = st.sampled_from(
    ["+", "-", "*", "||", "<", "<=", "<>", "!=", "==", "=", "<<", "&", "and", "OR", "Is", "IS not"]
)
marks = st.sampled_from(["+", "-", "||", "<", "<=", "<>", "!=", "==", "=", "<<", "&"])
FORMS = (
    "({g}{x}{g})",
    "{x}{g}{operator}{g}{y}",
    "({x}){mark}({y})",
    "-({x})",
    "~ {x}",
    "not ({x})",
    "-{g}+ {x}",
    "Length ({x})",
    "{name}{g}COLLATE{g}nocase = {x}",
    "cast({x} as double precision)",
    "coalesce({x},{g}{y} ,{z})",
    "({x}) in ({y},{z}{g})",
    "({x}) between ({y}){g}and ({z})",
    "case when {x} then{g}{y} else {z} end -1",
)


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    """An expression of the columns of `t`, spelled as oddly as SQLite lets it be."""
    form = draw(st.sampled_from([*FORMS, "{name}"]))
    inner = expressions(depth - 1) if depth > 1 else atoms
    return form.format(
        x=draw(inner),
        y=draw(inner),
        z=draw(inner),
        g=draw(gap),
        name=draw(atoms),
        operator=draw(operators),
        mark=draw(marks),
    )


def answers(sql: str) -> list[Any] | str:
    """What SQLite makes of an expression in each row, or why it does not."""
    with closing(sqlite3.connect(":memory:")) as connection:
        columns = ", ".join(map(quoted, COLUMNS))
        connection.execute(f"CREATE TABLE t ({columns})")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", ROWS)
        try:
            return connection.execute(f"SELECT {sql} FROM t ORDER BY rowid").fetchall()
        except sqlite3.Error as error:
            return type(error).__name__


@settings(max_examples=400, deadline=None)
@given(expressions())
def test_an_expression_in_one_spelling_has_the_same_value(typed: str) -> None:
    assert answers(expression(typed, NAMES)) == answers(typed)


@settings(max_examples=200, deadline=None)
@given(expressions())
def test_the_spelling_of_a_spelling_is_the_same(typed: str) -> None:
    written = expression(typed, NAMES)

    assert expression(written, NAMES) == written


@settings(max_examples=200, deadline=None)
@given(expressions())
def test_the_select_of_a_view_in_one_spelling_has_the_same_rows(typed: str) -> None:
    written = view_definition(f"select {typed} as x from t")

    assert answers(written.removeprefix("SELECT ").removesuffix(" AS x FROM t")) == answers(typed)
    assert view_definition(written) == written


@settings(deadline=None)
@given(defaults, types)
def test_a_default_in_one_spelling_gives_the_same_value(typed: str, type_: str) -> None:
    values = []
    with closing(sqlite3.connect(":memory:")) as connection:
        for name, text, of in (("one", typed, type_), ("two", default(typed), type_words(type_))):
            connection.execute(f"CREATE TABLE {name} (a, b {of} DEFAULT {text or 'NULL'})")
            connection.execute(f"INSERT INTO {name} (a) VALUES (1)")
            values.append(connection.execute(f"SELECT b, typeof(b) FROM {name}").fetchall())

    assert values[0] == values[1]
