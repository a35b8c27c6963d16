"""What a DDL statement makes and takes away, read from its text."""

from __future__ import annotations

import doctest

import pytest

from asyncmigrate.dialects import ddl_outcome
from asyncmigrate.dialects.ddl_outcome import outcomes

KNOWN = {
    "CREATE TABLE IF NOT EXISTS `a b`.t (id INT)": ["+table t"],
    "CREATE TABLE t AS SELECT 1": ["+table t"],
    "CREATE VIEW v AS SELECT 1": ["+view v"],
    "CREATE SEQUENCE s START 1": ["+sequence s"],
    "CREATE UNIQUE INDEX CONCURRENTLY i ON public.t USING btree (a)": ["+index i of t"],
    "CREATE FULLTEXT INDEX i ON t (a)": ["+index i of t"],
    "DROP TABLE IF EXISTS a, `b` CASCADE": ["-table a", "-table b"],
    "DROP INDEX i ON t": ["-index i of t"],
    "DROP INDEX CONCURRENTLY i": ["-index i"],
    "RENAME TABLE a TO b": ["-table a", "+table b"],
    "ALTER TABLE t RENAME TO u": ["-table t", "+table u"],
    "ALTER TABLE t RENAME COLUMN a TO b": ["-column a of t", "+column b of t"],
    "ALTER TABLE t RENAME KEY a TO b": ["-index a of t", "+index b of t"],
    "ALTER TABLE t CHANGE COLUMN a b INT": ["-column a of t", "+column b of t"],
    "ALTER TABLE ONLY t ADD CONSTRAINT c CHECK (a > 0)": ["+constraint c of t"],
    "ALTER TABLE t DROP FOREIGN KEY f": ["-constraint f of t"],
    "ALTER TABLE t DROP PRIMARY KEY": ["-primary key of t"],
    "ALTER TABLE t ADD PRIMARY KEY (a, b)": ["+primary key of t"],
    "ALTER TABLE t ADD c ENUM('x, y', 'z') AFTER b, DROP COLUMN d": [
        "+column c of t",
        "-column d of t",
    ],
    "ALTER TABLE t MODIFY a INT, ADD UNIQUE INDEX u (a)": ["+index u of t"],
}
UNKNOWN = [
    "ALTER TABLE t MODIFY a INT",
    "ALTER TABLE t CHANGE a a INT",
    "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1",
    "ALTER TABLE t ADD (a INT, b INT)",
    "ALTER TABLE t ADD UNIQUE (a)",
    "ALTER TABLE t ADD CHECK (a > 0)",
    "ALTER TABLE t ADD INDEX (a)",
    "ALTER TABLE t ADD PARTITION (PARTITION p VALUES IN (1))",
    "CREATE OR REPLACE TABLE t (a INT)",
    "CREATE OR REPLACE VIEW v AS SELECT 1",
    "RENAME TABLE a TO c, b TO a, c TO b",
    "GRANT ALL ON a TO b",
    "CALL p()",
    "DROP TABLE a; DROP TABLE b",
    "ALTER",
    "",
]


@pytest.mark.parametrize(("statement", "expected"), KNOWN.items(), ids=KNOWN)
def test_plain_forms_are_understood(statement: str, expected: list[str]) -> None:
    found = outcomes(statement)

    assert [f"{'+' if each.exists else '-'}{each}" for each in found] == expected


@pytest.mark.parametrize("statement", UNKNOWN)
def test_what_is_not_understood_gives_no_answer(statement: str) -> None:
    assert outcomes(statement) == ()


def test_the_columns_of_a_new_table_are_read() -> None:
    [table] = outcomes(
        "CREATE TABLE s.t (id INT DEFAULT (1 + 2), `x,y` TEXT, PRIMARY KEY (id),"
        " CONSTRAINT c CHECK (id > 0), KEY k (id), FOREIGN KEY (id) REFERENCES u (id))"
    )

    assert table.columns == frozenset({"id", "x,y"})
    assert table.schema == "s"


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(ddl_outcome).failed == 0
