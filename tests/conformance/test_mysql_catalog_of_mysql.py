"""MySQL 8 prints much otherwise than MariaDB: its texts as its manual shows them, and the forms.

The rows are those of information_schema.COLUMNS, STATISTICS and CHECK_CONSTRAINTS.
"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from asyncmigrate.dialects.mysql_forms import MySQLForms
from asyncmigrate.dialects.mysql_rows import ColumnRow, IndexRow, Place, column_of, indexes_of
from asyncmigrate.dialects.mysql_server import MySQLServer
from asyncmigrate.schema.declared_parts import Parts
from asyncmigrate.schema.kinds.index import Index, Indexed

SERVER = MySQLServer(False, "app", "mysql_", {"utf8mb4": "utf8mb4_0900_ai_ci"})
PLACE = Place("", "t", "utf8mb4_0900_ai_ci")


@pytest.fixture
def forms() -> MySQLForms:
    dialect = mysql.dialect()
    dialect.server_version_info = (8, 0, 35)
    return MySQLForms(SERVER, dialect)


def row(type_: str, default: str | None = None, extra: str = "", **more: Any) -> ColumnRow:
    collation = "utf8mb4_0900_ai_ci" if "char" in type_ else None
    return ColumnRow(
        "c", 1, default, "YES", type_, collation, extra, "", more.get("generation", "")
    )


CURRENT = "CURRENT_TIMESTAMP"
BOTH = f"DEFAULT_GENERATED on update {CURRENT}"

COLUMNS: dict[str, tuple[ColumnRow, sa.Column[Any]]] = {
    "an integer": (row("int"), sa.Column("c", sa.Integer)),
    "unsigned": (row("int unsigned"), sa.Column("c", mysql.INTEGER(unsigned=True))),
    "a width that is not kept": (row("int"), sa.Column("c", mysql.INTEGER(display_width=5))),
    "zerofill": (row("int(10) unsigned zerofill"), sa.Column("c", mysql.INTEGER(zerofill=True))),
    "a boolean": (row("tinyint(1)", "1"), sa.Column("c", sa.Boolean, server_default=sa.true())),
    "a year": (row("year"), sa.Column("c", mysql.YEAR)),
    "json": (row("json"), sa.Column("c", sa.JSON)),
    "a number in quotes": (row("int", "5"), sa.Column("c", sa.Integer, server_default="5")),
    "a number": (row("int", "5"), sa.Column("c", sa.Integer, server_default=sa.text("5"))),
    "a string": (row("varchar(9)", "it's"), sa.Column("c", sa.String(9), server_default="it's")),
    "bits": (
        row("bit(3)", "b'101'"),
        sa.Column("c", mysql.BIT(3), server_default=sa.text("b'101'")),
    ),
    "a moment": (
        row("datetime", CURRENT, "DEFAULT_GENERATED"),
        sa.Column("c", sa.DateTime, server_default=sa.text(CURRENT)),
    ),
    "ON UPDATE": (
        row("timestamp", CURRENT, BOTH),
        sa.Column("c", sa.TIMESTAMP, server_default=sa.text(f"{CURRENT} ON UPDATE {CURRENT}")),
    ),
    "ON UPDATE alone": (
        row("datetime", None, f"on update {CURRENT}"),
        sa.Column("c", sa.DateTime, server_default=sa.text(f"NULL ON UPDATE {CURRENT}")),
    ),
    "an expression": (
        row("varchar(36)", "uuid()", "DEFAULT_GENERATED"),
        sa.Column("c", sa.String(36), server_default=sa.text("(uuid())")),
    ),
    "an expression with a string": (
        row("varchar(36)", r"concat(_utf8mb4\'it\\\'s\',`a`)", "DEFAULT_GENERATED"),
        sa.Column("c", sa.String(36), server_default=sa.text(r"(concat('it\'s', a))")),
    ),
    "a virtual value": (
        row("int", None, "VIRTUAL GENERATED", generation="(`a` * 2)"),
        sa.Column("c", sa.Integer, sa.Computed("a * 2")),
    ),
    "a stored value": (
        row("varchar(9)", None, "STORED GENERATED", generation=r"concat(`a`,_utf8mb4\'x\')"),
        sa.Column("c", sa.String(9), sa.Computed("concat(a, 'x')", persisted=True)),
    ),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_a_column_is_declared_as_it_is_read(case: str, forms: MySQLForms) -> None:
    read, declared = COLUMNS[case]
    table = sa.Table("t", sa.MetaData(), declared._copy())

    found = column_of(SERVER, PLACE, read, checks_json=False)

    assert found == Parts(forms).column(table.c.c, "", "t", 0)


def test_the_key_of_a_table_counts(forms: MySQLForms) -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("c", sa.Integer, primary_key=True))
    read = row("int", extra="auto_increment")._replace(nullable="NO")

    found = column_of(SERVER, PLACE, read, checks_json=False)

    assert found == Parts(forms).column(table.c.c, "", "t", 0)


CHECKS = {
    "`c` > 0": "(`c` > 0)",
    "`c` in ('x','y')": r"(`c` in (_utf8mb4\'x\',_utf8mb4\'y\'))",
    r"`c` <> 'it\'s'": r"(`c` <> _utf8mb4\'it\\\'s\')",
}


@pytest.mark.parametrize("text", CHECKS)
def test_a_check_has_no_escapes_and_no_character_sets(text: str, forms: MySQLForms) -> None:
    read = SERVER.expression(CHECKS[text], escaped=True)

    assert read == text == forms.expression(text.replace("`", ""))


def test_show_create_table_and_the_catalog_say_the_same() -> None:
    shown = r"((`c` <> _utf8mb4'it\'s'))"

    assert SERVER.expression(shown) == SERVER.expression(
        r"(`c` <> _utf8mb4\'it\\\'s\')", escaped=True
    )


def test_an_index_of_an_expression(forms: MySQLForms) -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("c", sa.String(9)))
    declared = sa.Index("ix", sa.func.lower(table.c.c), table.c.c.desc())
    rows = [
        IndexRow("ix", 1, None, "A", None, "BTREE", "lower(`c`)"),
        IndexRow("ix", 1, "c", "D", None, "BTREE", None),
    ]

    (found,) = indexes_of(SERVER, PLACE, rows)

    assert found == Parts(forms).index(declared, "", "t")
    assert found == Index(
        "", "t", "ix", (Indexed("lower(`c`)", is_expression=True), Indexed("c", order="DESC"))
    )


def test_a_check_without_a_name_is_called_after_its_table(forms: MySQLForms) -> None:
    assert forms.constraint_name("check", "t", ("c",)) == "t_chk_1"


def test_there_are_no_sequences(forms: MySQLForms) -> None:
    assert not forms.keeps("sequence")
