"""How each kind of value is written in a script: a register that others may add to.

Example:
    >>> class Money(int): ...
    >>> @writes(Money)
    ... def money(value: Money, writer: Writer) -> Node:
    ...     writer.imports.add("from app.money import Money")
    ...     return writer.call("Money", int(value))
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy.sql.elements import conv, quoted_name

from asyncmigrate.render.layout import Atom, Chain, Group, Node, Text, flat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.engine.interfaces import Dialect

    RenderItem: TypeAlias = Callable[[str, Any, Any], "str | bool | None"]
    """Alembic's hook: what kind of thing it is, the thing, the writer with its `imports`; it gives
    the text, or False to leave it to us."""

W = TypeVar("W", bound="Callable[[Any, Writer], Node]")

_registered: dict[type, Callable[[Any, Writer], Node]] = {}


class UnwritableError(TypeError):
    """A value has no text in Python that we know of."""


@dataclass(slots=True)
class Writer:
    """Writes the values of one script, and collects the imports that they need."""

    render_item: RenderItem | None = None
    user_module_prefix: str | None = None
    """Stands before a type of a project's own; None: its module, which is imported."""
    dialect: Dialect | None = None
    imports: set[str] = field(default_factory=set)
    without_ours: bool = False
    """True if the script is to run where this package may not be installed."""

    def write(self, value: Any) -> Node:
        """Return a value as an expression.

        Raises:
            UnwritableError: nobody has said how.
        """
        for kind in type(value).__mro__:
            if kind in _registered:
                return _registered[kind](value, self)
        raise UnwritableError(
            f"{value!r} ({type(value).__qualname__}) cannot be written in a script: say how with "
            "asyncmigrate.render.values.writes, or by render_item"
        )

    def call(self, function: str, *arguments: Any, **keywords: Any) -> Node:
        """Return a call."""
        return self.call_of(function, arguments, keywords)

    def call_of(
        self, function: str, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> Node:
        """Return a call, whatever the names of its keywords are; a node is taken as it is."""
        items = [("", self._node(each)) for each in arguments]
        items += [(f"{name}=", self._node(value)) for name, value in keywords.items()]
        return Group(f"{function}(", tuple(items))

    def hooked(self, kind: str, value: Any) -> Node | None:
        """Return what the project's own `render_item` gives, or None."""
        given = False if self.render_item is None else self.render_item(kind, value, self)
        return Atom(given) if isinstance(given, str) else None

    def _node(self, value: Any) -> Node:
        return value if isinstance(value, Atom | Text | Group | Chain) else self.write(value)


def writes(*kinds: type) -> Callable[[W], W]:
    """Return a decorator for the function of (value, writer) that writes values of these classes.

    The nearest class counts. Registering a class again replaces what was there.
    """

    def register(function: W) -> W:
        for kind in kinds:
            _registered[kind] = function
        return function

    return register


@writes(bool, int, float, type(None))
def _constant(value: Any, writer: Writer) -> Node:
    return Atom(repr(value))


@writes(str)
def _string(value: str, writer: Writer) -> Node:
    return Text(str(value))


@writes(conv)
def _final_name(value: conv, writer: Writer) -> Node:
    return Group("op.f(", (("", Text(str(value))),))


@writes(quoted_name)
def _raw_name(value: quoted_name, writer: Writer) -> Node:
    if value.quote is not False:
        return Text(str(value))
    return writer.call("sa.quoted_name", str(value), quote=False)


@writes(list)
def _list(value: list[Any], writer: Writer) -> Node:
    return Group("[", tuple(("", writer.write(each)) for each in value), "]")


@writes(tuple)
def _tuple(value: tuple[Any, ...], writer: Writer) -> Node:
    items = tuple(("", writer.write(each)) for each in value)
    return Group("(", items, needs_comma=len(items) == 1)


@writes(dict)
def _dict(value: dict[Any, Any], writer: Writer) -> Node:
    items = tuple((f"{flat(writer.write(k))}: ", writer.write(v)) for k, v in value.items())
    return Group("{", items, "}")
