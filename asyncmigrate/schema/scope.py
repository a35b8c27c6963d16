"""Which objects of a database are looked at: whose history is this, and what is not ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias

IncludeName: TypeAlias = Callable[[str | None, str, dict[str, str | None]], bool]
"""Alembic's `include_name(name, type_, parent_names)`; asked of what was read, not of models."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a database that is read. Names of schemas are "" for the default one."""

    schemas: frozenset[str] = frozenset({""})
    """Those that the models use; others belong to somebody else."""
    own: frozenset[tuple[str, str]] = frozenset()
    """Schema and name of the tool's own tables: they are never listed."""
    include: tuple[str, ...] = ()
    """Patterns of `table` or `schema.table`; none: all."""
    exclude: tuple[str, ...] = ()
    declared: frozenset[tuple[str, str]] = frozenset()
    """Schema and name of the tables of the models. A partition or an inherited child is looked at
    only if it is one of them."""

    def takes(self, schema: str, table: str) -> bool:
        """Return whether a table or view (with all its parts) is looked at.

        >>> Scope(exclude=("tmp_*",)).takes("", "tmp_1")
        False
        """
        if schema not in self.schemas or (schema, table) in self.own:
            return False
        names = (table, f"{schema}.{table}") if schema else (table,)
        return (not self.include or _any_matches(names, self.include)) and not _any_matches(
            names, self.exclude
        )


def _any_matches(names: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
