"""Which faults are injected where: a plan that is the same in every run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class How(Enum):
    """What happens to a connection."""

    RESET = "both sides see a reset"
    CLOSE = "both sides see an orderly end"
    HALF_TO_CLIENT = "the client sees the end, the server nothing"
    HALF_TO_SERVER = "the server sees the end, the client nothing"
    STALL = "nothing gets through any more, and the run is cancelled"
    BLACK_HOLE = "the same, and new connections hear nothing either"
    LATE_RESET = "nothing gets through for a moment, then both sides see a reset"
    DELAY = "nothing gets through for a moment"
    CANCEL = "the network is well, and the run is cancelled"
    TERMINATE = "the server ends the session"
    DOWN = "a reset, and no new connection for the rest of the run"


class When(Enum):
    """At which moment of a request and its answer."""

    BEFORE = "the server never sees the request"
    HALF = "the server sees half of the request"
    DURING = "the server has the request, and perhaps works on it"
    AFTER = "the server has answered, and the client never hears of it"


class Whose(Enum):
    """Which connections."""

    THIS = "the one that the request is on"
    OTHERS = "all others"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one run. Requests are counted over all of a run's connections, from 1."""

    request: int
    when: When
    how: How
    whose: Whose

    def __str__(self) -> str:
        parts = (each.name.lower() for each in (self.when, self.how, self.whose))
        return f"{self.request}-{'-'.join(parts)}"

    @property
    def is_harmless(self) -> bool:
        """The run must come to its end by itself."""
        return self.how is How.DELAY

    @property
    def cancels(self) -> bool:
        """The run must be cancelled, or would wait for ever."""
        return self.how in {How.STALL, How.BLACK_HOLE, How.CANCEL}


def planned(count: int, requests: int) -> Iterator[Fault]:
    """Give so many faults: all kinds in turn, spread over all requests of a run."""
    kinds = [(how, when, whose) for when in When for whose in Whose for how in How]
    stride = _coprime(len(kinds), near=int(len(kinds) * 0.382))
    step = _coprime(requests, near=int(requests * 0.618))
    for number in range(count):
        how, when, whose = kinds[number * stride % len(kinds)]
        yield Fault(1 + (number * step + number // requests) % requests, when, how, whose)


def _coprime(modulus: int, *, near: int) -> int:
    """Return a stride that reaches every number below `modulus`."""
    from math import gcd

    return next(each for each in range(max(near, 1), 2 * modulus + 2) if gcd(each, modulus) == 1)
