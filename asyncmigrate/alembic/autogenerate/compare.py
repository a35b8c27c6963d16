"""`alembic.autogenerate.compare`: the comparators of plug-ins."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.util.langhelpers import PriorityDispatcher
from asyncmigrate.alembic.words import absent

comparators = PriorityDispatcher()
"""What plug-ins compare, by `"autogenerate"`, `"schema"`, `"table"` and `"column"`."""


def __getattr__(name: str) -> Any:
    raise absent("alembic.autogenerate.compare", name)
