"""A call of an `op` directive as a value: a script holds its text, `check --sql` makes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Call:
    """`op.<directive>(*arguments, **keywords)`.

    Arguments are plain values, names (`sqlalchemy.sql.elements.conv` for `op.f`) and SQLAlchemy
    elements: columns, types, constraints, `text()`. `note` is a comment for the line above.
    """

    directive: str
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
