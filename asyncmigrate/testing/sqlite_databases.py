"""SQLite files for tests: copies of one that was migrated once and is kept between runs."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

from asyncmigrate.testing import kept
from asyncmigrate.testing.databases import Made
from asyncmigrate.testing.recipe import KEPT_TEMPLATES
from asyncmigrate.testing.scratch import for_data

if TYPE_CHECKING:
    from pathlib import Path

    from asyncmigrate.testing.recipe import Recipe


class SqliteDatabases:
    """Makes files in a folder of their own, in memory where there is room."""

    source = f"SQLite {sqlite3.sqlite_version}"

    def __init__(self, *, keep: bool = True) -> None:
        self._scratch = for_data(None)
        self._kept = (kept.folder() if keep else None) or self._scratch.path
        self._number = 0

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of a file in the folder."""
        return f"sqlite+aiosqlite:///{self._scratch.path / database}"

    async def make(self, wanted: Recipe | None) -> Made:
        """Copy the template of a recipe, which is built if it is not there."""
        self._number += 1
        made = Made(f"{self._number}.db", self.url(f"{self._number}.db"))
        if wanted is not None:
            template = await self._template(wanted)
            await asyncio.to_thread(shutil.copyfile, template, self._path(made.name))
        return made

    async def drop(self, made: Made) -> tuple[str, ...]:
        """Remove the file and what SQLite put beside it."""
        path = self._path(made.name)
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink(missing_ok=True)
        return ()

    async def close(self) -> None:
        """Remove the folder."""
        self._scratch.remove()

    def _path(self, name: str) -> Path:
        return self._scratch.path / name

    def _place(self, key: str) -> Path:
        return self._kept / f"sqlite-{sqlite3.sqlite_version}-{key}"

    async def _template(self, wanted: Recipe) -> Path:
        place = self._place(wanted.key)
        if not place.exists():
            if wanted.seed is not None:
                await self._template(wanted.unseeded)
            await self._build(place, wanted)
        return place

    async def _build(self, place: Path, wanted: Recipe) -> None:
        """Build beside the others, who may do the same: whoever is last wins, and all are equal."""
        building = self._path(f"{place.name}.{os.getpid()}")
        nearest = (self._place(key) for key in reversed(wanted.keys))
        begin = next((each for each in nearest if each.exists()), None)
        if begin is None:
            building.touch()
        else:
            await asyncio.to_thread(shutil.copyfile, begin, building)
        await (wanted.fill if wanted.seed else wanted.run)(self.url(building.name))
        arriving = place.with_name(f"{place.name}.{os.getpid()}.new")
        await asyncio.to_thread(shutil.copyfile, building, arriving)
        arriving.replace(place)
        building.unlink()
        self._forget()

    def _forget(self) -> None:
        found = sorted(self._kept.glob("sqlite-*"), key=lambda each: each.stat().st_mtime)
        for each in found[:-KEPT_TEMPLATES]:
            each.unlink(missing_ok=True)
