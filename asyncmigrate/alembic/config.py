"""`alembic.config.Config`: the settings, as scripts, hooks and tests ask for them."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from configparser import ConfigParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmigrate.alembic.words import Offered, absent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncmigrate.scripts.surroundings import Surroundings


class Config(Offered):
    """Settings of an `alembic.ini`, or of ours under Alembic's names.

    `attributes` carries objects: `attributes["connection"]` is the connection that
    `alembic.command` runs on.
    """

    def __init__(
        self,
        file_: Any = None,
        toml_file: Any = None,
        ini_section: str = "alembic",
        output_buffer: Any = None,
        stdout: Any = None,
        cmd_opts: Namespace | None = None,
        config_args: Mapping[str, Any] | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        self.config_file_name = None if file_ is None else str(file_)
        self.toml_file_name = None if toml_file is None else str(toml_file)
        self.config_ini_section = ini_section
        self.output_buffer = output_buffer
        self.stdout = stdout
        self.cmd_opts = cmd_opts
        self.config_args = dict(config_args or {})
        self.attributes: dict[str, Any] = dict(attributes or {})
        self._parser: ConfigParser | None = None

    @property
    def file_config(self) -> ConfigParser:
        """The ini file, as configparser reads it; sections that are missing are added."""
        if self._parser is None:
            here = "."
            if self.config_file_name:
                here = Path(self.config_file_name).absolute().parent.as_posix()
            self._parser = ConfigParser({"here": here, **self.config_args})
            if self.config_file_name:
                self._parser.read([self.config_file_name], encoding="utf-8")
            if not self._parser.has_section(self.config_ini_section):
                self._parser.add_section(self.config_ini_section)
        return self._parser

    def get_section(self, name: str, default: Any = None) -> Any:
        """Return a section as a dictionary, or the default."""
        if not self.file_config.has_section(name):
            return {} if default is None else default
        return dict(self.file_config.items(name))

    def get_section_option(self, section: str, name: str, default: str | None = None) -> Any:
        """Return one option of a section, or the default."""
        parser = self.file_config
        return parser.get(section, name) if parser.has_option(section, name) else default

    def get_main_option(self, name: str, default: str | None = None) -> Any:
        """Return one option of the main section, or the default."""
        return self.get_section_option(self.config_ini_section, name, default)

    get_alembic_option = get_main_option

    def get_alembic_boolean_option(self, name: str) -> bool:
        """Return whether an option of the main section is "true"."""
        return str(self.get_main_option(name, "false")).lower() == "true"

    def set_section_option(self, section: str, name: str, value: str) -> None:
        """Set one option of a section, for this object."""
        if not self.file_config.has_section(section):
            self.file_config.add_section(section)
        self.file_config.set(section, name, value)

    def set_main_option(self, name: str, value: str) -> None:
        """Set one option of the main section, for this object."""
        self.set_section_option(self.config_ini_section, name, value)

    def remove_main_option(self, name: str) -> None:
        """Forget one option of the main section, for this object."""
        self.file_config.remove_option(self.config_ini_section, name)

    def get_version_locations_list(self) -> list[str] | None:
        """Return the folders of scripts, if the settings name any."""
        found = self.get_main_option("version_locations")
        return None if not found else self._several(found, "version_path_separator")

    def get_prepend_sys_paths_list(self) -> list[str] | None:
        """Return what is put in front of `sys.path`, if the settings say."""
        found = self.get_main_option("prepend_sys_path")
        return None if not found else self._several(found, "path_separator")

    def _several(self, text: str, separator: str) -> list[str]:
        said = self.get_main_option("path_separator") or self.get_main_option(separator)
        mark = {"os": os.pathsep, "space": " ", "newline": "\n", ":": ":", ";": ";"}.get(said or "")
        parts = text.split(mark) if mark else re.split(r"[,\s:]+", text)
        return [each.strip() for each in parts if each.strip()]

    def print_stdout(self, text: str, *arg: Any) -> None:
        """Write a line to the stream that the object was made with."""
        stream = self.stdout or self.output_buffer
        if stream is not None:
            stream.write((text % arg if arg else text) + "\n")


def config_of(run: Surroundings) -> Config:
    """Return the settings of a run under Alembic's names."""
    if run.legacy is not None:
        found: Config = run.legacy
        return found
    pairs = [f"{key}={value}" if value else key for key, value in run.x.items()]
    made = Config(
        file_=_ini_of(run),
        cmd_opts=Namespace(
            x=pairs,
            sql=run.as_sql,
            revision=" ".join(run.targets),
            name=None,
            autogenerate=True,  # asked by hooks, which nothing else calls
        ),
    )
    made.attributes = run.attributes  # the run's own: what one script puts in, another finds
    if run.config is not None:
        settings, ours = run.config.settings, {}
        ours["script_location"] = str(run.config.script_folder)
        ours["version_table"] = settings.version_table
        if run.config.alembic is not None:
            ours |= run.config.alembic.options
        if settings.url is not None:
            ours["sqlalchemy.url"] = run.config.expand("url") or ""
        for name, value in ours.items():
            made.set_main_option(name, str(value).replace("%", "%%"))
    return made


def _ini_of(run: Surroundings) -> Path | None:
    alembic = run.config.alembic if run.config is not None else None
    return alembic.ini if alembic is not None else None


def __getattr__(name: str) -> Any:
    raise absent("alembic.config", name)
