"""URLs as the settings hold them: text, before anything of SQLAlchemy is imported."""

from __future__ import annotations

import re
from pathlib import Path

_IN_QUERY = re.compile(r"((?:password|passwd|pwd)=)[^&\s'\"]*", re.IGNORECASE)
_SQLITE_FILE = re.compile(r"(sqlite(?:\+\w+)?:///)(?!:memory:|file:)([^?]+)")


def below(root: Path, url: str) -> str:
    """Return a URL whose SQLite file is relative to `root`; other URLs stay as they are.

    >>> below(Path("/app"), "sqlite+aiosqlite:///data.db?timeout=5")
    'sqlite+aiosqlite:////app/data.db?timeout=5'
    >>> below(Path("/app"), "sqlite://")
    'sqlite://'
    """
    match = _SQLITE_FILE.match(url)
    if match is None or Path(match[2]).is_absolute() or root == Path.cwd():
        return url
    return f"{match[1]}{root.as_posix()}/{url[match.end(1) :]}"


def masked(url: str) -> str:
    """Return a URL, or what was meant to be one, without its password.

    >>> masked("postgresql+asyncpg://me:p@ss:w/rd#1@db.example/app")
    'postgresql+asyncpg://me:***@db.example/app'
    >>> masked("me:secret@db.example/app?password=secret")
    'me:***@db.example/app?password=***'
    """
    url = _IN_QUERY.sub(r"\1***", url)
    head, at, host = url.rpartition("@")
    scheme, separator, credentials = head.partition("://") if "://" in head else ("", "", head)
    user, colon, _ = credentials.partition(":")
    return f"{scheme}{separator}{user}:***@{host}" if at and colon else url
