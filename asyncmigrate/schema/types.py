"""Types of a database that SQLAlchemy has no class for."""

from __future__ import annotations

from typing import Any

from sqlalchemy.types import UserDefinedType


class RawType(UserDefinedType[Any]):
    """A type that is nothing but its words in SQL: what a database has and no package explains.

    Scripts use it as `sa.Column("at", RawType("tsquery2(3)"))`.
    """

    cache_ok = True

    def __init__(self, text: str) -> None:
        self.text = text

    def get_col_spec(self, **kw: Any) -> str:  # SQLAlchemy's signature
        """Return the words."""
        return self.text

    def __repr__(self) -> str:
        return f"RawType({self.text!r})"
