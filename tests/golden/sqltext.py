"""Runs a script's calls through the SQL sink and gives the text that they write."""

from __future__ import annotations

import datetime as dt
import decimal
import textwrap
import uuid
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from asyncmigrate.errors import MigrateError
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.shadow import Shadow
from asyncmigrate.scripts.sqltext import SqlSink

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import Dialect

URLS = {
    "sqlite": "sqlite+aiosqlite://",
    "postgresql": "postgresql+asyncpg://",
    "mysql": "mysql+aiomysql://",
    "mariadb": "mariadb+aiomysql://",
    "mssql": "mssql+aioodbc://",
    "oracle": "oracle+oracledb://",
}

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

ACCOUNT = """CREATE TABLE account (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '1',  -- in years
    level VARCHAR(4) CONSTRAINT ck_old CHECK (level IN ('low')),
    at DATETIME,
    kind TEXT,
    twice INTEGER AS (age * 2) STORED,
    team_id INTEGER,
    CONSTRAINT ck_account_age CHECK (age > 0)
)"""
CONSTRAINED = """CREATE TABLE account (
    id INTEGER CONSTRAINT ck CHECK (id > 0),
    team_id INTEGER CONSTRAINT fk REFERENCES team (id),
    CONSTRAINT pk PRIMARY KEY (id),
    CONSTRAINT "any" UNIQUE (team_id)
)"""
SMALL = "CREATE TABLE t (id INTEGER, a INTEGER, b INTEGER, c INTEGER)"
RENAMED = """CREATE TABLE t (
    a INTEGER CONSTRAINT pk PRIMARY KEY,
    CONSTRAINT uq UNIQUE (a),
    CONSTRAINT ck CHECK (a > 0)
)"""
SQLITE_TABLES = {
    "add_column": ["CREATE TABLE account (number INTEGER)"],
    "drop_column": ["CREATE TABLE account (id INTEGER, age INTEGER UNIQUE)"],
    "drop_constraint": [CONSTRAINED],
    "dropped_with_a_column": [
        """CREATE TABLE account (id INTEGER, age INTEGER, "it's odd" TEXT)"""
    ],
    "named_type": ["CREATE TABLE t (c INTEGER)"],
    "rename": [RENAMED],
    "view": [SMALL, "CREATE VIEW v AS SELECT 1 AS a"],
    None: [ACCOUNT, SMALL, "CREATE TABLE node (id INTEGER PRIMARY KEY, parent_id INTEGER)"],
}
"""What is there before each call of a file: a table that is made anew must be known."""


def dialect(name: str) -> Dialect:
    """Return SQLAlchemy's dialect, or its default one for "default"."""
    if name == "default":
        return DefaultDialect()
    return sa.make_url(URLS[name]).get_dialect()()


def shadow_for(directive: str) -> Shadow:
    """Return what SQLite holds before each call of a file."""
    shadow = Shadow()
    for statement in SQLITE_TABLES.get(directive, SQLITE_TABLES[None]):
        shadow.follow(statement)
    return shadow


def written(name: str, directive: str, calls: list[str]) -> str:
    """Return each call as a comment, and what it writes."""
    metadata = sa.MetaData(naming_convention=CONVENTION)
    lines: list[str] = []
    sink = SqlSink(dialect(name), lines.append)
    op = Operations(sink, metadata=metadata if directive == "naming_convention" else None)
    names = {"op": op, "sa": sa, "dt": dt, "decimal": decimal, "uuid": uuid}
    for call in calls:
        lines.append(textwrap.indent(call, "-- ") + "\n")
        sink.shadow = shadow_for(directive)
        try:
            exec(compile(call, "script.py", "exec"), names)
            op.finish()
        except MigrateError as error:
            lines.append(f"-- ! {type(error).__name__}: {error.message}\n")
        lines.append("\n")
    text = "".join(lines).replace("\n\n\n", "\n\n").strip()
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
