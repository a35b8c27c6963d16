"""The command layer: `Migrator`, and the part of it that needs no database."""

from asyncmigrate.migrator.migrator import Migrator
from asyncmigrate.migrator.project import Project

__all__ = ["Migrator", "Project"]
