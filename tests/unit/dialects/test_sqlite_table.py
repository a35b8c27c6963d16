from __future__ import annotations

from dataclasses import dataclass

import pytest

from asyncmigrate.dialects.sqlite_constraints import (
    AddConstraint,
    DropConstraint,
    RenameConstraint,
    SetOptions,
)
from asyncmigrate.dialects.sqlite_edits import (
    AddColumn,
    Arrange,
    ChangeColumn,
    DropColumn,
    Edit,
    Place,
    RenameColumn,
    check,
)
from asyncmigrate.dialects.sqlite_parser import parse, parse_column, parse_constraint
from asyncmigrate.errors import RunError, UnsupportedOperationError

TABLE = """\
CREATE TABLE t (
  id INTEGER PRIMARY KEY,
  a TEXT DEFAULT 'x', -- about a
  b INT CONSTRAINT ck_b CHECK (b > 0)
)"""


def edited(text: str, *edits: Edit) -> str:
    table = parse(text)
    for edit in edits:
        table = edit.apply(table)
    return table.text


def body(items: str, *edits: Edit) -> str:
    text = edited(f"CREATE TABLE t ({items})", *edits)
    return text.removeprefix("CREATE TABLE t (").removesuffix(")")


def add(text: str) -> AddColumn:
    return AddColumn(parse_column(text), "")


def constraint(text: str) -> AddConstraint:
    return AddConstraint(parse_constraint(text))


def test_a_new_column_is_laid_out_like_the_others() -> None:
    assert edited(TABLE, add("c INT")) == TABLE.replace("(b > 0)\n", "(b > 0),\n  c INT\n")


def test_a_constraint_gets_another_name_where_it_stands() -> None:
    items = 'a INT CONSTRAINT "Old" /* why */ CHECK (a > 0), CONSTRAINT uq UNIQUE (a)'

    renamed = body(items, RenameConstraint("old", "ck"), RenameConstraint("uq", '"Uq a"'))

    assert renamed == 'a INT CONSTRAINT ck /* why */ CHECK (a > 0), CONSTRAINT "Uq a" UNIQUE (a)'


def test_a_constraint_that_only_the_convention_names_gets_the_new_name() -> None:
    renames = RenameConstraint("uq_t_a", "uq", lambda table, column, _: f"uq_{table.name}_a")

    assert body("a INT UNIQUE", renames) == "a INT CONSTRAINT uq UNIQUE"


def test_a_constraint_that_is_not_there_cannot_get_another_name() -> None:
    with pytest.raises(RunError, match=r"no constraint 'nope'; those with a name are 'ck_b'"):
        edited(TABLE, RenameConstraint("nope", "x"))


def test_a_new_constraint_is_laid_out_like_the_columns() -> None:
    assert edited(TABLE, constraint("UNIQUE (a)")) == (
        TABLE.replace("(b > 0)\n", "(b > 0),\n  UNIQUE (a)\n")
    )


def test_what_is_dropped_leaves_no_hole() -> None:
    assert edited(TABLE, DropColumn("b", "")) == (
        "CREATE TABLE t (\n  id INTEGER PRIMARY KEY,\n  a TEXT DEFAULT 'x'\n)"
    )


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("a INT", ChangeColumn("A", type_="TEXT"), "a TEXT"),
        ("a", ChangeColumn("a", type_="TEXT"), "a TEXT"),
        ("a INT COLLATE x", ChangeColumn("a", type_="TEXT"), "a TEXT COLLATE x"),
        ("a COLLATE x", ChangeColumn("a", type_="TEXT COLLATE y"), "a TEXT COLLATE y"),
        ("a varchar (9)", ChangeColumn("a", type_="VARCHAR(9)"), None),
        ("a INT UNIQUE", ChangeColumn("a", nullable=False), "a INT NOT NULL UNIQUE"),
        ("a NOT NULL ON CONFLICT FAIL", ChangeColumn("a", nullable=False), None),
        ("a CONSTRAINT n NOT NULL", ChangeColumn("a", nullable=True), "a"),
        ("a NULL", ChangeColumn("a", nullable=False), "a NOT NULL"),
        ("a DEFAULT 1 UNIQUE", ChangeColumn("a", value="DEFAULT (2)"), "a DEFAULT (2) UNIQUE"),
        ("a UNIQUE", ChangeColumn("a", value="DEFAULT 2"), "a UNIQUE DEFAULT 2"),
        ("a DEFAULT (1) UNIQUE", ChangeColumn("a", value=""), "a UNIQUE"),
        ("a AS (1) STORED, b", ChangeColumn("a", value=""), "a, b"),
        ("a, b, c", Place("c", before="a"), "c, a, b"),
        ("a, b, c", Place("a", after="b"), "b, a, c"),
        ("a, b, c", Arrange((("c", "a"), ("b", "a"))), "b, c, a"),
        ("a, b", RenameColumn("a", "x y", ""), '"x y", b'),
        ("a, b CHECK (b)", DropColumn("b", ""), "a"),
        ("a, b, CHECK (b > 1), UNIQUE (b)", DropColumn("b", ""), "a"),
        ("a, b", DropColumn("c", "", if_exists=True), None),
        ("a, UNIQUE (a) CONSTRAINT x CHECK (a)", DropConstraint("x"), "a, UNIQUE (a)"),
        ("a, UNIQUE (a) CONSTRAINT x CHECK (a)", DropConstraint(None, plain="unique ( a )"),
         "a, CONSTRAINT x CHECK (a)"),
        ("a CONSTRAINT x UNIQUE", DropConstraint("X"), "a"),
        ("a", DropConstraint("x", if_exists=True), None),
        ("a PRIMARY KEY", DropConstraint("pk", "primary key"), "a"),
        ("a, CONSTRAINT x UNIQUE (a)", constraint("CONSTRAINT x CHECK (a)"),
         "a, CONSTRAINT x CHECK (a)"),
        ("a INTEGER PRIMARY KEY AUTOINCREMENT", constraint("CONSTRAINT p PRIMARY KEY (a)"),
         'a INTEGER CONSTRAINT "p" PRIMARY KEY AUTOINCREMENT'),
        ("a, b, PRIMARY KEY (a)", constraint("PRIMARY KEY (b)"), "a, b, PRIMARY KEY (b)"),
        ("a INTEGER PRIMARY KEY", SetOptions(autoincrement=True),
         "a INTEGER PRIMARY KEY AUTOINCREMENT"),
        ("a INTEGER, PRIMARY KEY (a)", SetOptions(autoincrement=True),
         "a INTEGER, PRIMARY KEY (a AUTOINCREMENT)"),
        ("a INTEGER PRIMARY KEY AUTOINCREMENT", SetOptions(autoincrement=False),
         "a INTEGER PRIMARY KEY"),
        ("a INT -- one\n, b INT", add("c"), "a INT -- one\n, b INT, c"),
        ("a INT -- one\n, b INT -- two\n", add("c"), "a INT -- one\n, b INT -- two\n, c"),
    ],
)  # fmt: skip
def test_an_edit_changes_what_it_says(before: str, edit: Edit, after: str | None) -> None:
    assert body(before, edit) == (before if after is None else after)


def test_options_are_written_after_the_columns() -> None:
    text = edited("CREATE TABLE t (a INT PRIMARY KEY)", SetOptions(strict=True, rowid=False))

    assert text == "CREATE TABLE t (a INT PRIMARY KEY) STRICT, WITHOUT ROWID"


def test_options_can_be_taken_away() -> None:
    text = edited("CREATE TABLE t (a) WITHOUT ROWID, STRICT", SetOptions(strict=False))

    assert text == "CREATE TABLE t (a) WITHOUT ROWID"


def test_a_constraint_that_went_with_its_column_can_be_dropped_again() -> None:
    edits = [DropColumn("b", ""), DropConstraint("uq"), DropConstraint("ck")]

    assert body("a, b CONSTRAINT ck CHECK (b), CONSTRAINT uq UNIQUE (b)", *edits) == "a"


@pytest.mark.parametrize(
    ("items", "edit", "says"),
    [
        ("a", ChangeColumn("b", nullable=True), "no column 'b'; it has a"),
        ("a", DropColumn("b", ""), "no column 'b'"),
        ("a", add("A"), "column 'A' already"),
        ("a CONSTRAINT x UNIQUE", DropConstraint("y"), "no constraint 'y'; .* 'x'"),
        ("a", DropConstraint("y"), "none of its has a name"),
        ("a, CONSTRAINT p PRIMARY KEY (a)", constraint("PRIMARY KEY (a)"), "primary key already"),
        ("a", constraint("UNIQUE (b)"), "no column 'b'"),
    ],
)
def test_an_edit_of_what_is_not_there_says_what_is(items: str, edit: Edit, says: str) -> None:
    with pytest.raises(RunError, match=says):
        body(items, edit)


def test_a_table_that_needs_a_dropped_column_is_refused() -> None:
    table = parse("CREATE TABLE t (a CHECK (a < b), CONSTRAINT uq UNIQUE (a, b))")

    with pytest.raises(UnsupportedOperationError, match=r"CHECK \(a < b\)' of column 'a' and 'CON"):
        check(table, ["b"])


@pytest.mark.parametrize(
    ("items", "column"),
    [
        ("a INTEGER PRIMARY KEY", "a"),
        ("a integer, PRIMARY KEY (a DESC)", "a"),
        ("a INTEGER PRIMARY KEY DESC", None),
        ("a INT PRIMARY KEY", None),
        ("a INTEGER, b, PRIMARY KEY (a, b)", None),
    ],
)
def test_the_column_that_is_the_rowid_is_known(items: str, column: str | None) -> None:
    found = parse(f"CREATE TABLE t ({items})").rowid_column

    assert (found.name if found else None) == column


def test_a_rowid_hidden_by_columns_has_another_name() -> None:
    assert parse("CREATE TABLE t (rowid, oid)").rowid == "_rowid_"
    assert parse("CREATE TABLE t (rowid, oid, _ROWID_)").rowid is None
    assert parse("CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID").rowid is None


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (ChangeColumn("a", nullable=True), ChangeColumn("b", nullable=True)),
        (DropColumn("a", ""), DropColumn("b", "")),
        (DropColumn("b", ""), None),
        (add("c"), add("c")),
        (add("a"), None),
        (add("c CHECK (b)"), None),
        (constraint("UNIQUE (c)"), constraint("UNIQUE (c)")),
        (constraint("UNIQUE (a)"), None),
        (DropConstraint("x"), DropConstraint("x")),
        (DropConstraint(None, plain="check ( a )"), DropConstraint(None, plain="check ( b )")),
        (Place("a", before="c"), None),
        (Place("d", before="c"), Place("d", before="c")),
        (RenameColumn("c", "d", ""), RenameColumn("c", "d", "")),
        (RenameColumn("c", "a", ""), None),
        (Arrange((("a", "c"),)), Arrange((("b", "c"),))),
        (SetOptions(strict=True), SetOptions(strict=True)),
    ],
)
def test_an_edit_knows_what_it_is_once_a_column_is_renamed(
    edit: Edit, expected: Edit | None
) -> None:
    assert edit.after_rename("a", "b") == expected


@pytest.mark.parametrize(
    "text",
    [
        "CREATE VIRTUAL TABLE t USING fts5 (a)",
        "CREATE VIEW t AS SELECT 1",
        "CREATE TABLE t (a INT",
        "CREATE TABLE t (a INT,)",
        "CREATE TABLE t (a INT WRONG (1) x)",
        "CREATE TABLE t (1)",
        "CREATE TABLE t (a REFERENCES p ON DELETE EXPLODE)",
    ],
)
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedOperationError):
        parse(text)


@dataclass
class Alone:
    """Nothing stands around the table."""

    has_rows: bool = True
    has_drop_column: bool = True

    def uses(self, column: str) -> bool:
        return column == "used"


@pytest.mark.parametrize(
    ("edit", "around", "expected"),
    [
        (DropColumn("b", ""), Alone(), True),
        (DropColumn("b", ""), Alone(has_drop_column=False), False),
        (DropColumn("used", ""), Alone(), False),
        (DropColumn("a", ""), Alone(), False),
        (DropColumn("nowhere", ""), Alone(), True),
        (add("c INT"), Alone(), True),
        (add("c INT UNIQUE"), Alone(has_rows=False), False),
        (add("c INTEGER PRIMARY KEY"), Alone(has_rows=False), False),
        (add("c INT AS (b) VIRTUAL"), Alone(), True),
        (add("c INT AS (b) STORED"), Alone(has_rows=False), False),
        (add("c INT NOT NULL"), Alone(), False),
        (add("c INT NOT NULL"), Alone(has_rows=False), True),
        (add("c INT NOT NULL DEFAULT 7"), Alone(), True),
        (add("c INT NOT NULL DEFAULT NULL"), Alone(), False),
        (add("c INT DEFAULT (7)"), Alone(), True),
        (add("c INT DEFAULT (1 + 6)"), Alone(), False),
        (add("c INT DEFAULT CURRENT_TIME"), Alone(), False),
        (add("c INT REFERENCES p"), Alone(), True),
        (add("c INT DEFAULT 7 REFERENCES p"), Alone(), False),
        (ChangeColumn("b", nullable=True), Alone(), True),
        (ChangeColumn("b", nullable=False), Alone(), False),
        (RenameColumn("b", "c", ""), Alone(), True),
        (Place("b", after="a"), Alone(), True),
        (Place("b", before="a"), Alone(), False),
    ],
)
def test_an_edit_knows_whether_sqlite_can_do_it(edit: Edit, around: Alone, expected: bool) -> None:
    table = parse("CREATE TABLE t (a INT CHECK (a > 0) UNIQUE, b INT, used INT)")

    assert edit.is_native(table, around) is expected
