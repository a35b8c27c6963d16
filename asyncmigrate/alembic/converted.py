"""An Alembic project in our terms: its settings, an env.py of ours, a template; and what is left.

Files are read, nothing is imported, run or written.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.alembic.converted_template import TEMPLATE, template_of
from asyncmigrate.alembic.env_source import read_env
from asyncmigrate.alembic.env_source_found import EnvSource, Finding
from asyncmigrate.config import Config, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from asyncmigrate.config.alembic_ini import AlembicSettings

ENV_PY = "amigrate_env.py"
"""What our env.py is called beside Alembic's."""
_URL = "the database's URL"
_UNSAID = {
    "alembic_compatible": "new scripts say `from alembic import op`: Alembic runs them, too",
    "history_table": "Alembic's autogenerate would drop it; take this out when nobody runs Alembic",
    "env_py": "what our env.py is called: Alembic's stays where it is",
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """What an Alembic project is in our terms."""

    root: Path
    script_folder: Path
    settings: Mapping[str, Any]
    environments: Mapping[str, Mapping[str, Any]]
    env_file: Path | None
    """Alembic's own env.py, if there is one."""
    env_text: str
    """The text of our env.py; empty if none is needed."""
    template_text: str
    """The text of our script.py.tmpl; empty if ours says the same."""
    taken: tuple[Finding, ...]
    written: tuple[Finding, ...]
    needs: tuple[Finding, ...]

    def files(self) -> dict[Path, str]:
        """Return the files that belong beside Alembic's, with their texts."""
        found = {
            self.script_folder / ENV_PY: self.env_text,
            self.script_folder / TEMPLATE: self.template_text,
        }
        return {path: text for path, text in found.items() if text}

    def has_on(self, option: str) -> bool:
        """Return whether env.py sets an option of `configure` to True that is always on here."""
        return any(each.what == f"{option}=True" for each in self.taken)

    def unmet(self) -> str:
        """Return in one line what Alembic's env.py does, and we do not; empty if it is nothing."""
        said = "; ".join(each.where(self.env_file) for each in self.needs if each.matters)
        return said and f"not taken over from Alembic: {said} (amigrate init --from-alembic)"

    def toml(self, table: str = "") -> str:
        """Return the settings as TOML; `table` is the name that stands in front of them."""
        return "\n".join(_toml(self.settings, self.environments, table)) + "\n"


def converted(config: Config) -> Conversion:
    """Read what an Alembic project's files say. `config` holds its settings as they were read.

    Raises:
        ConfigError: a file cannot be read, or env.py is not Python.
    """
    found = config.alembic
    assert found is not None
    folder = config.script_folder
    file = folder / "env.py"
    env = _env_of(file, found, config) if file.is_file() else EnvSource()
    template, template_findings = template_of(folder)
    settings = _settings(found, env)
    environments = {
        name: {**table, **env.environments.get(name, {})}
        for name, table in found.environments.items()
    }
    return Conversion(
        root=found.root,
        script_folder=folder,
        settings=settings,
        environments=environments,
        env_file=file if file.is_file() else None,
        env_text=env.python,
        template_text=template,
        taken=(*_taken(found), *env.taken),
        written=tuple(_written(env, template, settings)),
        needs=(*env.needs, *template_findings, *_needs(found, settings, env)),
    )


def with_env(config: Config, conversion: Conversion) -> Config:
    """Return the settings of an Alembic project with what its env.py says; flags stay stronger."""
    assert config.alembic is not None
    beaten = {name for name, source in config.sources.items() if source.startswith(("-", "$"))}
    said = conversion.settings
    env: dict[str, Any] = {
        name: said[name] for name in _ENV_SETTINGS if name in said and name not in beaten
    }
    if isinstance(env.get("metadata"), str | list):
        several = env["metadata"]
        env["metadata"] = (several,) if isinstance(several, str) else tuple(several)
    if env.get("url") == config.alembic.values.get("url") or config.environment is not None:
        env.pop("url", None)  # what the ini says, or its section
    return replace(
        config,
        settings=replace(config.settings, **env),
        template=conversion.template_text,
        sources={**config.sources, **dict.fromkeys(env, f"{conversion.env_file}")},
    )


_ENV_SETTINGS = {
    "url", "metadata", "version_table", "version_table_schema", "render_as_batch",
    "statement_timeout", "table_lock_timeout",
}  # fmt: skip


def _env_of(file: Path, found: AlembicSettings, config: Config) -> EnvSource:
    from asyncmigrate.errors import ConfigError

    try:
        text = file.read_text(encoding="utf-8")
        return read_env(text, found.options, _Modules(config).source)
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.", next="Mend the file.") from error


@dataclass(frozen=True, slots=True)
class _Modules:
    """The project's modules, found as files."""

    config: Config

    def source(self, name: str) -> str | None:
        for folder in self._folders():
            path = folder.joinpath(*name.split("."))
            for file in (path.with_suffix(".py"), path / "__init__.py"):
                if file.is_file():
                    return file.read_text(encoding="utf-8", errors="replace")
            if path.is_dir() and name:
                return ""
        return None

    def _folders(self) -> Iterator[Path]:
        root = self.config.root
        for entry in self.config.settings.prepend_sys_path:
            yield root / entry
        yield from (root, root / "src", self.config.script_folder.parent, self.config.script_folder)


def _settings(found: AlembicSettings, env: EnvSource) -> dict[str, Any]:
    made: dict[str, Any] = dict(found.values)
    if "url" in env.declares:
        made.pop("url", None)  # what env.py said was stronger
    made |= env.settings
    made["env_py"] = ENV_PY if env.python else ""
    made |= {"alembic_compatible": True, "history_table": ""}
    order = [*Settings.__dataclass_fields__]
    named = [name for name in made if not _is_default(name, made[name])]
    return {name: made[name] for name in sorted(named, key=order.index)}


def _is_default(name: str, value: Any) -> bool:
    return bool(getattr(Settings(), name) == (tuple(value) if isinstance(value, list) else value))


def _taken(found: AlembicSettings) -> Iterator[Finding]:
    from asyncmigrate.config import masked

    for name, value in found.values.items():
        shown = "given" if name == "post_write_hooks" else masked(str(value))
        yield Finding(name if name != "url" else "sqlalchemy.url", shown)
    for name in found.options:
        if name in _NEEDLESS:
            yield Finding(name, _NEEDLESS[name])
        elif name.startswith("sqlalchemy.") and name != "sqlalchemy.url":
            yield Finding(name, "not needed: one connection for each run")
    for name in found.environments:
        yield Finding(f"[{name}]", f"the environment {name}: amigrate -n {name}")


_NEEDLESS = {
    "path_separator": "not needed: settings of ours have lists",
    "version_path_separator": "not needed: settings of ours have lists",
    "revision_environment": "not needed: env_py is there for every command",
}


def _written(env: EnvSource, template: str, settings: Mapping[str, Any]) -> Iterator[Finding]:
    for name, lines in env.declares.items():
        yield Finding(name, ENV_PY, lines)
    if template:
        yield Finding("script.py.mako", TEMPLATE)
    for name, why in _UNSAID.items():
        if name in settings:
            yield Finding(f"{name} = {json.dumps(settings[name])}", why)


def _needs(
    found: AlembicSettings, settings: Mapping[str, Any], env: EnvSource
) -> Iterator[Finding]:
    has_url = "url" in settings or {"url", "engine"} & set(env.declares) or found.databases
    if not has_url and not any(each.what == _URL for each in env.needs):
        yield Finding(_URL, "set `url`, or pass --url")
    if found.databases:
        yield Finding(
            f"databases = {', '.join(found.databases)}",
            "amigrate -n NAME runs over one of them, and hands scripts its name as engine_name: "
            "docs/how-to/many-databases.md",
        )


def _toml(
    settings: Mapping[str, Any], environments: Mapping[str, Mapping[str, Any]], table: str
) -> Iterator[str]:
    if table:
        yield f"[{table}]"
    for name, value in settings.items():
        yield f"{name} = {_value(value)}{_comment(name)}"
    for name, values in environments.items():
        yield ""
        yield f"[{table + '.' if table else ''}environments.{_key(name)}]"
        for setting, value in values.items():
            yield f"{setting} = {_value(value)}"


def _comment(name: str) -> str:
    return f"  # {_UNSAID[name]}" if name in _UNSAID else ""


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)
