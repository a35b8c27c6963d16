"""The fewest things with which something still goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

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
