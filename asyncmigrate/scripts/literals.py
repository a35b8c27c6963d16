"""Values as SQL text: what SQLAlchemy's types have no literal for, or not the right one."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import CompileError
from sqlalchemy.types import TypeDecorator

from asyncmigrate.dialects import by_name

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.types import TypeEngine


def literal_dialect(dialect: Dialect) -> Dialect:
    """Return a dialect that writes the values of parameters into the statement, `%` single."""
    literal: Any = type(dialect)(paramstyle="named")  # type: ignore[call-arg]
    by_name(literal.name).assume(literal)
    base = literal.statement_compiler
    literal.statement_compiler = type("LiteralCompiler", (_Literals, base), {})
    return literal  # type: ignore[no-any-return]


class _Literals:
    """Writes the values that SQLAlchemy's types have no literal for."""

    def render_literal_bindparam(self, bindparam: Any, **options: Any) -> str:
        compiler: Any = super()
        try:
            return str(compiler.render_literal_bindparam(bindparam, **options))
        except CompileError as error:
            raise CompileError(f"parameter {bindparam.key!r}: {error}") from error

    def render_literal_value(self, value: Any, type_: Any) -> str:
        compiler: Any = super()
        dialect: Dialect = self.dialect  # type: ignore[attr-defined]
        value, type_ = bound(value, type_, dialect)
        impl = type_.dialect_impl(dialect)
        if isinstance(impl, sa.JSON):
            value, type_ = json_text(value, dialect), sa.String()
        text = special_literal(value, dialect)
        if text is not None:
            return text
        if isinstance(impl, sa.ARRAY) and value is not None:
            # Without the cast an empty one has no type, and one of an ENUM has the wrong one.
            array = compiler.render_literal_value(value, type_)
            return f"{array}::{dialect.type_compiler_instance.process(type_)}"
        try:
            return str(compiler.render_literal_value(value, type_))
        except CompileError:
            fallback = sa.literal(_plain(value)).type
            if isinstance(fallback, sa.types.NullType):
                raise CompileError(f"there is no literal for a {type(value).__name__}") from None
            return str(compiler.render_literal_value(_plain(value), fallback))


def bound(value: Any, type_: TypeEngine[Any], dialect: Dialect) -> tuple[Any, TypeEngine[Any]]:
    """Return a value as the types of the application (`TypeDecorator`) hand it to the database."""
    while isinstance(type_, TypeDecorator):
        kind = type(type_)
        if kind.process_literal_param is not TypeDecorator.process_literal_param:
            break  # it says itself what the literal is made of
        if kind.process_bind_param is not TypeDecorator.process_bind_param:
            value = type_.process_bind_param(value, dialect)
        type_ = type_.load_dialect_impl(dialect)
    return value, type_


def json_text(value: object, dialect: Dialect) -> str | None:
    """Return JSON as the driver would send it; None if SQL's NULL is meant."""
    if isinstance(value, sa.Null):
        return None
    serialize = getattr(dialect, "_json_serializer", None) or json.dumps
    return str(serialize(None if value is sa.JSON.NULL else value))


def special_literal(value: object, dialect: Dialect) -> str | None:
    """Return the literal of a value for which no type of SQLAlchemy has the right one."""
    if isinstance(value, bytes | bytearray | memoryview):
        return by_name(dialect.name).literal_bytes(bytes(value))
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        if dialect.name != "postgresql":
            raise CompileError(f"{dialect.name} has no literal for {value!r}")
        names = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
        return f"'{names[str(float(value))]}'::float8"
    return None


def _plain(value: object) -> object:
    """Return a dict or a list as JSON text, anything else as it is."""
    return json.dumps(value) if isinstance(value, dict | list) else value
