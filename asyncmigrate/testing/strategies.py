"""Rows of a table as a strategy of Hypothesis, for tests of your own that shrink.

`amigrate test --fuzz` does not use Hypothesis although it may be installed: each of its attempts
costs a database, so it shrinks by rows and not by values, and the same seed must say the same on
every machine. Here it is the other way round: values are cheap, and Hypothesis draws each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncmigrate.testing.making import FIRST, Around, Maker

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy
    from sqlalchemy import Table

    from asyncmigrate.testing.making import Values


def rows(
    table: Table, *, min_size: int = 0, max_size: int = 10, values: Values | None = None
) -> SearchStrategy[list[dict[str, Any]]]:
    """Return a strategy for lists of rows, as `insert(table)` and `case.insert` take them.

    Types, lengths, NULLs and what CHECKs name are respected, keys and CHECKs as far as luck goes.
    `table` is a model's, or one that was read (`await case.table("users")`). `values` says what
    columns hold instead, by `table.column`: a value, or a function of a `random.Random`.

    Raises:
        ImportError: Hypothesis is not installed.
    """
    from hypothesis import strategies

    made = Maker(table, Around(values=values or {}))
    shapes = strategies.lists(
        strategies.sampled_from(("drawn", *FIRST)), min_size=min_size, max_size=max_size
    )
    randoms = strategies.randoms(use_true_random=False)
    return strategies.builds(made.rows, randoms, shapes)
