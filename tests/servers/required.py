"""What happens to a test whose database is not there."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

VARIABLE = "ASYNCMIGRATE_REQUIRE"


def missing(database: str, reason: str) -> NoReturn:
    """Skip the test, or fail it where ASYNCMIGRATE_REQUIRE lists this database."""
    required = [name.strip() for name in os.environ.get(VARIABLE, "").split(",")]
    if database in required:
        pytest.fail(f"{VARIABLE} asks for {database}: {reason}", pytrace=False)
    pytest.skip(f"{database}: {reason}")
