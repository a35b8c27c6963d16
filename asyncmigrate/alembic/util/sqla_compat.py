"""`alembic.util.sqla_compat`: what scripts ask about the SQLAlchemy that is installed."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from asyncmigrate.alembic.words import absent

_vers = tuple(int(part) for part in re.findall(r"\d+", sa.__version__)[:3])
sqla_14 = sqla_2 = True
sqla_2_1 = _vers >= (2, 1)


def _server_default_is_computed(*defaults: Any) -> bool:
    return any(isinstance(each, sa.Computed) for each in defaults)


def _server_default_is_identity(*defaults: Any) -> bool:
    return any(isinstance(each, sa.Identity) for each in defaults)


def __getattr__(name: str) -> Any:
    raise absent("alembic.util.sqla_compat", name)
