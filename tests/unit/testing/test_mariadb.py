"""The throwaway MariaDB."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmigrate.testing import mariadb
from asyncmigrate.testing.process import ServerUnavailableError
from tests.servers.required import missing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def binaries() -> mariadb.Binaries:
    try:
        return mariadb.find_binaries()
    except ServerUnavailableError as error:
        missing("mariadb", str(error))


async def test_a_server_answers_until_it_is_stopped_and_then_nothing_is_left(
    binaries: mariadb.Binaries,
) -> None:
    server = mariadb.start(binaries=binaries)
    engine = create_async_engine(server.url())
    async with engine.connect() as connection:
        version = await connection.scalar(text("SELECT version()"))
    await engine.dispose()
    server.stop()

    assert "MariaDB" in version
    assert not server.directory.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port))


async def test_servers_beside_each_other_keep_their_temporary_files_apart(
    binaries: mariadb.Binaries,
) -> None:
    with mariadb.start(binaries=binaries) as server:
        engine = create_async_engine(server.url())
        async with engine.connect() as connection:
            found = await connection.scalar(text("SELECT @@tmpdir"))
        await engine.dispose()

        assert found == str(server.directory / "tmp")


def test_without_server_programs_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(mariadb, "ELSEWHERE", (str(tmp_path),))

    with pytest.raises(
        ServerUnavailableError, match="apt-get install mariadb-server-core"
    ) as caught:
        mariadb.find_binaries()

    assert caught.value.tried == ("PATH", str(tmp_path))
