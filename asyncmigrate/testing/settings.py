"""The settings of tests: `[tool.asyncmigrate.testing]`, and what the command line says instead."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

from asyncmigrate.engine.urls import parsed
from asyncmigrate.errors import ConfigError, MigrateError

if TYPE_CHECKING:
    from asyncmigrate.config import Config
    from asyncmigrate.testing.making import Values
    from asyncmigrate.testing.recipe import Seed

VARIABLE = "ASYNCMIGRATE_TEST_URL"
KINDS = ("postgresql", "mariadb", "sqlite")
_FAMILIES = {"postgres": "postgresql", "mysql": "mariadb", "sqlite3": "sqlite"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TestingSettings:
    """Every setting of tests with its default."""

    __test__ = False  # pytest takes a class with such a name for a test

    url: str | None = None
    """A server that runs, instead of one that is started; its user may create databases."""
    server: str | None = None
    """`postgresql`, `mariadb` or `sqlite`; without it the kind that the project's `url` names."""
    driver: str | None = None
    """The driver of the URLs that tests get; without it the one that the project's `url` names."""
    seed: str | None = None
    """`package.module:function`, a coroutine function that fills a migrated database."""
    keep: bool = True
    """Keep what was migrated for the next run."""
    ready: bool = False
    """Let pytest run the ready-made tests when it is called without naming files."""
    skip: tuple[str, ...] = ()
    """The ready-made tests that do not apply to this project."""
    fuzz: bool = False
    """Run the ready-made tests that fill the tables with made-up rows, too."""
    fuzz_seed: int = 0
    """The same number makes the same rows. Without a change of it no run differs from another."""
    fuzz_rows: int = 10
    """How many rows a table gets."""
    fuzz_exclude: tuple[str, ...] = ()
    """Patterns of tables that get none: `name` or `schema.name`."""
    fuzz_values: str | None = None
    """`package.module:name` of a dictionary that says what tables and columns hold instead."""
    fuzz_lossy: tuple[str, ...] = ()
    """The revisions that may lose rows or values on the way up and down again."""

    @property
    def kind(self) -> str:
        """The kind of server."""
        return self.server or "postgresql"


def settings(
    config: Config, *, url: str | None = None, server: str | None = None
) -> TestingSettings:
    """Return the settings; what is given here wins, then ASYNCMIGRATE_TEST_URL, then the file.

    Raises:
        ConfigError: a setting is misspelt, or of the wrong type.
    """
    found = _checked(dict(config.testing), config)
    given = url or os.environ.get(VARIABLE) or _expanded(config, found.url)
    named, driver = _of(given) if given else _project(config)
    kind = server or (named if given else found.server or named)
    if kind not in KINDS:
        raise ConfigError(
            f"Tests cannot have databases on {kind!r}.", next=f"It is one of {', '.join(KINDS)}."
        )
    return replace(
        found, url=given, server=kind, driver=found.driver or (driver if kind == named else None)
    )


def _expanded(config: Config, url: str | None) -> str | None:
    return None if url is None else config.filled(url, "testing.url")


def _project(config: Config) -> tuple[str, str | None]:
    try:
        return _of(config.database_url())
    except MigrateError:  # no URL is set, or its variables are those of production
        return "postgresql", None


def _of(url: str) -> tuple[str, str | None]:
    family, _, driver = parsed(url).drivername.partition("+")
    awaited = driver in {"asyncpg", "psycopg", "asyncmy", "aiomysql", "aiosqlite"}
    return _FAMILIES.get(family, family), driver if awaited else None


def _checked(table: dict[str, Any], config: Config) -> TestingSettings:
    where = f"{config.file}, testing"
    known = {field.name: field.default for field in fields(TestingSettings)}
    for name, value in table.items():
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise ConfigError(
                f"{where}: there is no setting {name!r}.",
                next=f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(known)}.",
            )
        wanted = {bool: bool, int: int, tuple: list}.get(type(known[name]), str)
        if type(value) is not wanted:
            raise ConfigError(
                f"{where}: {name} is {value!r}; it must be a {wanted.__name__}.",
                next=f"Change {name}.",
            )
    lists = {name: tuple(map(str, value)) for name, value in table.items() if type(value) is list}
    return TestingSettings(**{**table, **lists})


def seed_of(found: TestingSettings) -> Seed | None:
    """Import the seed that the settings name.

    Raises:
        ConfigError: there is no such function.
    """
    if found.seed is None:
        return None
    seed: Seed = _imported(found.seed, "seed")
    return seed


def values_of(found: TestingSettings) -> Values:
    """Import what the settings say about made-up rows.

    Raises:
        ConfigError: there is no such dictionary.
    """
    values: Values = _imported(found.fuzz_values, "fuzz_values") if found.fuzz_values else {}
    return values


def _imported(named: str, setting: str) -> Any:
    module, _, name = named.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"The {setting} {named!r} cannot be imported: {error}.",
            next="Write `package.module:name`.",
        ) from error
