"""What the server tells of a session that is busy: asked on another connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asyncmigrate.engine.settle import brief

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session that is in the way of another one, as far as the server tells."""

    name: str
    process: int = 0
    """The session's number on the server; 0 if it has none."""
    state: str = ""
    age: float | None = None
    """Seconds that it has been in that state."""
    query: str = ""
    """What it runs, or ran last."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return what a row of the dialect's query tells."""
        age, query = row["age"], str(row["query"] or "")
        return cls(
            str(row["name"]),
            int(row["process"] or 0),
            str(row["state"] or ""),
            None if age is None else float(age),
            " ".join(query.split()),
        )

    def __str__(self) -> str:
        """Return it as a part of a sentence.

        >>> print(Blocker("report", 7, "idle in transaction", 3.4, "SELECT 1"))
        report (server process 7, idle in transaction for 3 s: SELECT 1)
        >>> print(Blocker("root@web", 7))
        root@web (server process 7)
        """
        number = f"server process {self.process}" if self.process else ""
        lasting = f" for {self.age:.0f} s" if self.state and self.age is not None else ""
        what = ", ".join(filter(None, (number, self.state + lasting)))
        inside = ": ".join(filter(None, (what, self.query)))
        return f"{self.name} ({inside})" if inside else self.name


@dataclass(frozen=True, slots=True)
class Seen:
    """What a busy session does, as far as the server tells."""

    is_active: bool = True
    blockers: tuple[Blocker, ...] = ()
    queued: int | None = None
    phase: str = ""
    percent: float | None = None


@dataclass(slots=True)
class Inquiry:
    """Asks about one session again and again."""

    beside: AsyncConnection
    activity: str
    """The dialect's query."""
    blockers: list[str]
    """The dialect's queries; one that the server refuses is not tried again."""

    async def seen(self) -> Seen:
        """Return what the session does now; nothing but that it is there if it cannot be found."""
        row = (await self._rows(self.activity)).mappings().first()
        if row is None:  # a pooler in between has given it another number
            return Seen()
        if not row["is_active"]:
            return Seen(is_active=False)
        percent = row["percent"]
        return Seen(
            blockers=await self._blockers(),
            queued=int(row["queued"]),
            phase=row["phase"] or "",
            percent=None if percent is None else float(percent),
        )

    async def _blockers(self) -> tuple[Blocker, ...]:
        for query in list(self.blockers):
            try:
                found = (await self._rows(query)).mappings().all()
            except Exception:  # noqa: BLE001 -- this server has no such table, or we may not read it
                self.blockers.remove(query)
                continue
            if found:
                return tuple(map(Blocker.of, found))
        return ()

    async def _rows(self, query: str) -> Any:
        return await brief(self.beside.exec_driver_sql(query))
