"""A Galera cluster: what a node's own lock does not exclude, and what a commit may find out late.

There a transaction is certified when it commits: if another node has changed the same rows
meanwhile, it is rolled back as a deadlock (1213). A DDL statement is carried out on all nodes, and
rolls back what is in its way.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

from asyncmigrate import Migrator
from asyncmigrate.events import Event, LockWaiting, Noted
from tests.chaos.dump import dump, mysql_admin
from tests.chaos.histories import twelve
from tests.chaos.leases import asked, journaled, lease, ran_once, until_held
from tests.chaos.leftovers import eventually
from tests.chaos.processes import amigrate
from tests.servers.galera import Cluster, galera

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    with galera() as found:
        yield found


@pytest.fixture
def cluster(nodes: Cluster) -> Cluster:
    """Two nodes with an empty database."""
    nodes.emptied()
    return nodes


def migrator(project: Project, url: str, **settings: Any) -> Migrator:
    return Migrator(url, script_location=project.script_location, **settings)


def the_same_on_both(cluster: Cluster) -> None:
    """Assert that the nodes agree, as soon as the one has what the other has committed."""
    eventually(lambda: dump(cluster.url(0)) != dump(cluster.url(1)) and "the nodes differ")


async def test_a_cluster_is_found_out_and_gets_a_lease(project: Project, cluster: Cluster) -> None:
    journaled(project, lock="auto")
    seen: list[Event] = []

    await migrator(project, cluster.url(1)).observed(seen.append).upgrade()

    assert "Galera" in next(each.text for each in seen if isinstance(each, Noted))
    assert await lease(cluster.url(1)) is not None
    await ran_once(cluster.url(1))
    the_same_on_both(cluster)


def test_processes_that_start_at_once_on_both_nodes_run_every_revision_once(
    project: Project, cluster: Cluster
) -> None:
    twelve(project)
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(amigrate(project, cluster.url(node), "upgrade"))
            for node in (0, 1, 0, 1)
        ]
        ended = [process.ended() for process in crowd]

    found = dump(cluster.url(0))
    assert [code for code, _ in ended] == [0] * 4, ended
    assert [row[0] for row in found["journal"]] == [f"r{n:02}" for n in range(1, 13)]
    assert len([row for row in found["amigrate_history"] if row[2] == "upgraded"]) == 12
    the_same_on_both(cluster)


async def test_who_waits_on_the_other_node_is_told_for_whom(
    project: Project, cluster: Cluster
) -> None:
    journaled(project, lock="auto", held="b2")
    seen: list[Event] = []

    def observe(event: Event) -> None:
        seen.append(event)
        if isinstance(event, LockWaiting):
            (project.root / "let_go").touch()

    holder = asyncio.create_task(migrator(project, cluster.url(0)).upgrade())
    await until_held(project)
    await migrator(project, cluster.url(1)).observed(observe).upgrade()
    await holder

    assert "lease" in next(each.holder for each in seen if isinstance(each, LockWaiting))
    await ran_once(cluster.url(0))


# --- what the commit finds out -------------------------------------------------------------------

_MEANWHILE = """
import pathlib
once = pathlib.Path({once!r})
def meanwhile():
    if not once.exists():
        once.touch()
        import pymysql
        application = pymysql.connect(host="127.0.0.1", port={port}, user="root", database="shop")
        application.query("UPDATE pets SET name = 'of the application' WHERE id = 1")
        application.commit()
        application.close()
"""
_PETS = """
op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("name", sa.String(50)), sa.Column("age", sa.Integer))
op.execute("INSERT INTO pets (id, name, age) VALUES (1, 'a', 1), (3, 'b', 1)")
"""
BODIES = {
    "the last commit": "{change}\nmeanwhile()",
    "before DDL": "{change}\nmeanwhile()\n{ddl}",
    "between DDL": "{ddl}\n{change}\nmeanwhile()\nop.create_index('ix_name', 'pets', ['name'])",
}
CHANGE = 'op.execute("UPDATE pets SET age = age + 1")'
DDL = "op.create_index('ix_age', 'pets', ['age'])"


async def test_a_revision_of_which_nothing_has_stayed_is_tried_again(
    project: Project, cluster: Cluster
) -> None:
    once = str(project.root / "once")
    project.revision("a1", upgrade=_PETS)
    meanwhile = _MEANWHILE.format(once=once, port=cluster.ports[1])
    project.revision("b2", "a1", upgrade=f"{meanwhile}\n{CHANGE}\nmeanwhile()")

    await migrator(project, cluster.url(0), lock_retries=2).upgrade()

    assert await asked(cluster.url(0), "SELECT age FROM pets ORDER BY id") == [(2,), (2,)]


@pytest.mark.parametrize("where", BODIES)
@pytest.mark.parametrize("driver", ["asyncmy", "aiomysql"])
async def test_rows_that_another_node_changed_meanwhile_lose_nothing_and_do_nothing_twice(
    project: Project, cluster: Cluster, where: str, driver: str
) -> None:
    once = str(project.root / "once")
    project.revision("a1", upgrade=_PETS)
    meanwhile = _MEANWHILE.format(once=once, port=cluster.ports[1])
    project.revision("b2", "a1", upgrade=meanwhile + BODIES[where].format(change=CHANGE, ddl=DDL))
    m = migrator(project, cluster.url(0, driver), lock_retries=0)

    with pytest.raises(Exception) as caught:
        await m.upgrade()
    print(caught.value)
    await m.upgrade()

    with closing(mysql_admin(cluster.url(0))) as admin, admin.cursor() as cursor:
        cursor.execute("SELECT id, name, age FROM pets ORDER BY id")
        assert cursor.fetchall() == ((1, "of the application", 2), (3, "b", 2))
    assert await m.rows() == {"b2"}
    the_same_on_both(cluster)
