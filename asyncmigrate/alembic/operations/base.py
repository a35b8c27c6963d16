"""`alembic.operations.base`: the classes behind `op` and `batch_op`.

`Operations` is a class of its own, so that what scripts and plug-ins for Alembic register under
names of their choice (`create_view`, `add_enum_value`) is there for scripts that say
`from alembic import op`, and leaves `asyncmigrate.op` as it is.
"""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from asyncmigrate.alembic.operations.mysql import restated
from asyncmigrate.op import op as running
from asyncmigrate.scripts.batch_operations import BatchOperations
from asyncmigrate.scripts.custom_directives import registration
from asyncmigrate.scripts.operations import Operations as Directives

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.schema import ExecutableDDLElement

    from asyncmigrate.dialects.ddl import ColumnChange

T = TypeVar("T")
F = TypeVar("F")


class Operations(Directives):
    """The directives, and those that were registered for Alembic's `op`.

    `Operations(MigrationContext.configure(connection))` works on a connection of one's own.
    """

    _takes_any_name: ClassVar[bool] = True

    def __init__(self, migration_context: Any, impl: object = None, **keywords: Any) -> None:
        super().__init__(migration_context, **keywords)

    @classmethod
    def sharing(cls, other: Directives) -> Self:
        """Return the same operations, with what was registered on this class."""
        made = cls.__new__(cls)
        vars(made).update(vars(other))
        return made

    def _with_existing_text(self, change: ColumnChange) -> ColumnChange:
        if change.known_type is not None and self._restates:
            return change
        return super()._with_existing_text(change)

    def _altered(self, change: ColumnChange) -> tuple[ExecutableDDLElement, ...]:
        return super()._altered(restated(change) if self._restates else change)

    def create_foreign_key(self, *args: Any, **keywords: Any) -> None:
        """Add a foreign key; what only models need (`use_alter`) is passed over."""
        for name in ("use_alter", "link_to_name", "info"):
            keywords.pop(name, None)
        super().create_foreign_key(*args, **keywords)

    def alter_column(self, *args: Any, **keywords: Any) -> None:
        """Change a column; a keyword that means nothing is passed over, as Alembic does."""
        super().alter_column(*args, **_known(Directives.alter_column, keywords))

    def drop_column(self, *args: Any, **keywords: Any) -> None:
        """Drop a column; a keyword that means nothing is passed over, as Alembic does."""
        kept = ("mssql_drop_default", "mssql_drop_check", "mssql_drop_foreign_key")
        known = _known(Directives.drop_column, keywords)
        known |= {name: value for name, value in keywords.items() if name in kept}
        super().drop_column(*args, **known)

    @property
    def _restates(self) -> bool:
        return self._sink.dialect.name in {"mysql", "mariadb"}

    @classmethod
    def register_operation(
        cls, name: str, sourcename: str | None = None
    ) -> Callable[[type[T]], type[T]]:
        """Return a class decorator: `op.name(…)` then makes and runs such an operation."""
        return registration(cls, name, sourcename or name)

    @classmethod
    def implementation_for(cls, op_cls: type, *, replace: bool = False) -> Callable[[F], F]:
        """Return a decorator for the function of (operations, operation) that carries it out."""

        def register(function: F) -> F:
            # A module that is imported again says again what it has said.
            cls._implementations[op_cls] = function  # type: ignore[assignment]
            return function

        return register


AbstractOperations = Operations


def _known(directive: Callable[..., Any], keywords: dict[str, Any]) -> dict[str, Any]:
    named = signature(directive).parameters
    return {name: value for name, value in keywords.items() if name in named}


def call(name: str, /, *args: Any, **kwargs: Any) -> Any:
    """Call a directive of the migration that runs in this context.

    Raises:
        UsageError: none does.
    """
    current: Any = running.f.__self__  # type: ignore[attr-defined]  # what the proxy stands for
    if isinstance(current, Directives):
        return getattr(Operations.sharing(current), name)(*args, **kwargs)
    own = getattr(Operations, name)  # a recorder, which finds the way back of an upgrade
    if hasattr(own, "registered_by"):
        return own(current, *args, **kwargs)
    return getattr(current, name)(*args, **kwargs)


__all__ = ["AbstractOperations", "BatchOperations", "Operations"]
