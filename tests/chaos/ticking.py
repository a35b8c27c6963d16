"""A run that is cancelled at one exact turn of its event loop.

Every await point of every task of the run lies between two turns of the loop. Cancelling at the
beginning of a turn meets a task both while it waits and when what it waited for has just come
true but the task does not know yet. So cancelling at turn 1, 2, 3 … until a run is over before
its turn comes covers all of them, whichever task they are in.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class TickingLoop(asyncio.SelectorEventLoop):
    """An event loop that calls something back at the beginning of its n-th turn from now."""

    countdown = -1
    reached: Callable[[], object]

    def call_at_turn(self, turn: int, callback: Callable[[], object]) -> None:
        self.countdown, self.reached = turn, callback

    def _run_once(self) -> None:  # asyncio's own name for a turn
        if self.countdown == 0:
            self.reached()
        self.countdown -= 1
        super()._run_once()  # type: ignore[misc]  # not in the stubs


@dataclass(slots=True)
class Ended:
    """How a run ended."""

    cancelled: bool = False
    in_time: bool = True
    """The turn was reached: the run was still going when it was cancelled."""
    error: BaseException | None = field(default=None)


async def cancelled_at(
    turn: int, work: Callable[[], Awaitable[object]], *, times: int = 1
) -> Ended:
    """Run `work` in a task of its own and cancel that at a turn, and at the next ones."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, TickingLoop)

    async def run() -> None:
        await work()

    task = asyncio.ensure_future(run())
    left = times

    def cancel() -> None:
        nonlocal left
        left -= 1
        ended.in_time = ended.in_time or not task.done()
        task.cancel()
        if left and not task.done():
            loop.call_at_turn(1, cancel)

    ended = Ended(in_time=False)
    loop.call_at_turn(turn, cancel)
    await asyncio.wait({task})
    loop.countdown = -1
    ended.cancelled = task.cancelled()
    ended.error = None if task.cancelled() else task.exception()
    return ended
