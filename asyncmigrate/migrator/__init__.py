"""The command layer: `Migrator`, and the part of it that needs no database."""

from asyncmigrate.migrator.migrator import Migrator

__all__ = ["Migrator"]
