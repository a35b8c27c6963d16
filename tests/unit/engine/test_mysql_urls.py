"""URLs of MySQL and MariaDB as people write them."""

from __future__ import annotations

import pytest

from asyncmigrate.engine.urls import async_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mysql://me@db/shop", "mysql+asyncmy"),
        ("mysql+pymysql://me@db/shop", "mysql+asyncmy"),
        ("mysql+mysqldb://me@db/shop", "mysql+asyncmy"),
        ("mysql+aiomysql://me@db/shop", "mysql+aiomysql"),
        ("mariadb://me@db/shop", "mariadb+asyncmy"),
        ("mariadb+mariadbconnector://me@db/shop", "mariadb+asyncmy"),
        ("mariadb+aiomysql://me@db/shop", "mariadb+aiomysql"),
    ],
)
def test_a_url_gets_a_driver_that_can_be_awaited(text: str, expected: str) -> None:
    pytest.importorskip("asyncmy")
    pytest.importorskip("aiomysql")

    assert async_url(text).url.drivername == expected


def test_a_changed_driver_is_told_and_an_unchanged_one_is_not() -> None:
    pytest.importorskip("asyncmy")

    told = async_url("mysql+pymysql://me@db/shop").note

    assert told == "mysql+pymysql:// is used as mysql+asyncmy://"
    assert async_url("mysql+asyncmy://me@db/shop").note == ""


def test_options_and_odd_passwords_reach_the_driver() -> None:
    pytest.importorskip("asyncmy")

    url = async_url("mysql://me:p@ss:w#rd%@db:3307/shop?charset=utf8mb4").url

    assert (url.password, url.port, url.database) == ("p@ss:w#rd%", 3307, "shop")
    assert url.query == {"charset": "utf8mb4"}
