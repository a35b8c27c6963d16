"""How PostgreSQL prints types and defaults that were written in other words."""

from __future__ import annotations

import re

_NAMES = {
    "INT": "integer",
    "INT2": "smallint",
    "INT4": "integer",
    "INT8": "bigint",
    "BOOL": "boolean",
    "FLOAT4": "real",
    "FLOAT8": "double precision",
    "FLOAT": "double precision",
    "DOUBLE": "double precision",
    "DECIMAL": "numeric",
    "VARCHAR": "character varying",
    "VARBIT": "bit varying",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMPTZ": "timestamp with time zone",
    "TIME": "time without time zone",
    "TIMETZ": "time with time zone",
}
_FIXED = {"CHAR": "character", "CHARACTER": "character", "BIT": "bit"}
"""Types whose length is 1 where none is given."""
_TYPE = re.compile(r"^(?P<name>[^(]+?)\s*(?:\((?P<arguments>[^()]*)\)(?P<rest>[^()]*))?$")
_DIMENSIONS = re.compile(r"(?:\[\d*\])+$|(?<=\w) ARRAY(?:\[\d*\])?$", re.IGNORECASE)
_FIELDS = re.compile(
    r"^interval(?P<fields>(?: (?:year|month|day|hour|minute|second|to))*)"
    r"\s*(?:\((?P<precision>\d+)\))?$",
    re.IGNORECASE,
)


def type_text(written: str) -> str:
    """Return how a type is printed.

    >>> type_text("VARCHAR(10)[]")
    'character varying(10)[]'
    >>> type_text("TIMESTAMP(3) WITH TIME ZONE")
    'timestamp(3) with time zone'
    >>> type_text("FLOAT(24)"), type_text("NUMERIC(10)"), type_text("CHAR")
    ('real', 'numeric(10,0)', 'character(1)')
    >>> type_text('app."Mood"')
    'app."Mood"'
    """
    item = _DIMENSIONS.sub("", written)
    if item != written:
        return f"{type_text(item)}[]"
    if '"' in written:
        return written
    if found := _FIELDS.match(written):
        precision = found["precision"]
        return f"interval{found['fields'].lower()}{'' if precision is None else f'({precision})'}"
    found = _TYPE.match(written)
    if found is None:
        return written
    return _named(found["name"], found["arguments"], (found["rest"] or "").strip())


def _named(name: str, arguments: str | None, rest: str) -> str:
    upper = " ".join(name.upper().split())
    given = None if arguments is None else ",".join(each.strip() for each in arguments.split(","))
    if upper == "FLOAT" and given is not None:
        return "real" if int(given) < 25 else "double precision"
    if upper in _FIXED:
        return f"{_FIXED[upper]}({given or 1})"
    if upper in ("NUMERIC", "DECIMAL") and given is not None and "," not in given:
        given = f"{given},0"
    if rest:
        return f"{upper.lower()}({given}) {rest.lower()}"
    words = _NAMES.get(upper, name.lower())
    first, blank, last = words.partition(" ")
    if blank and first in ("time", "timestamp") and given:
        return f"{first}({given}) {last}"
    return f"{words}({given})" if given else words


# --- lists ------------------------------------------------------------------------------------

_STRINGS = re.compile(r"ARRAY\[((?:'(?:[^']|'')*'::character varying(?:, )?)+)\]::text\[\]")
_STRING = re.compile(r"'(?:[^']|'')*'::character varying")


def settled(text: str) -> str:
    """Return an expression as it is printed once it was made from what is printed.

    PostgreSQL prints IN with strings in one way, and what it makes of that print in another.

    >>> settled("a::text = ANY (ARRAY['x'::character varying]::text[])")
    "a::text = ANY (ARRAY['x'::character varying::text])"
    """
    if "::text[]" not in text:
        return text
    return _STRINGS.sub(lambda found: f"ARRAY[{_STRING.sub(_as_text, found[1])}]", text)


def _as_text(found: re.Match[str]) -> str:
    return f"{found[0]}::text"


# --- defaults ---------------------------------------------------------------------------------

_LITERAL = re.compile(r"^'((?:[^']|'')*)'$")
_NUMBER = re.compile(r"^-?\d+(?:\.\d+)?$")
_CALL = re.compile(r"^[A-Za-z_]\w*\(\)$")
_WORD = re.compile(
    r"^(?:true|false|null|current_(?:timestamp|date|time|user|role|schema)|session_user|user"
    r"|localtimestamp|localtime)$",
    re.IGNORECASE,
)
_KNOWN_CALLS = (
    (
        re.compile(r"^nextval\(('(?:[^']|'')*')(?:::regclass)?\)$", re.IGNORECASE),
        r"nextval(\1::regclass)",
    ),
    (re.compile(r"^timezone\(('\w+'), now\(\)\)$", re.IGNORECASE), r"timezone(\1::text, now())"),
    (
        re.compile(r"^now\(\) at time zone ('\w+')$", re.IGNORECASE),
        r"(now() AT TIME ZONE \1::text)",
    ),
)
_PARAMETERS = re.compile(r"\([^)]*\)")
_TRUE = frozenset({"t", "true", "y", "yes", "on", "1"})
_FALSE = frozenset({"f", "false", "n", "no", "off", "0"})


def default_text(written: str, type_: str) -> str | None:
    """Return how a default is printed for a column of a type (as printed); None: it is none.

    >>> default_text("'new'", "character varying(20)")
    "'new'::character varying"
    >>> default_text("'0'", "integer"), default_text("-1", "integer")
    ('0', "'-1'::integer")
    >>> default_text("NOW()", "timestamp with time zone")
    'now()'
    """
    if literal := _LITERAL.match(written):
        return _literal(literal[1], type_)
    if _NUMBER.match(written):
        return _number(written)
    if _CALL.match(written):
        return written.lower()
    for pattern, printed in _KNOWN_CALLS:
        if pattern.match(written):
            return pattern.sub(printed, written)
    if not _WORD.match(written):
        return written
    word = written.lower()
    if word == "null":
        return f"NULL::{_bare(type_)}" if _bare(type_) != type_ else None
    return word if word in ("true", "false") else word.upper()


def _bare(type_: str) -> str:
    """Return a type without its parameters, as the type of a literal is printed."""
    bare = " ".join(_PARAMETERS.sub("", type_).split())
    return {"character": "bpchar", "character[]": "bpchar[]", "bit": '"bit"'}.get(bare, bare)


def _literal(value: str, type_: str) -> str:
    """Return a quoted literal as one of the column's type."""
    bare = _bare(type_)
    if bare == "boolean" and value.strip().lower() in _TRUE | _FALSE:
        return "true" if value.strip().lower() in _TRUE else "false"
    if bare == "integer" and re.fullmatch(r"\d+", value):
        return str(int(value))
    if bare == "numeric" and re.fullmatch(r"\d+\.\d+", value):
        return value
    return f"'{value}'::{bare}"


def _number(written: str) -> str:
    """Return a number without quotes: its own type decides, not the column's."""
    if "." in written:
        return f"'{written}'::numeric" if written.startswith("-") else written
    value = int(written)
    if 0 <= value < 2**31:
        return str(value)
    kind = "integer" if -(2**31) <= value < 2**31 else "bigint"
    return f"'{value}'::{kind}" if -(2**63) <= value < 2**63 else written
