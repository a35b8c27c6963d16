"""Python's garbage collector, left alone while many values are made that all stay."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the garbage collector for the length of a block, if it is on.

    To look again and again through what is being made costs more than a third of the time. The
    collector is the whole process's, so a block should be brief. Blocks may be nested.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
