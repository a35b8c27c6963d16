"""What a block of `op.batch_alter_table` does at once, and what a project adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from asyncmigrate.scripts.custom_directives import registration

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    import sqlalchemy as sa
    from sqlalchemy import Connection, Executable
    from sqlalchemy.sql.elements import conv

    from asyncmigrate.scripts.column_directives import Type
    from asyncmigrate.scripts.context import MigrationContext

T = TypeVar("T")


class Immediate(Protocol):
    """What a block hands on to `op` at once."""

    def execute(
        self,
        sqltext: Executable | str,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Run a statement."""

    def get_bind(self) -> Connection:
        """Return the connection."""

    def get_context(self) -> MigrationContext:
        """Return what describes the migration that runs."""

    def inline_literal(self, value: object, type_: Type | None = None) -> sa.BindParameter[Any]:
        """Return a value that is written into the statement."""

    def f(self, name: str) -> conv:
        """Return a name that the naming convention leaves as it is."""

    def invoke(self, operation: object) -> Any:
        """Run an operation of a project's own."""

    def run_async(
        self, async_function: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any
    ) -> Any:
        """Await `async_function(connection, …)`."""


@dataclass(slots=True)
class BatchBlock:
    """The part of a block that is not about its table, and happens at once."""

    _now: Immediate
    table_name: str
    schema: str | None

    @property
    def impl(self) -> Self:
        """The block: where operations written for Alembic look for `table_name` and `schema`."""
        return self

    @classmethod
    def register_operation(
        cls, name: str, sourcename: str | None = None
    ) -> Callable[[type[T]], type[T]]:
        """Return a class decorator: `batch_op.name(…)` then makes and runs such an operation.

        A class with a classmethod of that name (or `sourcename`) is called by it, with the block
        first, whose `table_name` and `schema` are those of its table; any other by its
        constructor. What is done is what `Operations.implementation_for` says, at once.

        Raises:
            UsageError: the name is taken.
        """
        return registration(cls, name, sourcename or name)

    def execute(
        self,
        sqltext: Executable | str,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Run a statement at once, so before the changes of the block."""
        self._now.execute(sqltext, execution_options=execution_options)

    def get_bind(self) -> Connection:
        """Return the connection."""
        return self._now.get_bind()

    def get_context(self) -> MigrationContext:
        """Return what describes the migration that runs."""
        return self._now.get_context()

    def inline_literal(self, value: object, type_: Type | None = None) -> sa.BindParameter[Any]:
        """Return a value that is written into the statement instead of sent beside it."""
        return self._now.inline_literal(value, type_)

    def f(self, name: str) -> conv:
        """Return a name that the naming convention leaves as it is."""
        return self._now.f(name)

    def invoke(self, operation: object) -> Any:
        """Run an operation of a project's own, at once."""
        return self._now.invoke(operation)

    def run_async(
        self, async_function: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any
    ) -> Any:
        """Await `async_function(connection, …)` at once, and return its result."""
        return self._now.run_async(async_function, *args, **kwargs)
