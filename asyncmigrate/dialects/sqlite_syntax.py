"""SQLite's SQL cut into tokens, so exactly that putting them together gives the same text again."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asyncmigrate.errors import UnsupportedOperationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A character beyond ASCII is always a part of a name: that is SQLite's own rule.
_TOKEN = re.compile(
    r"(?P<blank>[ \t\n\f\r]+|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z))"
    r'|(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])'
    r"|(?P<string>[xX]?'(?:[^']|'')*')"
    r"|(?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*)"
    r"|(?P<number>0[xX][0-9A-Fa-f_]+|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<mark>.)",
    re.DOTALL,
)
_NAMES = frozenset({"word", "quoted", "string"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a name in quotes, a string, a number or a mark, and the blanks before it."""

    kind: str
    text: str
    gap: str = ""

    def says(self, *words: str) -> bool:
        """Return whether it is one of these words, unquoted, in any case; or one of these marks."""
        return self.kind in {"word", "mark"} and self.text.upper() in words

    @property
    def is_name(self) -> bool:
        """Whether it can be a name: SQLite takes even 'a string' for one."""
        return self.kind in _NAMES

    @property
    def name(self) -> str:
        """The name without its quotes."""
        return unquoted(self.text)


def tokens(sql: str) -> tuple[list[Token], str]:
    """Return the tokens of SQL, and the blanks after the last one.

    >>> found, rest = tokens('a /* b */ "c""d" ')
    >>> [(token.kind, token.text) for token in found], rest
    ([('word', 'a'), ('quoted', '"c""d"')], ' ')
    """
    found: list[Token] = []
    gap = ""
    for match in _TOKEN.finditer(sql):
        if match.lastgroup == "blank":
            gap += match.group()
        else:
            found.append(Token(match.lastgroup or "mark", match.group(), gap))
            gap = ""
    return found, gap


def text_of(found: Iterable[Token]) -> str:
    """Return the text of tokens, with the blanks before the first."""
    return "".join(token.gap + token.text for token in found)


def unquoted(name: str) -> str:
    r"""Return a name without its quotes, of whatever kind they are.

    >>> unquoted('"a""b"'), unquoted("[a b]"), unquoted("`a`"), unquoted("a")
    ('a"b', 'a b', 'a', 'a')
    """
    first = name[:1]
    if first == "[":
        return name[1:-1]
    return name[1:-1].replace(first * 2, first) if first in {'"', "`", "'"} else name


def quoted(name: str) -> str:
    """Return a name in quotes.

    >>> print(quoted('a"b'))
    "a""b"
    """
    return '"' + name.replace('"', '""') + '"'


def folded(name: str) -> str:
    """Return a name as SQLite compares it: without regard to the case of ASCII letters.

    >>> folded("Straße")
    'straße'
    """
    if name.isascii():
        return name.lower()
    return "".join(c.lower() if c.isascii() else c for c in name)


def literal(text: str) -> str:
    """Return a string as a literal.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def names_in(found: Sequence[Token]) -> frozenset[str]:
    """Return the names that an expression may mention, folded; functions are left out.

    >>> sorted(names_in(tokens("length(a) > 3 AND b = 'c'")[0]))
    ['a', 'and', 'b']
    """
    named: set[str] = set()
    for place, token in enumerate(found):
        calls = place + 1 < len(found) and found[place + 1].text == "("
        if token.kind == "quoted" or (token.kind == "word" and not calls):
            named.add(folded(token.name))
    return frozenset(named)


def mentions(sql: str, name: str) -> bool:
    """Return whether SQL names something, outside of strings and comments.

    >>> mentions("SELECT 'a' FROM b -- a", "a"), mentions('SELECT "A" FROM b', "a")
    (False, True)
    """
    wanted = folded(name)
    found, _ = tokens(sql)
    return any(t.kind in {"word", "quoted"} and folded(t.name) == wanted for t in found)


class Cursor:
    """Walks over tokens; whoever expects something else than what is there gets an error."""

    def __init__(self, found: Sequence[Token]) -> None:
        self.found = found
        self.at = 0

    def __bool__(self) -> bool:
        return self.at < len(self.found)

    def sees(self, *words: str) -> bool:
        """Return whether the next token is one of these."""
        return bool(self) and self.found[self.at].says(*words)

    def follows(self, *words: str) -> bool:
        """Return whether the token after the next is one of these."""
        return self.at + 1 < len(self.found) and self.found[self.at + 1].says(*words)

    def take(self) -> Token:
        """Return the next token and go on."""
        if not self:
            raise unreadable("it ends too early")
        self.at += 1
        return self.found[self.at - 1]

    def accept(self, *words: str) -> bool:
        """Go over the next token if it is one of these."""
        if self.sees(*words):
            self.at += 1
            return True
        return False

    def expect(self, *words: str) -> Token:
        """Go over the next token, which must be one of these."""
        if not self.sees(*words):
            raise unreadable(f"{' or '.join(words)} is missing")
        return self.take()

    def group(self) -> Sequence[Token]:
        """Go over a pair of parentheses, and return what stands between them."""
        self.expect("(")
        start, depth = self.at, 1
        while depth:
            token = self.take()
            depth += (token.text == "(") - (token.text == ")")
        return self.found[start : self.at - 1]


def split(found: Sequence[Token]) -> list[list[Token]]:
    """Return what stands between the commas outside of parentheses; the commas are left out."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def unreadable(why: str) -> UnsupportedOperationError:
    """Return the error for SQL that cannot be taken apart."""
    return UnsupportedOperationError(
        f"The CREATE TABLE statement of the table cannot be read: {why}.",
        next="Report this with the statement (`SELECT sql FROM sqlite_master`); until then, "
        "rebuild the table with op.execute.",
    )


def split_sqlite(script: str) -> list[str]:
    """Split a script into its statements, by SQLite's own idea of where one ends.

    The driver's `executescript` would do it too, but it commits first.

    >>> split_sqlite("CREATE TABLE a (x); INSERT INTO a VALUES (';');  -- done")
    ['CREATE TABLE a (x);', "INSERT INTO a VALUES (';');", '-- done']
    """
    statements: list[str] = []
    pending = ""
    for piece in script.split(";"):
        pending += piece
        if sqlite3.complete_statement(pending + ";"):
            statements.append(f"{pending.strip()};")
            pending = ""
        else:
            pending += ";"
    rest = pending.removesuffix(";").strip()
    return [statement for statement in (*statements, rest) if statement.strip("; \n\t")]
