"""Types in a script: SQLAlchemy's by their short names, others by their modules.

A type of a project's own, or of a package, is written by what its constructor takes and the object
has; that is tried, and where it does not give the same type again (or the class cannot be imported)
the type is written as what it is in the database. So a script never fails for a type's sake.
"""

from __future__ import annotations

import inspect
import sys
from contextlib import suppress
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeDecorator, TypeEngine

from asyncmigrate.render.layout import Atom, Chain, Group, Node, Text, quoted
from asyncmigrate.render.values import UnwritableError, Writer, writes
from asyncmigrate.schema.types import RawType

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIALECTS = "sqlalchemy.dialects."
_USUAL = frozenset({"Text()", "LargeBinary()"})
"""What JSON, HSTORE and PickleType take for the types inside them."""


_PLAIN = (
    'type("RawType", (sa.types.UserDefinedType,), '
    '{"cache_ok": True, "get_col_spec": lambda self, **kw: %s})()'
)
"""A type that is nothing but its words in SQL, made of SQLAlchemy alone."""


@writes(TypeEngine)
def write_type(type_: TypeEngine[Any], writer: Writer) -> Node:
    """Return a type with its parameters and variants."""
    hooked = writer.hooked("type", type_)
    if hooked is not None:
        return hooked
    node = _written(type_, writer)
    links = []
    for variant, dialects in _variants(type_):
        items = (("", writer.write(variant)), *(("", Text(each)) for each in dialects))
        links.append(Group(".with_variant(", items))
    return Chain(node, tuple(links)) if links else node


def _written(type_: TypeEngine[Any], writer: Writer) -> Node:
    if isinstance(type_, RawType):
        if writer.without_ours:
            return Atom(_PLAIN % quoted(type_.text))
        writer.imports.add("from asyncmigrate.schema.types import RawType")
        return writer.call("RawType", type_.text)
    name = _own_name(type(type_), writer)
    if name is None:
        return _others(type_, writer)
    if isinstance(type_, postgresql.DOMAIN):
        return _domain(type_, name, writer)
    if isinstance(type_, sa.Enum):
        return _enum(type_, name, writer)
    arguments, keywords = stated(type_)
    return writer.call_of(name, arguments, keywords)


def _own_name(kind: type, writer: Writer) -> str | None:
    """Return what a class of SQLAlchemy is called, or None for those of others."""
    module = kind.__module__
    if module.startswith(_DIALECTS):
        dialect = module.removeprefix(_DIALECTS).partition(".")[0]
        if getattr(sys.modules[_DIALECTS + dialect], kind.__name__, None) is kind:
            writer.imports.add(f"from sqlalchemy.dialects import {dialect}")
            return f"{dialect}.{kind.__name__}"
        return None
    if not module.startswith("sqlalchemy."):
        return None
    if getattr(sa, kind.__name__, None) is kind:
        return f"sa.{kind.__name__}"
    return f"sa.types.{kind.__name__}" if hasattr(sa.types, kind.__name__) else None


def _variants(type_: TypeEngine[Any]) -> Iterator[tuple[TypeEngine[Any], list[str]]]:
    by_type: dict[int, tuple[TypeEngine[Any], list[str]]] = {}
    for dialect, variant in type_._variant_mapping.items():
        by_type.setdefault(id(variant), (variant, []))[1].append(dialect)
    yield from by_type.values()


def _enum(enum: sa.Enum, name: str, writer: Writer) -> Node:
    keywords: dict[str, Any] = {}
    if enum.name:
        keywords["name"] = str(enum.name)
    if enum.schema:
        keywords["schema"] = str(enum.schema)
    if not enum.native_enum:
        keywords["native_enum"] = False
    if enum.create_constraint:
        keywords["create_constraint"] = True
    longest = max((len(value) for value in enum.enums), default=0)
    if not enum.native_enum and enum.length != longest:
        keywords["length"] = enum.length
    if isinstance(enum, postgresql.ENUM) and not enum.create_type:
        keywords["create_type"] = False
    for option in ("charset", "collation"):
        if name.startswith(("mysql.", "mariadb.")) and getattr(enum, option, None):
            keywords[option] = getattr(enum, option)
    return writer.call_of(name, tuple(map(str, enum.enums)), keywords)


def _domain(domain: postgresql.DOMAIN, name: str, writer: Writer) -> Node:
    words = ("collation", "collation_schema", "default", "constraint_name", "check", "schema")
    keywords = {word: value for word in words if (value := getattr(domain, word, None)) is not None}
    if domain.not_null:
        keywords["not_null"] = True
    if not domain.create_type:
        keywords["create_type"] = False
    return writer.call_of(name, (str(domain.name), domain.data_type), keywords)


def stated(type_: TypeEngine[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return what a type's constructor would have to be given: only what is not its default.

    >>> stated(sa.Numeric(10, 2))
    ((), {'precision': 10, 'scale': 2})
    """
    arguments: list[Any] = []
    keywords: dict[str, Any] = {}
    kind: Any = type(type_)
    for parameter in _parameters(kind):
        if isinstance(type_, mysql.SET) and parameter.name == "length":
            continue  # it follows from the values
        value = getattr(type_, parameter.name, parameter.default)
        if parameter.kind is parameter.VAR_POSITIONAL:
            arguments += getattr(type_, parameter.name, ())
        elif parameter.default is parameter.empty:
            arguments.append(value)
        elif not _is_default(value, parameter.default):
            keywords[parameter.name] = value
    return tuple(arguments), keywords


@cache
def _parameters(kind: type) -> tuple[inspect.Parameter, ...]:
    """Return the parameters of a class's constructor, and of those that it hands on to."""
    found: dict[str, inspect.Parameter] = {}
    for each in kind.__mro__:
        if "__init__" not in vars(each) or each is object:
            continue
        own = list(inspect.signature(vars(each)["__init__"]).parameters.values())[1:]
        for parameter in own:
            if parameter.kind is not parameter.VAR_KEYWORD and not parameter.name.startswith("_"):
                found.setdefault(parameter.name, parameter)
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in own):
            break
    return tuple(found.values())


def _is_default(value: Any, default: Any) -> bool:
    if default is None and isinstance(value, TypeEngine) and repr(value) in _USUAL:
        return True
    if isinstance(value, ModuleType):
        return True  # PickleType's pickler
    return value is default or (type(value) is type(default) and value == default)


def _others(type_: TypeEngine[Any], writer: Writer) -> Node:
    """Return a type that is not SQLAlchemy's own."""
    kind = type(type_)
    module = _module(kind)
    if module is not None:
        prefix = writer.user_module_prefix
        for arguments, keywords in _attempts(type_):
            if _is_alike(kind, arguments, keywords, type_, writer):
                if prefix is None:
                    writer.imports.add(f"import {module}")
                name = f"{module}." if prefix is None else prefix
                return writer.call_of(name + kind.__qualname__, arguments, keywords)
    return _in_the_database(type_, writer)


def _module(kind: type) -> str | None:
    """Return the shortest module from which a class can be had; None if there is none."""
    if "<locals>" in kind.__qualname__ or kind.__module__ == "__main__":
        return None
    parts = kind.__module__.split(".")
    for length in range(1, len(parts) + 1):
        name = ".".join(parts[:length])
        found: Any = sys.modules.get(name)
        for part in kind.__qualname__.split("."):
            found = getattr(found, part, None)
        if found is kind:
            return name
    return None


def _attempts(type_: TypeEngine[Any]) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    with suppress(TypeError, ValueError):  # a constructor without a signature
        yield stated(type_)
    yield (), {}
    if isinstance(type_, TypeDecorator):
        # Without a constructor of its own a decorator hands everything on to what it decorates.
        yield stated(type_.impl_instance)


def _is_alike(
    kind: type,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    type_: TypeEngine[Any],
    writer: Writer,
) -> bool:
    try:
        made = kind(*arguments, **keywords)
        replace(writer, imports=set()).call_of("", arguments, keywords)
    except Exception:  # noqa: BLE001 -- the class is somebody else's
        return False
    return repr(made) == repr(type_) and _ddl(made, writer) == _ddl(type_, writer)


def _in_the_database(type_: TypeEngine[Any], writer: Writer) -> Node:
    if isinstance(type_, TypeDecorator):
        dialect = writer.dialect
        inner = type_.impl_instance if dialect is None else type_.load_dialect_impl(dialect)
        if type(inner) is not type(type_):
            return writer.write(inner)
    text = _ddl(type_, writer)
    if not text:
        raise UnwritableError(f"the type {type_!r} cannot be imported, and has no words in SQL")
    return writer.write(RawType(text))


def _ddl(type_: TypeEngine[Any], writer: Writer) -> str:
    try:
        return str(type_.compile(dialect=writer.dialect))
    except SQLAlchemyError:
        return ""
