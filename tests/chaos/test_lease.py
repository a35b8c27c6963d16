"""The lease: one migrator at a time where session locks exclude nobody, and no late commit."""

from __future__ import annotations

import asyncio
import signal
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.dialects.mysql import MySQL
from asyncmigrate.errors import LockLostError, LockTimeoutError, StepFailedError
from asyncmigrate.events import Event, LockWaiting, Noted
from tests.chaos.leases import STEAL, asked, journaled, lease, ran_once, until, until_held
from tests.chaos.processes import amigrate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.project import Project

URLS = ["postgres_url", "pooled_url", "mysql_url"]
_ASLEEP = (
    "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND state = 'active'"
    " AND pid <> pg_backend_pid()"
)
SERVERS = ["postgres_url", "mysql_url"]


@pytest.fixture(params=SERVERS)
def server_url(request: pytest.FixtureRequest) -> str:
    """An empty database of PostgreSQL and of MariaDB."""
    url: str = request.getfixturevalue(request.param)
    return url


def migrator(project: Project, url: str, **settings: Any) -> Migrator:
    """Return a migrator that uses a lease, if nothing else is said."""
    given = {"lock": "lease", "lease_seconds": 600.0, **settings}
    return Migrator(url, script_location=project.script_location, **given)


@pytest.mark.parametrize("fixture", URLS)
async def test_eight_processes_that_start_at_once_run_every_revision_once(
    project: Project, request: pytest.FixtureRequest, fixture: str
) -> None:
    url = request.getfixturevalue(fixture)
    journaled(project, lock="auto" if fixture == "pooled_url" else "lease", seconds=60)

    with ExitStack() as stack:
        crowd = [stack.enter_context(amigrate(project, url, "upgrade")) for _ in range(8)]
        ended = [await asyncio.to_thread(process.ended) for process in crowd]

    assert [code for code, _ in ended] == [0] * 8, ended
    await ran_once(url)
    row = await lease(url)
    assert row is not None
    assert row.holder is None


@pytest.mark.parametrize("fixture", URLS)
async def test_a_migrator_that_was_frozen_for_longer_than_its_lease_commits_nothing(
    project: Project, request: pytest.FixtureRequest, fixture: str
) -> None:
    url = request.getfixturevalue(fixture)
    journaled(project, lock="auto" if fixture == "pooled_url" else "lease", held="b2")

    with amigrate(project, url, "upgrade") as frozen:
        await until_held(project)
        frozen.popen.send_signal(signal.SIGSTOP)
        with amigrate(project, url, "upgrade") as second:
            went_on = await asyncio.to_thread(second.ended)
        (project.root / "let_go").touch()
        frozen.popen.send_signal(signal.SIGCONT)
        code, said = await asyncio.to_thread(frozen.ended)

    assert went_on[0] == 0, went_on
    assert code == 4, said
    assert "error: This migrator lost its lease" in said
    assert "The revision that was running was rolled back." in said
    assert "Traceback" not in said
    await ran_once(url)


async def test_a_lease_of_a_process_that_was_killed_is_taken_when_it_has_run_out(
    project: Project, server_url: str
) -> None:
    journaled(project, held="b2")

    with amigrate(project, server_url, "upgrade"):
        await until_held(project)
    before = await lease(server_url)
    with amigrate(project, server_url, "upgrade") as second:
        ended = await asyncio.to_thread(second.ended)

    assert ended[0] == 0, ended
    assert before is not None
    assert before.holder is not None
    after = await lease(server_url)
    assert after is not None
    assert after.token == before.token + 2  # taken, and given back
    await ran_once(server_url)


async def test_a_heartbeat_keeps_the_lease_while_a_statement_takes_longer_than_it(
    project: Project, postgres_url: str
) -> None:
    journaled(project)
    project.revision("b2", "a1", upgrade='op.execute("SELECT pg_sleep(600)")')
    holder = asyncio.create_task(migrator(project, postgres_url, lease_seconds=3.0).upgrade())
    await until(lambda: _is_at(postgres_url, "a1"))
    seen: list[Event] = []

    waiter = migrator(project, postgres_url, lock_timeout=3.5).observed(seen.append)
    with pytest.raises(LockTimeoutError, match=r"held by amigrate:.* \(lease 1\) since 20"):
        await waiter.upgrade()

    assert {each.at for each in seen if isinstance(each, LockWaiting)} == {("a1",)}
    holder.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holder


async def _is_at(url: str, revision: str) -> bool:
    row = await lease(url)
    return row is not None and row.revision == revision


async def test_a_lease_that_was_taken_is_found_at_the_commit(
    project: Project, server_url: str
) -> None:
    journaled(project)
    body = "op.execute(\"INSERT INTO journal VALUES ('b2')\")\nop.run_async(steal)"
    project.revision("b2", "a1", upgrade=_steal(server_url) + body)

    with pytest.raises(LockLostError, match="Another migrator has it now: amigrate:thief:7") as at:
        await migrator(project, server_url).upgrade()

    assert "The revision that was running was rolled back." in str(at.value)
    assert at.value.holder == "amigrate:thief:7"
    assert await asked(server_url, "SELECT version_num FROM alembic_version") == [("a1",)]
    assert await asked(server_url, "SELECT revision FROM journal") == [("a1",)]


def _steal(url: str) -> str:
    return f"""
from tests.chaos.leases import STEAL, asked
async def steal(_):
    await asked({url!r}, STEAL)
"""


async def test_a_lease_that_was_taken_is_found_before_a_part_of_a_revision_is_committed(
    project: Project, postgres_url: str
) -> None:
    journaled(project)
    body = """
op.execute("INSERT INTO journal VALUES ('b2')")
op.run_async(steal)
with op.autocommit():
    op.execute("CREATE INDEX CONCURRENTLY ix ON journal (revision)")
"""
    project.revision("b2", "a1", upgrade=_steal(postgres_url) + body)

    with pytest.raises(LockLostError):
        await migrator(project, postgres_url).upgrade()

    assert await asked(postgres_url, "SELECT to_regclass('ix') IS NULL") == [(True,)]
    assert await asked(postgres_url, "SELECT revision FROM journal") == [("a1",)]


async def test_all_or_nothing_is_nothing_if_the_lease_was_taken(
    project: Project, postgres_url: str
) -> None:
    journaled(project)
    await migrator(project, postgres_url).upgrade("a1")
    project.revision("c3", "b2", upgrade=_steal(postgres_url) + "op.run_async(steal)")

    with pytest.raises(LockLostError):
        await migrator(project, postgres_url).upgrade(atomic=True)

    assert await asked(postgres_url, "SELECT version_num FROM alembic_version") == [("a1",)]
    assert await asked(postgres_url, "SELECT revision FROM journal") == [("a1",)]


async def test_all_revisions_in_one_transaction_pass_the_fence_at_its_end(
    project: Project, postgres_url: str
) -> None:
    journaled(project)

    await migrator(project, postgres_url, lease_seconds=1.0).upgrade(atomic=True)

    await ran_once(postgres_url)
    row = await lease(postgres_url)
    assert row is not None
    assert row.revision == "d4"


async def test_where_ddl_commits_no_statement_runs_after_the_lease_was_taken(
    project: Project, mysql_url: str
) -> None:
    journaled(project)
    body = """
op.execute("CREATE TABLE early (id INT)")
op.run_async(steal)
op.execute("CREATE TABLE late (id INT)")
"""
    project.revision("b2", "a1", upgrade=_steal(mysql_url) + body)

    with pytest.raises(LockLostError) as caught:
        await migrator(project, mysql_url).upgrade()

    assert "CREATE TABLE early" in str(caught.value)
    assert await asked(mysql_url, "SHOW TABLES LIKE 'late'") == []
    assert len(await asked(mysql_url, "SHOW TABLES LIKE 'early'")) == 1


async def test_where_ddl_commits_the_journal_is_left_to_whoever_took_the_lease(
    project: Project, mysql_url: str
) -> None:
    journaled(project)
    body = 'op.run_async(steal)\nop.execute("CREATE TABLE late (id INT)")'
    project.revision("b2", "a1", upgrade=_steal(mysql_url) + body)

    with pytest.raises(LockLostError):
        await migrator(project, mysql_url).upgrade()

    assert len(await asked(mysql_url, "SHOW TABLES LIKE 'amigrate_journal'")) == 1


@pytest.mark.parametrize("fixture", SERVERS)
async def test_a_revision_that_stopped_half_way_goes_on_under_another_lease(
    project: Project, request: pytest.FixtureRequest, fixture: str
) -> None:
    url = request.getfixturevalue(fixture)
    journaled(project)
    half = "CREATE INDEX CONCURRENTLY ix ON journal (revision)"
    if fixture == "mysql_url":
        half = "CREATE INDEX ix ON journal (revision)"
    body = f"""
import pathlib
op.execute("INSERT INTO journal VALUES ('b2')")
with op.autocommit():
    op.execute("{half}")
op.execute("INSERT INTO journal VALUES ('between')")
if not pathlib.Path({str(project.root / "mended")!r}).exists():
    raise RuntimeError("half-way")
op.execute("DELETE FROM journal WHERE revision = 'between'")
"""
    project.revision("b2", "a1", upgrade=body)
    with pytest.raises(StepFailedError, match="half-way"):
        await migrator(project, url).upgrade()
    (project.root / "mended").touch()

    await migrator(project, url).upgrade()

    await ran_once(url)


async def test_a_run_is_stopped_when_its_heartbeat_finds_another_holder(
    project: Project, postgres_url: str
) -> None:
    journaled(project)
    project.revision("b2", "a1", upgrade='op.execute("SELECT pg_sleep(600)")')
    holder = asyncio.create_task(migrator(project, postgres_url, lease_seconds=1.0).upgrade())
    await until(lambda: _is_at(postgres_url, "a1"))

    await asked(postgres_url, STEAL)
    await asked(postgres_url, "UPDATE amigrate_heartbeat SET token = token + 1")

    with pytest.raises(LockLostError, match="amigrate:thief:7"):
        async with asyncio.timeout(60):
            await holder
    assert await asked(postgres_url, _ASLEEP) == []
    assert await asked(postgres_url, "SELECT version_num FROM alembic_version") == [("a1",)]


async def test_the_time_of_a_lease_is_the_servers_alone(project: Project, server_url: str) -> None:
    journaled(project)
    engine = create_async_engine(server_url)
    sent: list[tuple[str, object]] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def keep(*args: Any) -> None:
        if "amigrate_lease" in args[2] or "amigrate_heartbeat" in args[2]:
            sent.append((args[2], args[3]))

    await Migrator(engine, script_location=project.script_location, lock="lease").upgrade()
    await engine.dispose()

    changes = [each for each in sent if each[0].startswith(("INSERT", "UPDATE"))]
    assert len(changes) >= 4
    assert not [each for each in changes if "datetime" in repr(each[1])]


@asynccontextmanager
async def held_up(project: Project, url: str, **settings: Any) -> AsyncIterator[None]:
    """Have a migrator stand still in the middle of b2 for the block, and then go on to its end."""
    journaled(project, held="b2")
    holder = asyncio.create_task(migrator(project, url, **settings).upgrade())
    await until_held(project)
    try:
        yield
    finally:
        (project.root / "let_go").touch()
        await holder


# --- beside a migrator that uses the session's lock --------------------------------------------


async def test_a_session_lock_and_a_lease_exclude_each_other(
    project: Project, server_url: str
) -> None:
    async with held_up(project, server_url):
        with pytest.raises(LockTimeoutError, match="lease 1"):
            await migrator(project, server_url, lock="session", lock_timeout=0).upgrade()

    await ran_once(server_url)


async def test_a_lease_is_not_taken_while_somebody_has_the_session_lock(
    project: Project, server_url: str
) -> None:
    async with held_up(project, server_url, lock="session"):
        with pytest.raises(LockTimeoutError, match="server process"):
            await migrator(project, server_url, lock_timeout=0).upgrade()

    await ran_once(server_url)
    assert await lease(server_url) is None


async def test_whoever_has_the_session_lock_fences_off_a_lease_that_has_run_out(
    project: Project, postgres_url: str
) -> None:
    journaled(project, held="b2")
    with amigrate(project, postgres_url, "upgrade") as frozen:
        await until_held(project)
        frozen.popen.send_signal(signal.SIGSTOP)
        await migrator(project, postgres_url, lock="auto").upgrade()
        (project.root / "let_go").touch()
        frozen.popen.send_signal(signal.SIGCONT)
        code, said = await asyncio.to_thread(frozen.ended)

    assert code == 4, said
    await ran_once(postgres_url)


@pytest.mark.parametrize(
    ("holders", "others"), [("lease", "lease"), ("lease", "session"), ("session", "lease")]
)
async def test_who_skips_beside_a_lease_returns_at_once_and_says_for_whom(
    project: Project, server_url: str, holders: str, others: str
) -> None:
    async with held_up(project, server_url, lock=holders):
        follower = migrator(project, server_url, lock=others, when_locked="skip")
        skipped = await follower.upgrade()
        before = await lease(server_url)

    assert ("lease 1" if holders == "lease" else "server process") in skipped.skipped
    assert (skipped.steps, skipped.after) == ((), ("a1",))
    assert (before and before.token) == (1 if holders == "lease" else None)
    await ran_once(server_url)


async def test_who_skips_takes_a_lease_that_has_run_out(project: Project, server_url: str) -> None:
    journaled(project, held="b2")
    with amigrate(project, server_url, "upgrade") as killed:
        await until_held(project)
        killed.popen.kill()
        row = await lease(server_url)
        assert row is not None
        await asyncio.sleep(max(row.left, 0))
        result = await migrator(project, server_url, when_locked="skip").upgrade()

    assert (result.skipped, result.after) == ("", ("d4",))


# --- what chooses it -----------------------------------------------------------------------------


async def test_a_direct_connection_needs_no_lease(project: Project, server_url: str) -> None:
    journaled(project)
    seen: list[Event] = []

    await migrator(project, server_url, lock="auto").observed(seen.append).upgrade()

    assert await lease(server_url) is None
    assert [each for each in seen if isinstance(each, Noted)] == []


async def test_a_node_of_a_galera_cluster_gets_a_lease(
    project: Project, mysql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journaled(project)
    # The query whether wsrep is on gives a row there.
    monkeypatch.setattr(MySQL, "distrust", lambda _: "SELECT 'wsrep_on', 'ON'")
    seen: list[Event] = []

    await migrator(project, mysql_url, lock="auto").observed(seen.append).upgrade()

    assert await lease(mysql_url) is not None
    assert "Galera" in next(each.text for each in seen if isinstance(each, Noted))
    await ran_once(mysql_url)


async def test_this_server_is_no_node_of_a_cluster(mysql_url: str) -> None:
    assert await asked(mysql_url, MySQL().distrust()) == []


async def test_without_any_lock_nobody_waits_and_the_version_table_tells_of_the_other(
    project: Project, postgres_url: str
) -> None:
    with pytest.raises(StepFailedError, match="Somebody else changed the table during this run"):
        async with held_up(project, postgres_url, lock="off"):
            other = await migrator(project, postgres_url, lock="off").upgrade("b2")

    assert other.after == ("b2",)
    assert await lease(postgres_url) is None
