"""Python's own parser, for several threads at once.

CPython 3.11 counts how deep a tree is in a place that all threads share. If garbage is collected
while a thread makes a tree, another one may get its turn, make a tree, too, and leave the first one
with a SystemError ("AST constructor recursion depth mismatch"). Ours wait for each other; where the
application parses in a thread of its own, another try is enough.
"""

from __future__ import annotations

import ast
from threading import RLock

_one_at_a_time = RLock()  # re-entrant: a collection of garbage may run anything in between
_TRIES = 100


def tree_of(source: bytes | str, path: str = "<unknown>") -> ast.Module:
    """Return the tree of a module's source. Safe to call from any thread.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: as `ast.parse` does.
    """
    with _one_at_a_time:
        for _ in range(_TRIES):
            try:
                return ast.parse(source, path)
            except SystemError:
                continue
        return ast.parse(source, path)
