"""What `import alembic` gives a migration script: thin names over this package.

Scripts that were written for Alembic run unmodified: `scripts.redirection` answers their
`import alembic` with this package, for them alone. There is one implementation; what stands here
are Alembic's names for it. What is not offered is an error that names the nearest thing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from asyncmigrate.alembic.words import MODULES, absent

__version__ = "1.20.1"
"""The version of Alembic whose names these are; plug-ins ask for it."""


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return import_module(f"{__name__}.{name}")
    raise absent("alembic", name)
