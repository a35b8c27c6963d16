"""`Migrator`: everything that can be asked of a history and its database."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from asyncmigrate.engine.aside import imported
from asyncmigrate.migrator.commands import Commands

if TYPE_CHECKING:
    from asyncmigrate.migrator.answers import (
        Answers,
        CheckResult,
        Explanation,
        Generated,
        Source,
    )
    from asyncmigrate.scripts.authoring import RevisionRequest


class Migrator(Commands):
    """A history of scripts, and the database that it is run on.

    `bind` is an `AsyncEngine`, an `AsyncConnection` or a URL. An engine lends one connection per
    command and is left as it was found. A connection with a transaction open is joined: the
    commit is left to its owner.

    Safe to keep for the life of an application: it holds no connection between two commands and
    reads the scripts anew for each. Several migrators may run at once in one event loop.

    Example:
        >>> async def lifespan(app):                            # doctest: +SKIP
        ...     await Migrator(engine, script_location="migrations").upgrade("head")
        ...     yield
    """

    async def check(
        self,
        *,
        source: Source = "database",
        scratch: str | None = None,
        answers: Answers | None = None,
    ) -> CheckResult:
        """Compare the database with the models. Changes nothing.

        `source="history"` compares with the history, replayed on a scratch database beside the
        configured one, or on the server that `scratch` names. Renames that `answers` do not name
        count as a drop and a creation.

        Raises:
            NotUpToDateError: the database is behind the history.
            UnwantedDropError: the models look as if they had not been imported.
            MetadataError: there are no models, or they cannot be imported.
        """
        await imported("asyncmigrate.migrator.comparing")
        from asyncmigrate.migrator import autogenerate, comparing
        from asyncmigrate.migrator.answers import Answers

        said = replace(answers or Answers(), no_renames=True)
        found = await comparing.compared(self, source, scratch, said)
        name, differing = found.read.name, self.counted(found.comparison)
        metadata = self.metadata()
        count = len(differing.changes)
        result = await comparing.apart(
            count, said, autogenerate.checked, name, differing, said, metadata
        )
        if found.plugged is not None:
            from asyncmigrate.migrator.plugging import and_plugged

            result = and_plugged(result, found.plugged)
        return replace(result, edited=found.read.edited)

    async def explain(
        self, path: str, *, source: Source = "database", scratch: str | None = None
    ) -> Explanation:
        """Return both sides of one object, `table` or `table.column`. Raises as `check` does."""
        await imported("asyncmigrate.migrator.comparing")
        from asyncmigrate.migrator import autogenerate, comparing
        from asyncmigrate.migrator.answers import Answers

        answers = Answers(no_renames=True, allow_drop=True)
        found = await comparing.compared(self, source, scratch, answers)
        return autogenerate.explanation(found.comparison, path)

    async def autogenerate(
        self,
        message: str = "",
        *,
        placement: RevisionRequest | None = None,
        source: Source = "database",
        scratch: str | None = None,
        answers: Answers | None = None,
    ) -> Generated:
        """Write the revision that makes the database equal to the models, if they differ.

        `placement` says where it goes in the history: see `revision`. Nothing is written while a
        question is open, and nothing that cannot be imported.

        Raises:
            RenameQuestionError: something may have been renamed, and `answers` do not say.
            MissingValueError: a new column needs a value for the rows that exist.
            UnsupportedOperationError: a difference that has to be written by hand.
            NotUpToDateError, UnwantedDropError, MetadataError: see `check`.
        """
        await imported("asyncmigrate.migrator.comparing")
        from asyncmigrate.migrator import comparing
        from asyncmigrate.migrator.answers import Answers

        answers = answers or Answers()
        found = await comparing.compared(self, source, scratch, answers)
        return await comparing.written(self, found, answers, message, placement)
