"""What a database holds at one moment, and how two moments differ, for people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from asyncmigrate.engine.connection import across, opened
from asyncmigrate.schema.describe import differences_of
from asyncmigrate.schema.diff import diff
from asyncmigrate.schema.scope import Scope
from asyncmigrate.scripts.comparing import read_sides

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmigrate.migrator import Migrator
    from asyncmigrate.schema.describe import Difference
    from asyncmigrate.schema.snapshot import Snapshot

_SYSTEM = ("pg_", "information_schema")

_CODE = """
SELECT 'function ' || p.oid::regprocedure::text, pg_get_functiondef(p.oid)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE p.prokind IN ('f', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL SELECT 'trigger ' || t.tgname || ' on ' || t.tgrelid::regclass::text,
       pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT t.tgisinternal
UNION ALL SELECT 'policy ' || p.polname || ' on ' || p.polrelid::regclass::text,
       concat_ws(' ', p.polcmd, pg_get_expr(p.polqual, p.polrelid),
                 pg_get_expr(p.polwithcheck, p.polrelid)) FROM pg_policy p
UNION ALL SELECT 'row security of ' || c.oid::regclass::text,
       concat_ws(' ', 'enabled', CASE WHEN c.relforcerowsecurity THEN 'and forced' END)
  FROM pg_class c WHERE c.relrowsecurity
UNION ALL SELECT 'privileges on ' || c.oid::regclass::text, string_agg(concat_ws(' ',
       CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END, g.privilege_type,
       CASE WHEN g.is_grantable THEN 'WITH GRANT OPTION' END), ', '
       ORDER BY g.grantee, g.privilege_type)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) g
 WHERE g.grantee <> c.relowner AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
 GROUP BY c.oid
"""
_SQLITE_CODE = "SELECT 'trigger ' || name, sql FROM sqlite_master WHERE type = 'trigger'"


@dataclass(frozen=True, slots=True)
class Moment:
    """All that is compared of a database: what models can declare, and beside it texts by name."""

    objects: Snapshot
    texts: Mapping[str, str]
    """Functions, triggers, policies and privileges, schemas, and what has only names."""


async def moment(engine: AsyncEngine, migrator: Migrator) -> Moment:
    """Read a database: a fixed number of queries. Changes nothing."""
    async with opened(engine) as connection:
        return await across(connection, _moment, own_tables(migrator))


def own_tables(migrator: Migrator) -> frozenset[tuple[str, str]]:
    """Return the version table and the history table, by schema and name."""
    store = migrator.store()
    tables = [table for table in (store.versions, store.log) if table is not None]
    return frozenset((table.schema or "", table.name) for table in tables)


def _moment(connection: Connection, own: frozenset[tuple[str, str]]) -> Moment:
    others = schemas(connection)
    sides = read_sides(connection, (), Scope(frozenset({"", *others}), own))
    texts = {f"schema {name}": "" for name in others}
    texts |= {each: "" for each in sides.not_compared if not each.startswith(_HAVE_TEXTS)}
    code = {"postgresql": _CODE, "sqlite": _SQLITE_CODE}.get(connection.dialect.name)
    if code is not None:
        texts |= {str(name): str(body) for name, body in connection.execute(text(code))}
    return Moment(sides.live, texts)


_HAVE_TEXTS = tuple("0123456789")
"""What `uncompared` counts: much of it is compared here, by its text."""


def schemas(connection: Connection) -> list[str]:
    """Return the schemas beside the default one, where a database has several of its own."""
    if connection.dialect.name != "postgresql":
        return []
    inspector = inspect(connection)
    names = set(inspector.get_schema_names()) - {inspector.default_schema_name}
    return sorted(name for name in names if name and not name.startswith(_SYSTEM))


def differences(before: Moment, after: Moment) -> tuple[str, ...]:
    """Return what differs, one text for each object, with both sides."""
    changes = diff(before.objects, after.objects)
    return (*(_described(each) for each in differences_of(changes)), *_texts(before, after))


def _described(found: Difference) -> str:
    """Return the line of an object; of one that is on both sides, each side below it."""
    if found.change != "alter":
        side = found.after if found.change == "create" else found.before
        return f"{found}\n      {_plain(side)}"
    names = [name for name, _, _ in found.details] or sorted(
        name for name in (found.before or {}) if found.before != found.after
    )
    return (
        f"{found}\n      before: {_plain(_only(found.before, names))}"
        f"\n      after:  {_plain(_only(found.after, names))}"
    )


def _only(side: Mapping[str, Any] | None, names: list[str]) -> dict[str, Any]:
    held = dict(side or {})
    return {name: held[name] for name in names if name in held} or held


def _plain(side: Any) -> str:
    shown = {name: value for name, value in (side or {}).items() if value not in (None, "", [])}
    return json.dumps(shown, ensure_ascii=False, default=str)


def _texts(before: Moment, after: Moment) -> Iterator[str]:
    for name in sorted({*before.texts, *after.texts}):
        old, new = before.texts.get(name), after.texts.get(name)
        if old == new:
            continue
        if old is None:
            yield f"+ {name}"
        elif new is None:
            yield f"- {name}"
        else:
            yield f"~ {name}\n      before: {old}\n      after:  {new}"
