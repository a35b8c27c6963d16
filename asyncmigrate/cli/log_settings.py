"""`logging_config`: how the command line logs. An application configures its own logging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncmigrate.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from asyncmigrate.config import Config

_KEEPING = {"version": 1, "disable_existing_loggers": False}
"""What a configuration says unless it says something else itself."""


def configure(config: Config) -> None:
    """Configure Python's logging as the settings say; nothing happens if they say nothing.

    Raises:
        ConfigError: there is no such file, or it cannot be understood.
    """
    wanted = config.settings.logging_config
    if not wanted:
        return
    where = config.sources["logging_config"]
    try:
        if isinstance(wanted, dict):
            _apply(wanted)
        else:
            _apply_file(config.path(config.expand("logging_config") or ""))
    except ConfigError:
        raise
    except Exception as error:
        said = f"{error}: {error.__cause__}" if error.__cause__ else str(error)
        raise ConfigError(
            f"The setting logging_config ({where}) cannot be applied: {said.rstrip('.')}.",
            next="See Python's logging.config: dictConfig for a table, .json and .toml, "
            "fileConfig for .ini.",
        ) from error


def _apply(table: dict[str, Any]) -> None:
    from logging.config import dictConfig

    dictConfig({**_KEEPING, **table})


def _apply_file(file: Path) -> None:
    if not file.is_file():
        raise ConfigError(
            f"The logging_config {file} does not exist.",
            next="Create it, or change logging_config in the settings.",
        )
    if file.suffix == ".json":
        import json

        _apply(json.loads(file.read_text(encoding="utf-8")))
    elif file.suffix == ".toml":
        import tomllib

        _apply(tomllib.loads(file.read_text(encoding="utf-8")))
    else:
        from logging.config import fileConfig

        fileConfig(file, disable_existing_loggers=False, encoding="utf-8")
