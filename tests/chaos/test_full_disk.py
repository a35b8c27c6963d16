"""The disk is full in the middle of a run: with room again, a rerun ends as if nothing had been.

For SQLite a limit of pages stands for the disk: the error is the same, and it comes at an exact
page. Where this machine lets us mount one, a file system of a few megabytes is really full.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate import Migrator
from asyncmigrate.errors import MigrateError
from tests.chaos.dump import dump, mysql_admin, sync_url, versions, without_traces
from tests.chaos.emptying import emptied
from tests.chaos.histories import mixed
from tests.chaos.leftovers import nothing_on_the_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project

MANY_ROWS = """
op.execute("INSERT INTO users (id, age, name) SELECT n, n, repeat('x', 40) || n"
           " FROM generate_series(10000, {last}) AS n")
"""


async def upgraded(url: str, project: Project, *, pages: int | None = None) -> MigrateError | None:
    """Upgrade with so many pages of SQLite at the most; return the error, if it is one of ours."""
    engine = create_async_engine(url)
    if pages is not None:

        @event.listens_for(engine.sync_engine, "connect")
        def limit(connection: Any, _: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {pages}").close()

    try:
        await Migrator(engine, script_location=project.script_location).upgrade()
    except MigrateError as error:
        return error
    finally:
        await engine.dispose()
    return None


async def test_a_file_that_cannot_grow_loses_nothing_at_any_page(
    project: Project, sqlite_url: str
) -> None:
    mixed(project, "sqlite")
    await upgraded(sqlite_url, project)
    undisturbed, full = dump(sqlite_url), 0

    for pages in range(1, 200):
        emptied(sqlite_url)
        error = await upgraded(sqlite_url, project, pages=pages)
        nothing_on_the_server(sqlite_url)
        if error is None:
            break
        full += 1
        assert "full" in str(error)
        assert await upgraded(sqlite_url, project) is None
        assert without_traces(dump(sqlite_url)) == undisturbed

    assert full >= 10
    assert error is None


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """Mount a file system of a certain size, or skip where that is not allowed.

    A folder that is there already is hidden by it, and as it was afterwards.
    """
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no `mount` here")
    if done.returncode:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_a_disk_that_is_full_loses_nothing_of_sqlite(
    project: Project, tmp_path: Path
) -> None:
    mixed(project, "sqlite")
    with mounted(tmp_path / "disk", "1m") as disk:
        url, ballast = f"sqlite+aiosqlite:///{disk / 'x.sqlite'}", disk / "ballast"
        await upgraded(url, project)
        undisturbed = dump(url)
        for room in range(8, 80, 8):
            emptied(url)
            ballast.write_bytes(b"x" * (1024 - room) * 1024)
            error = await upgraded(url, project)
            ballast.unlink()
            assert error is not None
            assert await upgraded(url, project) is None
            assert without_traces(dump(url)) == undisturbed


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the server's user may pass through; pytest's own are for us alone."""
    with TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


async def test_a_disk_that_is_full_loses_nothing_of_postgresql(
    project: Project, postgres_url: str, open_folder: Path
) -> None:
    mixed(project, "postgresql")
    project.revision("m7", "m6", upgrade=MANY_ROWS.format(last=60_000))
    with mounted(open_folder / "disk", "24m") as disk:
        (disk / "space").mkdir(mode=0o777)
        with psycopg.connect(sync_url(postgres_url), autocommit=True) as admin:
            owned_by_the_server(disk / "space", admin)
            name = admin.execute("SELECT current_database()").fetchone()
            assert name is not None
            small = f"small_{name[0]}"
            admin.execute(f"CREATE TABLESPACE {small} LOCATION '{disk / 'space'}'")
            admin.execute(f'ALTER DATABASE "{name[0]}" SET default_tablespace = {small}')
        try:
            ballast = disk / "ballast"
            ballast.write_bytes(b"x" * 22 * 1024 * 1024)
            error = await upgraded(postgres_url, project)
            ballast.unlink()
            assert error is not None
            assert "No space left on device" in str(error)
            assert "The database is at m" in error.state
            nothing_on_the_server(postgres_url)
            assert await upgraded(postgres_url, project) is None
            assert versions(dump(postgres_url)) == ["m7"]
        finally:
            emptied(postgres_url)
            with closing(psycopg.connect(sync_url(postgres_url), autocommit=True)) as admin:
                admin.execute(f"DROP TABLESPACE {small}")


async def test_a_disk_that_is_full_loses_nothing_of_mariadb(
    project: Project, mysql_url: str
) -> None:
    mixed(project, "mysql")
    with mounted(folder_of(mysql_url), "4m") as disk:
        await upgraded(mysql_url, project)
        undisturbed, ballast, stopped_at = dump(mysql_url), disk / "ballast", set()
        for room in range(96, 1000, 96):
            emptied(mysql_url)
            free = shutil.disk_usage(disk).free
            ballast.write_bytes(b"x" * (free - room * 1024))
            error = await upgraded(mysql_url, project)
            ballast.unlink()
            if error is None:
                break
            stopped_at.add(str(versions(dump(mysql_url))))
            nothing_on_the_server(mysql_url)
            assert await upgraded(mysql_url, project) is None
            assert without_traces(dump(mysql_url)) == undisturbed
        emptied(mysql_url)

    assert error is None
    assert len(stopped_at) > 1


def folder_of(url: str) -> Path:
    """Return where MariaDB keeps a database."""
    with closing(mysql_admin(url)) as admin, admin.cursor() as cursor:
        cursor.execute("SELECT CONCAT(@@datadir, DATABASE())")
        folder = Path(cursor.fetchall()[0][0])
    if not folder.is_dir():
        pytest.skip("the server is not on this machine")
    return folder


def owned_by_the_server(folder: Path, admin: psycopg.Connection[Any]) -> None:
    """Give a folder to the user that the server runs as."""
    found = admin.execute("SHOW data_directory").fetchone()
    assert found is not None
    if not os.path.isdir(found[0]):
        pytest.skip("the server is not on this machine")
    owner = os.stat(found[0])
    os.chown(folder, owner.st_uid, owner.st_gid)
