"""Expressions spelled as MySQL and MariaDB spell them: names in backticks, keywords lower case.

This is spelling, not understanding: where a server drops parentheses, adds some, or turns an
expression round, the server has to be asked (`Catalog.printed`).
"""

from __future__ import annotations

import re

from asyncmigrate.schema.parentheses import unwrapped

_TOKEN = re.compile(
    r"(?P<string>'(?:[^'\\]|\\.|'')*')|(?P<quoted>`(?:[^`]|``)*`)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\b)|(?P<word>[^\W\d]\w*|@@?\w+)"
    r"|(?P<operator><=>|<=|>=|<>|!=|\|\||&&|<<|>>|->>?|[-+*/%<>=!&|^~])"
    r"|(?P<mark>[(),.])|(?P<blank>\s+)|(?P<other>.)",
    re.DOTALL,
)

_KEYWORD = re.compile(
    "and|as|asc|between|binary|by|case|collate|convert|desc|distinct|div|else|end|escape|exists"
    "|false|from|in|interval|is|like|mod|not|null|or|regexp|rlike|sounds|then|true|unsigned|using"
    "|when|xor",
    re.IGNORECASE,
)
"""Words that can be no names where they stand without quotes."""

_FUNCTIONS = {
    "lower": "lcase",
    "upper": "ucase",
    "length": "octet_length",
    "substring": "substr",
    "now": "current_timestamp",
}
"""What MariaDB calls otherwise than people do; MySQL keeps the name."""

_DOUBLED, _ESCAPED = "''", r"\'"
"""A quote within a string: both are read, and the second is printed."""

_OPERATORS = {"!=": "<>", "&&": "and"}


def spelled(text: str, *, mariadb: bool) -> str:
    """Return an expression in the server's spelling, without parentheses around the whole.

    >>> spelled("(Total > 0 AND t.kind IN ('a', 'b'))", mariadb=True)
    "`Total` > 0 and `kind` in ('a','b')"
    >>> spelled("CONCAT(a, -1)", mariadb=True)
    'concat(`a`,-1)'
    """
    found = _tokens(unwrapped(text, escapes=True))
    if any(kind == "other" for kind, _ in found):
        return unwrapped(text, escapes=True)
    words: list[tuple[str, str]] = []
    for at, (kind, word) in enumerate(found):
        following = found[at + 1][1] if at + 1 < len(found) else ""
        if following == "." or word == ".":
            continue  # the table's name before the column's
        if words and words[-1][1] == "collate":
            words.append((kind, word.lower()))
        else:
            words.append((kind, _word(kind, word, following, mariadb=mariadb)))
    return _joined(words)


def _tokens(text: str) -> list[tuple[str, str]]:
    matches = _TOKEN.finditer(text)
    return [(str(each.lastgroup), each[0]) for each in matches if each.lastgroup != "blank"]


def _word(kind: str, word: str, following: str, *, mariadb: bool) -> str:
    if kind == "operator":
        return "MOD" if word == "%" and mariadb else _OPERATORS.get(word, word)
    if kind == "string":
        return f"'{word[1:-1].replace(_DOUBLED, _ESCAPED)}'"
    if kind != "word" or word.startswith("@"):
        return word
    small = word.lower()
    if following == "(" and small not in ("in", "and", "or", "not", "between", "like"):
        return _FUNCTIONS.get(small, small) if mariadb else small
    return small if _KEYWORD.fullmatch(small) else f"`{word}`"


def _joined(words: list[tuple[str, str]]) -> str:
    text, before, glued = "", "", True
    for _, word in words:
        closes = word in (")", ",")
        calls = word == "(" and before.isidentifier() and not _KEYWORD.fullmatch(before)
        text += word if glued or closes or calls else f" {word}"
        is_sign = word == "-" and (glued or _KEYWORD.fullmatch(before) or _is_operator(before))
        glued = word in ("(", ",", "!", "~") or bool(is_sign)
        before = word
    return text


def _is_operator(word: str) -> bool:
    match = _TOKEN.fullmatch(word)
    return match is not None and match.lastgroup == "operator"
