"""SQL without the values in it, for a log or a trace that others read."""

from __future__ import annotations

import re

_SPACE = r"--[^\n]*|/\*.*?\*/|\s"
_NUMBER = r"(?<![\w$.])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w$])"
_STANDARD = re.compile(
    rf"""(?P<space>(?:{_SPACE})+)|(?P<kept>"(?:[^"]|"")*"|`[^`]*`)"""
    rf"""|\b[eE]'(?:[^'\\]|\\.|'')*'|(?:\b[bBxXnN])?'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"""
    rf"""|{_NUMBER}""",
    re.DOTALL,
)
_MYSQL = re.compile(
    rf"""(?P<space>(?:#[^\n]*|{_SPACE})+)|(?P<kept>`[^`]*`)"""
    rf"""|(?:\b[bBxXnN])?'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|{_NUMBER}""",
    re.DOTALL,
)


def without_values(sql: str, dialect: str = "") -> str:
    r"""Return SQL with a question mark for each literal, on one line and without comments.

    `dialect` is SQLAlchemy's name of it: MySQL's strings may have double quotes and backslashes.

    >>> without_values("UPDATE users SET name = 'O''Brien', \"age 2\" = 3 -- his\nWHERE id = $1")
    'UPDATE users SET name = ?, "age 2" = ? WHERE id = $1'
    >>> without_values('INSERT INTO `t2` VALUES ("it\\"s", 1.5e3)', "mysql")
    'INSERT INTO `t2` VALUES (?, ?)'
    >>> without_values("CREATE FUNCTION f() RETURNS int AS $a$ SELECT 'x' $a$")
    'CREATE FUNCTION f() RETURNS int AS ?'
    """
    pattern = _MYSQL if dialect in {"mysql", "mariadb"} else _STANDARD
    return pattern.sub(_shown, sql).strip()


def _shown(match: re.Match[str]) -> str:
    if match["space"] is not None:
        return " "
    return "?" if match["kept"] is None else match["kept"]


def operation(sql: str) -> str:
    """Return what a statement does, in one word or two.

    >>> operation("create unique index i on t (a)"), operation("UPDATE t SET a = 1"), operation("")
    ('CREATE INDEX', 'UPDATE', '')
    """
    words = re.findall(r"\w+", without_values(sql))[:6]
    names = [word.upper() for word in words]
    if not names or names[0] not in {"ALTER", "CREATE", "DROP"}:
        return "".join(names[:1])
    kinds = (name for name in names[1:] if name not in _ADJECTIVES)
    return f"{names[0]} {next(kinds, '')}".strip()


_ADJECTIVES = frozenset(
    {"UNIQUE", "OR", "REPLACE", "TEMPORARY", "TEMP", "UNLOGGED", "MATERIALIZED", "FULLTEXT"}
    | {"SPATIAL", "VIRTUAL", "GLOBAL", "LOCAL"}
)
