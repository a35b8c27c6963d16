"""The table `testing` of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asyncmigrate.config import Config, Settings
from asyncmigrate.errors import ConfigError
from asyncmigrate.testing.fuzz import named_checks
from asyncmigrate.testing.settings import TestingSettings, settings, values_of


def config(**table: Any) -> Config:
    return Config(Settings(), Path(), testing=table)


def test_made_up_rows_are_asked_for() -> None:
    found = settings(config(fuzz=True, fuzz_seed=3, fuzz_rows=5, fuzz_exclude=["log_*"]))

    assert found.fuzz is True
    assert (found.fuzz_seed, found.fuzz_rows, found.fuzz_exclude) == (3, 5, ("log_*",))


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("fuzz", "yes", "bool"),
        ("fuzz_seed", True, "int"),
        ("fuzz_rows", "10", "int"),
        ("fuzz_exclude", "log", "list"),
        ("keep", 1, "bool"),
        ("seed", 1, "str"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(name: str, value: Any, kind: str) -> None:
    with pytest.raises(ConfigError, match=rf"{name} is {value!r}; it must be a {kind}\."):
        settings(config(**{name: value}))


def test_a_dictionary_of_values_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match="fuzz_values 'nowhere:VALUES' cannot be imported"):
        values_of(TestingSettings(fuzz_values="nowhere:VALUES"))


def test_a_test_that_is_left_out_has_to_be_one() -> None:
    with pytest.raises(ConfigError, match="skip names 'offlin', and there is no such test") as no:
        named_checks(TestingSettings(skip=("offlin",)))

    assert "offline" in no.value.next
