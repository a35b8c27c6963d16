"""A difference between our SQL and Alembic's that is there on purpose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """Calls of a directive that hold `fragment` differ on purpose."""

    dialects: frozenset[str]
    directive: str
    fragment: str
    reason: str

    def covers(self, name: str, directive: str, call: str) -> bool:
        return name in self.dialects and directive == self.directive and self.fragment in call
