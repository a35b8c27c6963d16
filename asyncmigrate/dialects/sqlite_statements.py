"""CREATE statements of SQLite as parts that can be compared, quick enough for thousands of tables.

`sqlite_parser` keeps every blank, for editing. Here a CREATE TABLE is cut at its commas only, and
what stands between two of them is parsed once however many tables say the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from asyncmigrate.dialects.sqlite_parser import parse_item
from asyncmigrate.dialects.sqlite_syntax import Cursor, split, tokens, unquoted, unreadable
from asyncmigrate.dialects.sqlite_table import Column as ParsedColumn
from asyncmigrate.dialects.sqlite_words import (
    Names,
    collation,
    default,
    expression,
    type_words,
    view_definition,
    written,
)
from asyncmigrate.schema.kinds.index import Indexed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from asyncmigrate.dialects.sqlite_syntax import Token
    from asyncmigrate.dialects.sqlite_table import Clause

_STOPS = re.compile(
    r"""--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[(),]""",
    re.DOTALL,
)
_TAIL = re.compile(r"\b(?:ON|MATCH|DEFERRABLE)\b", re.IGNORECASE)
_PLAIN_INDEX = re.compile(
    r"CREATE (UNIQUE )?INDEX [a-z0-9_]+ ON [a-z0-9_]+ \(([a-z_][a-z0-9_]*(?:, [a-z_][a-z0-9_]*)*)\)"
)
"""What most are; found to be so in a tenth of the time that any other takes."""
_CONSTRAINTS = frozenset({"primary key", "unique", "check", "foreign key"})


@dataclass(frozen=True, slots=True)
class Part:
    """A column as its own words say it; expressions are left as they were typed."""

    name: str
    type: str
    typed: str
    """The type as it was typed."""
    not_null: bool
    default: str | None
    increments: bool
    collation: str | None
    formula: str | None
    stored: bool
    constraints: tuple[Clause, ...]
    descends: bool
    """INTEGER PRIMARY KEY DESC: not the rowid, for a reason of history."""


@dataclass(frozen=True, slots=True)
class TableStatement:
    """A CREATE TABLE statement in parts."""

    columns: tuple[Part, ...]
    constraints: tuple[tuple[Part | None, Clause], ...]
    """With the column that it stands in, if it stands in one."""
    strict: bool
    without_rowid: bool

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return next(
            (columns_of(part, c) for part, c in self.constraints if c.kind == "primary key"), ()
        )


def table_statement(sql: str) -> TableStatement:
    """Take a CREATE TABLE statement apart.

    Raises:
        UnsupportedOperationError: it is none.
    """
    items, closing = _cut(sql)
    columns: list[Part] = []
    constraints: list[tuple[Part | None, Clause]] = []
    for item in items:
        found = _item(item)
        if isinstance(found, Part):
            columns.append(found)
            constraints += [(found, clause) for clause in found.constraints]
        else:
            constraints += [(None, clause) for clause in found]
    words = {t.text.upper() for t in tokens(closing)[0]} if closing else set()
    return TableStatement(tuple(columns), tuple(constraints), "STRICT" in words, "WITHOUT" in words)


def _cut(sql: str) -> tuple[list[str], str]:
    """Return what stands between the outer commas of a statement, and what follows it all."""
    items: list[str] = []
    depth = start = 0
    for stop in _STOPS.finditer(sql):
        mark = stop.group()
        if mark == "(":
            depth += 1
            if depth == 1:
                start = stop.end()
        elif mark == ")":
            depth -= 1
            if depth == 0:
                items.append(sql[start : stop.start()].strip())
                return items, sql[stop.end() :].strip()
        elif mark == "," and depth == 1:
            items.append(sql[start : stop.start()].strip())
            start = stop.end()
    raise unreadable(") is missing")


@lru_cache(maxsize=8192)
def _item(text: str) -> Part | tuple[Clause, ...]:
    found = parse_item(text)
    if not isinstance(found, ParsedColumn):
        return tuple(clause for clause in found if clause.kind in _CONSTRAINTS)
    said = {clause.kind: clause for clause in found.clauses}
    key = tokens(said["primary key"].text)[0] if "primary key" in said else []
    formula, stored = _formula(said.get("generated"))
    return Part(
        name=found.name,
        type=type_words(found.declared),
        typed=found.declared,
        not_null="not null" in said,
        default=default(_after(said["default"], "DEFAULT")) if "default" in said else None,
        increments=any(t.says("AUTOINCREMENT") for t in key),
        collation=collation(_after(said["collate"], "COLLATE")) if "collate" in said else None,
        formula=formula,
        stored=stored,
        constraints=tuple(_with_deferral(found.clauses)),
        descends=any(t.says("DESC") for t in key),
    )


def _after(clause: Clause, word: str) -> str:
    """Return what stands after a word of a clause."""
    found, _ = tokens(clause.text)
    start = next(place for place, token in enumerate(found) if token.says(word))
    return "".join(t.gap + t.text for t in found[start + 1 :]).strip()


def _formula(clause: Clause | None) -> tuple[str | None, bool]:
    if clause is None:
        return None, False
    found, _ = tokens(clause.text)
    cursor = Cursor(found)
    while not cursor.sees("AS"):
        cursor.take()
    cursor.take()
    inner = cursor.group()
    return "".join(t.gap + t.text for t in inner), cursor.sees("STORED")


def _with_deferral(clauses: Sequence[Clause]) -> Sequence[Clause]:
    """Return a column's constraints; DEFERRABLE may stand apart from its foreign key."""
    kept: list[Clause] = []
    for clause in clauses:
        if clause.kind in _CONSTRAINTS:
            kept.append(clause)
        elif clause.kind == "deferrable":
            place = next((i for i, c in enumerate(kept) if c.kind == "foreign key"), None)
            if place is not None:
                kept[place] = replace(kept[place], text=f"{kept[place].text} {clause.text}")
    return kept


# --- clauses -------------------------------------------------------------------------------------


def columns_of(part: Part | None, clause: Clause) -> tuple[str, ...]:
    """Return the columns that a constraint is on: those that it lists, or its own."""
    return clause.columns or (() if part is None else (part.name,))


def condition(clause: Clause, names: Names) -> str:
    """Return what a CHECK demands."""
    cursor = Cursor(tokens(clause.text)[0])
    while cursor.accept("CONSTRAINT"):
        cursor.take()
    cursor.expect("CHECK")
    return expression(cursor.group(), names)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a foreign key says beside its columns; "" is what is usual."""

    on_delete: str = ""
    on_update: str = ""
    match: str = ""
    deferrable: str = ""


_USUAL = Reaction()


def reaction(clause: Clause) -> Reaction:
    """Return what a foreign key does when its row goes or changes, and when it is checked."""
    if not _TAIL.search(clause.text):
        return _USUAL
    cursor = Cursor(tokens(clause.text)[0])
    while not cursor.sees("REFERENCES"):
        cursor.take()
    cursor.take(), cursor.take()
    if cursor.sees("("):
        cursor.group()
    said = {"DELETE": "", "UPDATE": "", "MATCH": "", "DEFERRABLE": ""}
    while cursor:
        _read_reaction(cursor, said)
    return Reaction(said["DELETE"], said["UPDATE"], said["MATCH"], said["DEFERRABLE"])


def _read_reaction(cursor: Cursor, said: dict[str, str]) -> None:
    if cursor.accept("ON"):
        event = cursor.take().text.upper()
        words = cursor.take().text.upper()
        if words in {"SET", "NO"}:
            words += f" {cursor.take().text.upper()}"
        said[event] = "" if words == "NO ACTION" else words
    elif cursor.accept("MATCH"):
        match = cursor.take().name.upper()
        said["MATCH"] = "" if match == "SIMPLE" else match
    elif cursor.accept("NOT"):
        cursor.accept("DEFERRABLE")
        said["DEFERRABLE"] = ""
    elif cursor.accept("DEFERRABLE"):
        said["DEFERRABLE"] = "DEFERRABLE"
    elif cursor.accept("INITIALLY") and cursor.take().says("DEFERRED"):
        said["DEFERRABLE"] += " INITIALLY DEFERRED" if said["DEFERRABLE"] else ""


# --- indexes and views ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IndexStatement:
    """A CREATE INDEX statement in parts."""

    columns: tuple[Indexed, ...]
    unique: bool
    where: str | None


def index_statement(sql: str, names: Names, collations: Mapping[str, str | None]) -> IndexStatement:
    """Take a CREATE INDEX statement apart; `collations` are those of the table's columns."""
    plain = _PLAIN_INDEX.fullmatch(sql)
    if plain is not None:
        on = plain[2].split(", ")
        if all(names.columns.get(column) == column for column in on):
            return IndexStatement(tuple(map(Indexed, on)), bool(plain[1]), None)
    cursor = Cursor(tokens(sql)[0])
    cursor.expect("CREATE")
    unique = cursor.accept("UNIQUE")
    while not cursor.sees("ON"):
        cursor.take()
    cursor.take(), cursor.take()
    columns = tuple(indexed(part, names, collations) for part in split(cursor.group()))
    where = expression(cursor.found[cursor.at :], names) if cursor.accept("WHERE") else None
    return IndexStatement(columns, unique, where)


def indexed(part: Sequence[Token], names: Names, collations: Mapping[str, str | None]) -> Indexed:
    """Return one part of what an index is on."""
    order = given = ""
    if len(part) > 1 and part[-1].says("ASC", "DESC"):
        order = "DESC" if part[-1].says("DESC") else ""
        part = part[:-1]
    if len(part) > 2 and part[-2].says("COLLATE"):
        given = collation(part[-1].name) or "BINARY"
        part = part[:-2]
    column = _column(part, names)
    own = (collations.get(column) if column is not None else None) or "BINARY"
    unusual = given if given and given != own else ""
    if column is not None:
        return Indexed(column, order=order, collation=unusual)
    return Indexed(expression(part, names), is_expression=True, order=order, collation=unusual)


def _column(part: Sequence[Token], names: Names) -> str | None:
    if len(part) != 1 or not part[0].is_name:
        return None
    spelled = names.spelled(unquoted(part[0].text))
    return spelled if spelled in names.columns.values() else None


def view_statement(sql: str, name: str) -> str:
    """Return the SELECT of a CREATE VIEW statement, which names its columns itself.

    >>> view_statement("CREATE VIEW v (b) AS SELECT a FROM t", "v")
    'WITH v (b) AS (SELECT a FROM t) SELECT * FROM v'
    """
    cursor = Cursor(tokens(sql)[0])
    while not cursor.sees("VIEW"):
        cursor.take()
    while not cursor.sees("(", "AS"):
        cursor.take()
    columns = cursor.group() if cursor.sees("(") else ()
    cursor.expect("AS")
    select = view_definition(cursor.found[cursor.at :])
    if not columns:
        return select
    own = written(name)
    return f"WITH {own} ({view_definition(columns)}) AS ({select}) SELECT * FROM {own}"
