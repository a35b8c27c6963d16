"""`lifespan`: an application's start, with its migrations in it.

Four modes, because there are four kinds of deployment: the application migrates before it takes
the first request (`await`), it migrates while a gate keeps requests out, so that probes are
answered meanwhile (`background`), somebody else migrates (`check`), or nobody (`off`, for tests).
"""

from __future__ import annotations

import asyncio
import re
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sqlalchemy.exc import SQLAlchemyError

from asyncmigrate.asgi.lifespan_protocol import wrapped
from asyncmigrate.asgi.progress import progress_of
from asyncmigrate.engine.aside import check_loop
from asyncmigrate.errors import (
    DatabaseAheadError,
    MigrateError,
    ScriptError,
    StepFailedError,
    UnknownHeadError,
    UsageError,
)
from asyncmigrate.log import logger
from asyncmigrate.migrator.standing import ensure_current

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from asyncmigrate.asgi.types import App
    from asyncmigrate.events import Event
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.migrator.standing import Ahead, Behind

    ApplicationLifespan: TypeAlias = Callable[
        [Any], AbstractAsyncContextManager[Mapping[str, Any] | None]
    ]

Mode: TypeAlias = Literal["await", "background", "check", "off"]
OnFailure: TypeAlias = Literal["exit", "stay"]

_TOLD = (SQLAlchemyError, MigrateError)
"""Causes whose words are in the sentence of the error that they caused."""
_PACKAGES = re.compile(r"(asyncmigrate|sqlalchemy)\b")
_CHOICES = {
    "mode": ("await", "background", "check", "off"),
    "on_failure": ("exit", "stay"),
    "policy": ("fail", "warn", "wait"),
    "ahead": ("fail", "warn"),
}


def lifespan(
    migrator: Migrator,
    target: str = "head",
    mode: Mode = "await",
    *,
    then: ApplicationLifespan | None = None,
    on_failure: OnFailure = "exit",
    policy: Behind = "fail",
    ahead: Ahead = "fail",
    timeout: float | None = None,
) -> Lifespan:
    """Return a lifespan that sees to the database, for `FastAPI(lifespan=…)` and its like.

    `then` is the application's own lifespan, which runs inside: after the migrations with
    `await`, while they run with `background`. What it yields is what the application gets.

    - `await`: upgrade to `target` before the application takes its first request.
    - `background`: start at once and upgrade meanwhile; a `MigrationGate` keeps requests out.
    - `check`: write nothing. `target` is what the application accepts, a range as `ensure_current`
      takes it. While revisions are missing: `policy="fail"` does not start, `warn` starts and says
      so, `wait` waits behind the gate for somebody else to run them (`timeout` seconds; None: for
      ever).
    - `off`: do nothing, and let every request through.

    `on_failure="exit"` ends the application: its start fails, or, later, the process gets SIGTERM,
    so that the server shuts down in order. `"stay"` keeps it up behind a closed gate, and `readyz`
    tells the error. A database that is ahead of this release fails, unless `ahead="warn"`.

    Raises:
        UsageError: one of the words is none of these.
    """
    given = {"mode": mode, "on_failure": on_failure, "policy": policy, "ahead": ahead}
    for name, word in given.items():
        if word not in _CHOICES[name]:
            known = ", ".join(map(repr, _CHOICES[name]))
            raise UsageError(f"lifespan({name}={word!r}): it must be one of {known}.")
    return Lifespan(migrator, target, mode, then, on_failure, policy, ahead, timeout)


class Lifespan:
    """What `lifespan` gives: call it with the application, or `wrap` any ASGI application in it."""

    def __init__(
        self,
        migrator: Migrator,
        target: str,
        mode: Mode,
        then: ApplicationLifespan | None,
        on_failure: OnFailure,
        policy: Behind,
        ahead: Ahead,
        timeout: float | None,
    ) -> None:
        self._migrator, self._target, self._mode, self._then = migrator, target, mode, then
        self._stays, self._policy, self._ahead = on_failure == "stay", policy, ahead
        self._timeout = timeout
        self._progress = progress_of(migrator)

    def __call__(self, app: Any) -> AbstractAsyncContextManager[Mapping[str, Any] | None]:
        """Return the lifespan of one application."""
        return self._around(app)

    def wrap(self, app: App) -> App:
        """Return an ASGI application that does this when the server starts it, then starts `app`.

        For what has no `lifespan=` argument, or no lifespan at all.
        """
        return wrapped(app, self.started)

    @asynccontextmanager
    async def _around(self, app: Any) -> AsyncIterator[Mapping[str, Any] | None]:
        async with self.started():
            if self._then is None:
                yield None
                return
            async with self._then(app) as state:
                yield state

    @asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """See to the database while the block runs, as the mode says.

        Raises:
            MigrateError: `on_failure` is `"exit"`, and the database is not as it must be.
            UsageError: the server's event loop is not asyncio's.
        """
        check_loop()
        if self._mode == "off":
            self._progress.begin("off")
            yield
        elif self._is_beside:
            async with self._beside():
                yield
        else:
            await self._first()
            yield

    @property
    def _is_beside(self) -> bool:
        return self._mode == "background" or (self._mode == "check" and self._policy == "wait")

    async def _first(self) -> None:
        self._progress.begin("starting")
        try:
            await self._work()
        except Exception as error:
            self._fail(error)
            if not self._stays:
                _shorten(error)
                raise

    @asynccontextmanager
    async def _beside(self) -> AsyncIterator[None]:
        if not self._progress.gated:
            logger.warning(
                "lifespan(mode=%r) without a MigrationGate: requests reach the application before "
                "its database is ready",
                self._mode,
            )
        self._progress.begin("starting")
        task = asyncio.create_task(self._watched(), name="asyncmigrate")
        try:
            yield
        finally:
            error = await _ended(task)
        if error is not None and not self._stays:
            _shorten(error)
            raise error  # so that a server which ends in order does not end with success

    async def _watched(self) -> Exception | None:
        """Do the work; return what went wrong, after everybody has been told."""
        try:
            await self._work()
        except Exception as error:  # noqa: BLE001 -- it is told, and ends the application
            self._fail(error)
            if not self._stays:
                signal.raise_signal(signal.SIGTERM)
            return error
        return None

    def _fail(self, error: Exception) -> None:
        self._progress.end("failed", str(error) or type(error).__name__)
        logger.error("the application's database is not ready: %s", error)
        logger.debug("This is where it comes from.", exc_info=error)

    async def _work(self) -> None:
        told = self._progress.tell if self._is_beside else None  # nobody asks before a start
        migrator = self._migrator.observed(self._observe, statements=told)
        if self._mode == "check":
            found = await self._looked(migrator, self._target, self._policy)
        else:
            found = await self._upgraded(migrator)
        self._progress.revision = ", ".join(found)
        self._progress.end("ready")

    async def _upgraded(self, migrator: Migrator) -> tuple[str, ...]:
        try:
            result = await migrator.upgrade(self._target)
            if result.skipped:  # somebody else is at it, and serving must wait for that
                return await self._looked(migrator, self._target, "wait")
            return result.after
        except UnknownHeadError as error:
            try:
                return await self._looked(migrator, self._target, "fail")
            except DatabaseAheadError as ahead:  # it knows more of the revisions
                raise ahead from error

    async def _looked(self, migrator: Migrator, accept: str, behind: Behind) -> tuple[str, ...]:
        found = await ensure_current(
            migrator, accept, behind=behind, ahead=self._ahead, timeout=self._timeout
        )
        return found.current

    def _observe(self, event: Event) -> None:
        self._progress.observe(event)
        self._migrator.observer(event)


async def _ended(task: asyncio.Task[Exception | None]) -> Exception | None:
    """Wait for the work; what is still going on is cancelled, and rolls back."""
    task.cancel()  # nothing, if it is over
    await asyncio.wait({task})
    return None if task.cancelled() else task.result()


def _shorten(error: Exception) -> None:
    """Shorten what a server logs of an error: Starlette's way is to hand it the whole traceback.

    What the database raised stands in the sentence of ours, and the way through this package tells
    nobody anything. What Python code of a script raised keeps its traceback from there on.
    """
    if not isinstance(error, MigrateError):
        return
    cause = error.__cause__
    if cause is not None and isinstance(error, StepFailedError | ScriptError):
        cause = cause.with_traceback(_behind_ours(cause.__traceback__))
    else:
        cause = None
    error.__cause__ = None if isinstance(cause, _TOLD) else cause
    error.__suppress_context__ = True
    error.__traceback__ = None


def _behind_ours(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback from where neither we nor SQLAlchemy call one another any more."""
    while traceback is not None and _PACKAGES.match(traceback.tb_frame.f_globals["__name__"]):
        traceback = traceback.tb_next
    return traceback
