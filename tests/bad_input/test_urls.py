"""URLs that lead nowhere."""

from __future__ import annotations

import os
from contextlib import closing
from importlib import util
from socket import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.bad_input.refused import Refused, case, nothing

if TYPE_CHECKING:
    from tests.project import Project
    from tests.terminal import Terminal


def no_url(project: Project) -> None:
    project.write("asyncmigrate.toml", "")


def not_a_database(project: Project) -> None:
    project.write("notes.txt", "These are notes, and not a SQLite database at all. " * 50)


@pytest.mark.parametrize(
    "refused",
    [
        case("missing", "status", 2, "UrlError", ["--url", "AMIGRATE_URL", "asyncmigrate.toml"],
             no_url),
        case("missing, for SQL", "upgrade --sql", 2, "UrlError", ["--url"], no_url),
        case("garbage", "status --url garbage", 2, "UrlError", ["'garbage'", "postgresql+asyncpg"]),
        case("empty", ["status", "--url", ""], 2, "UrlError", "--url"),
        case("without a scheme", "status --url ://x", 2, "UrlError", "postgresql+asyncpg"),
        case("a port that is no number", "status --url postgresql://h:port/x", 2, "UrlError",
             "h:port"),
        case("an unknown database", "status --url nosuchdb://u@h/x", 2, "UrlError", "nosuchdb"),
        case("an unknown database, for SQL", "upgrade --sql --url nosuchdb://u@h/x", 2, "UrlError",
             "nosuchdb"),
        case("SQL Server without its driver", "status --url mssql+aioodbc://u@h/x", 2,
             "MissingDriverError", ["aioodbc", "pip install aioodbc"]),
        case("Oracle without its driver", "status --url oracle://u@h/x", 2, "MissingDriverError",
             ["oracledb", "pip install oracledb"]),
        case("nobody listens", "upgrade --url postgresql+asyncpg://u:p@127.0.0.1:1/x", 1,
             "DatabaseConnectionError", ["127.0.0.1:1", "server runs"]),
        case("nobody listens, by psycopg", "upgrade --url postgresql+psycopg://u:p@127.0.0.1:1/x",
             1, "DatabaseConnectionError", ["127.0.0.1", "server runs"]),
        case("nobody listens, for a question", "status --url postgresql+asyncpg://u@127.0.0.1:1/x",
             1, "DatabaseConnectionError", ["127.0.0.1:1"]),
        case("nobody listens, on MySQL", "status --url mysql+asyncmy://u:p@127.0.0.1:1/x", 1,
             "DatabaseConnectionError", ["127.0.0.1:1"]),
        case("no such host", "status --url postgresql+asyncpg://u@no-such-host.invalid/x", 1,
             "DatabaseConnectionError", ["no-such-host.invalid"]),
        case("a SQLite folder that does not exist", "upgrade --url sqlite:///nowhere/x.db", 1,
             "DatabaseConnectionError", ["nowhere/x.db", "folder"]),
        case("a question to a SQLite folder that does not exist",
             "status --url sqlite:///nowhere/x.db", 1, "DatabaseConnectionError", ["nowhere/x.db"]),
        case("a SQLite file that is opened for reading only",
             "upgrade --url sqlite:///file:shop.db?mode=ro&uri=true", 1, "DatabaseRefusedError",
             ["can only be read", "permissions"]),
        case("a folder for a SQLite file", "upgrade --url sqlite:///migrations", 1,
             "DatabaseConnectionError", ["migrations"]),
        case("a file that is no database", "upgrade --url sqlite:///notes.txt", 1,
             "DatabaseRefusedError", ["notes.txt", "not a database"], not_a_database),
        case("a question to a file that is no database", "status --url sqlite:///notes.txt", 1,
             "DatabaseRefusedError", ["notes.txt", "not a database"], not_a_database),
    ],
)  # fmt: skip
def test_a_url_that_leads_nowhere_is_refused(
    amigrate: Terminal, shop: Project, refused: Refused
) -> None:
    refused.check(amigrate, shop)


@pytest.mark.parametrize("typed", ["sqlite", "sqlite+pysqlite"])
def test_a_url_with_a_sync_driver_is_used_with_an_async_one(
    amigrate: Terminal, shop: Project, typed: str
) -> None:
    found = amigrate.json("status", "--url", f"{typed}:///shop.db")

    assert found["database"] == "sqlite+aiosqlite:///shop.db"


def test_a_driver_that_is_missing_is_named_with_its_extra(
    amigrate: Terminal, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = util.find_spec
    missing = {"asyncmy", "aiomysql"}
    monkeypatch.setattr(
        "asyncmigrate.engine.urls.find_spec",
        lambda name: None if name in missing else found(name),
    )
    typed = ["upgrade", "--url", "mysql://u:p@127.0.0.1/x"]
    words = ["asyncmy", "asyncmigrate[mysql]"]

    Refused(typed, 2, "MissingDriverError", words, nothing).check(amigrate, shop)


def test_a_sqlite_file_that_may_only_be_read_is_refused(amigrate: Terminal, shop: Project) -> None:
    (shop.root / "shop.db").chmod(0o444)
    if os.access(shop.root / "shop.db", os.W_OK):
        pytest.skip("this user may write every file")
    words = ["shop.db", "read"]

    Refused(["upgrade"], 1, "DatabaseRefusedError", words, nothing).check(amigrate, shop)


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_a_database_that_does_not_exist_is_named(
    amigrate: Terminal, shop: Project, postgres_url: str, driver: str
) -> None:
    url = postgres_url.rpartition("/")[0].replace("asyncpg", driver) + "/no_such_database"
    words = ["no_such_database", "does not exist"]

    Refused(["upgrade", "--url", url], 1, "DatabaseConnectionError", words, nothing).check(
        amigrate, shop
    )


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_a_server_that_never_answers_is_given_up(
    amigrate: Terminal, shop: Project, driver: str
) -> None:
    with closing(socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        option = "timeout" if driver == "asyncpg" else "connect_timeout"
        url = f"postgresql+{driver}://u:p@127.0.0.1:{port}/x?{option}=2"
        typed = ["status", "--url", url]

        Refused(typed, 1, "DatabaseConnectionError", [f"127.0.0.1:{port}"], nothing).check(
            amigrate, shop
        )


def test_a_user_who_does_not_exist_is_refused(
    amigrate: Terminal, shop: Project, postgres_url: str
) -> None:
    url = urlsplit(postgres_url)
    stranger = f"{url.scheme}://stranger@{url.hostname}:{url.port}{url.path}"
    words = ["stranger"]

    Refused(["status", "--url", stranger], 1, "DatabaseConnectionError", words, nothing).check(
        amigrate, shop
    )
