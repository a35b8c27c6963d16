"""`alembic.autogenerate`: where plug-ins register what they compare and how it is written."""

from __future__ import annotations

from typing import Any

from asyncmigrate.alembic.autogenerate import api, render, rewriter
from asyncmigrate.alembic.autogenerate.api import FOR_PROGRAMS, AutogenContext
from asyncmigrate.alembic.autogenerate.compare import comparators
from asyncmigrate.alembic.autogenerate.render import render_op_text, renderers
from asyncmigrate.alembic.autogenerate.rewriter import Rewriter
from asyncmigrate.alembic.words import absent

__all__ = [
    "AutogenContext",
    "Rewriter",
    "comparators",
    "render",
    "render_op_text",
    "renderers",
    "rewriter",
]


def __getattr__(name: str) -> Any:
    if name in FOR_PROGRAMS:
        return getattr(api, name)
    raise absent("alembic.autogenerate", name)
