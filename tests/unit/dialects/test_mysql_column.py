"""A column's text in SHOW CREATE TABLE, of servers that are here and that are not."""

from __future__ import annotations

import doctest

import pytest

from asyncmigrate.dialects import mysql_column
from asyncmigrate.dialects.mysql_column import Definition, definition_of

TABLE = r"""CREATE TABLE `t,(` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `PRIMARY` int NOT NULL DEFAULT '0',
  `it``s, (odd)` varchar(9) COLLATE utf8mb4_bin DEFAULT 'a, `b`) \' '' "',
  `kind` enum('a','it''s, )','KEY') CHARACTER SET latin1 NOT NULL COMMENT 'NULL, DEFAULT 3',
  `twice` int GENERATED ALWAYS AS ((`id` * 2)) VIRTUAL NOT NULL COMMENT 'g',
  `at` datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  `hidden` int DEFAULT NULL /*!80023 INVISIBLE */,
  `place` point NOT NULL /*!80003 SRID 4326 */,
  `code` varchar(36) DEFAULT (uuid()),
  `n` int(11) DEFAULT (1 + 2) CHECK (`n` < 10),
  `v` varchar(10) /*M!100301 COMPRESSED*/ DEFAULT 'a',
  PRIMARY KEY (`id`),
  KEY `plain` (`kind`),
  CONSTRAINT `ck` CHECK ((`n` > 0))
) ENGINE=InnoDB COMMENT='`plain` int, DEFAULT'"""

FOUND = {
    "id": "bigint unsigned NOT NULL AUTO_INCREMENT",
    "primary": "int NOT NULL DEFAULT '0'",
    "it`s, (odd)": r"""varchar(9) COLLATE utf8mb4_bin DEFAULT 'a, `b`) \' '' "'""",
    "KIND": "enum('a','it''s, )','KEY') CHARACTER SET latin1 NOT NULL COMMENT 'NULL, DEFAULT 3'",
    "twice": "int GENERATED ALWAYS AS ((`id` * 2)) VIRTUAL NOT NULL COMMENT 'g'",
    "at": "datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
    "hidden": "int DEFAULT NULL /*!80023 INVISIBLE */",
    "place": "point NOT NULL /*!80003 SRID 4326 */",
    "code": "varchar(36) DEFAULT (uuid())",
    "n": "int(11) DEFAULT (1 + 2) CHECK (`n` < 10)",
    "v": "varchar(10) /*M!100301 COMPRESSED*/ DEFAULT 'a'",
}


@pytest.mark.parametrize("column", FOUND)
def test_a_column_is_found_and_put_together_again_as_it_was(column: str) -> None:
    assert str(definition_of(TABLE, column)) == FOUND[column]


@pytest.mark.parametrize("name", ["plain", "ck", "t,(", "missing", "InnoDB"])
def test_keys_and_constraints_are_no_columns(name: str) -> None:
    assert definition_of(TABLE, name) is None


def test_names_in_double_quotes_are_names_as_well() -> None:
    assert str(definition_of('CREATE TABLE "t" (\n  "a""b" int\n)', 'a"b')) == "int"


@pytest.mark.parametrize(
    ("text", "type_", "expected"),
    [
        ("int unsigned zerofill NOT NULL", "BIGINT", "BIGINT NOT NULL"),
        ("varchar(9) CHARACTER SET latin1 COLLATE latin1_bin", "TEXT",
         "TEXT CHARACTER SET latin1 COLLATE latin1_bin"),
        ("varchar(9) COLLATE latin1_bin", "VARCHAR(5) COLLATE utf8mb4_bin",
         "VARCHAR(5) COLLATE utf8mb4_bin"),
        ("varchar(9) COLLATE latin1_bin DEFAULT 'a'", "INTEGER", "INTEGER DEFAULT 'a'"),
        ("longtext COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`j`))", "TEXT",
         "TEXT DEFAULT NULL"),
        ("text CHECK (json_valid(`j`) and 1)", "TEXT", "TEXT CHECK (json_valid(`j`) and 1)"),
    ],
)  # fmt: skip
def test_a_new_type_takes_what_belongs_to_the_old_one(text: str, type_: str, expected: str) -> None:
    assert str(Definition.parse(text).retyped(type_)) == expected


def test_attributes_go_where_both_grammars_want_them() -> None:
    made = Definition.parse("int CHECK (`a` > 0)")
    for kind, text in (
        ("comment", "COMMENT 'c'"),
        ("default", "DEFAULT 3"),
        ("null", "NOT NULL"),
        ("on_update", "ON UPDATE now()"),
    ):
        made = made.having(kind, text)

    assert str(made) == ("int NOT NULL DEFAULT 3 ON UPDATE now() COMMENT 'c' CHECK (`a` > 0)")


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(mysql_column).failed == 0
