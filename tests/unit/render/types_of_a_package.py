"""Types as a project has them in a module of its own."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import UserDefinedType


class Money(sa.TypeDecorator[Any]):
    """Without a constructor of its own."""

    impl = sa.Numeric
    cache_ok = True


class Code(sa.TypeDecorator[Any]):
    """With one that cannot be guessed from the object."""

    impl = sa.String
    cache_ok = True

    def __init__(self, words: int) -> None:
        super().__init__(words * 9)


class Vector(UserDefinedType[Any]):
    """As extensions have them."""

    cache_ok = True

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def get_col_spec(self, **_: Any) -> str:
        return f"VECTOR({self.dim})"


class Opaque(UserDefinedType[Any]):
    """A constructor that says nothing."""

    cache_ok = True

    def __init__(self, *things: Any) -> None:
        self.words = " ".join(things)

    def get_col_spec(self, **_: Any) -> str:
        return f"OPAQUE {self.words}"
