"""What Alembic has and we do not, and what is nearest: the words of the errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULES = (
    "autogenerate", "command", "config", "context", "ddl", "environment", "migration", "op",
    "operations", "runtime", "script", "util",
)  # fmt: skip
"""The modules that `import alembic` has."""

OUR_OWN = ("converted", "env_source", "ini", "words")
"""What stands in the package beside them, for the tool itself."""

_NEAREST: Mapping[str, str] = {
    "alembic.testing": "asyncmigrate.testing, a pytest plugin",
    "alembic.autogenerate.compare_metadata": "Migrator.check() (`amigrate check`)",
    "alembic.autogenerate.produce_migrations": "Migrator.check() (`amigrate check`)",
    "alembic.autogenerate.render_python_code": "`amigrate revision --autogenerate`",
    "alembic.autogenerate.api.compare_metadata": "Migrator.check() (`amigrate check`)",
    "alembic.autogenerate.api.produce_migrations": "Migrator.check() (`amigrate check`)",
    "alembic.autogenerate.compare": "Migrator.check() (`amigrate check`)",
    "alembic.config.CommandLine": "the command `amigrate`, or Migrator",
    "alembic.config.main": "the command `amigrate`, or Migrator",
    "alembic.command.list_templates": "`amigrate init`, which has one template",
    "alembic.command.init": "`amigrate init`",
    "alembic.command.edit": "`amigrate edit`",
    "alembic.context.configure": "the settings and `env.py`, which declares and runs nothing",
    "alembic.context.run_migrations": "`amigrate upgrade`, or Migrator",
    "alembic.runtime.plugins": "Operations.register_operation and implementation_for",
    "alembic.script.write_hooks": "the setting `post_write_hooks`",
    "alembic.ddl.base": "SQLAlchemy's own DDL elements, or `op.execute`",
}
_GENERAL = "asyncmigrate's own names (docs/coming-from-alembic.md lists them)"


def missing(module: str, name: str) -> str:
    """Return the sentence for a name that a module of Alembic has, and ours has not.

    >>> missing("alembic.script", "write_hooks")
    'asyncmigrate does not offer alembic.script.write_hooks; use the setting `post_write_hooks`'
    """
    full = f"{module}.{name}"
    nearest = _NEAREST.get(full) or _NEAREST.get(module) or _GENERAL
    return f"asyncmigrate does not offer {full}; use {nearest}"


def missing_module(name: str) -> str:
    """Return the sentence for a module that Alembic has, and we have not."""
    module, _, last = name.rpartition(".")
    return missing(module, last)


def absent(module: str, name: str) -> AttributeError:
    """Return the error for an attribute that a module of Alembic has, and ours has not."""
    if name.startswith("__"):
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    return AttributeError(missing(module, name))
