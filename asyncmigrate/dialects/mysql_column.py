"""A column's own words in SHOW CREATE TABLE, taken apart and put together again.

MODIFY and CHANGE restate the whole column, and what is not restated is lost. The server's own
text is the only description of a column that holds everything, so a change replaces some words
in it and leaves all others, known or not, as the server wrote them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTED = r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`"
_TOKEN = re.compile(rf"/\*.*?\*/|{_QUOTED}|\s+|[(),]|(?:(?!/\*)[^\s'\"`(),])+|.", re.DOTALL)

_LENGTH = {
    ("CHARACTER", "SET"): ("charset", 3),
    ("CHARSET",): ("charset", 2),
    ("COLLATE",): ("collate", 2),
    ("GENERATED", "ALWAYS"): ("generated", 4),
    ("AS",): ("generated", 2),
    ("NOT", "NULL"): ("null", 2),
    ("NULL",): ("null", 1),
    ("DEFAULT",): ("default", 2),
    ("ON", "UPDATE"): ("on_update", 3),
    ("AUTO_INCREMENT",): ("auto_increment", 1),
    ("COMMENT",): ("comment", 2),
    ("CHECK",): ("check", 2),
    ("INVISIBLE",): ("other", 1),
    ("VISIBLE",): ("other", 1),
    ("WITH", "SYSTEM"): ("other", 3),
    ("WITHOUT", "SYSTEM"): ("other", 3),
    ("STORED",): ("stored", 1),
    ("VIRTUAL",): ("stored", 1),
    ("PERSISTENT",): ("stored", 1),
}
"""What the first words of an attribute are, and how many words it has."""

_ORDER = (
    "charset",
    "collate",
    "generated",
    "stored",
    "null",
    "default",
    "on_update",
    "auto_increment",
    "comment",
    "check",
)
"""Where both servers' grammars want an attribute that was not there before."""

_TEXT_TYPE = re.compile(r"(VAR)?CHAR|(TINY|MEDIUM|LONG)?TEXT|ENUM|SET", re.IGNORECASE)
_JSON_CHECK = re.compile(r"CHECK \(json_valid\(`.*`\)\)", re.IGNORECASE)
_OWN_CHARSET = re.compile(r"\b(CHARACTER SET|CHARSET|COLLATE|ASCII|UNICODE|NATIONAL)\b", re.I)


@dataclass(frozen=True, slots=True)
class Definition:
    """What stands after a column's name: its type, and the attributes in the server's order.

    `attributes` are pairs of a kind and its text, such as `("default", "DEFAULT 3")`.
    """

    type_: str
    attributes: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Definition:
        """Take a definition apart; nothing is lost.

        >>> Definition.parse("int(10) unsigned NOT NULL DEFAULT 3 COMMENT 'NULL'").attributes
        (('null', 'NOT NULL'), ('default', 'DEFAULT 3'), ('comment', "COMMENT 'NULL'"))
        """
        words = _words(text)
        starts = [at for at in range(len(words)) if at and _attribute(words, at)]
        attributes: list[tuple[str, str]] = []
        at = starts[0] if starts else len(words)
        type_ = " ".join(words[:at])
        while at < len(words):
            kind, length = _attribute(words, at) or ("other", 1)
            attributes.append((kind, " ".join(words[at : at + length])))
            at += length
        return cls(type_, tuple(attributes))

    def __str__(self) -> str:
        return " ".join([self.type_, *(text for _, text in self.attributes)])

    def of(self, kind: str) -> str | None:
        """Return an attribute's text, or None if the column has none.

        >>> Definition.parse("int DEFAULT (1 + 2)").of("default")
        'DEFAULT (1 + 2)'
        """
        return next((text for found, text in self.attributes if found == kind), None)

    def without(self, *kinds: str) -> Definition:
        """Return the definition without these attributes.

        >>> str(Definition.parse("int NOT NULL DEFAULT 3").without("default"))
        'int NOT NULL'
        """
        kept = tuple(each for each in self.attributes if each[0] not in kinds)
        return Definition(self.type_, kept)

    def having(self, kind: str, text: str) -> Definition:
        """Return the definition with this attribute, in place of the one of its kind.

        >>> str(Definition.parse("int COMMENT 'a'").having("null", "NOT NULL"))
        "int NOT NULL COMMENT 'a'"
        """
        if self.of(kind) is not None:
            return Definition(
                self.type_,
                tuple((k, text if k == kind else t) for k, t in self.attributes),
            )
        later = _ORDER[_ORDER.index(kind) + 1 :]
        places = (n for n, (found, _) in enumerate(self.attributes) if found in later)
        at = next(places, len(self.attributes))
        return Definition(self.type_, (*self.attributes[:at], (kind, text), *self.attributes[at:]))

    def retyped(self, type_: str) -> Definition:
        """Return the definition with another type.

        Character set and collation stay if the new type is of text and has none of its own. The
        check that MariaDB's JSON brings along goes with it.

        >>> before = Definition.parse("varchar(9) COLLATE utf8mb4_bin NOT NULL")
        >>> str(before.retyped("TEXT"))
        'TEXT COLLATE utf8mb4_bin NOT NULL'
        >>> str(before.retyped("INTEGER"))
        'INTEGER NOT NULL'
        """
        was_json = _JSON_CHECK.fullmatch(self.of("check") or "")
        keeps = _TEXT_TYPE.match(type_) and not _OWN_CHARSET.search(type_) and not was_json
        gone = () if keeps else ("charset", "collate")
        kept = self.without(*gone, *(("check",) if was_json else ()))
        return Definition(type_, kept.attributes)

    def nullable(self, nullable: bool) -> Definition:
        """Return the definition with NULL or NOT NULL; NOT NULL cannot go with DEFAULT NULL.

        >>> str(Definition.parse("int DEFAULT NULL").nullable(False))
        'int NOT NULL'
        """
        if nullable:
            return self.having("null", "NULL")
        is_null = (self.of("default") or "").upper() == "DEFAULT NULL"
        return (self.without("default") if is_null else self).having("null", "NOT NULL")

    @property
    def is_generated(self) -> bool:
        """True for GENERATED ALWAYS AS."""
        return self.of("generated") is not None


def definition_of(create_table: str, column: str) -> Definition | None:
    """Find a column's definition in SHOW CREATE TABLE; upper and lower case are the same.

    >>> str(definition_of("CREATE TABLE `t` (`a` int, `b` enum('x,','y'))", "B"))
    "enum('x,','y')"
    """
    for item in _items(create_table):
        name, *rest = _words(item)
        if _unquoted(name).casefold() == column.casefold() and name[0] in '`"':
            return Definition.parse(" ".join(rest))
    return None


def checks_of(create_table: str) -> list[tuple[str, str]]:
    """Return the CHECKs of SHOW CREATE TABLE that stand beside the columns, with their names.

    >>> checks_of("CREATE TABLE `t` (`a` int, CONSTRAINT `ck` CHECK ((`a` > 0)))")
    [('ck', 'CHECK ((`a` > 0))')]
    """
    found = (_words(item) for item in _items(create_table))
    return [
        (_unquoted(name), " ".join(rest))
        for kind, name, *rest in (words for words in found if len(words) > 2)
        if kind == "CONSTRAINT" and rest[0] == "CHECK"
    ]


def with_renamed(text: str, column: str, new: str) -> str:
    """Return an expression of SHOW CREATE TABLE with another name for a column.

    >>> with_renamed("CHECK ((`A` > 0) and (`b` <> '`a`'))", "a", "n")
    "CHECK ((`n` > 0) and (`b` <> '`a`'))"
    """
    return "".join(
        token[0] + new.replace(token[0], token[0] * 2) + token[0]
        if token[0] in '`"' and _unquoted(token).casefold() == column.casefold()
        else token
        for token in _TOKEN.findall(text)
    )


def _attribute(words: list[str], at: int) -> tuple[str, int] | None:
    one, two = (words[at].upper(), *(word.upper() for word in words[at + 1 : at + 2]), "")[:2]
    if words[at].startswith("/*"):
        return "other", 1
    return _LENGTH.get((one, two)) or _LENGTH.get((one,))


def _unquoted(name: str) -> str:
    quote = name[0]
    return name[1:-1].replace(quote * 2, quote) if quote in '`"' else name


def _words(text: str) -> list[str]:
    """Split at white space that is in no quotes, parentheses or comments."""
    words, depth = [""], 0
    for token in _TOKEN.findall(text.strip()):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token.isspace() and not depth:
            words.append("")
        else:
            words[-1] += token
    return [word for word in words if word]


def _items(create_table: str) -> Iterator[str]:
    """Give the parts between the outer parentheses, which commas separate."""
    item, depth = "", 0
    for token in _TOKEN.findall(create_table):
        if token == ")":
            depth -= 1
            if not depth:
                break
        if token == "," and depth == 1:
            yield item
            item = ""
        elif depth:
            item += token
        depth += token == "("
    yield item
