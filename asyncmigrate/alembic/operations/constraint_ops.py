"""Operation objects about constraints, with Alembic's constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa

from asyncmigrate.alembic.operations.migrate import Directed, given, names_of, registered
from asyncmigrate.scripts.elements import Elements

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from asyncmigrate.alembic.operations.migrate import Call

_KINDS: dict[str, type[Any]] = {}


class AddConstraintOp(Directed):
    """Add a constraint of some kind."""

    constraint_type: ClassVar[str] = ""
    kw: dict[str, Any]

    @classmethod
    def register_add_constraint(cls, type_: str) -> Callable[[type[Any]], type[Any]]:
        """Return a class decorator: the class stands for constraints that visitors call so."""
        return registered(_KINDS, type_)

    @classmethod
    def from_constraint(cls, constraint: Any) -> Any:
        """Return the operation that adds a constraint of a table."""
        return _KINDS[constraint.__visit_name__].from_constraint(constraint)

    def to_constraint(self, migration_context: object = None) -> Any:
        """Return the constraint, as a part of a table that has what it needs."""
        raise NotImplementedError

    def reverse(self) -> DropConstraintOp:
        """Return what drops it."""
        return DropConstraintOp.from_constraint(self.to_constraint())

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return `("add_constraint", constraint)`."""
        return ("add_constraint", self.to_constraint())


class _OfColumns(AddConstraintOp):
    """A primary key or a unique constraint."""

    _directive: ClassVar[str]
    _element: ClassVar[type[Any]]

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Any) -> Any:
        """Return the operation that adds a constraint of a table."""
        options = given(deferrable=constraint.deferrable, initially=constraint.initially)
        return cls(
            constraint.name,
            constraint.table.name,
            names_of(constraint.columns),
            schema=constraint.table.schema,
            **options,
            **constraint.dialect_kwargs,
        )

    def to_constraint(self, migration_context: object = None) -> Any:
        """Return the constraint, as a part of a table that has what it needs."""
        elements = Elements()
        table = elements.bare(self.table_name, self.schema, self.columns)
        return elements.attached(
            self._element(*self.columns, name=self.constraint_name, **self.kw), table
        )

    def call(self) -> Call:
        """Return the directive and its arguments."""
        arguments = (self.constraint_name, self.table_name, list(self.columns))
        return self._directive, arguments, given(schema=self.schema) | self.kw


@registered(_KINDS, "primary_key_constraint")
class CreatePrimaryKeyOp(_OfColumns):
    """Add a primary key."""

    constraint_type = "primarykey"
    _directive = "create_primary_key"
    _element = sa.PrimaryKeyConstraint


@registered(_KINDS, "unique_constraint")
class CreateUniqueConstraintOp(_OfColumns):
    """Add a unique constraint."""

    constraint_type = "unique"
    _directive = "create_unique_constraint"
    _element = sa.UniqueConstraint


@registered(_KINDS, "foreign_key_constraint")
class CreateForeignKeyOp(AddConstraintOp):
    """Add a foreign key."""

    constraint_type = "foreignkey"

    def __init__(
        self,
        constraint_name: str | None,
        source_table: str,
        referent_table: str,
        local_cols: list[str],
        remote_cols: list[str],
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.source_table = source_table
        self.referent_table = referent_table
        self.local_cols = local_cols
        self.remote_cols = remote_cols
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Any) -> Any:
        """Return the operation that adds a constraint of a table."""
        first = constraint.elements[0].column
        return cls(
            constraint.name,
            constraint.parent.name,
            first.table.name,
            [each.name for each in constraint.columns],
            [each.column.name for each in constraint.elements],
            **given(
                source_schema=constraint.parent.schema,
                referent_schema=first.table.schema,
                onupdate=constraint.onupdate,
                ondelete=constraint.ondelete,
                deferrable=constraint.deferrable,
                initially=constraint.initially,
                match=constraint.match,
                use_alter=constraint.use_alter or None,
            ),
        )

    def to_constraint(self, migration_context: object = None) -> Any:
        """Return the constraint, as a part of a table that has what it needs."""
        options = dict(self.kw)
        elements = Elements()
        table = elements.bare(
            self.source_table, options.pop("source_schema", None), self.local_cols
        )
        referent = (self.referent_table, options.pop("referent_schema", None))
        columns = (self.local_cols, self.remote_cols)
        return elements.foreign_key(table, referent, columns, name=self.constraint_name, **options)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic lists."""
        return ("add_fk", self.to_constraint())

    def call(self) -> Call:
        """Return the directive and its arguments."""
        options = {name: value for name, value in self.kw.items() if name != "use_alter"}
        arguments = (
            self.constraint_name,
            self.source_table,
            self.referent_table,
            list(self.local_cols),
            list(self.remote_cols),
        )
        return "create_foreign_key", arguments, options


@registered(
    _KINDS, "check_constraint", "table_or_column_check_constraint", "column_check_constraint"
)
class CreateCheckConstraintOp(AddConstraintOp):
    """Add a CHECK."""

    constraint_type = "check"

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        condition: Any,
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.condition = condition
        self.schema = schema
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Any) -> Any:
        """Return the operation that adds a constraint of a table."""
        return cls(
            constraint.name,
            constraint.table.name,
            constraint.sqltext,
            schema=constraint.table.schema,
            **constraint.dialect_kwargs,
        )

    def to_constraint(self, migration_context: object = None) -> Any:
        """Return the constraint, as a part of a table that has what it needs."""
        elements = Elements()
        table = elements.bare(self.table_name, self.schema)
        constraint = sa.CheckConstraint(self.condition, name=self.constraint_name, **self.kw)
        return elements.attached(constraint, table)

    def call(self) -> Call:
        """Return the directive and its arguments."""
        arguments = (self.constraint_name, self.table_name, self.condition)
        return "create_check_constraint", arguments, given(schema=self.schema) | self.kw


class DropConstraintOp(Directed):
    """Drop a constraint."""

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        type_: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: Any = None,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.constraint_type = type_
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse

    @classmethod
    def from_constraint(cls, constraint: Any) -> DropConstraintOp:
        """Return the operation that drops a constraint of a table."""
        kind = _KINDS[constraint.__visit_name__].constraint_type
        return cls(
            constraint.name,
            constraint.table.name,
            "primary" if kind == "primarykey" else kind,
            schema=constraint.table.schema,
            _reverse=AddConstraintOp.from_constraint(constraint),
        )

    def to_constraint(self) -> Any:
        """Return the constraint that goes.

        Raises:
            ValueError: only its name is known.
        """
        if self._reverse is None:
            raise ValueError(f"Of the constraint {self.constraint_name!r} only the name is known.")
        return self._reverse.to_constraint()

    def reverse(self) -> Any:
        """Return what adds it again."""
        return AddConstraintOp.from_constraint(self.to_constraint())

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what Alembic lists."""
        kind = "remove_fk" if self.constraint_type == "foreignkey" else "remove_constraint"
        return (kind, self.to_constraint())

    def call(self) -> Call:
        """Return the directive and its arguments."""
        arguments = (self.constraint_name, self.table_name, self.constraint_type)
        return "drop_constraint", arguments, given(schema=self.schema, if_exists=self.if_exists)
