"""What scripts and hooks may ask of the project that runs them, under Alembic's names."""

from __future__ import annotations

from asyncmigrate.alembic.config import Config, config_of
from asyncmigrate.alembic.script.base import ScriptDirectory
from asyncmigrate.scripts.surroundings import surroundings


class OfProject:
    """The settings and the history of the calling task's run."""

    __slots__ = ()

    @property
    def config(self) -> Config:
        """The settings, as Alembic's `Config`."""
        return config_of(surroundings())

    @property
    def script(self) -> ScriptDirectory:
        """The history on disk."""
        return ScriptDirectory.from_config(self.config)
