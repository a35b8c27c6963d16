"""A revision before it is written, in our words and in Alembic's.

`process_revision_directives` of env.py gets a list with one `Directive`. It is a `Draft`, and an
`alembic.operations.ops.MigrationScript`: what a hook changes in either way is what is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncmigrate.alembic.autogenerate.drafting import lines_of, operations_of
from asyncmigrate.alembic.autogenerate.plugged import reversed_around, theirs
from asyncmigrate.alembic.operations.containers import DowngradeOps, MigrationScript, UpgradeOps
from asyncmigrate.alembic.runtime.project import OfProject
from asyncmigrate.schema.draft import Draft, DraftContext
from asyncmigrate.scripts.private_names import without_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from asyncmigrate.alembic.autogenerate.api import AutogenContext
    from asyncmigrate.render.script import Line
    from asyncmigrate.schema.operations import Operation

    Lines = tuple[Sequence[Line], Sequence[Line]]
    Write = Callable[[Sequence[Operation], bool], Lines]


@dataclass(frozen=True, slots=True)
class Plugged:
    """What the comparators of plug-ins have made of our operations."""

    context: AutogenContext
    ours: tuple[Operation, ...]
    """Of which our part was made."""
    down: tuple[Line, ...]
    """What undoes our part."""
    operations: list[Any]
    """Everything that `upgrade()` does, in Alembic's words."""


class Directive(Draft, MigrationScript):  # type: ignore[misc]  # a message is always there
    """The revision; its operations are made in Alembic's words once somebody asks for them."""

    def __init__(
        self,
        message: str,
        operations: Sequence[Operation],
        write: Write,
        context: AutogenContext,
        plugged: Plugged | None = None,
    ) -> None:
        Draft.__init__(self, message, list(operations))
        self.rev_id: str | None = None
        self.head: Any = None
        self.splice: bool | None = None
        self.branch_label: Any = None
        self.version_path: str | None = None
        self.depends_on: Any = None
        self._write = write
        self._given = tuple(operations)
        self._plugged = plugged
        self._context = context
        self._alembics: tuple[UpgradeOps, DowngradeOps] | None = None

    @property
    def plugged(self) -> list[Any]:
        """The operations of plug-ins."""
        return [] if self._plugged is None else list(theirs(self._plugged.operations))

    @property
    def is_alembics(self) -> bool:
        """Whether it is to be written in Alembic's words."""
        return self._alembics is not None or bool(self.plugged)

    @property
    def is_empty(self) -> bool:
        """Whether it does nothing."""
        if self._alembics is not None:
            return not (self._alembics[0].ops or self._alembics[1].ops)
        return not self.operations and not self.plugged

    def _both(self) -> tuple[UpgradeOps, DowngradeOps]:
        if self._alembics is None:
            upgrades, downgrades = self._converted()
            self._alembics = UpgradeOps(upgrades), DowngradeOps(downgrades)
        return self._alembics

    def _converted(self) -> tuple[list[Any], list[Any]]:
        found, models = self._plugged, self._context.metadata
        if found is not None and found.ours == tuple(self.operations):
            upgrades, ours = found.operations, operations_of(found.down, models=models)
            return upgrades, reversed_around(upgrades, ours)
        up, down = self._write(self.operations, True)
        added = self.plugged
        behind = [each.reverse() for each in reversed(added)]
        return (
            [*operations_of(up, down, models=models), *added],
            [*behind, *operations_of(down, up, models=models)],
        )

    @property
    def upgrade_ops(self) -> UpgradeOps:
        """What `upgrade()` does, in Alembic's words."""
        return self._both()[0]

    @upgrade_ops.setter
    def upgrade_ops(self, value: UpgradeOps) -> None:
        self._alembics = (value, self._both()[1])

    @property
    def downgrade_ops(self) -> DowngradeOps:
        """What `downgrade()` does, in Alembic's words."""
        return self._both()[1]

    @downgrade_ops.setter
    def downgrade_ops(self, value: DowngradeOps) -> None:
        self._alembics = (self._both()[0], value)

    def lines(self) -> Lines:
        """Return what stands in `upgrade()` and in `downgrade()`; imports are added on the way.

        Raises:
            UnsupportedOperationError: nobody has said how an operation is written.
        """
        if not self.is_alembics:
            return self._write(self.operations, False)
        upgrades, downgrades = self._both()
        made = (
            list(lines_of(upgrades.ops, self._context)),
            list(lines_of(downgrades.ops, self._context)),
        )
        for each in self._context.imports:
            self.imports.update(without_marks(each).splitlines())
        return made


@dataclass(frozen=True, slots=True)
class Unconnected:
    """A connection of which only the dialect is there."""

    dialect: Any

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"No connection is open while a revision is drafted ({name} was asked for); a "
            "comparator has one: autogen_context.connection."
        )


@dataclass(frozen=True, slots=True)
class HookContext(OfProject, DraftContext):
    """What a hook is handed as its context, with what Alembic's has."""

    opts: Any = None
    as_sql: bool = False

    @property
    def bind(self) -> Unconnected:
        """What stands for the connection: its dialect. The database was read before."""
        return Unconnected(self.dialect)

    connection = bind

    def get_current_heads(self) -> tuple[str, ...]:
        """Return what the database is at: it is at the heads, or nothing would be compared."""
        return tuple(self.script.get_heads(consider_depends_on=True))

    def get_current_revision(self) -> str | None:
        """Return the one revision that the database is at; None before the first."""
        heads = self.get_current_heads()
        return heads[0] if heads else None
