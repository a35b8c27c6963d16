"""Settings: what they are, and where each one came from.

Settings live in `[tool.asyncmigrate]` of `pyproject.toml`, or at the top level of
`asyncmigrate.toml`. From weak to strong: the default, the file, the chosen environment
(`[tool.asyncmigrate.environments.NAME]`), an `AMIGRATE_…` variable, a flag of the command line.

`${NAME}` and `${NAME:-default}` in a URL, a path, a table or a schema are taken from the process's
environment, then from `env_file`; an empty variable counts as unset. `%` is an ordinary character,
and `$${` is a literal `${`. A string is expanded when it is used, so that `amigrate heads` does not
fail for want of a database password.

Where there is none of our files, Alembic's `alembic.ini` and `[tool.alembic]` are read as ours.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmigrate.config import files
from asyncmigrate.config.settings import (
    PREFIX,
    Layer,
    Settings,
    agreeing,
    flags_layer,
    layer,
    variables_layer,
)
from asyncmigrate.config.urls import below, masked
from asyncmigrate.errors import ConfigError, UnsetVariableError, UrlError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from asyncmigrate.config.alembic_ini import AlembicSettings

__all__ = ["Config", "Settings", "load", "masked"]

_PREFIXES = {"pyproject.toml": "tool.asyncmigrate."}
"""What stands before a table's name in a settings file."""
_VARIABLE = re.compile(r"\$(\$\{)|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Config:
    """Settings that have been read, with the place each value came from.

    `root` is the folder that relative paths start from: that of `file`, else the working folder.
    """

    settings: Settings
    root: Path
    file: Path | None = None
    environment: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    testing: Mapping[str, Any] = field(default_factory=dict)
    """The table `testing` as it is written: what the pytest plugin and `amigrate test` read."""
    alembic: AlembicSettings | None = None
    """What Alembic's files say, if the settings are theirs."""
    template: str = field(default="", repr=False)
    """The text of new scripts' template, where the script folder has none of ours."""

    def expand(self, name: str) -> str | None:
        """Return a string setting with its `${…}` filled in.

        Raises:
            UnsetVariableError: a variable is neither in the environment nor in `env_file`.
        """
        value = getattr(self.settings, name)
        return None if value is None else self.filled(str(value), name)

    def filled(self, text: str, name: str) -> str:
        """Return the text of a setting with its `${…}` filled in. Raises UnsetVariableError."""

        def fill(match: re.Match[str]) -> str:
            literal, variable, default = match.groups()
            if literal:
                return "${"
            found = self.variables.get(variable) or default
            if found is None:
                raise self._unset(variable, name)
            return found

        return _VARIABLE.sub(fill, text)

    def _unset(self, variable: str, name: str) -> UnsetVariableError:
        looked = ["the environment", *self.settings.env_file]
        return UnsetVariableError(
            f"The setting {name} ({self.sources.get(name, 'default')}) needs the variable "
            f"{variable}, which is not set, or empty; looked in {', '.join(looked)}.",
            variable=variable,
            next=f"Run `export {variable}=…`, or name an env_file in the settings"
            + (", or pass --url." if "url" in name else "."),
        )

    def expand_each(self, name: str) -> tuple[str, ...]:
        """Return a setting that is a list of strings, each as `expand` gives it."""
        return tuple(self.filled(each, name) for each in getattr(self.settings, name))

    def database_url(self) -> str:
        """Return the URL that migrations use: `migrations_url`, else `url`.

        The path of a SQLite file is relative to `root` if the settings file holds the URL, so that
        every sub-folder of a project sees the same database; elsewhere to the working folder.

        Raises:
            UrlError: neither is set.
        """
        for name in ("migrations_url", "url"):
            url = self.expand(name)
            if url:
                is_from_file = self.sources[name].startswith(str(self.file))
                return below(self.root, url) if is_from_file else url
        where = f"{self.file}" if self.file else "no settings file was found"
        raise UrlError(
            f"No database URL is set ({where}).",
            next="Pass --url, set AMIGRATE_URL, or add "
            '`url = "postgresql+asyncpg://user:password@host/database"` to the settings.',
        )

    def path(self, text: str) -> Path:
        """Return where a path of the settings is: relative to `root`, or `package:folder:…`."""
        package, colon, inside = text.partition(":")
        if colon and not Path(text).is_absolute() and len(package) > 1:
            return files.package_folder(package).joinpath(*inside.split(":"))
        return self.root / text

    @property
    def script_folder(self) -> Path:
        """The folder of the migration scripts."""
        return self.path(self.expand("script_location") or "migrations")

    @property
    def version_folders(self) -> tuple[Path, ...]:
        """The folders that hold the revisions themselves."""
        named = self.expand_each("version_locations")
        return tuple(map(self.path, named)) or (self.script_folder / "versions",)

    def described(self) -> Iterator[tuple[str, str, str]]:
        """Yield (setting, value, source) for everything that is not a default."""
        for name, source in sorted(self.sources.items()):
            value = getattr(self.settings, name)
            text = masked(str(value)) if "url" in name else str(value)
            yield name, text, source


def load(
    path: str | Path | None = None,
    *,
    environment: str | None = None,
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Config:
    """Read the settings. Reads files only; nothing is imported and nothing expanded.

    `path` names the file; without it `asyncmigrate.toml` or a `pyproject.toml` with a
    `[tool.asyncmigrate]` table is looked for in `folder` (the working folder) and above it.

    Raises:
        ConfigError: the file, an environment or a setting is missing, misspelt or of the wrong
            type.
    """
    environ = os.environ if environ is None else environ
    folder = folder or Path.cwd()
    named = path or environ.get(f"{PREFIX}CONFIG")
    file = files.named(folder / named) if named else files.found_above(folder)
    alembic = _alembic(file, folder)
    table = files.table_of(file) if file and alembic is None else {}
    environments = files.as_table(table.pop("environments", {}), f"{file}: environments")
    chosen = environment or environ.get(f"{PREFIX}ENV") or table.get("environment")
    if alembic is not None:
        chosen = None if chosen == alembic.section else chosen
        table, environments = _of_alembic(alembic, chosen)
    testing = files.as_table(table.pop("testing", {}), f"{file}: testing")
    values, sources = layer(table, str(file))
    layers = [
        *_environment(environments, chosen, file),
        variables_layer(environ),
        flags_layer(flags or {}),
    ]
    for more, where in layers:
        if "url" in more:
            # A stronger `url` is meant to be used: no weaker `migrations_url` may stay in its way.
            values.pop("migrations_url", None)
            sources.pop("migrations_url", None)
        values |= more
        sources |= where
    settings = agreeing(Settings(**values))
    root = file.parent if file else folder
    return Config(
        alembic=alembic,
        settings=settings,
        root=root,
        file=file,
        environment=chosen,
        sources=sources,
        variables=files.variables_of(settings.env_file, root) | dict(environ),
        testing=testing,
    )


def _alembic(file: Path | None, folder: Path) -> AlembicSettings | None:
    if file is None or not files.is_alembic(file):
        return None
    from asyncmigrate.config import alembic_ini  # most projects have settings of ours

    return alembic_ini.read(file, folder=folder)


def _of_alembic(
    found: AlembicSettings, chosen: str | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return Alembic's settings as a table of ours; a section that names scripts stands alone."""
    from asyncmigrate.config import alembic_ini

    found.check_section(chosen)
    is_alone = "script_location" in found.environments.get(chosen or "", {})
    table = {} if is_alone else dict(found.values)
    return {**alembic_ini.UNSAID, **table}, dict(found.environments)


def _environment(
    environments: Mapping[str, Any], chosen: str | None, file: Path | None
) -> Iterator[Layer]:
    if chosen is None:
        return
    if chosen not in environments:
        known = ", ".join(sorted(environments)) or "none"
        raise ConfigError(
            f"There is no environment {chosen!r} in {file or 'the settings'}; known: {known}.",
            next=f"Add [{_PREFIXES.get(file.name if file else '', '')}environments.{chosen}], "
            "or name another with -n.",
        )
    where = f"{file}, environment {chosen}"
    yield layer(files.as_table(environments[chosen], where), where)
