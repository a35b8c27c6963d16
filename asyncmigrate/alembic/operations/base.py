"""`alembic.operations.base`: the classes behind `op` and `batch_op`.

`Operations` is a class of its own, so that what scripts and plug-ins for Alembic register under
names of their choice (`create_view`, `add_enum_value`) is there for scripts that say
`from alembic import op`, and leaves `asyncmigrate.op` as it is.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from asyncmigrate.alembic.operations import recreated, tried
from asyncmigrate.alembic.operations.keywords import QUOTED, meant, quoted
from asyncmigrate.alembic.operations.mysql import restated
from asyncmigrate.alembic.words import absent
from asyncmigrate.dialects.ddl import DropTypeChecks
from asyncmigrate.op import op as running
from asyncmigrate.op import use
from asyncmigrate.scripts.batch import REFLECTS
from asyncmigrate.scripts.batch_operations import BatchOperations
from asyncmigrate.scripts.custom_directives import registration
from asyncmigrate.scripts.operations import Operations as Directives

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy.schema import ExecutableDDLElement

    from asyncmigrate.dialects.ddl import ColumnChange

T = TypeVar("T")
F = TypeVar("F")


class Operations(Directives):
    """The directives, and those that were registered for Alembic's `op`.

    `Operations(MigrationContext.configure(connection))` works on a connection of one's own.
    """

    _takes_any_name: ClassVar[bool] = True
    _as_alembic: ClassVar[bool] = True

    def __init__(self, migration_context: Any, impl: object = None, **keywords: Any) -> None:
        super().__init__(migration_context, **keywords)

    @classmethod
    @contextmanager
    def context(cls, migration_context: Any) -> Iterator[Self]:
        """Give operations on a context of one's own; inside the block `op` stands for them."""
        made = cls(migration_context)
        with use(made):
            yield made

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

    def _old_checks(self, change: ColumnChange) -> Iterable[ExecutableDDLElement]:
        """Give what drops the CHECKs of the old type, though the script does not say it.

        Alembic's table made anew has no CHECK without a name: scripts rest upon it when an Enum
        gets more values.
        """
        yield from super()._old_checks(change)
        if change.type_ is not None and self._sink.dialect.name == "sqlite":
            yield DropTypeChecks(change.table, change.column)

    def batch_alter_table(self, *args: Any, **keywords: Any) -> Any:
        """Give what collects the changes of a table; see `asyncmigrate.op`."""
        reflects = keywords.get("reflect_kwargs") or {}
        if reflects:
            known = {name: reflects[name] for name in REFLECTS if name in reflects}
            keywords["reflect_kwargs"] = known
        return super().batch_alter_table(*args, **keywords)

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


def _lenient(name: str) -> Any:
    """Return a directive of ours that passes over what Alembic passes over."""
    directive = getattr(Directives, name)

    @wraps(directive)
    def lenient(self: Operations, *args: Any, **keywords: Any) -> Any:
        if name in QUOTED and args:
            args = (quoted(args[0], keywords), *args[1:])
        return directive(self, *args, **meant(name, directive, keywords))

    return lenient


for _name in (
    *("create_table", "drop_table", "create_index", "drop_index", "alter_column", "drop_column"),
    *("create_unique_constraint", "create_check_constraint", "create_foreign_key"),
):
    setattr(Operations, _name, _lenient(_name))


def call(name: str, /, *args: Any, **kwargs: Any) -> Any:
    """Call a directive of the migration that runs in this context.

    Raises:
        UsageError: none does.
    """
    current: Any = running.f.__self__  # type: ignore[attr-defined]  # what the proxy stands for
    if isinstance(current, Directives):
        operations = Operations.sharing(current)
        recreated.make_way(operations, name, *args, **kwargs)
        return tried.run(operations, name, *args, **kwargs)
    own = getattr(Operations, name)  # a recorder, which finds the way back of an upgrade
    if hasattr(own, "registered_by"):
        return own(current, *args, **kwargs)
    return getattr(current, name)(*args, **kwargs)


def __getattr__(name: str) -> Any:
    raise absent("alembic.operations.base", name)


__all__ = ["AbstractOperations", "BatchOperations", "Operations"]
