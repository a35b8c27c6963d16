"""Named ENUM types: what a directive asks for, and what a database without them makes of it.

Where there are no named types, the values of an `sa.Enum` stand in each column: as a CHECK, or
not at all. Creating and dropping the type is then nothing; a value more or another name for one is
a change of columns, which the type's name does not tell, so it is refused unless nothing checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from asyncmigrate.errors import UnsupportedOperationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import sqlalchemy as sa
    from sqlalchemy.schema import ExecutableDDLElement


@dataclass(frozen=True, slots=True)
class NewValue:
    """What `op.add_enum_value` asks for. `before` and `after` are values that are there."""

    value: str
    before: str | None = None
    after: str | None = None
    if_not_exists: bool = False


class EnumTypes:
    """What a database makes of the directives about ENUM types: here, one that has none."""

    enum_values: ClassVar[Literal["type", "check", "column"]] = "check"
    """Where the values of an `sa.Enum` are kept: in a named type, in a CHECK that may be left
    out, or in the column's own type."""

    def create_enum(self, enum: sa.Enum, *, if_not_exists: bool) -> Iterable[ExecutableDDLElement]:
        """Give what creates the type."""
        return ()

    def drop_enum(
        self, enum: sa.Enum, *, if_exists: bool, if_unused: bool = False
    ) -> Iterable[ExecutableDDLElement]:
        """Give what drops the type; `if_unused` leaves one that something else still uses."""
        return ()

    def add_enum_value(self, enum: sa.Enum, new: NewValue) -> Iterable[ExecutableDDLElement]:
        """Give what adds a value.

        Raises:
            UnsupportedOperationError: the values are a part of each column's own type.
        """
        if self.enum_values == "column":
            raise UnsupportedOperationError(
                f"This database keeps the values of an ENUM in each column, so there is no type "
                f"{str(enum.name)!r} that {new.value!r} could be added to.",
                next="Use op.alter_column(table, column, type_=sa.Enum(…), existing_type=…).",
            )
        return ()

    def rename_enum_value(
        self, enum: sa.Enum, old: str, new: str
    ) -> Iterable[ExecutableDDLElement]:
        """Give what renames a value.

        Raises:
            UnsupportedOperationError: the old name stands in the rows.
        """
        raise UnsupportedOperationError(
            f"This database has no ENUM types: {old!r} stands in the rows of every column of "
            f"{str(enum.name)!r}, and which these are is not known here.",
            next=f"Use op.execute() with UPDATE … SET column = {new!r} WHERE column = {old!r}, and "
            "op.alter_column for the values that are allowed.",
        )

    def replace_enum(
        self, enum: sa.Enum, mapping: Mapping[str, str]
    ) -> Iterable[ExecutableDDLElement]:
        """Give what puts other values in the place of those of the type.

        Raises:
            UnsupportedOperationError: the values stand in each column, or in its CHECK.
        """
        raise UnsupportedOperationError(
            f"This database has no ENUM types: the values of {str(enum.name)!r} belong to every "
            "column of it, and which these are is not known here.",
            next="Change the rows with op.execute(), and use op.alter_column(table, column, "
            "type_=sa.Enum(…), existing_type=…) for each column.",
        )

    def rename_enum(self, enum: sa.Enum, new_name: str) -> Iterable[ExecutableDDLElement]:
        """Give what renames the type."""
        return ()
