"""The fewest things, and the simplest values, with which something still goes wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

T = TypeVar("T")


async def smallest(
    things: Sequence[T], fails: Callable[[Sequence[T]], Awaitable[bool]], *, trials: int
) -> list[T]:
    """Return a part of `things` that still fails, and mostly fails no more without any of them.

    `things` must fail. Halves are tried first, then ever smaller pieces are left out, for no more
    than so many trials (Zeller's ddmin).
    """
    left = list(things)
    pieces = 2
    while len(left) > 1:
        size = -(-len(left) // pieces)
        starts = range(0, len(left), size)
        parts = [left[at : at + size] for at in starts] if pieces == 2 else []
        parts += [left[:at] + left[at + size :] for at in starts] if pieces > 2 else []
        for part in parts:
            if trials == 0:
                return left
            trials -= 1
            if await fails(part):
                left, pieces = part, 2
                break
        else:
            if size == 1:
                return left
            pieces *= 2
    return left


def simpler(value: Any, *, nullable: bool) -> Iterator[Any]:
    """Give what a value might be instead, the simplest first.

    >>> list(simpler("é" * 20, nullable=True)), list(simpler(7, nullable=False))
    ([None, '', 'a', 'éééééééééé'], [0])
    >>> list(simpler(None, nullable=True))
    []
    """
    if value is None:
        return
    if nullable:
        yield None
    match value:
        case int() | float() | Decimal() if value:
            yield type(value)(0)
        case str() if value:
            yield from ("", "a", value[: len(value) // 2])[: len(value)]
        case list() | dict() if value:
            yield type(value)()
