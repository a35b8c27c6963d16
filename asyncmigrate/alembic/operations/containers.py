"""Operation objects that hold others: what a new script is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncmigrate.alembic.operations.base import Operations
from asyncmigrate.alembic.operations.migrate import MigrateOperation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class OpContainer(MigrateOperation):
    """Operations in order."""

    def __init__(self, ops: Iterable[Any] = ()) -> None:
        self.ops: list[Any] = list(ops)

    def is_empty(self) -> bool:
        """Return whether there is none."""
        return not self.ops

    def as_diffs(self) -> list[tuple[Any, ...]]:
        """Return the tuples of all operations, those of containers within as well."""
        return list(_diffs(self))


def _diffs(container: OpContainer) -> Iterator[tuple[Any, ...]]:
    for each in container.ops:
        if hasattr(each, "ops"):
            yield from _diffs(each)
        else:
            yield each.to_diff_tuple()


def _undone(ops: Iterable[Any]) -> list[Any]:
    return [each.reverse() for each in reversed(list(ops))]


class ModifyTableOps(OpContainer):
    """Operations about one table."""

    def __init__(self, table_name: str, ops: Iterable[Any], *, schema: str | None = None) -> None:
        super().__init__(ops)
        self.table_name = table_name
        self.schema = schema

    def reverse(self) -> ModifyTableOps:
        """Return what undoes them."""
        return ModifyTableOps(self.table_name, _undone(self.ops), schema=self.schema)


class UpgradeOps(OpContainer):
    """What `upgrade()` does."""

    def __init__(self, ops: Iterable[Any] = (), upgrade_token: str = "upgrades") -> None:
        super().__init__(ops)
        self.upgrade_token = upgrade_token

    def reverse_into(self, downgrade_ops: DowngradeOps) -> DowngradeOps:
        """Put what undoes them into `downgrade_ops`."""
        downgrade_ops.ops[:] = _undone(self.ops)
        return downgrade_ops

    def reverse(self) -> DowngradeOps:
        """Return what undoes them."""
        return self.reverse_into(DowngradeOps())


class DowngradeOps(OpContainer):
    """What `downgrade()` does."""

    def __init__(self, ops: Iterable[Any] = (), downgrade_token: str = "downgrades") -> None:
        super().__init__(ops)
        self.downgrade_token = downgrade_token

    def reverse(self) -> UpgradeOps:
        """Return what undoes them."""
        return UpgradeOps(_undone(self.ops))


class MigrationScript(MigrateOperation):
    """A revision before it is written."""

    def __init__(
        self,
        rev_id: str | None,
        upgrade_ops: UpgradeOps,
        downgrade_ops: DowngradeOps,
        *,
        message: str | None = None,
        imports: set[str] | None = None,
        head: str | None = None,
        splice: bool | None = None,
        branch_label: Any = None,
        version_path: str | None = None,
        depends_on: Any = None,
    ) -> None:
        self.rev_id = rev_id
        self.message = message
        self.imports = set() if imports is None else imports
        self.head = head
        self.splice = splice
        self.branch_label = branch_label
        self.version_path = version_path
        self.depends_on = depends_on
        self.upgrade_ops = upgrade_ops
        self.downgrade_ops = downgrade_ops

    @property
    def upgrade_ops_list(self) -> list[UpgradeOps]:
        """`upgrade_ops`, as a list of one."""
        return [self.upgrade_ops]

    @property
    def downgrade_ops_list(self) -> list[DowngradeOps]:
        """`downgrade_ops`, as a list of one."""
        return [self.downgrade_ops]


@Operations.implementation_for(OpContainer)
def each_of(operations: Any, container: OpContainer) -> None:
    """Run the operations of a container, in order."""
    for each in container.ops:
        operations.invoke(each)
