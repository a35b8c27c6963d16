"""What Alembic has and we do not, and what is nearest: the words of the errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    "alembic.autogenerate.RevisionContext": "Migrator.revision() or Migrator.autogenerate()",
    "alembic.autogenerate.api.RevisionContext": "Migrator.revision() or Migrator.autogenerate()",
    "alembic.autogenerate.api.Plugin": "`comparators.dispatch_for`",
    "alembic.autogenerate.compare.Plugin": "`comparators.dispatch_for`",
    "alembic.autogenerate.compare": "Migrator.check() (`amigrate check`)",
    "alembic.config.CommandLine": "the command `amigrate`, or Migrator",
    "alembic.config.main": "the command `amigrate`, or Migrator",
    "alembic.command.list_templates": "`amigrate init`, which has one template",
    "alembic.command.init": "`amigrate init`",
    "alembic.command.edit": "`amigrate edit`",
    "alembic.context.configure": "the settings and `env.py`, which declares and runs nothing",
    "alembic.context.run_migrations": "`amigrate upgrade`, or Migrator",
    "alembic.operations.toimpl": "Operations.implementation_for",
    "alembic.operations.batch": "`op.batch_alter_table`",
    "alembic.script.revision": "Migrator.graph(), or alembic.script.ScriptDirectory",
    "alembic.script.ScriptDirectory": "Migrator: revision(), graph(), history()",
    "alembic.config.Config": "Config of asyncmigrate.config (`Migrator.config`)",
    "alembic.ddl.impl.DefaultImpl": "a dialect's file of ours, or SQLAlchemy's own DDL elements",
    "alembic.runtime.migration": "Migrator, or `on_version_apply` of env_py",
    "alembic.util.pyfiles": "the standard library's importlib",
    "alembic.util.editor": "`amigrate edit`",
    "alembic.util.compat": "the standard library",
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
    above = module.rpartition(".")[0]
    nearest = _NEAREST.get(full) or _NEAREST.get(module) or _NEAREST.get(above) or _GENERAL
    return f"asyncmigrate does not offer {full}; use {nearest}"


def missing_module(name: str) -> str:
    """Return the sentence for a module that Alembic has, and we have not."""
    module, _, last = name.rpartition(".")
    return missing(module, last)


class Offered:
    """A class under one of Alembic's names: an attribute that it has not is an error in words."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        kind = type(self)
        if name.startswith("_"):
            raise AttributeError(f"{kind.__name__!r} object has no attribute {name!r}")
        module = kind.__module__.removeprefix("asyncmigrate.")
        raise AttributeError(missing(f"{module}.{kind.__name__}", name))


def absent(module: str, name: str) -> AttributeError:
    """Return the error for an attribute that a module of Alembic has, and ours has not."""
    if name.startswith("__"):
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    return AttributeError(missing(module, name))
