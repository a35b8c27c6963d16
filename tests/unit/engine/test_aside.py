"""What a project's own code may do to the thread that imports it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from contextvars import ContextVar

import pytest

from asyncmigrate.engine.aside import aside

COPIES_THREADING = """
import asyncio
from importlib.util import find_spec, module_from_spec
from asyncmigrate.engine.aside import aside

def loads_threading_again():  # as eventlet does when it is imported
    spec = find_spec("threading")
    spec.loader.exec_module(module_from_spec(spec))

asyncio.run(aside(loads_threading_again))
"""


def test_a_module_after_which_its_thread_cannot_be_joined_does_not_keep_the_process() -> None:
    ran = subprocess.run([sys.executable, "-c", COPIES_THREADING], timeout=60, check=False)

    assert ran.returncode == 0


async def test_the_loop_goes_on_and_sees_what_comes_of_it() -> None:
    turned = threading.Event()
    where: ContextVar[str] = ContextVar("where")
    where.set("here")

    working = asyncio.ensure_future(aside(lambda: (turned.wait(60), where.get())))
    await asyncio.sleep(0)
    turned.set()

    assert await working == (True, "here")


async def test_an_error_is_raised_where_it_is_awaited() -> None:
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 / 0)
