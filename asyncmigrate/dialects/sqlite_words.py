"""SQL of SQLite in one spelling, so that two texts are equal when they say the same.

SQLite has no printing of its own: it keeps what was typed. What models say and what a database
kept go through these functions alike; what comes out is SQL that says the same. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from asyncmigrate.dialects.sqlite_syntax import folded, literal, quoted, tokens, unquoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from asyncmigrate.dialects.sqlite_syntax import Token

_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE
    DEFAULT DEFERRABLE DELETE DISTINCT DROP ELSE ESCAPE EXISTS FOREIGN FROM GROUP HAVING IN INDEX
    INSERT INTO IS ISNULL JOIN LIMIT NOT NOTHING NOTNULL NULL ON OR ORDER PRIMARY REFERENCES
    RETURNING SELECT SET TABLE THEN TO TRANSACTION UNIQUE UPDATE USING VALUES WHEN WHERE""",
    )
)
"""What can only be a name in quotes."""

_SPEAKING = _RESERVED | frozenset(
    re.findall(
        r"\w+",
        """ASC BY CAST CROSS CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DESC END EXCEPT FALSE
    FILTER
    FULL GLOB INNER INTERSECT LEFT LIKE MATCH NATURAL OUTER OVER PARTITION RECURSIVE REGEXP RIGHT
    TRUE UNION WINDOW WITH""",
    )
)
"""The words that are written in capitals. Others that could be keywords (KEY, FIRST, …) are often
names, and as SQL both mean the same in small letters."""

_WORDS = frozenset(
    re.findall(
        r"\w+",
        """ABORT ACTION AFTER ALWAYS ANALYZE ATTACH BEFORE BEGIN CASCADE COLUMN CONFLICT CURRENT
    DATABASE DEFERRED DETACH DO EACH EXCLUDE EXCLUSIVE EXPLAIN FAIL FIRST FOLLOWING FOR GENERATED
    GROUPS IF IGNORE IMMEDIATE INDEXED INITIALLY INSTEAD KEY LAST MATERIALIZED NO NULLS OF OFFSET
    OTHERS PLAN PRAGMA PRECEDING QUERY RAISE RANGE REINDEX RELEASE RENAME REPLACE RESTRICT ROLLBACK
    ROW ROWS SAVEPOINT STORED TEMP TEMPORARY TIES TRIGGER UNBOUNDED VACUUM VIEW VIRTUAL WITHIN
    WITHOUT ROWID OID _ROWID_""",
    )
)
"""Words that are never put in quotes for being written in capitals."""

_CONSTANTS = frozenset({"TRUE", "FALSE", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"})
_ROWIDS = frozenset({"rowid", "oid", "_rowid_"})
_LONG_MARKS = frozenset({"||", "<=", ">=", "<>", "<<", ">>", "==", "!=", "->", "->>"})
_SAME_MARKS = {"==": "=", "<>": "!="}
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")

Words: TypeAlias = "list[tuple[str, str]]"
"""Pieces of SQL: how each is to be spaced (`word`, `call`, `sign`, or the mark), and its text."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that an expression of a table can mention."""

    table: str = ""
    """Folded."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """How each is spelled, by its folded name."""

    @classmethod
    def of(cls, table: str, columns: Sequence[str]) -> Names:
        """Return the names of a table and its columns."""
        return cls(folded(table), {folded(name): name for name in columns})

    def spelled(self, name: str) -> str:
        """Return a column's name as the table spells it."""
        return self.columns.get(folded(name), name)


NO_NAMES = Names()
"""Those of a table that is not known."""


def expression(text: str | Sequence[Token], names: Names = NO_NAMES) -> str:
    """Return a condition or a formula in one spelling, without parentheses around the whole.

    Names are in small letters, which SQLite does not tell from capitals. With those of the
    expression's table, `t.a` becomes `a`, and what looks like a name in quotes and is none is the
    string that SQLite takes it for.

    >>> expression(' ("a"  <> 1 and LENGTH (b)>-2)')
    'a != 1 AND length(b) > -2'
    """
    found = tokens(text)[0] if isinstance(text, str) else list(text)
    return _spaced(_words(_unwrapped(_unqualified(found, names)), names))


@lru_cache(maxsize=4096)
def default(text: str) -> str | None:
    """Return a DEFAULT in one spelling; None for none at all, which NULL is too.

    >>> default("(CURRENT_timestamp)"), default("- 1"), default('"x"'), default("(1+2)")
    ('CURRENT_TIMESTAMP', '-1', "'x'", '(1 + 2)')
    """
    found = _unwrapped(tokens(text)[0])
    if len(found) == 1:
        return _constant(found[0])
    said = _spaced(_words(found, None))
    signed = len(found) == 2 and found[0].says("+", "-") and found[1].kind == "number"
    return said if signed else f"({said})"


def _constant(token: Token) -> str | None:
    if token.says("NULL"):
        return None
    if token.says(*_CONSTANTS):
        return token.text.upper()
    if token.kind in {"word", "quoted"}:  # DEFAULT abc is the string 'abc'
        return literal(token.name)
    return _blob(token)


@lru_cache(maxsize=4096)
def type_words(text: str) -> str:
    """Return a type in one spelling.

    >>> type_words("varchar (10 )"), type_words("Double  precision"), type_words("NUMERIC(8,2)")
    ('VARCHAR(10)', 'DOUBLE PRECISION', 'NUMERIC(8, 2)')
    """
    words = [
        ("call" if t.kind == "word" else t.text, t.text.upper() if t.kind == "word" else t.text)
        for t in tokens(text)[0]
    ]
    return _spaced(words)


def collation(name: str | None) -> str | None:
    """Return the name of a collation in one spelling; None for the usual one.

    >>> collation("nocase"), collation('"binary"')
    ('NOCASE', None)
    """
    plain = None if name is None else unquoted(name).upper()
    return None if plain == "BINARY" else plain


def view_definition(text: str | Sequence[Token]) -> str:
    r"""Return the SELECT of a view in one spelling.

    Names are left as they are: those that it gives to its columns are seen by whoever reads it.

    >>> view_definition('select "a", B as "userName"\n from t;')
    'SELECT a, "B" AS "userName" FROM t'
    """
    found = tokens(text)[0] if isinstance(text, str) else list(text)
    while found and found[-1].says(";"):
        found.pop()
    return _spaced(_words(_unwrapped(found), None))


# --- words ---------------------------------------------------------------------------------------


def _unqualified(found: Sequence[Token], names: Names) -> Sequence[Token]:
    """Leave the table's own name before a column out."""
    if not any(token.text == "." for token in found):
        return found
    kept: list[Token] = []
    for token in found:
        if token.text == "." and kept and kept[-1].is_name and folded(kept[-1].name) == names.table:
            kept.pop()
        else:
            kept.append(token)
    return kept


def _unwrapped(found: Sequence[Token]) -> Sequence[Token]:
    while len(found) > 2 and found[0].text == "(" and _closing(found) == len(found) - 1:
        found = found[1:-1]
    return found


def _closing(found: Sequence[Token]) -> int:
    depth = 0
    for place, token in enumerate(found):
        depth += (token.text == "(") - (token.text == ")")
        if not depth:
            return place
    return -1


def _words(found: Sequence[Token], names: Names | None) -> Words:
    words: Words = []
    types = _places_of_types(found)
    for place, token in enumerate(found):
        before = found[place - 1] if place else None
        after = found[place + 1] if place + 1 < len(found) else None
        match token.kind:
            case "mark":
                _add_mark(words, token)
            case "word" if place in types:
                words.append(
                    ("call" if after and after.text == "(" else "word", token.text.upper())
                )
            case "word" | "quoted" if before is not None and before.says("COLLATE"):
                words.append(("word", _collation_word(token)))
            case "word":
                words.append(_word(token, after, names))
            case "quoted":
                words.append(("word", _quoted(token, before, after, names)))
            case _:
                words.append(("word", _blob(token)))
    return words


def _places_of_types(found: Sequence[Token]) -> set[int]:
    """Return where the words of types stand, which only a CAST has."""
    places: set[int] = set()
    casts: list[bool] = []
    inside = False
    for place, token in enumerate(found):
        if token.text == "(":
            casts.append(place > 0 and found[place - 1].says("CAST"))
            inside = False
        elif token.text == ")":
            casts = casts[:-1]
            inside = False
        elif token.says("AS"):
            inside = bool(casts) and casts[-1]
        elif inside:
            places.add(place)
    return places


def _word(token: Token, after: Token | None, names: Names | None) -> tuple[str, str]:
    upper = token.text.upper()
    if upper in _RESERVED:
        return "word", upper
    calls = after is not None and after.text == "("
    if names is not None and not calls and folded(token.text) in names.columns:
        return "word", written(folded(token.text))
    if upper in _SPEAKING:
        return ("call" if upper == "CAST" else "word"), upper
    if calls:
        return "call", token.text.lower()
    if upper in _WORDS:
        return "word", token.text.lower()
    return "word", written(token.text if names is None else folded(token.text))


def _quoted(token: Token, before: Token | None, after: Token | None, names: Names | None) -> str:
    if names is None:
        return written(token.name)
    plain = folded(token.name)
    around = (before is not None and before.says(".", "AS")) or (
        after is not None and after.text in {".", "("}
    )
    is_name = not names.columns or plain in names.columns or plain in _ROWIDS or around
    return written(plain) if is_name or token.text[0] != '"' else literal(token.name)


def written(plain: str) -> str:
    """Return a name with quotes if it needs them.

    >>> written("a"), written("userName"), written("select"), written("key")
    ('a', '"userName"', '"select"', 'key')
    """
    needs_none = _PLAIN.fullmatch(plain) and plain.upper() not in _SPEAKING
    return plain if needs_none else quoted(plain)


def _collation_word(token: Token) -> str:
    upper = token.name.upper()
    return upper if _PLAIN.fullmatch(upper.lower()) else quoted(token.name)


def _blob(token: Token) -> str:
    return f"X{token.text[1:]}" if token.text[:1] == "x" else token.text


def _add_mark(words: Words, token: Token) -> None:
    """Add a mark, which with the one before may be a longer one, or belong to what follows."""
    if words and not token.gap and words[-1][0] + token.text in _LONG_MARKS:
        whole = words.pop()[0] + token.text
        words.append((whole, _SAME_MARKS.get(whole, whole)))
    elif token.text == "~" or (token.text in {"+", "-"} and not _is_operand(words)):
        words.append(("sign", token.text))
    else:
        words.append((token.text, token.text))


def _is_operand(words: Words) -> bool:
    """Return whether what was said so far ends with a value, so that a minus subtracts."""
    if not words:
        return False
    kind, text = words[-1]
    if kind == "word":
        return text not in _SPEAKING or text in _CONSTANTS or text in {"NULL", "END"}
    return kind == ")"


def _spaced(words: Words) -> str:
    return "".join(_pieces(words))


def _pieces(words: Words) -> Iterator[str]:
    last = "("
    for kind, text in words:
        tight = last in {"(", "."} or kind in {",", ")", "."} or (last == "call" and kind == "(")
        if not tight and (last != "sign" or kind == "sign"):  # -- would begin a comment
            yield " "
        yield text
        last = kind
