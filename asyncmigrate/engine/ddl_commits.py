"""What cannot be promised on a database that commits at every DDL statement (MySQL, Oracle).

There, CREATE, ALTER and DROP stay whatever happens next, and take with them what was written
before them in the same transaction. So a promise to roll them back is refused before anything
runs. What stays of a revision that fails, and how the next run goes on, is the `journal`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from asyncmigrate.dialects.base import Dialect


def refuse_promises(dialect: Dialect, *, atomic: bool, joined: bool) -> None:
    """Refuse what needs DDL that rolls back, on a database that has none.

    Raises:
        UsageError: all revisions or none were asked for, or the transaction is the caller's.
    """
    if dialect.transactional_ddl:
        return
    if joined:
        raise UsageError(
            "The connection has a transaction open, and this database commits it, with all that "
            "was done in it, at the first CREATE, ALTER or DROP.",
            next="Commit it first, or hand the migrator the engine instead of a connection.",
        )
    if atomic:
        raise UsageError(
            "All revisions or none (--atomic) cannot be promised: this database commits at every "
            "CREATE, ALTER and DROP and cannot roll them back.",
            next="Leave --atomic out: each revision is recorded as soon as it is done.",
        )
