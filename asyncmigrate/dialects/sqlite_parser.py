"""CREATE TABLE of SQLite taken apart, by the grammar in its own parse.y."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from asyncmigrate.dialects.sqlite_syntax import (
    Cursor,
    Token,
    names_in,
    split,
    text_of,
    tokens,
    unreadable,
)
from asyncmigrate.dialects.sqlite_table import Clause, Column, Table
from asyncmigrate.errors import UnsupportedOperationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TABLE_CONSTRAINTS = ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")
_AFTER_TYPE = (
    *TABLE_CONSTRAINTS,
    "NOT",
    "NULL",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "AS",
    "DEFERRABLE",
)


def parse(sql: str) -> Table:
    """Take a CREATE TABLE statement apart.

    >>> table = parse('CREATE TABLE t (a INT NOT NULL, "b c" TEXT, CHECK (a > 0))')
    >>> [column.name for column in table.columns], table.constraints[0].kind
    (['a', 'b c'], 'check')

    Raises:
        UnsupportedOperationError: it is none, or one of a virtual table.
    """
    found, rest = tokens(sql)
    cursor = Cursor(found)
    cursor.expect("CREATE")
    if cursor.sees("VIRTUAL"):
        raise UnsupportedOperationError(
            "It is a virtual table, which SQLite cannot alter.",
            next="Drop it and create it again with op.execute.",
        )
    cursor.accept("TEMP", "TEMPORARY")
    cursor.expect("TABLE")
    if cursor.accept("IF"):
        cursor.expect("NOT"), cursor.expect("EXISTS")
    name = cursor.take()
    if cursor.accept("."):
        name = cursor.take()
    head = text_of(found[: cursor.at - 1]) + name.gap
    opening = found[cursor.at].gap + "(" if cursor else ""
    body = cursor.group()
    columns, constraints = _items(body, found[cursor.at - 1].gap)
    closing = ")" + text_of(found[cursor.at :]) + rest
    return Table(head, name.text, opening, columns, constraints, closing)


def _items(body: Sequence[Token], last_gap: str) -> tuple[tuple[Column, ...], tuple[Clause, ...]]:
    columns: list[Column] = []
    constraints: list[Clause] = []
    parts = split(body)
    trails = [*_comma_gaps(body), last_gap]
    for part, trail in zip(parts, trails, strict=True):
        if not part:
            raise unreadable("a column is missing")
        if part[0].says(*TABLE_CONSTRAINTS):
            constraints += _table_clauses(part, trail)
        else:
            columns.append(parse_column(part, trail))
    return tuple(columns), tuple(constraints)


def _comma_gaps(body: Sequence[Token]) -> Iterator[str]:
    depth = 0
    for token in body:
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "," and depth == 0:
            yield token.gap


def _table_clauses(part: Sequence[Token], trail: str = "") -> Iterator[Clause]:
    cursor = Cursor(part)
    while cursor:
        first = cursor.at == 0
        clause = _clause(cursor)
        yield replace(clause, comma=first, trail="" if cursor else trail)


def parse_column(part: Sequence[Token] | str, trail: str = "") -> Column:
    """Take a column apart, as it stands in CREATE TABLE or after ADD COLUMN.

    >>> parse_column("a VARCHAR(9) DEFAULT 'x' NOT NULL").clauses[1].kind
    'not null'
    """
    cursor = Cursor(tokens(part)[0] if isinstance(part, str) else part)
    name = cursor.take()
    if not name.is_name:
        raise unreadable(f"{name.text} is not the name of a column")
    start = cursor.at
    while cursor and cursor.found[cursor.at].is_name and not cursor.sees(*_AFTER_TYPE):
        cursor.take()
    words = cursor.found[start : cursor.at]
    if cursor.sees("(") and words:
        cursor.group()
    elif len(words) > 1 and words[-2].says("GENERATED") and words[-1].says("ALWAYS"):
        cursor.at -= 2
    type_ = text_of(cursor.found[start : cursor.at])
    clauses: list[Clause] = []
    while cursor:
        clauses.append(_clause(cursor))
    return Column(name.text, type_, tuple(clauses), name.gap, trail)


def parse_constraint(text: str) -> Clause:
    """Take a table's constraint apart.

    >>> parse_constraint('CONSTRAINT uq UNIQUE (a, "b")').columns
    ('a', 'b')
    """
    return next(_table_clauses(tokens(text)[0]))


def parse_item(text: str) -> Column | tuple[Clause, ...]:
    """Take apart what stands between two commas: a column, or constraints with no comma between.

    >>> parse_item("a INT").name, [c.kind for c in parse_item("UNIQUE (a) CHECK (a > 0)")]
    ('a', ['unique', 'check'])
    """
    found, _ = tokens(text)
    if found and found[0].says(*TABLE_CONSTRAINTS):
        return tuple(_table_clauses(found))
    return parse_column(found)


def _clause(cursor: Cursor) -> Clause:
    start = cursor.at
    name = None
    while cursor.accept("CONSTRAINT"):
        name = cursor.take().name
    clause = _body(cursor) if cursor else Clause("nothing", "")
    found = cursor.found[start : cursor.at]
    return replace(clause, text=text_of(found)[len(found[0].gap) :], gap=found[0].gap, name=name)


def _body(cursor: Cursor) -> Clause:
    first = cursor.take()
    match first.text.upper():
        case "PRIMARY":
            return _primary_key(cursor)
        case "UNIQUE":
            columns = _listed(cursor.group()) if cursor.sees("(") else ()
            _conflict(cursor)
            return Clause("unique", "", columns=columns)
        case "CHECK":
            named = names_in(cursor.group())
            _conflict(cursor)
            return Clause("check", "", named=named)
        case "FOREIGN":
            cursor.expect("KEY")
            columns = _listed(cursor.group())
            cursor.expect("REFERENCES")
            return replace(_reference(cursor), columns=columns)
        case "REFERENCES":
            return _reference(cursor)
        case _:
            return _column_clause(first, cursor)


def _column_clause(first: Token, cursor: Cursor) -> Clause:
    match first.text.upper():
        case "NOT" if cursor.accept("NULL"):
            _conflict(cursor)
            return Clause("not null", "")
        case "NULL":
            _conflict(cursor)
            return Clause("null", "")
        case "DEFAULT":
            return _default(cursor)
        case "COLLATE":
            cursor.take()
            return Clause("collate", "")
        case "NOT" | "DEFERRABLE":
            cursor.at -= 1
            _deferral(cursor)
            return Clause("deferrable", "")
        case "GENERATED" | "AS":
            if first.says("GENERATED"):
                cursor.expect("ALWAYS"), cursor.expect("AS")
            named = names_in(cursor.group())
            cursor.accept("STORED", "VIRTUAL")
            return Clause("generated", "", named=named)
        case other:
            raise unreadable(f"{other} is not understood")


def _primary_key(cursor: Cursor) -> Clause:
    cursor.expect("KEY")
    columns = _listed(cursor.group()) if cursor.sees("(") else ()
    cursor.accept("ASC", "DESC")
    _conflict(cursor)
    cursor.accept("AUTOINCREMENT")
    return Clause("primary key", "", columns=columns)


def _default(cursor: Cursor) -> Clause:
    if cursor.sees("("):
        return Clause("default", "", named=names_in(cursor.group()))
    cursor.accept("+", "-")
    cursor.take()
    return Clause("default", "")


def _reference(cursor: Cursor) -> Clause:
    referent = cursor.take().name
    referred = _listed(cursor.group()) if cursor.sees("(") else ()
    while cursor.sees("ON", "MATCH"):
        if cursor.take().says("MATCH"):
            cursor.take()
            continue
        cursor.expect("DELETE", "UPDATE", "INSERT")
        if cursor.accept("SET", "NO"):
            cursor.expect("NULL", "DEFAULT", "ACTION")
        else:
            cursor.expect("CASCADE", "RESTRICT")
    _deferral(cursor)
    return Clause("foreign key", "", referent=referent, referred=referred)


def _deferral(cursor: Cursor) -> None:
    if cursor.sees("NOT") and cursor.follows("DEFERRABLE"):
        cursor.take()
    if cursor.accept("DEFERRABLE") and cursor.accept("INITIALLY"):
        cursor.expect("DEFERRED", "IMMEDIATE")


def _conflict(cursor: Cursor) -> None:
    if cursor.accept("ON"):
        cursor.expect("CONFLICT")
        cursor.take()


def _listed(group: Sequence[Token]) -> tuple[str, ...]:
    return tuple(part[0].name for part in split(group) if part)
