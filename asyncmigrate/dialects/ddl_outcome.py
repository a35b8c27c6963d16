"""What a DDL statement makes and takes away, read from its text.

A statement that was interrupted has taken effect whole or not at all; which of the two, the catalog
tells (`engine.outcome_probe`). Only plain forms are understood: what is not is no answer, never a
wrong one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from asyncmigrate.dialects.statement_kinds import pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

Sort: TypeAlias = Literal[
    "table", "view", "column", "index", "constraint", "primary key", "sequence", "schema"
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that is there, or gone, once a statement has taken effect."""

    sort: Sort
    name: str
    exists: bool = True
    table: str | None = None
    """Of a column, an index or a constraint; None if the statement does not say."""
    schema: str | None = None
    columns: frozenset[str] | None = None
    """Of a table that is made: the columns that it has then, if they could be read."""

    def __str__(self) -> str:
        """Return it as a part of a sentence."""
        of = f" of {self.table}" if self.table else ""
        return f"{self.sort} {self.name}{of}" if self.name else f"{self.sort}{of}"


_TOKEN = re.compile(
    r"""\s+|(?P<quoted>`(?:[^`]|``)*`|"(?:[^"]|"")*"|\[[^\]]*\])|(?P<text>'(?:[^'\\]|''|\\.)*')"""
    r"""|(?P<word>[^\W\d][\w$]*)|(?P<other>.)""",
    re.DOTALL,
)
_NO_COLUMN = frozenset(
    {"CONSTRAINT", "PRIMARY", "UNIQUE", "KEY", "INDEX", "FULLTEXT", "SPATIAL", "FOREIGN", "CHECK"}
    | {"EXCLUDE", "LIKE", "PERIOD"}
)
_BEFORE_INDEX = frozenset({"UNIQUE", "FULLTEXT", "SPATIAL"})


@dataclass(slots=True)
class _Token:
    text: str
    is_name: bool
    """A quoted name, which is no keyword."""

    @property
    def word(self) -> str:
        return "" if self.is_name else self.text.upper()


class _UnknownFormError(Exception):
    """The text is none of the plain forms."""


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens

    def at(self, *words: str) -> bool:
        return bool(self.tokens) and self.tokens[0].word in words

    def takes(self, *words: str) -> bool:
        """Step over the words if they come next, all of them."""
        if [each.word for each in self.tokens[: len(words)]] != list(words):
            return False
        del self.tokens[: len(words)]
        return True

    def name(self) -> tuple[str | None, str]:
        """Return the next name with its schema."""
        parts = [self._part()]
        while self.takes("."):
            parts.append(self._part())
        return (parts[-2] if len(parts) > 1 else None), parts[-1]

    def _part(self) -> str:
        if not self.tokens or not (self.tokens[0].is_name or self.tokens[0].word.isidentifier()):
            raise _UnknownFormError
        return self.tokens.pop(0).text

    def skips_guard(self) -> None:
        """Step over IF [NOT] EXISTS."""
        if not self.takes("IF", "NOT", "EXISTS"):
            self.takes("IF", "EXISTS")

    def parts(self) -> list[_Reader]:
        """Return what stands between commas that are in no parentheses."""
        found: list[list[_Token]] = [[]]
        depth = 0
        for token in self.tokens:
            depth += {"(": 1, ")": -1}.get(token.word, 0)
            if depth < 0:
                break
            if token.word == "," and depth == 0:
                found.append([])
            else:
                found[-1].append(token)
        return [_Reader(each) for each in found]


def outcomes(text: str) -> tuple[Outcome, ...]:
    """Return what one DDL statement makes and takes away; nothing if its form is not known.

    >>> [str(each) for each in outcomes("ALTER TABLE a ADD COLUMN b INT, DROP CONSTRAINT `c d`")]
    ['column b of a', 'constraint c d of a']
    >>> outcomes("ALTER TABLE a MODIFY b INT")
    ()
    """
    found = pieces(text)
    if len(found) != 1:
        return ()
    reader = _Reader(_tokens(found[0]))
    try:
        made = tuple(_of_statement(reader))
    except _UnknownFormError:
        return ()
    named = {(each.sort, each.table, each.name) for each in made}
    return made if len(named) == len(made) else ()  # names that swap tell nothing


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        if match["quoted"]:
            quote = match["quoted"][-1]
            found.append(_Token(match["quoted"][1:-1].replace(quote * 2, quote), is_name=True))
        elif match["text"] or match["word"] or match["other"]:
            found.append(_Token(match[0], is_name=False))
    return found


def _of_statement(reader: _Reader) -> Iterator[Outcome]:
    if reader.takes("CREATE"):
        yield from _created(reader)
    elif reader.takes("DROP"):
        yield from _dropped(reader)
    elif reader.takes("ALTER", "TABLE"):
        yield from _altered(reader)
    elif reader.takes("RENAME", "TABLE"):
        for part in reader.parts():
            yield from _renamed_table(part)


def _created(reader: _Reader) -> Iterator[Outcome]:
    if reader.at(*_BEFORE_INDEX):
        reader.tokens.pop(0)
    if reader.takes("INDEX"):
        yield _created_index(reader)
        return
    reader.takes("MATERIALIZED")
    for words, sort in _SORTS:
        if reader.takes(words):
            reader.skips_guard()
            schema, name = reader.name()
            columns = _columns(reader) if sort == "table" else None
            yield Outcome(sort, name, schema=schema, columns=columns)
            return


_SORTS: tuple[tuple[str, Sort], ...] = (
    ("TABLE", "table"),
    ("VIEW", "view"),
    ("SEQUENCE", "sequence"),
    ("SCHEMA", "schema"),
)


def _created_index(reader: _Reader) -> Outcome:
    reader.takes("CONCURRENTLY")
    reader.skips_guard()
    schema, name = reader.name()
    if reader.takes("USING"):
        reader.name()
    if not reader.takes("ON"):
        raise _UnknownFormError
    reader.takes("ONLY")
    table_schema, table = reader.name()
    return Outcome("index", name, table=table, schema=schema or table_schema)


def _columns(reader: _Reader) -> frozenset[str] | None:
    if not reader.takes("("):
        return None
    items = [part for part in reader.parts() if part.tokens]
    names = {part.name()[1] for part in items if part.tokens[0].word not in _NO_COLUMN}
    return frozenset(names) or None


def _dropped(reader: _Reader) -> Iterator[Outcome]:
    if reader.takes("INDEX"):
        reader.takes("CONCURRENTLY")
        reader.skips_guard()
        schema, name = reader.name()
        of = reader.name() if reader.takes("ON") else (None, None)
        yield Outcome("index", name, exists=False, table=of[1], schema=of[0] or schema)
        return
    reader.takes("MATERIALIZED")
    for words, sort in _SORTS:
        if reader.takes(words):
            reader.skips_guard()
            for part in reader.parts():
                schema, name = part.name()
                yield Outcome(sort, name, exists=False, schema=schema)
            return


def _renamed_table(reader: _Reader) -> Iterator[Outcome]:
    schema, old = reader.name()
    if not reader.takes("TO"):
        raise _UnknownFormError
    new_schema, new = reader.name()
    yield Outcome("table", old, exists=False, schema=schema)
    yield Outcome("table", new, schema=new_schema or schema)


def _altered(reader: _Reader) -> Iterator[Outcome]:
    reader.skips_guard()
    reader.takes("ONLY")
    schema, table = reader.name()
    for part in reader.parts():
        yield from _clause(part, schema, table)


def _clause(reader: _Reader, schema: str | None, table: str) -> Iterator[Outcome]:
    """Give what one clause of ALTER TABLE does; nothing if it is not known."""

    def outcome(sort: Sort, name: str, *, exists: bool = True) -> Outcome:
        return Outcome(sort, name, exists=exists, table=table, schema=schema)

    if reader.at("ADD", "DROP"):
        exists = reader.tokens.pop(0).word == "ADD"
        sort = _part_of_table(reader, exists=exists)
        if sort is not None:
            yield outcome(sort, "" if sort == "primary key" else _named(reader), exists=exists)
    elif reader.takes("CHANGE"):
        reader.takes("COLUMN")
        reader.skips_guard()
        yield from _renamed(outcome, "column", reader.name()[1], reader.name()[1])
    elif reader.takes("RENAME"):
        if reader.takes("TO") or reader.takes("AS"):
            new_schema, new = reader.name()
            yield Outcome("table", table, exists=False, schema=schema)
            yield Outcome("table", new, schema=new_schema or schema)
        elif reader.at("COLUMN", "INDEX", "KEY", "CONSTRAINT"):
            renamed = _RENAMED[reader.tokens.pop(0).word]
            reader.skips_guard()
            old = reader.name()[1]
            if not reader.takes("TO"):
                raise _UnknownFormError
            yield from _renamed(outcome, renamed, old, reader.name()[1])


_RENAMED: dict[str, Sort] = {
    "COLUMN": "column",
    "INDEX": "index",
    "KEY": "index",
    "CONSTRAINT": "constraint",
}


def _renamed(outcome: object, sort: Sort, old: str, new: str) -> Iterator[Outcome]:
    if old.lower() != new.lower():
        yield outcome(sort, old, exists=False)  # type: ignore[operator]  # the closure of _clause
        yield outcome(sort, new)  # type: ignore[operator]


def _part_of_table(reader: _Reader, *, exists: bool) -> Sort | None:
    """Return what ADD or DROP is about, up to its name; None: nobody can tell by a name."""
    if reader.takes("CONSTRAINT"):
        return "constraint"
    if reader.takes("PRIMARY", "KEY"):
        return "primary key"
    if not exists and reader.takes("FOREIGN", "KEY"):
        return "constraint"
    if not exists and reader.takes("CHECK"):
        return "constraint"
    if reader.at(*_BEFORE_INDEX):
        reader.tokens.pop(0)
        if not reader.at("INDEX", "KEY"):
            return "index" if _has_name(reader) else None
    if reader.takes("INDEX") or reader.takes("KEY"):
        return "index" if _has_name(reader) else None
    if reader.at("FOREIGN", "CHECK", "PARTITION", "PERIOD", "SYSTEM", "(", "EXCLUDE"):
        return None
    reader.takes("COLUMN")
    return None if reader.at("(", "IF") and not _has_name(reader) else "column"


def _has_name(reader: _Reader) -> bool:
    beginning = _Reader(list(reader.tokens))
    beginning.skips_guard()
    return bool(beginning.tokens) and not beginning.at("(", "USING")


def _named(reader: _Reader) -> str:
    reader.skips_guard()
    return reader.name()[1]
