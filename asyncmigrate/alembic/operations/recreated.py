"""What a script for Alembic makes again, on SQLite, because Alembic's batch has lost it.

    with op.batch_alter_table("notes") as batch:
        batch.alter_column("title", type_=sa.String(200))
    op.execute("CREATE TRIGGER notes_search AFTER INSERT ON notes …")

Alembic's new table has none of the triggers and expression indexes of the old one, so such a
script runs there. Ours has kept them: the old one goes as soon as the script makes it again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from asyncmigrate.scripts.operations import Operations

_CREATES = re.compile(
    r"\s*CREATE\s+(?:TEMP\w*\s+|UNIQUE\s+)?(TRIGGER|INDEX)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    r"""("[^"]+"|\[[^]]+\]|`[^`]+`|\w+)""",
    re.IGNORECASE,
)


def make_way(operations: Operations, directive: str, *args: Any, **keywords: Any) -> None:
    """Drop what a batch block of this script has kept, and the directive is about to make."""
    sink = operations._sqlite_sink
    if sink is None or sink.as_sql or not sink.blocks:
        return
    found = _made(directive, *args, **keywords)
    if found is not None:
        _drop_kept(sink.bind(), *found, sink.blocks)


def _made(directive: str, *args: Any, **keywords: Any) -> tuple[str, str] | None:
    """Return the kind and the name of what is about to be made."""
    if directive == "create_index":
        name = args[0] if args else keywords.get("index_name")
        return None if name is None else ("index", str(name))
    if directive == "execute":
        from asyncmigrate.dialects.sqlite_syntax import unquoted

        text = _CREATES.match(str(args[0] if args else keywords.get("sqltext", "")))
        return text and (text[1].lower(), unquoted(text[2]))
    return None


def _drop_kept(connection: Connection, kind: str, name: str, tables: set[str]) -> None:
    from asyncmigrate.dialects.sqlite_syntax import folded, quoted  # much to import

    found = connection.exec_driver_sql(
        "SELECT tbl_name, type = 'trigger' OR EXISTS"
        " (SELECT 1 FROM pragma_index_info(sqlite_master.name) WHERE cid = -2)"
        " FROM sqlite_master WHERE type = ? AND lower(name) = lower(?)",
        (kind, name),
    ).first()
    if found is not None and found[1] and folded(found[0]) in tables:
        connection.exec_driver_sql(f"DROP {kind.upper()} {quoted(name)}")
