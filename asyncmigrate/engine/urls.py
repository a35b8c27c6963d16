"""Database URLs as people write them, made into URLs that an async engine takes.

Three things go wrong with URLs in practice, and all three are mended here: a password with `@`,
`:`, `#` or `%` in it that was never percent-encoded; a URL without a driver, or with a driver that
cannot be awaited; and a driver that is not installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import unquote

from asyncmigrate.config import masked
from asyncmigrate.errors import MissingDriverError, UrlError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import URL

_ASYNC_DRIVERS = {
    "postgresql": ("asyncpg", "psycopg"),
    "sqlite": ("aiosqlite",),
    "mysql": ("asyncmy", "aiomysql"),
    "mariadb": ("asyncmy", "aiomysql"),
    "oracle": ("oracledb_async",),
    "mssql": ("aioodbc",),
}
_ALIASES = {"postgres": "postgresql", "sqlite3": "sqlite"}
_PACKAGES = {
    "asyncpg": "asyncpg",
    "psycopg": "'asyncmigrate[psycopg]'",
    "asyncmy": "'asyncmigrate[mysql]'",
    "oracledb_async": "oracledb",
}
_UNPREPARED: Mapping[str, Mapping[str, object]] = {
    "asyncpg": {
        "statement_cache_size": 0,
        "max_cacheable_statement_size": 1,  # its own executemany(), too, prepares without a name
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": str,  # no name
    },
    "psycopg": {"prepare_threshold": None},
}
_EXAMPLE = "Write it as `postgresql+asyncpg://user:password@host:5432/database`."


@dataclass(frozen=True, slots=True)
class AsyncUrl:
    """A URL for `create_async_engine`; `note` says what was changed, or is empty."""

    url: URL
    note: str = ""


def parsed(text: str) -> URL:
    """Return the parts of a URL; `@ : # %` need no escaping in the password.

    Raises:
        UrlError: it is not a database URL.

    >>> parsed("postgresql://me:p@ss:w#rd%@db.example:5433/app").password
    'p@ss:w#rd%'
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    text = text.strip()
    scheme, separator, rest = text.partition("://")
    authority = rest[: min((i for i in map(rest.find, "/?") if i >= 0), default=len(rest))]
    credentials, _, host = authority.rpartition("@")
    try:
        if not separator or not credentials.count("@"):
            return make_url(text)
        user, _, password = credentials.partition(":")
        bare = make_url(f"{scheme}://{host}{rest[len(authority) :]}")
        return bare.set(username=unquote(user), password=unquote(password))
    except (ArgumentError, ValueError):
        raise _not_a_url(text) from None  # SQLAlchemy 2.0 shows the URL, password and all


def _not_a_url(text: str) -> UrlError:
    return UrlError(
        f"{masked(text)!r} is not a database URL.",
        next=f"{_EXAMPLE} A / or ? in the password is written %2F or %3F.",
    )


def async_url(text: str | URL) -> AsyncUrl:
    """Return the URL with an async driver that is installed.

    A bare or sync URL (`postgresql://`, `sqlite://`, `mysql+pymysql://`) gets one, and `note`
    says so.

    Raises:
        UrlError: not a database URL.
        MissingDriverError: no async driver for this database is installed.
    """
    url = parsed(text) if isinstance(text, str) else text
    backend, _, driver = url.drivername.partition("+")
    backend = _ALIASES.get(backend, backend)
    known = _ASYNC_DRIVERS.get(backend)
    if known is None:
        return AsyncUrl(url)
    chosen = driver if driver in known else _installed(known) or known[0]
    if not _is_installed(chosen):
        raise _missing(backend, chosen)
    made = _with_ssl(url.set(drivername=f"{backend}+{chosen}"), chosen)
    if made.drivername == url.drivername:
        return AsyncUrl(made)
    return AsyncUrl(made, f"{url.drivername}:// is used as {made.drivername}://")


def unprepared(url: URL) -> dict[str, object]:
    """Return what keeps a driver from leaving statements prepared, unless the URL says it itself.

    A pooler that lends one session to many loses them, or finds another one's by the same name; and
    a migration sends hardly any statement twice.

    >>> unprepared(parsed("postgresql+psycopg://db/app")), unprepared(parsed("sqlite+aiosqlite://"))
    ({'prepare_threshold': None}, {})
    """
    found = _UNPREPARED.get(url.get_driver_name(), {})
    return {name: value for name, value in found.items() if name not in url.query}


def with_driver(text: str | URL, driver: str) -> str:
    """Return the URL with another driver, which must be installed; for a migration's own needs.

    Raises:
        UrlError: not a database URL.
        UsageError: there is no such async driver for this database.
        MissingDriverError: it is not installed.
    """
    url = parsed(text) if isinstance(text, str) else text
    backend = url.drivername.partition("+")[0]
    backend = _ALIASES.get(backend, backend)
    known = _ASYNC_DRIVERS.get(backend, ())
    if driver not in known:
        raise UsageError(
            f"--driver {driver}: {backend} has no such async driver.",
            next=f"There is {' and '.join(known) or 'none'}.",
        )
    if not _is_installed(driver):
        raise _missing(backend, driver)
    return url.set(drivername=f"{backend}+{driver}").render_as_string(hide_password=False)


def url_for_text(text: str | URL) -> URL:
    """Return the URL for writing SQL: with a driver that SQLAlchemy knows, installed or not.

    Raises:
        UrlError: not a database URL.

    >>> url_for_text("mssql+pyodbc://nobody@nowhere/x").drivername
    'mssql+aioodbc'
    """
    try:
        return async_url(text).url
    except MissingDriverError:
        url = parsed(text) if isinstance(text, str) else text
        backend = url.drivername.partition("+")[0]
        backend = _ALIASES.get(backend, backend)
        return url.set(drivername=f"{backend}+{_ASYNC_DRIVERS[backend][0]}")


def _installed(drivers: tuple[str, ...]) -> str | None:
    return next((driver for driver in drivers if _is_installed(driver)), None)


def _is_installed(driver: str) -> bool:
    return find_spec(driver.removesuffix("_async")) is not None


def _missing(backend: str, driver: str) -> MissingDriverError:
    return MissingDriverError(
        f"The database driver {driver} for {backend} is not installed.",
        next=f"Run `pip install {_PACKAGES.get(driver, driver)}`.",
    )


def _with_ssl(url: URL, driver: str) -> URL:
    """Spell libpq's `sslmode` as asyncpg does: hosted databases hand it out in their URLs."""
    mode = url.query.get("sslmode")
    if driver != "asyncpg" or mode is None:
        return url
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
