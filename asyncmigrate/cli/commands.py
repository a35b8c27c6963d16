"""The application with all of its commands: each module adds its own as it is imported."""

from asyncmigrate.cli import database, making, showing, testing  # noqa: F401
from asyncmigrate.cli.app import app, app_for

__all__ = ["app", "app_for"]
