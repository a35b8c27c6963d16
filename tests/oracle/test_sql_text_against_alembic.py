"""The calls of the golden files, also through Alembic's offline mode: the same SQL, or a reason."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import uuid

import pytest
import sqlalchemy as sa

from asyncmigrate.errors import MigrateError
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sqltext import SqlSink
from tests.golden.cases import CASES
from tests.golden.object_cases import OBJECT_CASES
from tests.golden.sqltext import CONVENTION, dialect, shadow_for
from tests.oracle.difference import Difference
from tests.oracle.server_differences import NOT_RUN, SERVER_DIFFERENCES

alembic = pytest.importorskip("alembic", reason="Alembic is not installed")

SQLITE = frozenset({"sqlite"})
POSTGRESQL = frozenset({"postgresql"})
MYSQL = frozenset({"mysql"})
BOTH_MYSQL = frozenset({"mysql", "mariadb"})
ALL = SQLITE | POSTGRESQL | BOTH_MYSQL


DIFFERENCES = [
    Difference(SQLITE, "table_comment", "", "SQLite has no comments: nothing, not a syntax error"),
    Difference(SQLITE, "alter_column", '"age", comment=', "the same"),
    Difference(SQLITE, "restated_column", "comment=", "the same"),
    Difference(SQLITE, "on_update", "ON UPDATE", "SQLite cannot: refused, not left to its parser"),
    Difference(SQLITE, "generated", "start=5", "the table is known, and has such a column already"),
    Difference(SQLITE, "add_column", "if_not_exists", "SQLite has no such words"),
    Difference(SQLITE, "drop_column", "if_exists", "the same"),
    Difference(SQLITE, "add_column", '"team.id"', "REFERENCES goes into the column, and works"),
    Difference(SQLITE, "add_column", "shop.team.id", "SQLite cannot refer into another file"),
    Difference(SQLITE, "add_column", "create_constraint=True", "CHECK goes in too, and works"),
    Difference(POSTGRESQL, "add_column", "sa.Enum", "the type is created, or it would fail"),
    Difference(
        POSTGRESQL, "alter_column", "new_column_name", "RENAME COLUMN, the standard's words"
    ),
    Difference(POSTGRESQL, "existing_column", "new_column_name", "the same"),
    Difference(POSTGRESQL, "alter_column", '"twice"', "DROP EXPRESSION exists"),
    Difference(MYSQL, "add_column", "if_not_exists", "MySQL has no such words"),
    Difference(MYSQL, "drop_column", "if_exists", "the same"),
    Difference(MYSQL, "drop_constraint", "if_exists", "the same"),
    Difference(MYSQL, "drop_index", "if_exists", "the same"),
    Difference(MYSQL, "create_index", "if_not_exists", "the same"),
    Difference(frozenset({"mariadb"}), "drop_index", "if_exists", "SQLAlchemy 2.0 leaves it out"),
    Difference(frozenset({"mariadb"}), "drop_constraint", "if_exists", "Alembic leaves it out"),
    Difference(frozenset({"mariadb"}), "add_column", '"n > 0"', "MariaDB reads no name in there"),
    Difference(BOTH_MYSQL, "drop_constraint", '"any"', "DROP CONSTRAINT works for every kind"),
    Difference(BOTH_MYSQL, "table_comment", "None", "a comment goes by being empty"),
    Difference(BOTH_MYSQL, "add_column", "shop.team.id", "MySQL would ignore the REFERENCES"),
    Difference(BOTH_MYSQL, "alter_column", '"Years"', "RENAME COLUMN needs no type"),
    Difference(BOTH_MYSQL, "alter_column", "nullable=True", "NULL is what a column takes anyway"),
    Difference(BOTH_MYSQL, "alter_column", "CURRENT_TIMESTAMP", "an expression needs parentheses"),
    Difference(BOTH_MYSQL, "alter_column", '"years"', "COMMENT and DEFAULT in the other order"),
    Difference(
        ALL | NOT_RUN,
        "batch_alter_table",
        'recreate="always"',
        "only SQLite ever needs a table copied",
    ),
    Difference(
        POSTGRESQL | BOTH_MYSQL | frozenset({"mssql"}),
        "batch_alter_table",
        '"second"',
        "the same as in alter_column",
    ),
    Difference(SQLITE, "batch_alter_table", "drop_column", "SQLite has DROP COLUMN by now"),
    Difference(SQLITE, "batch_alter_table", "copy_from", "columns would be lost: refused"),
    Difference(ALL, "execute", ":missing", "a forgotten value is an error, not NULL"),
    Difference(ALL, "literals", r'b"\x00', "bytes as bytes"),
    Difference(ALL, "literals", '{"key"', "JSON has a literal"),
    Difference(ALL, "literals", "float(", "inf is no SQL"),
    Difference(ALL, "bulk_insert", "sa.JSON", "JSON, bytes and defaults have literals"),
    Difference(ALL, "autocommit", "op.autocommit()", "Alembic has it on the context only"),
    Difference(SQLITE, "autocommit", "VACUUM", "SQLite's migrations run in a transaction here"),
    Difference(POSTGRESQL, "create_index", "_concurrently", "outside of the transaction by itself"),
    Difference(POSTGRESQL, "drop_index", "_concurrently", "the same"),
    Difference(POSTGRESQL, "generated", ' server_default="7"', "what was there goes first"),
    Difference(POSTGRESQL, "generated", 'sa.Identity(), existing_server_default="7"', "the same"),
    Difference(POSTGRESQL, "exclude", "sa.text(", "expressions besides columns, too"),
    Difference(POSTGRESQL, "generated", '"a * 3"', "SET EXPRESSION exists"),
    *SERVER_DIFFERENCES,
]


def statements(text: str) -> list[str]:
    words = (" ".join(part.split()) for part in text.split(";"))
    return [statement for statement in words if statement]


def names_for(op: object) -> dict[str, object]:
    return {"op": op, "sa": sa, "dt": dt, "decimal": decimal, "uuid": uuid}


def ours(name: str, directive: str, call: str, metadata: sa.MetaData | None) -> list[str] | None:
    lines: list[str] = []
    sink = SqlSink(dialect(name), lines.append)
    sink.shadow = shadow_for(directive)
    op = Operations(sink, metadata=metadata)
    try:
        exec(call, names_for(op))
        op.finish()
    except MigrateError:
        return None
    return statements("".join(lines))


def alembics(name: str, call: str, metadata: sa.MetaData | None) -> list[str] | None:
    from alembic.operations import Operations as AlembicOperations
    from alembic.runtime.migration import MigrationContext

    buffer = io.StringIO()
    options = {"as_sql": True, "output_buffer": buffer, "literal_binds": True}
    context = MigrationContext.configure(
        dialect=type(dialect(name))(paramstyle="named"),
        opts=options | ({} if metadata is None else {"target_metadata": metadata}),
    )
    try:
        exec(call, names_for(AlembicOperations(context)))
    except Exception:
        return None
    return statements(buffer.getvalue())


ONLY_OURS = {"enum", "named_type", "concurrently", "not_valid", "existence", "keywords", "get_bind"}
ONLY_OURS |= OBJECT_CASES.keys()
"""What Alembic has no directive for, or has no condition, no check or no stand-in for."""

KNOWN_TABLE = ("alter_column", "existing_column", "generated")
"""Files of calls about tables that are given to SQLite's shadow."""

CALLS = [
    (directive, call)
    for directive, calls in CASES.items()
    for call in calls
    if directive not in ONLY_OURS
]


@pytest.mark.filterwarnings("ignore:Skipping unsupported ALTER")
@pytest.mark.filterwarnings("ignore:MS-SQL ALTER COLUMN")
@pytest.mark.filterwarnings("ignore:autoincrement and existing_autoincrement only make sense")
@pytest.mark.filterwarnings("ignore:Oracle Database does not contain native UPDATE CASCADE")
@pytest.mark.parametrize("name", sorted(ALL | NOT_RUN))
@pytest.mark.parametrize(("directive", "call"), CALLS)
def test_the_sql_is_alembics_or_differs_for_a_reason(name: str, directive: str, call: str) -> None:
    if sa.__version__.startswith("2.0.") and name == "postgresql" and r"\\ \u20ac" in call:
        pytest.skip("with SQLAlchemy 2.0, Alembic doubles backslashes, which PostgreSQL keeps")
    metadata = sa.MetaData(naming_convention=CONVENTION)
    metadata = metadata if directive == "naming_convention" else None
    expected = any(difference.covers(name, directive, call) for difference in DIFFERENCES)

    written = ours(name, directive, call, metadata)
    same = written == alembics(name, call, metadata)

    # Alembic refuses those, or writes an ALTER TABLE that SQLite cannot parse; where the table is
    # as it is to be, we write nothing.
    rebuilt = any("asyncmigrate_new_" in statement for statement in written or ())
    is_so_already = name == "sqlite" and directive in KNOWN_TABLE and written == []
    assert same is not (expected or rebuilt or is_so_already)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: f"{d.directive} {d.fragment}")
def test_every_difference_is_about_some_call(difference: Difference) -> None:
    assert any(difference.covers(n, d, c) for n in difference.dialects for d, c in CALLS)
