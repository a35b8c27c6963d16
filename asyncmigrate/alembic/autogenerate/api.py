"""`alembic.autogenerate.api`: what comparators and renderers are handed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.alembic.words import absent

if TYPE_CHECKING:
    from collections.abc import Mapping


class AutogenContext:
    """A comparison, as plug-ins see it."""

    def __init__(
        self,
        migration_context: Any,
        metadata: sa.MetaData | None = None,
        opts: Mapping[str, Any] | None = None,
        autogenerate: bool = True,
    ) -> None:
        self.migration_context = migration_context
        self.metadata = metadata
        self.opts: dict[str, Any] = {
            "sqlalchemy_module_prefix": "sa.",
            "alembic_module_prefix": "op.",
            "user_module_prefix": None,
            "include_schemas": False,
            "render_item": None,
            **(opts or {}),
        }
        self.connection = migration_context.bind if migration_context is not None else None
        self.dialect = migration_context.dialect if migration_context is not None else None
        self.imports: set[str] = set()

    @cached_property
    def inspector(self) -> Any:
        """SQLAlchemy's inspector of the database."""
        return sa.inspect(self.connection)

    def run_name_filters(self, name: str | None, type_: str, parent_names: Any) -> bool:
        """Return what `include_name` says."""
        hook = self.opts.get("include_name")
        return hook is None or bool(hook(name, type_, parent_names))

    def run_object_filters(
        self, object_: Any, name: str | None, type_: str, reflected: bool, compare_to: Any
    ) -> bool:
        """Return what `include_object` says."""
        hook = self.opts.get("include_object")
        return hook is None or bool(hook(object_, name, type_, reflected, compare_to))

    run_filters = run_object_filters

    @cached_property
    def sorted_tables(self) -> list[sa.Table]:
        """The tables of the models, in the order of their foreign keys."""
        return [] if self.metadata is None else list(self.metadata.sorted_tables)


def __getattr__(name: str) -> Any:
    raise absent("alembic.autogenerate.api", name)
