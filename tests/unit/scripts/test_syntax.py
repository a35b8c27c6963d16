"""Python's parser is safe to call from several threads, also where Python's own is not."""

from __future__ import annotations

import ast
import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from asyncmigrate.scripts.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = "\n".join(
    f"def f{number}(a, b=[1, (2, 3)]):\n    return a + b[{number}]" for number in range(60)
)


class Dying:
    """Runs Python when it is collected as garbage: then another thread may get its turn."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        for _ in range(50):
            pass


@pytest.fixture
def busy() -> Iterator[None]:
    """Threads that change places often, and a collector that comes often."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(100)
    yield
    gc.set_threshold(*thresholds)
    sys.setswitchinterval(interval)


def parsed_from(depth: int) -> ast.Module:
    """Parse that many calls deep: Python mixes up threads that are not equally deep."""
    if depth:
        return parsed_from(depth - 1)
    for _ in range(20):
        Dying()
    return tree_of(SOURCE)


@pytest.mark.usefixtures("busy")
def test_many_threads_parse_at_once() -> None:
    with ThreadPoolExecutor(8) as threads:
        trees = list(threads.map(lambda number: parsed_from(number % 7), range(300)))

    assert {len(tree.body) for tree in trees} == {60}


def test_what_is_not_python_is_said_as_python_says_it() -> None:
    said = []
    for parse in (tree_of, ast.parse):
        try:
            parse("def f(:")
        except SyntaxError as error:
            said.append(error.msg)

    assert len(said) == 2
    assert said[0] == said[1]
