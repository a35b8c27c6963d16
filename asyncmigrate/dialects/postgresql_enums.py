"""PostgreSQL's ENUM types: CREATE, ALTER and DROP TYPE.

Conditions that the server has no words for are a DO block, so that SQL text can hold them too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement

from asyncmigrate.dialects.enums import EnumTypes, NewValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.sql.compiler import DDLCompiler


class NamedEnums(EnumTypes):
    """ENUM types as PostgreSQL has them."""

    enum_values: ClassVar[Literal["type", "check", "column"]] = "type"

    def create_enum(self, enum: sa.Enum, *, if_not_exists: bool) -> Iterator[ExecutableDDLElement]:
        """Give CREATE TYPE … AS ENUM."""
        yield CreateEnum(enum, if_not_exists=if_not_exists)

    def drop_enum(
        self, enum: sa.Enum, *, if_exists: bool, if_unused: bool = False
    ) -> Iterator[ExecutableDDLElement]:
        """Give DROP TYPE; `if_unused` leaves a type that something still uses."""
        yield DropEnum(enum, if_exists=if_exists, if_unused=if_unused)

    def add_enum_value(self, enum: sa.Enum, new: NewValue) -> Iterator[ExecutableDDLElement]:
        """Give ALTER TYPE … ADD VALUE."""
        yield AddEnumValue(enum, new)

    def rename_enum_value(
        self, enum: sa.Enum, old: str, new: str
    ) -> Iterator[ExecutableDDLElement]:
        """Give ALTER TYPE … RENAME VALUE."""
        yield RenameEnumValue(enum, old, new)

    def rename_enum(self, enum: sa.Enum, new_name: str) -> Iterator[ExecutableDDLElement]:
        """Give ALTER TYPE … RENAME TO."""
        yield RenameEnum(enum, new_name)


class EnumElement(ExecutableDDLElement):
    """The base of what follows; `key` tells the type from others."""

    def __init__(self, enum: sa.Enum) -> None:
        from sqlalchemy.dialects import postgresql  # every database imports this module

        self.enum: Any = postgresql.ENUM(*enum.enums, name=enum.name, schema=enum.schema)

    @property
    def key(self) -> tuple[str | None, str]:
        """The schema and the name of the type."""
        return self.enum.schema, self.enum.name


class CreateEnum(EnumElement):
    """CREATE TYPE … AS ENUM."""

    def __init__(self, enum: sa.Enum, *, if_not_exists: bool) -> None:
        super().__init__(enum)
        self.if_not_exists = if_not_exists


class DropEnum(EnumElement):
    """DROP TYPE."""

    def __init__(self, enum: sa.Enum, *, if_exists: bool, if_unused: bool) -> None:
        super().__init__(enum)
        self.if_exists = if_exists
        self.if_unused = if_unused


class AddEnumValue(EnumElement):
    """ALTER TYPE … ADD VALUE."""

    def __init__(self, enum: sa.Enum, new: NewValue) -> None:
        super().__init__(enum)
        self.new = new


class RenameEnumValue(EnumElement):
    """ALTER TYPE … RENAME VALUE."""

    def __init__(self, enum: sa.Enum, old: str, new: str) -> None:
        super().__init__(enum)
        self.old = old
        self.new = new


class RenameEnum(EnumElement):
    """ALTER TYPE … RENAME TO."""

    def __init__(self, enum: sa.Enum, new_name: str) -> None:
        super().__init__(enum)
        self.new_name = new_name


def unless(condition: str, statement: str) -> str:
    """Return a block that runs the statement, and does nothing where it raises `condition`."""
    return block(f"BEGIN {statement}; EXCEPTION WHEN {condition} THEN NULL; END")


def block(body: str) -> str:
    """Return a DO block, in quotes that the body does not hold."""
    tag = "$do$"
    while tag in body:
        tag = f"{tag[:-1]}_$"
    return f"DO {tag} {body} {tag}"


def _name(element: EnumElement, compiler: DDLCompiler) -> str:
    preparer: Any = compiler.preparer
    return str(preparer.format_type(element.enum))


def _literal(value: str, compiler: DDLCompiler) -> str:
    return compiler.sql_compiler.render_literal_value(value, sa.String())


@compiles(CreateEnum, "postgresql")
def _create_enum(element: CreateEnum, compiler: DDLCompiler, **_: Any) -> str:
    values = ", ".join(_literal(value, compiler) for value in element.enum.enums)
    statement = f"CREATE TYPE {_name(element, compiler)} AS ENUM ({values})"
    return unless("duplicate_object", statement) if element.if_not_exists else statement


@compiles(DropEnum, "postgresql")
def _drop_enum(element: DropEnum, compiler: DDLCompiler, **_: Any) -> str:
    guard = "IF EXISTS " if element.if_exists else ""
    statement = f"DROP TYPE {guard}{_name(element, compiler)}"
    return unless("dependent_objects_still_exist", statement) if element.if_unused else statement


@compiles(AddEnumValue, "postgresql")
def _add_enum_value(element: AddEnumValue, compiler: DDLCompiler, **_: Any) -> str:
    new = element.new
    parts = [f"ALTER TYPE {_name(element, compiler)} ADD VALUE"]
    if new.if_not_exists:
        parts.append("IF NOT EXISTS")
    parts.append(_literal(new.value, compiler))
    if new.before is not None:
        parts.append(f"BEFORE {_literal(new.before, compiler)}")
    if new.after is not None:
        parts.append(f"AFTER {_literal(new.after, compiler)}")
    return " ".join(parts)


@compiles(RenameEnumValue, "postgresql")
def _rename_enum_value(element: RenameEnumValue, compiler: DDLCompiler, **_: Any) -> str:
    old, new = _literal(element.old, compiler), _literal(element.new, compiler)
    return f"ALTER TYPE {_name(element, compiler)} RENAME VALUE {old} TO {new}"


@compiles(RenameEnum, "postgresql")
def _rename_enum(element: RenameEnum, compiler: DDLCompiler, **_: Any) -> str:
    new = compiler.preparer.quote(element.new_name)
    return f"ALTER TYPE {_name(element, compiler)} RENAME TO {new}"
