"""A run as spans of OpenTelemetry: the run, in it each revision, in that each statement.

Imported only where it was asked for, and it needs the API package alone: which SDK records the
spans, and where they go, is the application's affair. While a script runs its revision's span is
the current one, so that what the script itself traces is below it.

Names and attributes are those of the semantic conventions for databases; our own ones begin with
`asyncmigrate.`. No value leaves by them: SQL has question marks for its literals, and of an error
there is its class, the server's code and its first line.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry import context, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from sqlalchemy import event as sa_event

from asyncmigrate import events
from asyncmigrate._version import __version__
from asyncmigrate.engine.query_text import operation, without_values
from asyncmigrate.op import in_script

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextvars import Token

    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer
    from opentelemetry.util.types import AttributeValue
    from sqlalchemy import URL, Connection

    from asyncmigrate.engine.database import Database
    from asyncmigrate.events import Event, Observer

_SYSTEMS = {
    "mssql": "microsoft.sql_server",
    "oracle": "oracle.db",
    "cockroachdb": "cockroachdb",
    "mariadb": "mariadb",
    "mysql": "mysql",
    "postgresql": "postgresql",
    "sqlite": "sqlite",
}


@contextmanager
def traced(command: str, database: Database, observer: Observer) -> Iterator[Observer]:
    """Trace the run in the block; what is given is the observer that the run has to have."""
    connection = database.connection.sync_connection
    assert connection is not None, "it was opened by `database`"
    tracer = trace.get_tracer("asyncmigrate", __version__)
    about = _about(connection)
    with tracer.start_as_current_span(
        f"amigrate {command}",
        attributes={**about, "asyncmigrate.command": command},
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        spans = _Spans(tracer, about, span, connection.dialect.name)
        try:
            with spans.statements_of(connection):
                yield spans.in_front_of(observer)
        except BaseException as error:
            spans.end(error)
            raise


@dataclass(slots=True)
class _Spans:
    """The spans that are open."""

    tracer: Tracer
    about: Mapping[str, AttributeValue]
    """What is said of the database."""
    run: Span
    dialect: str
    _step: Span | None = field(default=None, init=False)
    _outside: Token[Context] | None = field(default=None, init=False)
    """What was current before the step."""
    _statement: Span | None = field(default=None, init=False)
    _execution: object = field(default=None, init=False)
    """SQLAlchemy's context of the statement: within one, the journal sends its own."""

    def in_front_of(self, observer: Observer) -> Observer:
        """Return an observer that takes each event, then hands it on."""

        def observe(event: Event) -> None:
            self._take(event)
            observer(event)

        return observe

    def end(self, error: BaseException) -> None:
        """End what an error has left open, and say on each what went wrong."""
        for span in filter(None, (self._statement, self._step, self.run)):
            self._fail(span, error)
        self._end_statement()
        self._end_step()

    # --- events of the run ---------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        match event:
            case events.LockWaiting():
                self.run.set_attribute("asyncmigrate.lock.holder", event.holder)
                self.run.set_attribute("asyncmigrate.lock.waited", event.waited)
            case events.RunStarted():
                self.run.set_attribute("asyncmigrate.before", event.before)
                self.run.set_attribute("asyncmigrate.total", event.total)
            case events.StepStarted():
                self._begin_step(event)
            case events.Blocked():
                self._tell_of_blockers(event)
            case events.StatementRunning() if self._statement is not None:
                self._statement.set_attributes(self._known_of(event))
            case events.StepFinished():
                self._end_step()
            case events.RunFinished() | events.RunFailed():
                self.run.set_attribute("asyncmigrate.after", event.after)
            case _:
                pass

    def _begin_step(self, event: events.StepStarted) -> None:
        self._end_step()
        self._step = self.tracer.start_span(
            f"{event.direction} {event.revision}",
            attributes={
                **self.about,
                "asyncmigrate.revision": event.revision,
                "asyncmigrate.direction": event.direction,
                "asyncmigrate.message": event.message,
                "asyncmigrate.step": event.index,
                "asyncmigrate.total": event.total,
            },
        )
        self._outside = context.attach(trace.set_span_in_context(self._step))

    def _end_step(self) -> None:
        self._end_statement()
        if self._step is not None:
            self._step.end()
        if self._outside is not None:
            context.detach(self._outside)
        self._step = self._outside = None

    def _tell_of_blockers(self, event: events.Blocked) -> None:
        if self._step is not None:
            self._step.add_event(
                "asyncmigrate.blocked",
                {
                    "asyncmigrate.blockers": self._sessions(event.blockers),
                    "asyncmigrate.tries_left": event.tries_left,
                },
            )

    def _known_of(self, event: events.StatementRunning) -> dict[str, AttributeValue]:
        told: dict[str, AttributeValue | None] = {
            "asyncmigrate.waiting_on": self._sessions(event.waiting_on) or None,
            "asyncmigrate.queued": event.queued,
            "asyncmigrate.phase": event.phase or None,
            "asyncmigrate.percent": event.percent,
        }
        return {name: value for name, value in told.items() if value is not None}

    def _sessions(self, sessions: tuple[str, ...]) -> tuple[str, ...]:
        """Return sessions without the values in what they run; their numbers stay."""
        halves = (each.partition(": ") for each in sessions)
        return tuple(
            f"{who}{colon}{without_values(query, self.dialect)}" for who, colon, query in halves
        )

    # --- statements ------------------------------------------------------------------------------

    @contextmanager
    def statements_of(self, connection: Connection) -> Iterator[None]:
        """Open and end a span for each statement that a script sends on the connection."""

        def begin(*args: Any) -> None:
            if self._statement is None and self._step is not None and in_script():
                self._begin_statement(args[2], args[4])

        def end(*args: Any) -> None:
            if args[4] is self._execution:
                self._end_statement()

        def fail(failure: Any) -> None:
            if self._statement is not None and failure.execution_context is self._execution:
                self._fail(self._statement, failure.original_exception)
                self._end_statement()

        listeners = (
            (connection, "before_cursor_execute", begin),
            (connection, "after_cursor_execute", end),
            (connection.engine, "handle_error", fail),
        )
        for target, name, listener in listeners:
            sa_event.listen(target, name, listener)
        try:
            yield
        finally:
            for target, name, listener in listeners:
                sa_event.remove(target, name, listener)

    def _begin_statement(self, sql: str, execution: object) -> None:
        name = operation(sql)
        self._execution = execution
        self._statement = self.tracer.start_span(
            name or str(self.about["db.system.name"]),
            kind=SpanKind.CLIENT,
            attributes={
                **self.about,
                "db.operation.name": name,
                "db.query.text": without_values(sql, self.dialect),
            },
        )

    def _end_statement(self) -> None:
        if self._statement is not None:
            self._statement.end()
            self._statement = self._execution = None

    def _fail(self, span: Span, error: BaseException) -> None:
        cause = error.__cause__ or error
        original: BaseException = getattr(cause, "orig", None) or cause
        said = without_values(_first_line(original), self.dialect)
        name = _class_of(original)
        span.set_status(Status(StatusCode.ERROR, said or name))
        span.add_event("exception", {"exception.type": name, "exception.message": said})
        code = _code_of(original)
        span.set_attribute("error.type", code or name)
        if code:
            span.set_attribute("db.response.status_code", code)


def _first_line(error: BaseException) -> str:
    """Return what an error says first: of a driver's, the server's message without its details."""
    number, text = error.args if len(error.args) == 2 else (None, str(error))
    said = str(text if isinstance(number, int) else error)
    said = said.partition(">: ")[2] or said  # SQLAlchemy's adapters put the driver's class in front
    return next(iter(said.splitlines()), "")


def _class_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _code_of(error: BaseException) -> str:
    """Return the server's code: SQLSTATE, or MySQL's number."""
    state = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    number = next(iter(error.args), None)
    return str(state or (number if isinstance(number, int) else ""))


def _about(connection: Connection) -> dict[str, AttributeValue]:
    """Return the attributes of the database."""
    url: URL = connection.engine.url
    name = "mariadb" if getattr(connection.dialect, "is_mariadb", False) else url.get_backend_name()
    told: dict[str, AttributeValue | None] = {
        "db.system.name": _SYSTEMS.get(name, "other_sql"),
        "db.namespace": url.database,
        "server.address": url.host,
        "server.port": url.port,
    }
    return {name: value for name, value in told.items() if value is not None}
