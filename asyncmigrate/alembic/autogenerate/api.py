"""`alembic.autogenerate.api`: what comparators and renderers are handed."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.alembic.autogenerate.compare import comparators
from asyncmigrate.alembic.util.exc import CommandError
from asyncmigrate.alembic.words import absent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from asyncmigrate.render.values import Writer

    Parents = dict[str, str | None]


class AutogenContext:
    """A comparison, as plug-ins see it. `home` says whose plug-ins count: see `Dispatcher`."""

    def __init__(
        self,
        migration_context: Any,
        metadata: Any = None,
        opts: Mapping[str, Any] | None = None,
        autogenerate: bool = True,
        *,
        home: str | None = None,
    ) -> None:
        self.migration_context = migration_context
        given = dict(opts if opts is not None else getattr(migration_context, "opts", None) or {})
        self.metadata = given.get("target_metadata") if metadata is None else metadata
        self.opts: dict[str, Any] = {
            "target_metadata": self.metadata,
            "sqlalchemy_module_prefix": "sa.",
            "alembic_module_prefix": "op.",
            "user_module_prefix": None,
            "include_schemas": False,
            "include_object": None,
            "include_name": None,
            "render_item": None,
            "render_as_batch": False,
            "compare_type": True,
            "compare_server_default": False,
            **given,
        }
        self.connection = migration_context.bind if migration_context is not None else None
        self.dialect: Any = migration_context.dialect if migration_context is not None else None
        self.imports: set[str] = set()
        self.comparators = comparators
        self.home = home
        self._has_batch = False

    @cached_property
    def inspector(self) -> Any:
        """SQLAlchemy's inspector of the database."""
        return sa.inspect(self.connection)

    def writer(self) -> Writer:
        """Return what writes values into this revision's script."""
        from asyncmigrate.render.values import Writer

        opts = self.opts
        return Writer(
            opts["render_item"],
            opts["user_module_prefix"],
            self.dialect,
            imports=self.imports,
            without_ours=True,
        )

    @contextmanager
    def _within_batch(self) -> Iterator[None]:
        self._has_batch = True
        yield
        self._has_batch = False

    def run_name_filters(self, name: str | None, type_: str, parent_names: Parents) -> bool:
        """Return what `include_name` says."""
        hook = self.opts.get("include_name")
        if hook is None:
            return True
        table = name if type_ == "table" else parent_names.get("table_name")
        if table and type_ != "schema":
            schema = parent_names.get("schema_name")
            parent_names["schema_qualified_table_name"] = f"{schema}.{table}" if schema else table
        return bool(hook(name, type_, parent_names))

    def run_object_filters(
        self, object_: Any, name: str | None, type_: str, reflected: bool, compare_to: Any
    ) -> bool:
        """Return what `include_object` says."""
        hook = self.opts.get("include_object")
        return hook is None or bool(hook(object_, name, type_, reflected, compare_to))

    run_filters = run_object_filters

    @cached_property
    def sorted_tables(self) -> list[sa.Table]:
        """The tables of the models, in the order in which they can be created."""
        return [table for each in self._metadatas() for table in each.sorted_tables]

    @cached_property
    def table_key_to_table(self) -> dict[str, sa.Table]:
        """The tables of the models by their keys.

        Raises:
            ValueError: several metadatas have one of the same key.
        """
        made: dict[str, sa.Table] = {}
        for each in self._metadatas():
            twice = sorted(set(made).intersection(each.tables))
            if twice:
                raise ValueError(f"Several metadatas have the tables {', '.join(twice)}.")
            made.update(each.tables)
        return made

    def _metadatas(self) -> list[sa.MetaData]:
        found = self.metadata
        if found is None:
            raise CommandError("There is no metadata to compare with.")
        return list(found) if isinstance(found, list | tuple) else [found]


FOR_PROGRAMS = ("compare_metadata", "produce_migrations", "render_python_code")


def __getattr__(name: str) -> Any:
    if name in FOR_PROGRAMS:  # what compares stands further out
        return getattr(import_module("asyncmigrate.migrator.alembic_autogenerate"), name)
    raise absent("alembic.autogenerate.api", name)
