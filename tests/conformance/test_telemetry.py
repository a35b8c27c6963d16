"""A run as spans of OpenTelemetry: the run, each revision, each statement."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from asyncmigrate import Migrator
from asyncmigrate.errors import ConfigError, StepFailedError
from tests.conformance.watching import Watching, session, users
from tests.terminal import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace import ReadableSpan
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.project import Project


class Spans(InMemorySpanExporter):
    """What was traced."""

    def named(self, name: str) -> ReadableSpan:
        """The one span of this name, or with this query."""
        every = self.get_finished_spans()
        [found] = [s for s in every if name in {s.name, attributes(s).get("db.query.text")}]
        return found

    def below(self, parent: ReadableSpan) -> list[str]:
        """The names of the spans right below another, in the order in which they began."""
        assert parent.context is not None
        found = [
            (span.start_time or 0, span.name)
            for span in self.get_finished_spans()
            if span.parent is not None and span.parent.span_id == parent.context.span_id
        ]
        return [name for _, name in sorted(found)]


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


@pytest.fixture(scope="session")
def exporter() -> Spans:
    """The application's own SDK; a process has one."""
    exporter = Spans()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
def spans(exporter: Spans) -> Iterator[Spans]:
    """What one test traced."""
    exporter.clear()
    yield exporter
    exporter.clear()


async def test_a_run_holds_its_revisions_and_they_their_statements(
    project: Project, engine: AsyncEngine, spans: Spans
) -> None:
    users(project, "op.execute(\"INSERT INTO users VALUES (4711)\"); op.drop_table('users')")
    migrator = Migrator(engine, script_location=project.script_location, opentelemetry=True)

    await migrator.upgrade()

    run = spans.named("amigrate upgrade")
    second = spans.named("upgrade b2")
    statement = spans.named("DROP TABLE")
    assert spans.below(run) == ["upgrade a1", "upgrade b2"]
    assert spans.below(second)[:2] == ["INSERT", "DROP TABLE"]
    assert attributes(run)["asyncmigrate.after"] == ("b2",)
    about = attributes(second)
    assert (about["asyncmigrate.revision"], about["asyncmigrate.direction"]) == ("b2", "upgrade")
    about = attributes(statement)
    assert statement.kind is SpanKind.CLIENT
    assert about["db.system.name"] in {"sqlite", "postgresql", "mariadb", "mysql"}
    assert about["db.namespace"] == engine.url.database
    assert about.get("server.port") == engine.url.port
    assert about["db.operation.name"] == "DROP TABLE"
    assert about["db.query.text"] == "DROP TABLE users"
    assert "4711" not in str([span.attributes for span in spans.get_finished_spans()])


async def test_a_failure_is_told_on_each_level_and_without_values(
    project: Project, engine: AsyncEngine, spans: Spans
) -> None:
    users(project, "op.execute(\"INSERT INTO nowhere VALUES ('a secret')\")")
    migrator = Migrator(engine, script_location=project.script_location, opentelemetry=True)

    with pytest.raises(StepFailedError):
        await migrator.upgrade()

    failed = [spans.named("amigrate upgrade"), spans.named("upgrade b2")]
    failed.append(spans.named("INSERT INTO nowhere VALUES (?)"))
    descriptions = [str(span.status.description) for span in failed]
    assert {span.status.status_code for span in failed} == {StatusCode.ERROR}
    assert all("exist" in said or "no such table" in said for said in descriptions)
    assert all(attributes(span)["error.type"] for span in failed)
    assert spans.named("upgrade a1").status.status_code is StatusCode.UNSET
    everything = [(span.attributes, span.events, span.status.description) for span in failed]
    assert "a secret" not in str(everything)


async def test_what_a_script_traces_itself_is_below_its_revision(
    project: Project, sqlite_url: str, spans: Spans
) -> None:
    users(
        project,
        """
        from opentelemetry import trace
        with trace.get_tracer("application").start_as_current_span("fetching rates"):
            pass
        """,
    )

    await Migrator(
        sqlite_url, script_location=project.script_location, opentelemetry=True
    ).upgrade()

    assert "fetching rates" in spans.below(spans.named("upgrade b2"))
    assert trace.get_current_span() is trace.INVALID_SPAN


async def test_the_statement_that_waits_tells_on_whom(
    project: Project, postgres_url: str, spans: Spans
) -> None:
    users(project)
    await Migrator(postgres_url, script_location=project.script_location).upgrade("a1")
    watching = Watching()
    migrator = Migrator(
        postgres_url,
        script_location=project.script_location,
        observer=watching,
        opentelemetry=True,
    )
    reads = ("SET application_name = 'report'", "SELECT 'a secret', * FROM users")

    async with session(postgres_url, *reads) as other:
        run = asyncio.create_task(migrator.upgrade())
        await watching.until(lambda event: event.waiting_on)
        await other.rollback()
        await run

    [blocker] = attributes(spans.named("ALTER TABLE"))["asyncmigrate.waiting_on"]
    assert str(blocker).startswith("report (server process ")
    assert str(blocker).endswith("s: SELECT ?, * FROM users)")


async def test_a_run_that_is_cancelled_ends_its_spans(
    project: Project, postgres_url: str, spans: Spans
) -> None:
    users(project, 'op.execute("SELECT pg_sleep(600)")')
    watching = Watching()
    migrator = Migrator(
        postgres_url,
        script_location=project.script_location,
        observer=watching,
        opentelemetry=True,
    )

    run = asyncio.create_task(migrator.upgrade())
    await watching.until(lambda event: event.elapsed)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    failed = [spans.named("amigrate upgrade"), spans.named("upgrade b2"), spans.named("SELECT")]
    assert {span.status.status_code for span in failed} == {StatusCode.ERROR}


async def test_nothing_is_traced_unless_it_is_asked_for(
    project: Project, sqlite_url: str, spans: Spans
) -> None:
    users(project)

    await Migrator(sqlite_url, script_location=project.script_location).upgrade()

    assert spans.get_finished_spans() == ()


_LOADED = """
import asyncio, sys
from asyncmigrate import Migrator
asyncio.run(Migrator(sys.argv[1], script_location=sys.argv[2]).upgrade("a1"))
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


def test_nothing_of_opentelemetry_is_imported_unless_it_is_asked_for(
    project: Project, sqlite_url: str
) -> None:
    users(project)
    command = [sys.executable, "-c", _LOADED, sqlite_url, str(project.script_location)]

    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)

    assert done.stdout == "[]\n"


async def test_without_the_package_it_is_said_what_to_install(
    project: Project, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    users(project)
    monkeypatch.delitem(sys.modules, "asyncmigrate.engine.telemetry", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    migrator = Migrator(sqlite_url, script_location=project.script_location, opentelemetry=True)

    with pytest.raises(ConfigError, match="there is no module opentelemetry") as caught:
        await migrator.upgrade()

    assert "asyncmigrate[opentelemetry]" in caught.value.next
    assert await migrator.rows() == frozenset()
