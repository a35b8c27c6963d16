"""What Alembic, with all its options, gets wrong about the edits of `edits`, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SQLITE = frozenset({"sqlite"})
POSTGRESQL = frozenset({"postgresql"})
MARIADB = frozenset({"mariadb"})
EVERYWHERE = SQLITE | POSTGRESQL | MARIADB

ARGUMENTS = "types are compared by their arguments only if both sides have as many of them"
BY_NAME = "a CHECK is compared by its name alone"
KEYS = "primary keys are not compared"
NAMES = "foreign keys are compared without their names"
COMPUTED = "there is a warning, and no operation"
QUOTES = "a default with a quote in it is put into a query, or compared, as it stands"


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that Alembic does not see, or sees though it is not there."""

    databases: frozenset[str]
    edit: str
    what: str
    reason: str
    when: Literal["missed", "afterwards"] = "missed"
    """`afterwards`: it is seen once the database is equal to the models."""


MISTAKES = [
    Mistake(SQLITE, "without a limit", "column users.motto type", ARGUMENTS),
    Mistake(EVERYWHERE, "numeric without a precision", "column users.score type", ARGUMENTS),
    Mistake(POSTGRESQL, "integer → integer[]", "column users.score type", "[] is left out"),
    Mistake(
        POSTGRESQL,
        "integer → bigint",
        "column users.age default",
        "it is said as a change of the type alone; the server prints another default, too",
    ),
    Mistake(
        POSTGRESQL, "a collation", "column users.name collation", "it is compared if both have one"
    ),
    Mistake(EVERYWHERE, "another expression", "column users.double_points computed", COMPUTED),
    Mistake(POSTGRESQL, "an enum gets a value", "enum role values", "types are not compared"),
    Mistake(POSTGRESQL, "an enum loses a value", "enum role values", "types are not compared"),
    Mistake(
        POSTGRESQL | MARIADB, "a sequence is added", "sequence numbers", "there are no sequences"
    ),
    Mistake(EVERYWHERE, "a foreign key gets another name", "foreign_key orders.fk_customer", NAMES),
    Mistake(POSTGRESQL, "MATCH FULL", "foreign_key orders.fk_user", "MATCH is not compared"),
    Mistake(POSTGRESQL, "unique, deferrable", "unique users.uq_email", "columns are compared"),
    Mistake(EVERYWHERE, "a check changes", "check users.ck_age", BY_NAME),
    Mistake(
        SQLITE | POSTGRESQL,
        "a check without a name is added",
        "check tags.tags_weight_check",
        BY_NAME,
    ),
    Mistake(MARIADB, "a check without a name is added", "check tags.CONSTRAINT_1", BY_NAME),
    Mistake(
        SQLITE | POSTGRESQL,
        "a check without a name is added",
        "remove_constraint tags.tags_weight_check",
        BY_NAME,
        "afterwards",
    ),
    Mistake(
        MARIADB,
        "a check without a name is added",
        "remove_constraint tags.CONSTRAINT_1",
        BY_NAME,
        "afterwards",
    ),
    Mistake(EVERYWHERE, "another primary key", "primary_key tags columns", KEYS),
    Mistake(EVERYWHERE, "a primary key of other columns", "primary_key tags columns", KEYS),
    Mistake(POSTGRESQL, "a primary key gets a name", "primary_key tags name", KEYS),
    Mistake(SQLITE, "an index of an expression is added", "index users.ix_low", "it is skipped"),
    Mistake(
        SQLITE | MARIADB, "an index turns round", "index users.ix_name", "columns are compared"
    ),
    Mistake(
        SQLITE | POSTGRESQL, "an index of some rows", "index users.ix_name", "WHERE is left out"
    ),
    Mistake(POSTGRESQL, "an index with other options", "index users.ix_name", "so is USING"),
    Mistake(
        SQLITE | MARIADB,
        "a default with a quote is added",
        "modify_default users.name",
        QUOTES,
        "afterwards",
    ),
    Mistake(
        POSTGRESQL,
        "a default with a quote is added",
        "failed: ProgrammingError",
        QUOTES,
        "afterwards",
    ),
]


def mistakes(database: str, edit: str, when: Literal["missed", "afterwards"]) -> set[str]:
    """Return what Alembic gets wrong there."""
    return {
        each.what
        for each in MISTAKES
        if database in each.databases and (each.edit, each.when) == (edit, when)
    }
