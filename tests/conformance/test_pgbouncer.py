"""Through PgBouncer in transaction mode: every command works, and the pool is left as it was."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped]
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmigrate import Migrator
from asyncmigrate.errors import MigrateError, StepFailedError
from asyncmigrate.events import Noted
from tests.conformance.watching import SLOW_INDEX, Watching, session, users

if TYPE_CHECKING:
    from tests.project import Project

PATIENCE = 30.0
MODELS = sa.MetaData()
sa.Table("users", MODELS, sa.Column("id", sa.Integer, primary_key=True))
_ROWS = """
op.bulk_insert(sa.table("users", sa.column("id")), [dict(id=n) for n in range(5)])
query = sa.text("SELECT id FROM users WHERE id > :least ORDER BY id")
assert op.get_bind().execute(query, {"least": 2}).scalars().all() == [3, 4]
streamed = op.get_bind().execute(query, {"least": 2}, execution_options={"stream_results": True})
assert streamed.scalars().all() == [3, 4]
assert op.get_bind().exec_driver_sql("SHOW statement_timeout").scalar() == "20s"
with op.autocommit():
    op.execute("CREATE INDEX CONCURRENTLY ix_users ON users (id)")
op.execute("DROP INDEX ix_users")
"""
_LEFT = """
SELECT (SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND datname = current_database()),
       (SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'amigrate%')
"""


@pytest.fixture(params=["asyncpg", "psycopg"])
def url(request: pytest.FixtureRequest, pooled_url: str) -> str:
    """An empty database through the pooler, once for each driver."""
    drivername = f"postgresql+{request.param}"
    return make_url(pooled_url).set(drivername=drivername).render_as_string(hide_password=False)


@pytest.fixture
def history(project: Project) -> Project:
    create = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))'
    project.revision("a1", upgrade=create, downgrade='op.drop_table("users")')
    project.revision("b2", "a1", upgrade=_ROWS)
    return project


async def answer(url: str, query: str) -> Any:
    """Return the first row of a query, on a connection of its own."""
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        row = tuple((await connection.exec_driver_sql(query)).one())
    await engine.dispose()
    return row


async def test_every_command_that_talks_to_a_database_works(history: Project, url: str) -> None:
    seen: list[object] = []
    m = Migrator(
        url,
        script_location=history.script_location,
        metadata=MODELS,
        observer=seen.append,
        statement_timeout=20,
        table_lock_timeout=10,
    )

    assert len((await m.plan()).steps) == 2
    assert await m.ensure_version()
    assert (await m.upgrade()).after == ("b2",)
    assert (await m.status(scripts=True)).is_up_to_date
    assert [row.revision.id for row in await m.current()] == ["b2"]
    assert (await m.check()).differences == ()
    assert [row.revision for row in await m.ledger()] == ["a1", "b2"]
    assert await m.lock_holder() is None
    assert (await m.downgrade("base")).after == ()
    assert (await m.stamp("head")).after == ("b2",)
    notes = [each.text for each in seen if isinstance(each, Noted)]
    assert notes[0].startswith("A pooler (such as PgBouncer) stands before the server")


async def test_the_sessions_of_the_pool_are_left_as_they_were(
    history: Project, url: str, postgres_url: str
) -> None:
    settings = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
    before = await answer(url, settings)
    m = Migrator(
        url, script_location=history.script_location, statement_timeout=20, table_lock_timeout=10
    )

    await m.upgrade()

    # However many sessions the pool holds by now, none of them differs from a new one.
    assert await asyncio.gather(*(answer(url, settings) for _ in range(5))) == [before] * 5
    assert await answer(postgres_url, _LEFT) == (0, 0)


async def test_a_run_that_is_cancelled_ends_its_statement_on_the_server(
    history: Project, url: str, postgres_url: str
) -> None:
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE {}"
    asleep = asleep.format("'%pg_sleep(601)%' AND pid <> pg_backend_pid()")
    history.revision("c3", "b2", upgrade='op.execute("SELECT pg_sleep(601)")')
    m = Migrator(url, script_location=history.script_location, statement_timeout=0)
    await m.stamp("b2")
    task = asyncio.create_task(m.upgrade())
    async with asyncio.timeout(PATIENCE):
        while await answer(postgres_url, asleep) == (0,):  # noqa: ASYNC110 -- it is a server
            await asyncio.sleep(0.01)

    task.cancel()
    async with asyncio.timeout(15):  # less than the grace after which it would be cut
        with pytest.raises(asyncio.CancelledError):
            await task

    async with asyncio.timeout(PATIENCE):
        while await answer(postgres_url, asleep) != (0,):  # noqa: ASYNC110 -- it is a server
            await asyncio.sleep(0.01)
    assert await m.lock_holder() is None
    assert await m.rows() == {"b2"}


async def test_a_revision_that_waits_in_vain_is_not_blamed_on_its_script(
    project: Project, url: str, postgres_url: str
) -> None:
    users(project)
    m = Migrator(
        url, script_location=project.script_location, table_lock_timeout=0.2, lock_retries=0
    )
    await m.upgrade("a1")

    async with session(postgres_url, "SELECT * FROM users"):
        with pytest.raises(StepFailedError) as failed:
            await m.upgrade()

    assert failed.value.next.startswith("Another session has a lock that the statement needs")
    assert "migrations_url" in failed.value.next
    assert "Mend" not in failed.value.next


async def test_a_direct_url_tells_who_is_in_the_way_and_how_far_an_index_is(
    project: Project, url: str, postgres_url: str
) -> None:
    users(project)
    project.revision("c3", "b2", upgrade=SLOW_INDEX)
    direct = make_url(postgres_url).set(drivername=make_url(url).drivername)
    text = direct.render_as_string(hide_password=False)
    project.write("asyncmigrate.toml", f'url = "{url}"\nmigrations_url = "{text}"\n')
    watching = Watching()
    m = Migrator.from_config(project.root, observer=watching)
    await m.upgrade("a1")
    reads = ("SET LOCAL application_name = 'report'", "SELECT * FROM users")

    async with session(postgres_url, "SELECT pg_advisory_lock(42)") as gate:
        async with session(url, *reads) as pooled:
            run = asyncio.create_task(m.upgrade())
            blocked = await watching.until(lambda event: event.waiting_on)
            await pooled.rollback()
        building = await watching.until(lambda event: event.percent is not None)
        await gate.execute(sa.text("SELECT pg_advisory_unlock(42)"))
        await run

    assert (blocked.revision, blocked.waiting_on[0].partition(" (")[0]) == ("b2", "report")
    assert (building.revision, building.phase) == ("c3", "building index: scanning table")
    assert building.percent is not None
    assert 45 < building.percent < 55


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_an_engine_that_prepares_statements_is_told_how_to_be_made(
    history: Project, pooled_url: str
) -> None:
    url = make_url(pooled_url)
    other = await asyncpg.connect(
        host=url.host, port=url.port, user=url.username, database=url.database
    )
    await other.prepare("SELECT 1", name="ours")  # it stays in the session, which others use next
    engine = create_async_engine(
        pooled_url, connect_args={"prepared_statement_name_func": lambda: "ours"}
    )

    with pytest.raises(MigrateError, match="prepared_statement_name_func") as refused:
        await Migrator(engine, script_location=history.script_location).upgrade()

    await other.close()
    await engine.dispose()
    assert "migrations_url" in refused.value.next
    del refused
    gc.collect()  # SQLAlchemy 2.0 forgets the connection on which its own first questions failed
