"""Values that a column's type allows: the least of it, the most of it, and anything between.

All is drawn from a `random.Random`, so a seed says it again. Hypothesis offers such an object of
its own, which is how the same values become a strategy that shrinks (`testing.rows`).

Types are known by the names of their classes, SQLAlchemy's generic ones and those of the dialects:
a dialect that is not installed need not be imported to be known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from sqlalchemy.types import TypeEngine

Draw: TypeAlias = "Callable[[Random], Any]"

WORDS = (
    *("", " ", "0", "1", "-1", "007", "1.5", "null", "NULL", "true", "N/A", "a", "A", "a ", " a"),
    *("Ada Lovelace", "ada@example.org", "O'Hara", 'the "same"', "100%", ":name", "$1", "\\"),
    *(
        "naïve",
        "İstanbul",
        "日本語",
        "שלום",
        "😀",
        "e\u0301",
        "two\nlines",
        "\t",
        "2024-02-30",
        "{}",
    ),
)
"""Texts that people have in their tables, whatever the application thinks."""

LONG = 2000
"""Characters of a long text where the type sets no limit."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What there is of one type."""

    least: tuple[Any, ...]
    most: tuple[Any, ...]
    draw: Draw
    each: tuple[Any, ...] = ()
    """All there are, where they are few."""

    def any(self, random: Random) -> Any:
        """Return something: from an edge, one time in four."""
        edges = (*self.least, *self.most)
        return random.choice(edges) if edges and random.randrange(4) == 3 else self.draw(random)


def supply(of: TypeEngine[Any]) -> Supply | None:
    """Return what there is of a type; None if it is not known.

    >>> from random import Random
    >>> import sqlalchemy as sa
    >>> supply(sa.SmallInteger()).most
    (32767,)
    >>> supply(sa.Enum("a", "b")).any(Random(1)) in {"a", "b"}
    True
    >>> supply(sa.types.NullType()) is None
    True
    """
    for each in type(of).__mro__:
        made = _MAKERS.get(each.__name__)
        if made is not None:
            return made(of)
    return None


# --- numbers ----------------------------------------------------------------------------------


def _whole(bits: int) -> Callable[[Any], Supply]:
    def made(of: Any) -> Supply:
        unsigned = bool(getattr(of, "unsigned", False))
        low, high = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

        def draw(random: Random) -> int:
            near = random.randrange(4)
            return random.randint(low, high) if near == 3 else random.randint(max(low, -1), 20)

        return Supply((low, 0), (high,), draw)

    return made


def _decimal(of: Any) -> Supply:
    digits, places = of.precision or 20, of.scale if of.scale is not None else 5
    unit = Decimal(1).scaleb(-places)
    high = int(10**digits - 1) * unit

    def draw(random: Random) -> Decimal:
        limit = min(10**digits - 1, 10 ** (places + 3))
        return random.randint(-limit, limit) * unit

    return Supply((-high, Decimal(0)), (high, unit), draw)


def _float(_: Any) -> Supply:
    return Supply((-3e38, 0.0), (3e38, 1e-37), lambda random: random.randint(-4000, 4000) / 8)


def _bits(of: Any) -> Supply:
    length = of.length or 1
    if "mysql" in type(of).__module__:
        return Supply((0,), (2**length - 1,), lambda random: random.randrange(2**length))
    return Supply(("0" * length,), ("1" * length,), lambda random: random.choice("01") * length)


# --- text and bytes ---------------------------------------------------------------------------


def _text(of: Any) -> Supply:
    length = getattr(of, "length", None)
    most = "é" * (length or LONG)

    def draw(random: Random) -> str:
        word = random.choice(WORDS)
        if random.randrange(3) == 2:
            word = f"{word}{random.randrange(10**6)}"
        return word[:length]

    return Supply(("",), (most,), draw)


def _bytes(of: Any) -> Supply:
    length = getattr(of, "length", None) or LONG

    def draw(random: Random) -> bytes:
        return bytes(random.randrange(256) for _ in range(random.randrange(min(length, 8) + 1)))

    return Supply((b"",), (b"\xff\x00" * (length // 2),), draw)


def _one_of(*values: Any) -> Callable[[Any], Supply]:
    return lambda _: Supply(values[:1], values[-1:], lambda random: random.choice(values), values)


def _enum(of: Any) -> Supply:
    return _one_of(*of.enums)(of)


def _set(of: Any) -> Supply:
    values = tuple(of.values)
    return Supply((set(),), (set(values),), lambda random: {random.choice(values)})


def _uuid(of: Any) -> Supply:
    def made(number: int) -> UUID | str:
        found = UUID(int=number)
        return found if getattr(of, "as_uuid", True) else str(found)

    return Supply((made(0),), (made(2**128 - 1),), lambda random: made(random.getrandbits(128)))


def _json(_: Any) -> Supply:
    values: tuple[Any, ...] = ({}, [], "", 0, False, [None], {"a": {"b": [1, None]}}, "naïve")
    return Supply(({},), ([],), lambda random: random.choice(values))


# --- time -------------------------------------------------------------------------------------

_FIRST = datetime(1970, 1, 2, tzinfo=UTC)


def _date(_: Any) -> Supply:
    """PostgreSQL's infinity is Python's first and last day, as for asyncpg."""

    def draw(random: Random) -> date:
        return date(1970, 1, 2) + timedelta(days=random.randrange(24_000))

    return Supply((date.min, date(1970, 1, 1)), (date.max, date(2024, 2, 29)), draw)


def _datetime(of: Any) -> Supply:
    zone = UTC if getattr(of, "timezone", False) else None

    def made(moment: datetime) -> datetime:
        return moment.replace(tzinfo=zone)

    def draw(random: Random) -> datetime:
        return made(_FIRST + timedelta(seconds=random.randrange(2_000_000_000)))

    return Supply(
        (made(datetime.min), made(datetime(1970, 1, 1, 0, 0, 1))),
        (made(datetime.max), made(datetime(2024, 2, 29, 23, 59, 59))),
        draw,
    )


def _time(of: Any) -> Supply:
    zone = UTC if getattr(of, "timezone", False) else None

    def draw(random: Random) -> time:
        return time(random.randrange(24), random.randrange(60), tzinfo=zone)

    return Supply((time(0, tzinfo=zone),), (time(23, 59, 59, tzinfo=zone),), draw)


def _interval(_: Any) -> Supply:
    def draw(random: Random) -> timedelta:
        return timedelta(seconds=random.randint(-100_000, 100_000))

    return Supply((timedelta(-36_500), timedelta(0)), (timedelta(36_500),), draw)


# --- made of others ---------------------------------------------------------------------------


def _array(of: Any) -> Supply | None:
    item = supply(of.item_type)
    if item is None:
        return None
    depth = (of.dimensions or 1) - 1

    def nested(values: list[Any]) -> list[Any]:
        for _ in range(depth):
            values = [values]
        return values

    def draw(random: Random) -> list[Any]:
        return nested([item.any(random) for _ in range(1 + random.randrange(3))])

    return Supply(([],), (nested(list(item.most)),), draw)


def _domain(of: Any) -> Supply | None:
    return supply(of.data_type)


def _ranges(*edges: Any) -> Callable[[Any], Supply]:
    low, high = edges
    empty: Range[Any] = Range(empty=True)
    return _one_of(empty, Range(low, high), Range(low, None), Range(None, None))


_DAYS = (date(2020, 1, 1), date(2021, 1, 1))
_HOURS = (datetime(2020, 1, 1), datetime(2021, 1, 1))
_HOURS_OF_A_ZONE = tuple(each.replace(tzinfo=UTC) for each in _HOURS)
_HIGHEST = {"TINYINT": 8, "SmallInteger": 16, "MEDIUMINT": 24, "Integer": 32, "BigInteger": 64}

_MAKERS: dict[str, Callable[[Any], Supply | None]] = {
    **{name: _whole(bits) for name, bits in _HIGHEST.items()},
    "Numeric": _decimal,
    "Float": _float,
    "BIT": _bits,
    "OID": _whole(31),
    "MONEY": _one_of("0", "-1.50", "12.34"),
    "YEAR": _one_of(1901, 1999, 2155),
    "Boolean": _one_of(False, True),
    "Enum": _enum,
    "SET": _set,
    "String": _text,
    "CITEXT": _text,
    "LargeBinary": _bytes,
    "_Binary": _bytes,
    "Uuid": _uuid,
    "JSON": _json,
    "HSTORE": _one_of("", '"a"=>NULL', '"a"=>"1"'),
    "TSVECTOR": _one_of("", "'a' 'b'"),
    "TSQUERY": _one_of("", "'a' & 'b'"),
    "XML": _one_of("<a/>", "<b>1</b>"),
    "Date": _date,
    "DateTime": _datetime,
    "Time": _time,
    "Interval": _interval,
    "INTERVAL": _interval,
    "ARRAY": _array,
    "DOMAIN": _domain,
    "INET": _one_of("0.0.0.0", "127.0.0.1", "::1", "fe80::/10"),
    "INET4": _one_of("0.0.0.0", "127.0.0.1"),
    "INET6": _one_of("::", "fe80::1"),
    "CIDR": _one_of("0.0.0.0/0", "10.0.0.0/8", "::/0"),
    "MACADDR": _one_of("00:00:00:00:00:00", "08:00:2b:01:02:03"),
    "MACADDR8": _one_of("00:00:00:00:00:00:00:00", "08:00:2b:01:02:03:04:05"),
    "INT4RANGE": _ranges(1, 5),
    "INT8RANGE": _ranges(1, 5),
    "NUMRANGE": _ranges(Decimal("1.5"), Decimal(5)),
    "DATERANGE": _ranges(*_DAYS),
    "TSRANGE": _ranges(*_HOURS),
    "TSTZRANGE": _ranges(*_HOURS_OF_A_ZONE),
    "AbstractMultiRange": _one_of("{}"),
}
