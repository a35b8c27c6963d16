"""The bodies of a script, and the imports that they need."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from asyncmigrate.render import elements, types  # noqa: F401 -- they add to the register
from asyncmigrate.render.layout import laid_out
from asyncmigrate.render.values import Writer
from asyncmigrate.schema.call import Call

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.engine.interfaces import Dialect

    from asyncmigrate.render.values import RenderItem

WIDTH = 88
"""What formatters leave alone by default."""

_INDENT = 4  # of a function's body, which the template adds


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How a project wants its scripts written: the settings of the same names."""

    render_item: RenderItem | None = None
    user_module_prefix: str | None = None
    dialect: Dialect | None = None
    """SQLAlchemy's, for what only has words in SQL."""
    width: int = WIDTH
    without_ours: bool = False
    """True if the script is to run where this package may not be installed."""


@dataclass(frozen=True, slots=True)
class Block:
    """Calls within a `with` statement."""

    opening: str
    """What stands behind `with`."""
    calls: tuple[Call, ...]
    target: str = "op"
    """What the calls are methods of."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is only said."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Lines that somebody else has written."""

    text: str


Line: TypeAlias = Call | Block | Remark | Text


@dataclass(frozen=True, slots=True)
class ScriptBodies:
    """What is filled into a template: lines without indentation."""

    imports: str
    upgrades: str
    downgrades: str


def script(
    upgrade: Sequence[Line],
    downgrade: Sequence[Line],
    spelling: Spelling = Spelling(),
    imports: Iterable[str] = (),
) -> ScriptBodies:
    """Return the text of both directions, with the `imports` that are needed in any case.

    The same calls give the same bytes.

    Raises:
        UnwritableError: a value has no text in Python.
    """
    needed = set(imports)
    upgrades = body(upgrade, spelling, needed)
    downgrades = body(downgrade, spelling, needed)
    return ScriptBodies("\n".join(_import_lines(needed)), upgrades, downgrades)


def body(calls: Sequence[Line], spelling: Spelling, imports: set[str]) -> str:
    """Return the calls of one direction; what they need is added to `imports`."""
    writer = Writer(
        spelling.render_item,
        spelling.user_module_prefix,
        spelling.dialect,
        imports=imports,
        without_ours=spelling.without_ours,
    )
    lines = [_lines(each, writer, spelling.width - _INDENT) for each in calls]
    if lines and all(isinstance(each, Remark) for each in calls):
        lines.append("pass")
    return "\n".join(lines)


def _import_lines(needed: Iterable[str]) -> list[str]:
    """Return import statements in order, those from one module in one line.

    >>> _import_lines({"from a import c", "import z", "from a import b"})
    ['import z', 'from a import b, c']
    """
    names: dict[str, set[str]] = {}
    whole = set()
    for line in needed:
        module, found, name = line.removeprefix("from ").partition(" import ")
        if line.startswith("from ") and found:
            names.setdefault(module, set()).add(name)
        else:
            whole.add(line)
    return sorted(whole) + [
        f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)
    ]


def _lines(each: Line, writer: Writer, width: int) -> str:
    if isinstance(each, Call):
        return _statement(each, writer, width)
    if isinstance(each, Remark):
        return _comment(each.text, width)
    if isinstance(each, Text):
        return each.text
    inner = [_statement(call, writer, width - _INDENT, each.target) for call in each.calls]
    return f"with {each.opening}:\n" + textwrap.indent("\n".join(inner), " " * _INDENT)


def _statement(call: Call, writer: Writer, width: int, target: str = "op") -> str:
    node = writer.call_of(f"{target}.{call.directive}", call.arguments, call.keywords)
    comment = [_comment(call.note, width)] if call.note else []
    return "\n".join([*comment, laid_out(node, width)])


def _comment(text: str, width: int) -> str:
    return "\n".join(f"# {line}" for line in textwrap.wrap(text, width - 2))
