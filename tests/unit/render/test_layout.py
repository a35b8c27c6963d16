"""Expressions in lines."""

from __future__ import annotations

import pytest

from asyncmigrate.render.layout import Atom, Chain, Group, Text, columns, laid_out, quoted

CALL = Group("f(", (("", Text("a")), ("n=", Atom("1"))))


def test_what_fits_is_one_line() -> None:
    assert laid_out(CALL, 12) == 'f("a", n=1)'


def test_what_does_not_fit_has_an_argument_on_each_line() -> None:
    assert laid_out(CALL, 10) == 'f(\n    "a",\n    n=1,\n)'


def test_a_tuple_of_one_keeps_its_comma() -> None:
    assert laid_out(Group("(", (("", Atom("1")),), needs_comma=True), 9) == "(1,)"


def test_a_long_string_is_broken_where_its_lines_end() -> None:
    sql = Group("f(", (("", Text("SELECT 1,\n  2")), ("undo=", Text("SELECT 3,\n  4"))))

    assert laid_out(sql, 16) == (
        'f(\n    "SELECT 1,\\n"\n    "  2",\n    undo=(\n        "SELECT 3,\\n"\n        "  4"\n'
        "    ),\n)"
    )


def test_several_methods_stand_on_lines_of_their_own() -> None:
    links = (Group(".a(", (("", Atom("1")),)), Group(".b(", (("", Atom("2")),)))

    assert laid_out(Chain(Atom("long"), links), 9) == "long\n.a(1)\n.b(2)"


def test_one_method_stays_behind_its_expression() -> None:
    link = Group(".a(", (("", Atom("1")),))

    assert laid_out(Chain(Atom("long"), (link,)), 8) == "long.a(\n    1,\n)"
    assert laid_out(Chain(Group("f(", (("", Atom("1")),)), (link,)), 6) == "f(\n    1,\n).a(1)"


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("it's", '"it\'s"'),
        ('say "hi"', "'say \"hi\"'"),
        ("'\"", '"\'\\""'),
        ("\\'", '"\\\\\'"'),
        ("a\x00b\n", '"a\\x00b\\n"'),
        ("Größe", '"Größe"'),
    ],
)
def test_strings_have_the_quotes_that_formatters_choose(value: str, source: str) -> None:
    assert quoted(value) == source


def test_some_letters_are_two_columns_wide() -> None:
    assert columns("名前") == 4
