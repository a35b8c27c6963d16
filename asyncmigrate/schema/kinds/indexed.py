"""What an index is on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Indexed:
    """One column or expression of an index."""

    text: str
    """The column's plain name (not quoted), or the expression as the database prints it."""
    is_expression: bool = False
    order: str = ""
    """"", "DESC", "NULLS FIRST" or "DESC NULLS LAST": only what is not the default."""
    opclass: str = ""
    """Only if it is not the default one."""
    collation: str = ""
    """Only if it is not that of the column."""
    length: int | None = None
    """MySQL: the prefix that is indexed."""
