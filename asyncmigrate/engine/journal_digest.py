"""What makes two statements the same one, in two runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

_GUARD = re.compile(r"\bIF\s+(?:NOT\s+)?EXISTS\b", re.IGNORECASE)
_MARKER = re.compile(r"\$\d+|%\(\w+\)s|%s")
"""Where a value goes: each driver writes it in its own way."""
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_WORD = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(\w+)(?:\s+(\w+))?", re.DOTALL)
_TARGET = re.compile(
    r"\b(?:INTO|FROM|UPDATE|TABLE|ON|TRUNCATE)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
    r"(?:[`\"]?\w+[`\"]?\.)?[`\"]?(\w+)",
    re.IGNORECASE,
)
_LENGTH = 31


def digest_of(text: str, parameters: Any) -> str:
    """Return the digest of a statement's text, a hyphen, and the digest of its values.

    White space and IF [NOT] EXISTS do not count.

    >>> digest_of("DROP TABLE  IF EXISTS a", None) == digest_of("DROP TABLE a", ())
    True
    >>> digest_of("INSERT INTO a VALUES (%s)", (1,)) == digest_of("INSERT INTO a VALUES ($1)", (2,))
    False
    """
    plain = " ".join(_MARKER.sub("?", _GUARD.sub(" ", text)).split())
    return f"{_hash([plain])}-{_hash(_values(parameters))}"


def _values(parameters: Any) -> list[str]:
    if not parameters:
        return []
    if isinstance(parameters, Mapping):
        return [repr(list(parameters.values()))]
    if isinstance(parameters, Sequence) and isinstance(parameters[0], Mapping | tuple | list):
        return [value for each in parameters for value in _values(each)]
    return [repr(list(parameters))]


def _hash(parts: list[str]) -> str:
    digest = sha256()
    for part in parts:
        digest.update(_ADDRESS.sub("", part).encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()[:_LENGTH]


def first_words(text: str) -> tuple[str, str]:
    """Return the first two words of a statement, in capitals.

    >>> first_words("/* why */ create  table a (b int)")
    ('CREATE', 'TABLE')
    """
    found = _WORD.match(text)
    one, two = found.groups(default="") if found else ("", "")
    return one.upper(), two.upper()


def target_of(text: str) -> str:
    """Return the table that a statement changes, as far as its text shows.

    >>> target_of("CREATE TEMPORARY TABLE `b` (a int)"), target_of("INSERT INTO s.a VALUES (1)")
    ('b', 'a')
    """
    found = _TARGET.search(text) or re.match(r"\s*UPDATE\s+[`\"]?(\w+)", text, re.IGNORECASE)
    return found[1].lower() if found else ""
