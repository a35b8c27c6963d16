"""What a migrator can be handed, and the refusal of everything else in words that help."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import URL, Connection, Engine
from sqlalchemy import __version__ as sqlalchemy_version
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from asyncmigrate.config import masked
from asyncmigrate.engine.urls import async_url
from asyncmigrate.errors import ConfigError, UsageError

Bind = AsyncEngine | AsyncConnection | URL | str
"""What a migrator can be handed."""


def missing_file(bind: Bind) -> str | None:
    """Return the URL of a SQLite file that does not exist yet; None for every other database.

    To connect to it is to create it, so whoever only reads must not.
    """
    if isinstance(bind, AsyncConnection):
        return None
    found = url_of(bind)
    url = async_url(found).url if isinstance(found, str) else found
    file = Path(url.database or ":memory:")
    is_file = url.get_backend_name() == "sqlite" and not url.query.get("uri")
    if not is_file or str(file) == ":memory:" or file.exists() or not file.parent.is_dir():
        return None
    return shown(url)


def shown(url: URL) -> str:
    """Return a URL for people: no password, neither before the host nor among the options."""
    return masked(url.render_as_string(hide_password=True))


def check_bind(bind: object) -> None:
    """Refuse what cannot be awaited, and a SQLAlchemy that is too old.

    Raises:
        UsageError: it is neither an async engine, an async connection nor a URL.
        ConfigError: SQLAlchemy is older than 2.0.40.
    """
    check_sqlalchemy(sqlalchemy_version)
    if isinstance(bind, Bind):
        return
    if isinstance(bind, Engine | Connection):
        raise UsageError(
            f"A migrator was handed a sync {type(bind).__name__}; it awaits its database.",
            next="Make the engine with `create_async_engine(…)`, or hand over the URL.",
        )
    raise UsageError(
        f"A migrator was handed {type(bind).__name__}, which is no database.",
        next="It takes an AsyncEngine, an AsyncConnection or a URL (see `engine` of env.py).",
    )


def check_sqlalchemy(version: str) -> None:
    """Refuse a SQLAlchemy that is too old.

    >>> check_sqlalchemy("2.0.40"), check_sqlalchemy("2.1.0b1")
    (None, None)

    Raises:
        ConfigError: it is older than 2.0.40.
    """
    if tuple(int(part) for part in re.findall(r"\d+", version)[:3]) < (2, 0, 40):
        raise ConfigError(
            f"SQLAlchemy {version} is too old: 2.0.40 or later is needed.",
            next="Run `pip install -U 'sqlalchemy>=2.0.40'`.",
        )


def url_of(bind: Bind) -> URL | str:
    """Return the URL of what a migrator was handed. Raises as `check_bind` does."""
    check_bind(bind)
    if isinstance(bind, AsyncConnection):
        return bind.engine.url
    return bind.url if isinstance(bind, AsyncEngine) else bind
