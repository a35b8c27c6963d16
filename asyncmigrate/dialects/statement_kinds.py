r"""What kind of statement a text is: whether it changes something, commits, fits a transaction.

Only as much of the SQL is understood as is needed to tell. What nobody here has heard of counts as
`UNSURE`: it may change things, and may commit.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

_SKIPPED = re.compile(
    r"""(?P<kept>'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`(?:[^`]|``)*`|\$(\w*)\$.*?\$\2\$)"""
    r"""|--[^\n]*|(?<![\w)\]'"])\#(?![>\#-])[^\n]*|/\*(?!M?!).*?\*/""",
    re.DOTALL,
)
_VERSIONED = re.compile(r"/\*M?!\d*|\*/")
"""What MySQL reads as code, inside of what others read as a comment."""
_WORDS = re.compile(r"[A-Za-z_]\w*")
_COMPOUND = re.compile(
    r"\bBEGIN\s+NOT\s+ATOMIC\b"
    r"|\bCREATE\b[^;]*?\b(?:PROCEDURE|FUNCTION|TRIGGER|EVENT|PACKAGE)\b",
    re.IGNORECASE,
)
_DDL = frozenset({"ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE", "GRANT", "REVOKE", "COMMENT"})
_ENDS = frozenset({"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"})
_UPKEEP = frozenset({"ANALYZE", "FLUSH", "LOCK", "OPTIMIZE", "REPAIR"})
"""MySQL's statements that commit and leave nothing to be found later."""
_READS = frozenset(
    {"", "CHECK", "DEALLOCATE", "DECLARE", "DESC", "DESCRIBE", "EXPLAIN", "FETCH", "KILL", "LISTEN"}
    | {"PRAGMA", "PREPARE", "RELEASE", "RESET", "SAVEPOINT", "SELECT", "SET", "SHOW", "TABLE"}
    | {"UNLISTEN", "UNLOCK", "USE", "VALUES", "ATTACH", "DETACH"}
)
_ROWS = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "WITH", "LOAD"})
_FITS = _ROWS | _DDL | {"REFRESH", "SECURITY", "REASSIGN"}
_STANDS_ALONE = re.compile(
    r"\bCONCURRENTLY\b"
    r"|^(?:CREATE|DROP|ALTER)\s+(?:DATABASE|TABLESPACE|SUBSCRIPTION|SYSTEM)\b",
    re.IGNORECASE,
)
_TEMPORARY = frozenset({"TEMPORARY", "TEMP", "LOCAL", "GLOBAL"})
_WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_CATALOG = re.compile(
    r"^(?:SHOW|DESC|DESCRIBE)\b|\binformation_schema\b|\bpg_catalog\b|\bpg_(?:class|index)\b"
    r"|\bsqlite_master\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"\s*([A-Za-z]+)\s+([A-Za-z_]\w*)[^;]*;?\s*\Z")
"""One statement whose first two words no comment hides."""


class Kind(Enum):
    """What a statement does to the database and to the transaction."""

    READS = "reads"
    """Nothing that a later run would find: a query, a setting of the session, a temporary table."""
    ROWS = "rows"
    """It changes rows, in the transaction that is open."""
    SCHEMA = "schema"
    """CREATE, ALTER, DROP and the like."""
    ENDS = "ends"
    """It begins or ends a transaction, and changes nothing itself."""
    UPKEEP = "upkeep"
    """It changes nothing, but MySQL commits before it."""
    UNSURE = "unsure"
    """Nobody here knows: a procedure's call, a prepared statement."""


def pieces(text: str) -> list[str]:
    r"""Return the statements of a text; one if its parts cannot be told apart.

    >>> pieces("INSERT INTO a VALUES (';'); DROP TABLE b; -- x;")
    ["INSERT INTO a VALUES (';')", 'DROP TABLE b']
    >>> len(pieces("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a = 1; END"))
    1
    """
    if ";" not in text:
        return [text] if text.strip() else []
    if _COMPOUND.search(_masked(text)):
        return [text]
    found, start, masked = [], 0, _masked(text)
    for end in [place.start() for place in re.finditer(";", masked)] + [len(text)]:
        found.append(text[start:end].strip())
        start = end + 1
    return [each for each in found if _bare(each)]


def _masked(text: str) -> str:
    """Return a text of the same length without what stands in quotes and comments."""
    return _SKIPPED.sub(lambda found: " " * len(found[0]), text)


def _bare(text: str) -> str:
    return _SKIPPED.sub(lambda found: found["kept"] or " ", text).strip()


def is_compound(text: str) -> bool:
    """Return whether the semicolons of a text do not end its statements (MySQL's routines)."""
    return ";" in text and bool(_COMPOUND.search(_masked(text)))


@lru_cache(maxsize=64)
def kinds_of(text: str) -> tuple[Kind, ...]:
    """Return the kind of each statement in a text.

    >>> [kind.value for kind in kinds_of("INSERT INTO a VALUES (';'); DROP TABLE b; SELECT 1")]
    ['rows', 'schema', 'reads']
    """
    plain = _PLAIN.match(text)
    if plain is not None:
        kind = _of_first_words(plain[1].upper(), plain[2].upper())
        if kind is not None:
            return (kind,)
    if is_compound(text) and not re.match(r"\s*CREATE\b", _bare(text), re.IGNORECASE):
        return (Kind.UNSURE,)
    return tuple(_kind(each) for each in pieces(text)) or (Kind.READS,)


def _of_first_words(first: str, second: str) -> Kind | None:
    """Return the kind of a statement that begins so; None if one has to look further."""
    if first in {"CREATE", "DROP"} and second in _TEMPORARY:
        return Kind.READS
    return _BY_FIRST_WORD.get(first)


def _kind(statement: str) -> Kind:
    masked = _VERSIONED.sub(" ", _masked(statement)).strip()
    words = [each.upper() for each in _WORDS.findall(masked[:200])][:3] or [""]
    first = words[0]
    is_temporary = first in {"CREATE", "DROP"} and not _TEMPORARY.isdisjoint(words[1:2])
    if is_temporary or (first == "WITH" and not _WRITES.search(masked)):
        return Kind.READS
    if first == "DO" and len(words) > 1 and words[1] != "LANGUAGE":
        return Kind.READS  # MySQL's, of an expression; PostgreSQL's is a block of code
    if first == "SET" and not {"AUTOCOMMIT", "PASSWORD"}.isdisjoint(words[1:]):
        return Kind.UPKEEP
    if first == "ROLLBACK" and "TO" in words[1:]:
        return Kind.READS
    for kind, among in _AMONG:
        if first in among:
            return kind
    return Kind.UNSURE


_AMONG = (
    (Kind.READS, _READS),
    (Kind.ROWS, _ROWS),
    (Kind.SCHEMA, _DDL),
    (Kind.ENDS, _ENDS),
    (Kind.UPKEEP, _UPKEEP),
)
_BY_FIRST_WORD = {
    word: kind for kind, among in _AMONG for word in among - {"", "WITH", "DO", "SET", "ROLLBACK"}
}


def changes(text: str) -> bool:
    """Return whether a text does something that stays.

    >>> changes("SELECT 1"), changes("WITH a AS (SELECT 1) DELETE FROM b"), changes("CALL c()")
    (False, True, True)
    """
    return not {Kind.ROWS, Kind.SCHEMA, Kind.UNSURE}.isdisjoint(kinds_of(text))


def commits(text: str) -> bool:
    """Return whether running a text commits, on a database whose DDL does; TEMPORARY tables do not.

    >>> commits("INSERT INTO a VALUES (1)"), commits("INSERT INTO a VALUES (1); DROP TABLE b")
    (False, True)
    """
    return not {Kind.SCHEMA, Kind.ENDS, Kind.UPKEEP}.isdisjoint(kinds_of(text))


def fits_transaction(text: str) -> bool:
    """Return whether a text may run in a transaction, as far as is known (PostgreSQL, SQLite).

    >>> fits_transaction("UPDATE a SET b = 1"), fits_transaction("DROP INDEX CONCURRENTLY i")
    (True, False)
    """
    return all(_fits(each) for each in pieces(text)) and not is_compound(text)


def _fits(statement: str) -> bool:
    masked = _bare(_masked(statement))
    first = _WORDS.match(masked)
    return first is not None and first[0].upper() in _FITS and not _STANDS_ALONE.search(masked)


def reads_catalog(text: str) -> bool:
    """Return whether a query asks what there is, and not what is in it.

    >>> reads_catalog("SHOW CREATE TABLE a"), reads_catalog("SELECT * FROM a")
    (True, False)
    """
    return kinds_of(text) == (Kind.READS,) and bool(_CATALOG.search(text.lstrip()))


def tells_apart(text: str) -> bool:
    """Return whether running a text again with other values would do something twice.

    UPDATE and DELETE of other rows, or an INSERT that gives way to a row that is there, would not.

    >>> tells_apart("INSERT INTO a VALUES (?)"), tells_apart("UPDATE a SET b = ? WHERE c = ?")
    (True, False)
    """
    masked = _bare(_masked(text)).upper()
    if masked.startswith(("UPDATE", "DELETE", "REPLACE", "INSERT IGNORE", "INSERT OR ")):
        return False
    return not re.search(r"\bON (?:CONFLICT|DUPLICATE KEY)\b", masked)
