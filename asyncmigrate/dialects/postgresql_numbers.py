"""How sequences and identities count: only what is not as PostgreSQL would have it unasked."""

from __future__ import annotations

from dataclasses import dataclass

_LIMITS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was said or read; None where nothing was said."""

    type: str
    """`bigint` if nothing was said."""
    start: int | None = None
    increment: int | None = None
    minvalue: int | None = None
    maxvalue: int | None = None
    cache: int | None = None
    cycle: bool | None = None

    def unusual(self) -> tuple[tuple[str, int | bool], ...]:
        """Return what differs from the defaults, sorted by name.

        >>> Numbers("integer", start=1, maxvalue=2147483647, cache=5).unusual()
        (('cache', 5),)
        >>> Numbers("integer", increment=-1, start=-1).unusual()
        (('increment', -1),)
        """
        limit = _LIMITS.get(self.type, _LIMITS["bigint"])
        up = (self.increment or 1) > 0
        lowest, highest = (1, limit) if up else (-limit - 1, -1)
        first = self.minvalue if up else self.maxvalue
        usual = (
            ("cache", self.cache, 1),
            ("cycle", self.cycle, False),
            ("increment", self.increment, 1),
            ("maxvalue", self.maxvalue, highest),
            ("minvalue", self.minvalue, lowest),
            ("start", self.start, (lowest if up else highest) if first is None else first),
        )
        return tuple(
            (name, value) for name, value, default in usual if value not in (None, default)
        )
