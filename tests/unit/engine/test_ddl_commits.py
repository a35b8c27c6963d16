"""Promises that a database cannot keep whose DDL commits."""

from __future__ import annotations

import pytest

from asyncmigrate.dialects import by_name
from asyncmigrate.engine.ddl_commits import refuse_promises
from asyncmigrate.errors import UsageError


@pytest.mark.parametrize(("atomic", "joined"), [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("name", ["mysql", "mariadb", "oracle", "klingon"])
def test_promises_that_cannot_be_kept_are_refused(name: str, atomic: bool, joined: bool) -> None:
    with pytest.raises(UsageError):
        refuse_promises(by_name(name), atomic=atomic, joined=joined)


@pytest.mark.parametrize("name", ["postgresql", "sqlite", "mssql"])
def test_promises_are_made_where_ddl_rolls_back(name: str) -> None:
    refuse_promises(by_name(name), atomic=True, joined=True)
