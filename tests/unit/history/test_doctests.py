"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import asyncmigrate.history

MODULES = [
    f"asyncmigrate.history.{module.name}"
    for module in pkgutil.iter_modules(asyncmigrate.history.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
