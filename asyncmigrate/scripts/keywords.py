"""Keywords that belong to one database, such as `postgresql_using`; all others are typos."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import registry
from sqlalchemy.exc import NoSuchModuleError

from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.sql.base import DialectKWArgs

KNOWN = frozenset({"postgresql", "sqlite", "mysql", "mariadb", "mssql", "oracle"})


def check_keywords(
    directive: str,
    given: Mapping[str, Any],
    accepted: Sequence[str] = (),
    *,
    takes: type[DialectKWArgs] | None = None,
) -> None:
    """Raise unless every keyword begins with the name of a database, and means something to it.

    `takes` is what SQLAlchemy builds from the keywords: its dialects say what they know about it.

    Raises:
        UsageError: one does not; the nearest one is offered.
    """
    for keyword in given:
        database = _database_of(keyword)
        if database is not None and takes is not None:
            _check_known(directive, keyword, database, takes)
        if database is None:
            near = get_close_matches(keyword, accepted, n=1)
            guess = f"Did you mean {near[0]!r}? " if near else ""
            raise UsageError(
                f"op.{directive}() has no argument {keyword!r}.",
                next=f"{guess}A keyword for one database begins with its name: postgresql_…, "
                "sqlite_…, mysql_…",
            )


def _check_known(directive: str, keyword: str, database: str, takes: type[DialectKWArgs]) -> None:
    stated = registry.load(database).construct_arguments
    if stated is None:  # such a dialect takes any
        return
    known = [
        f"{database}_{name}"
        for construct, arguments in stated
        if issubclass(takes, construct)
        for name in arguments
    ]
    if keyword in known or f"{database}_*" in known:
        return
    near = get_close_matches(keyword, known, n=1)
    guess = f"Did you mean {near[0]!r}?" if near else ""
    takes_these = f"It takes {', '.join(sorted(known))}." if known else "It takes none."
    raise UsageError(
        f"op.{directive}() has no argument {keyword!r} for {database}.",
        next=f"{guess} {takes_these}".strip(),
    )


def _database_of(keyword: str) -> str | None:
    name, separator, _ = keyword.partition("_")
    if not separator or not name:
        return None
    if name in KNOWN:
        return name
    try:
        registry.load(name)
    except NoSuchModuleError:
        return None
    return name
