"""What the docstrings of kinds and of rendering show is true."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = (
    "asyncmigrate.render.layout",
    "asyncmigrate.render.script",
    "asyncmigrate.render.types",
    "asyncmigrate.render.values",
    "asyncmigrate.schema.casting",
    "asyncmigrate.schema.kinds.enum",
    "asyncmigrate.schema.kinds.named_types",
    "asyncmigrate.schema.kinds.options",
    "asyncmigrate.schema.kinds.written",
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_hold(name: str) -> None:
    failed, tried = doctest.testmod(import_module(name))

    assert (failed, tried > 0) == (0, True)
