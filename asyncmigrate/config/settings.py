"""Every setting, its default, and what it may be."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from asyncmigrate.config.urls import masked
from asyncmigrate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "AMIGRATE_"
"""What a variable that holds a setting starts with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default. Paths are relative to the file that holds them."""

    url: str | None = None
    """The database, as a SQLAlchemy URL with an async driver."""
    migrations_url: str | None = None
    """Used instead of `url` by migrations: a direct connection past a pooler, another role."""
    script_location: str = "migrations"
    """The folder that holds `versions/`; `package:folder` is looked up in an installed package, as
    is `package:folder:folder`."""
    env_py: str = "env.py"
    """The file of that folder that declares in Python what TOML cannot. An empty string: none."""
    version_locations: tuple[str, ...] = ()
    """Where the scripts are, if not in `versions/` of `script_location`."""
    recursive_version_locations: bool = False
    """Read the folders below them, too."""
    metadata: tuple[str, ...] = ()
    """The models, as `package.module:attribute`: a MetaData, or anything with a `.metadata`."""
    include: tuple[str, ...] = ()
    """Patterns of the tables that autogenerate compares: `name` or `schema.name`. None: all."""
    exclude: tuple[str, ...] = ()
    """Patterns of the tables that autogenerate leaves alone: those of somebody else."""
    version_table: str = "alembic_version"
    """The table with one row per current revision; the same as Alembic's."""
    version_table_schema: str | None = None
    """The schema of the version table and the history table; it must exist."""
    history_table: str = "amigrate_history"
    """Who ran which revision, when and how it ended. An empty string keeps no such record, and no
    journal before a revision fails: of a process that is killed in `op.autocommit()`, nothing is
    known."""
    strict_history: bool = False
    """Refuse to run while a script differs from the one that was applied."""
    lock: str = "auto"
    """One migrator at a time per database and version table: a lock of the `session` on the server,
    a `lease` (a row with a heartbeat and a fencing token), or `off`. `auto` is the session's, and
    the lease where a session's lock excludes nobody: behind PgBouncer, on Galera, where there is
    none."""
    lease_seconds: float = 30.0
    """How long a lease lasts without a heartbeat, before another migrator may take it."""
    lock_timeout: float = 900.0
    """Seconds to wait for another migrator."""
    when_locked: str = "wait"
    """While another migrator is at work: `wait` for it, `skip` this run, or `fail`."""
    statement_timeout: float = 0.0
    """Seconds that one statement of a script may take; 0 is no limit."""
    table_lock_timeout: float = 0.0
    """Seconds that a statement may wait for a lock on a table, before its revision is rolled back
    and tried again; 0 is no limit."""
    lock_retries: int = 10
    """How often it is tried again."""
    opentelemetry: bool = False
    """Trace each run, with spans for its revisions and statements; needs `opentelemetry-api`."""
    logging_config: Any = None
    """How `amigrate` logs, and only the command line: the file of a configuration for Python's
    `logging` (`.ini`, `.json`, `.toml`), or a table with the same content."""
    shutdown_grace: float = 20.0
    """Seconds that an interrupted run may take to roll back."""
    file_template: str = "%(rev)s_%(slug)s"
    """The file name of a new script: rev, slug, epoch, year, month, day, hour, minute, second."""
    truncate_slug_length: int = 40
    """The longest `slug`, which is the message as a part of a file name."""
    timezone: str | None = None
    """The time zone of "Create Date" in new scripts; local time if unset."""
    output_encoding: str = "utf-8"
    """The encoding of new scripts."""
    alembic_compatible: bool = False
    """Write new scripts so that Alembic can run them, too: `from alembic import op`."""
    render_as_batch: bool = False
    """Write changes of tables as `batch_alter_table`, as scripts for Alembic on SQLite need it."""
    sourceless: bool = False
    """Read compiled scripts (`.pyc`) where there is no source."""
    post_write_hooks: tuple[Any, ...] | None = None
    """Commands that run on a new script; if unset, `ruff format` where ruff is installed."""
    cache: bool = True
    """Keep headers, checksums and code of hundreds of scripts in the user's cache folder."""
    prepend_sys_path: tuple[str, ...] = (".",)
    """Folders that are made importable, so that `metadata` and the scripts find your modules."""
    script_arguments: dict[str, Any] = field(default_factory=dict)
    """What `upgrade` and `downgrade` are handed by name, if they have such parameters."""
    env_file: tuple[str, ...] = ()
    """Files with NAME=value lines for `${NAME}`; the process's environment comes first."""
    environment: str | None = None
    """The environment that is used when none is named."""


_NAMES = tuple(item.name for item in fields(Settings))
_KINDS: dict[str, str] = {item.name: str(item.type) for item in fields(Settings)}
_EXPECTED = {
    "str": ((str,), "a string"),
    "bool": ((bool,), "true or false"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number of seconds"),
    "dict[str, Any]": ((dict,), "a table"),
    "Any": ((str, dict), "the path of a file, or a table"),
}
_CHOICES = {
    "when_locked": ("wait", "skip", "fail"),
    "lock": ("auto", "session", "lease", "off"),
}
_LEAST = {"truncate_slug_length": 1, "lease_seconds": 1}
"""The smallest numbers; 0 for every other setting."""
_MAY_BE_EMPTY = ("history_table", "env_py")
"""An empty string says that there is none, in a variable, too."""
_NEVER_EMPTY = ("script_location", "version_table", "file_template", "output_encoding")

LOCKS = {"1": "auto", "true": "auto", "yes": "auto", "0": "off", "false": "off", "no": "off"}
"""What a variable may say for `lock`, besides the words of the setting itself."""


def lock_named(wanted: bool | str) -> str:
    """Return the word for `lock`, which was true or false once.

    >>> lock_named(True), lock_named(False), lock_named("lease")
    ('auto', 'off', 'lease')
    """
    return LOCKS[str(wanted).lower()] if isinstance(wanted, bool) else wanted


Layer = tuple[dict[str, Any], dict[str, str]]
"""Values from one place, and for each of them the words for that place."""


def _from_variables(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _NAMES:
        text = environ.get(PREFIX + name.upper())
        if text is None or name == "environment":
            continue
        if text or name in _MAY_BE_EMPTY:  # else it is one that somebody wanted to unset
            found[name] = _from_text(name, text)
    return found


def _from_text(name: str, text: str) -> object:
    kind = _KINDS[name]
    if kind == "bool":
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(
            text.lower(), text
        )
    if name == "lock":
        return LOCKS.get(text.lower(), text)
    try:
        return {"int": int, "float": float}.get(kind, str)(text)
    except ValueError:
        return text


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def variables_layer(environ: Mapping[str, str]) -> Layer:
    """Check and return what the process's `AMIGRATE_` variables set. Raises as `layer` does."""
    values = _from_variables(environ)
    return layer(values, "variable", label=lambda name: f"${PREFIX}{name.upper()}")


def flags_layer(flags: Mapping[str, object]) -> Layer:
    """Check and return what the command line's flags set; None is not set. Raises as `layer`."""
    given = {name: value for name, value in flags.items() if value is not None}
    return layer(given, "flag", label=_flag)


def layer(
    table: Mapping[str, Any], source: str, *, label: Callable[[str], str] | None = None
) -> Layer:
    """Check the settings of one place. `label` gives the words for where each came from.

    Raises:
        ConfigError: a setting is misspelt or of the wrong type.
    """
    values = {}
    for name, value in table.items():
        if name not in _NAMES:
            near = get_close_matches(name, _NAMES, 1)
            raise ConfigError(
                f"{source}: there is no setting {name!r}.",
                next=f"Did you mean {near[0]!r}?"
                if near
                else "Take it out, or see docs/reference/settings.md.",
            )
        values[name] = _checked(name, value, label(name) if label else source)
    return values, {name: label(name) if label else source for name in values}


def _checked(name: str, value: object, source: str) -> object:
    kind = _KINDS[name].removesuffix(" | None")
    if kind == "tuple[str, ...]":
        listed = [value] if isinstance(value, str) else value
        if isinstance(listed, list | tuple) and all(isinstance(each, str) for each in listed):
            return tuple(listed)
        raise _wrong(name, value, source, "a string or a list of strings")
    if kind == "tuple[Any, ...]":
        if isinstance(value, list | tuple):
            return tuple(value)
        raise _wrong(name, value, source, "a list")
    types, words = _EXPECTED[kind]
    if name == "history_table" and value is False:
        return ""
    if name == "lock" and isinstance(value, bool):
        return lock_named(value)
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise _wrong(name, value, source, words)
    if isinstance(value, int | float) and not isinstance(value, bool):
        least = _LEAST.get(name, 0)
        if not value >= least:  # not a number is not, either
            raise _wrong(name, value, source, f"{words}, {least} or more")
    return _fitting(name, value, source)


def _fitting(name: str, value: object, source: str) -> object:
    if value == "" and name in _NEVER_EMPTY:
        raise _wrong(name, value, source, "a name")
    if name in _CHOICES and value not in _CHOICES[name]:
        raise _wrong(name, value, source, f"one of {', '.join(_CHOICES[name])}")
    return value


def agreeing(settings: Settings) -> Settings:
    """Return the settings if they go together; raises ConfigError if they do not."""
    if settings.version_table == settings.history_table:
        raise ConfigError(
            f"version_table and history_table are both {settings.version_table!r}.",
            next="Give one of them another name.",
        )
    return settings


def _wrong(name: str, value: object, source: str, words: str) -> ConfigError:
    return ConfigError(
        f"The setting {name} ({source}) is {masked(repr(value))}; it must be {words}.",
        next=f"Change {name}.",
    )
