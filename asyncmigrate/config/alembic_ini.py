"""An Alembic project's settings, as `alembic.ini` and `[tool.alembic]` hold them, read as ours.

Alembic reads both files at once, and the ini is stronger. `%(here)s` becomes `.`: a path that
starts there is relative to the settings file, as all of ours are. A `%(NAME)s` that no key of the
section explains is one that `env.py` fills in while it runs; it becomes `${NAME}`.
"""

from __future__ import annotations

import os
import re
from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmigrate.config import files
from asyncmigrate.config.urls import masked
from asyncmigrate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SECTION = "alembic"
INI = "alembic.ini"

UNSAID: Mapping[str, Any] = {
    "alembic_compatible": True,
    "history_table": "",
    "post_write_hooks": [],
}
"""What counts while Alembic's own settings are read: it leaves no table that Alembic would drop."""

_REFERENCE = re.compile(r"%(?:(%)|\(([^)]+)\)s)")
_DEEPEST = 10
_SEPARATORS = {"os": os.pathsep, "space": " ", "newline": "\n", ":": ":", ";": ";"}
_LEGACY = {
    "version_locations": re.compile(r", *|\s+"),
    "prepend_sys_path": re.compile(r", *|\s+|:"),
}
_TEXTS = ("file_template", "timezone", "output_encoding")
_BOOLEANS = ("recursive_version_locations", "sourceless")
_PLACEHOLDERS = ("driver://user:pass@localhost/dbname", "driver://user:pass@localhost/dbname2")
_LOGGING = re.compile(r"(loggers|handlers|formatters|logger_.*|handler_.*|formatter_.*)\Z")


@dataclass(frozen=True, slots=True)
class AlembicSettings:
    """What Alembic's files say, in our settings' names and in Alembic's own."""

    ini: Path | None
    toml: Path | None
    section: str
    values: Mapping[str, Any]
    """Ours: what can stand in a settings file."""
    environments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Ours, by the names of the ini's other sections."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Alembic's own, filled in: what `config.get_main_option` gives to env.py."""
    databases: tuple[str, ...] = ()
    """The sections that the template for several databases runs over."""

    @property
    def root(self) -> Path:
        """The folder of the settings."""
        file = self.ini or self.toml
        assert file is not None
        return file.parent

    def check_section(self, chosen: str | None) -> None:
        """Refuse to guess where only sections that nobody chose say where scripts are.

        Raises:
            ConfigError: so it is.
        """
        said = [name for name, values in self.environments.items() if "script_location" in values]
        if chosen is None and said and "script_location" not in self.values:
            raise ConfigError(
                f"Each of these sections of {self.ini} has a script_location, and "
                f"[{self.section}] has none: {', '.join(said)}.",
                next=f"Say which: amigrate -n {said[0]} ...",
            )

    @property
    def files(self) -> tuple[Path, ...]:
        """Both files, or the one that there is."""
        return tuple(each for each in (self.ini, self.toml) if each is not None)


def read(file: Path, section: str | None = None, *, folder: Path | None = None) -> AlembicSettings:
    """Read Alembic's settings from a file and the one beside it. Nothing is imported.

    `section` is Alembic's `-n`. `folder` is the working folder, from which Alembic takes paths.

    Raises:
        ConfigError: a file cannot be read, or a setting in it makes no sense.
    """
    named = section or SECTION
    is_ini = file.suffix != ".toml"
    ini = file if is_ini else _beside(file, INI)
    toml = _beside(file, "pyproject.toml") if is_ini else file
    sections = _sections(ini) if ini is not None else {}
    table = dict(files.as_table(files.tools(toml).get(SECTION, {}), f"{toml}")) if toml else {}
    if is_ini and section is not None and named not in sections:
        known = ", ".join(sorted(_environment_names(sections))) or "none"
        raise ConfigError(
            f"There is no section [{named}] in {file}; known: {known}.",
            next="Name another with -n.",
        )
    own = _filled(sections.get(named, {}))
    from_toml = {name: _from_toml(value) for name, value in table.items()}
    options = {name: text for name, text in from_toml.items() if isinstance(text, str)} | own
    reader = _Reader(from_toml | own, file, file.parent, folder or Path.cwd(), is_main=True)
    hooks = _ini_hooks(_filled(sections.get("post_write_hooks", {}))) or table.get(
        "post_write_hooks"
    )
    values = reader.values() | ({"post_write_hooks": _toml_hooks(hooks)} if hooks else {})
    databases = tuple(re.split(r",\s*", options["databases"])) if options.get("databases") else ()
    return AlembicSettings(
        ini=ini,
        toml=toml if table else None,
        section=named,
        values=values,
        environments={
            name: _Reader(_filled(sections[name]), file, file.parent, folder or Path.cwd()).values()
            | ({"script_arguments": {"engine_name": name}} if name in databases else {})
            for name in _environment_names(sections)
            if name != named
        },
        options=options,
        databases=tuple(each for each in databases if each in sections),
    )


def _beside(file: Path, name: str) -> Path | None:
    other = file.with_name(name)
    return other if other.is_file() else None


def _sections(ini: Path) -> dict[str, dict[str, str]]:
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(ini.read_text(encoding="utf-8"), source=str(ini))
    except (IniError, OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{ini} cannot be read: {error}.", next="Mend the file.") from error
    return {name: dict(parser[name]) for name in parser.sections()}


def _environment_names(sections: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the sections that are databases of their own."""
    return [
        name
        for name, options in sections.items()
        if name != SECTION
        and not _LOGGING.match(name)
        and ("sqlalchemy.url" in options or "script_location" in options)
    ]


def _filled(options: Mapping[str, str]) -> dict[str, str]:
    return {name: filled(text, options) for name, text in options.items()}


def filled(text: str, options: Mapping[str, str], depth: int = 0) -> str:
    """Return an ini's value with its `%(name)s` and `%%` replaced.

    >>> filled("%(scheme)s://%(DB_USER)s:p%%40ss@host", {"scheme": "postgresql"})
    'postgresql://${DB_USER}:p%40ss@host'
    >>> filled("%(here)s/alembic", {})
    './alembic'
    """
    if depth > _DEEPEST:
        raise ConfigError(
            f"The value {masked(text)!r} of alembic.ini refers to itself.", next="Mend the file."
        )

    def fill(match: re.Match[str]) -> str:
        if match[1]:
            return "%"
        found = options.get(match[2].lower(), options.get(match[2]))
        if found is not None:
            return filled(found, options, depth + 1)
        return "." if match[2] == "here" else f"${{{match[2]}}}"

    return _REFERENCE.sub(fill, text.replace("${", "$${"))


def _from_toml(value: Any) -> Any:
    """TOML's strings are filled in as an ini's are: `%%` is a percent sign there, too."""
    if isinstance(value, str):
        return filled(value, {})
    return [_from_toml(each) for each in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class _Reader:
    """One section's options, made into settings of ours."""

    options: Mapping[str, Any]
    file: Path
    root: Path
    folder: Path
    is_main: bool = False

    def values(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name in _TEXTS:
            if self.options.get(name):
                made[name] = str(self.options[name])
        for name in _BOOLEANS:
            if name in self.options:
                made[name] = self.options[name] is True or self.options[name] == "true"
        if self.options.get("truncate_slug_length"):
            made["truncate_slug_length"] = self._number("truncate_slug_length")
        if self.options.get("version_locations"):
            made["version_locations"] = list(map(self._located, self._listed("version_locations")))
        return made | self._importable() | self._location() | self._database()

    def _importable(self) -> dict[str, list[str]]:
        """Return the folders of modules; `.` is where Alembic, or Flask, is typed."""
        is_inside = self.root in (self.folder, *self.folder.parents)
        working = "." if is_inside else Path(os.path.relpath(self.folder, self.root)).as_posix()
        if self.options.get("prepend_sys_path"):
            named = map(self._located, self._listed("prepend_sys_path"))
            return {"prepend_sys_path": [working if each == "." else each for each in named]}
        is_below = self.is_main and self.folder in self.root.parents
        return {"prepend_sys_path": [working]} if is_below else {}

    def _location(self) -> dict[str, str]:
        found = self.options.get("script_location")
        if found:
            return {"script_location": self._located(str(found))}
        # As Flask-Migrate keeps it: the ini beside env.py.
        beside = self.is_main and (self.root / "env.py").is_file()
        return {"script_location": "."} if beside else {}

    def _database(self) -> dict[str, str]:
        url = self.options.get("sqlalchemy.url")
        return {"url": self._url(str(url))} if url and url not in _PLACEHOLDERS else {}

    def _number(self, name: str) -> int:
        try:
            return int(self.options[name])
        except (TypeError, ValueError):
            raise ConfigError(
                f"{name} in {self.file} is {self.options[name]!r}; it must be a whole number.",
                next=f"Change {name}.",
            ) from None

    def _listed(self, name: str) -> Sequence[str]:
        value = self.options[name]
        if isinstance(value, list):
            return [str(each) for each in value]
        separator = self.options.get("path_separator")
        if separator is None and name == "version_locations":
            separator = self.options.get("version_path_separator")
        if separator is None:
            parts = _LEGACY[name].split(str(value))
        elif separator in _SEPARATORS:
            parts = str(value).split(_SEPARATORS[separator])
        else:
            raise ConfigError(
                f"path_separator in {self.file} is {separator!r}; it must be one of "
                f"{', '.join(_SEPARATORS)}.",
                next="Change path_separator.",
            )
        return [each.strip() for each in parts if each.strip()]

    def _located(self, text: str) -> str:
        """Return a path as seen from the settings file; Alembic's start in the working folder."""
        if text.startswith("./") or text == ".":
            return text.removeprefix("./") or "."
        package = text.partition(":")
        if os.path.isabs(text) or (package[1] and len(package[0]) > 1):
            return text
        if (self.root / text).exists() or not (self.folder / text).exists():
            return text
        return Path(os.path.relpath(self.folder / text, self.root)).as_posix()

    def _url(self, url: str) -> str:
        """Return a URL; `sqlite:///./x.db` is beside the settings."""
        return re.sub(r"^(sqlite(?:\+\w+)?:///)\./", r"\1", url)


def _ini_hooks(options: Mapping[str, str]) -> list[dict[str, str]]:
    names = [each.strip() for each in options.get("hooks", "").split(",") if each.strip()]
    return [
        {"name": name}
        | {
            key.removeprefix(f"{name}."): value
            for key, value in options.items()
            if key.startswith(f"{name}.")
        }
        for name in names
    ]


def _toml_hooks(hooks: Any) -> list[Any]:
    return [dict(each) if isinstance(each, dict) else each for each in hooks]
