"""`alembic.autogenerate`: where plug-ins register what they compare and how it is written."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.autogenerate import render, rewriter
from asyncmigrate.alembic.autogenerate.api import AutogenContext
from asyncmigrate.alembic.autogenerate.compare import comparators
from asyncmigrate.alembic.autogenerate.render import renderers
from asyncmigrate.alembic.words import absent

__all__ = ["AutogenContext", "comparators", "render", "renderers", "rewriter"]


def __getattr__(name: str) -> Any:
    raise absent("alembic.autogenerate", name)
