"""Looks at a database while it goes up and down, so cheap that there can be one after each step.

Two looks are equal when the databases were. Only PostgreSQL's is more than a query: its catalogs
say of each row which transaction wrote it. So a look asks for the rows that are younger than an
earlier look, and how many there are in all; what has stayed is neither read nor described again.
(What is said of a row may name another that has changed since: so it is only compared with what
was found out in the same way, going forth and back from the same earlier look.)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import sqlalchemy as sa

from asyncmigrate.testing.snapshots import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from asyncmigrate.migrator import Migrator

    Lines: TypeAlias = Mapping[str, str | None]

_FIRST = "16384"  # what people create has numbers from here on
_SQLITE = """
SELECT coalesce(group_concat(line, char(10)), '') FROM (
    SELECT type || '|' || name || '|' || coalesce(sql, '') AS line FROM sqlite_master ORDER BY name)
"""


@dataclass(frozen=True, slots=True)
class _Kind:
    """The rows of one catalog: what tells them apart, and what is said of one. NULL is nothing."""

    table: str
    line: str
    key: str = "x.oid"
    ours: str = f"x.oid >= {_FIRST}"

    @property
    def query(self) -> str:
        """Count the rows, and describe those that are younger than `:since`."""
        young = "age(x.xmin) <= coalesce(age(CAST(CAST(:since AS text) AS xid)), 2147483647)"
        line = f"json_build_array(concat_ws(' ', {self.key}), {self.line})"
        found = f"CAST(json_agg({line}) FILTER (WHERE {young}) AS text)"
        return f"SELECT '{self.table}', count(*), {found} FROM {self.table} x WHERE {self.ours}"

    @property
    def keys(self) -> str:
        """Return what tells the rows apart that are there."""
        return f"SELECT concat_ws(' ', {self.key}) FROM {self.table} x WHERE {self.ours}"


def _words(*columns: str) -> str:
    return f"concat_ws('|', {', '.join(f'x.{each}' for each in columns)})"


_KINDS = (
    _Kind(
        "pg_class",
        "CASE WHEN x.relnamespace <> 99 THEN concat_ws('|', x.relnamespace::regnamespace,"  # TOAST
        " x.relname, x.relkind, x.relpersistence, x.relrowsecurity, x.relforcerowsecurity,"
        " x.relreplident, x.relacl, x.reloptions, x.relispartition,"
        " pg_get_expr(x.relpartbound, x.oid),"
        " CASE WHEN x.relkind IN ('i', 'I') THEN pg_get_indexdef(x.oid) END) END",
    ),
    _Kind(
        "pg_attribute",
        "CASE WHEN NOT x.attisdropped AND (SELECT r.relkind FROM pg_class r WHERE r.oid ="
        " x.attrelid) NOT IN ('i', 'I', 't') THEN concat_ws('|', x.attrelid::regclass, x.attname,"
        " format_type(x.atttypid, x.atttypmod), x.attnotnull, x.attidentity, x.attgenerated,"
        " (SELECT l.collname FROM pg_collation l WHERE l.oid = x.attcollation), x.attacl) END",
        key="x.attrelid, x.attnum",
        ours=f"x.attrelid >= {_FIRST} AND x.attnum > 0",
    ),
    _Kind(
        "pg_attrdef",
        "concat_ws('|', x.adrelid::regclass, (SELECT a.attname FROM pg_attribute a WHERE a.attrelid"
        " = x.adrelid AND a.attnum = x.adnum), pg_get_expr(x.adbin, x.adrelid))",
    ),
    _Kind(
        "pg_constraint",
        "concat_ws('|', x.conrelid::regclass, x.contypid::regtype, x.conname, x.convalidated,"
        " pg_get_constraintdef(x.oid))",
    ),
    _Kind(
        "pg_index",
        "CASE WHEN (SELECT r.relnamespace FROM pg_class r WHERE r.oid = x.indexrelid) <> 99 THEN"
        " concat_ws('|', x.indexrelid::regclass, x.indisvalid, x.indisclustered, x.indisreplident)"
        " END",
        key="x.indexrelid",
        ours=f"x.indexrelid >= {_FIRST}",
    ),
    _Kind(
        "pg_type",
        "concat_ws('|', x.typnamespace::regnamespace, x.typname, x.typtype, x.typnotnull,"
        " x.typdefault, x.typacl, format_type(x.typbasetype, x.typtypmod))",
    ),
    _Kind("pg_enum", _words("enumtypid::regtype", "enumlabel", "enumsortorder")),
    _Kind(
        "pg_sequence",
        _words(
            "seqrelid::regclass",
            "seqtypid::regtype",
            "seqstart",
            "seqincrement",
            "seqmax",
            "seqmin",
            "seqcache",
            "seqcycle",
        ),
        key="x.seqrelid",
        ours=f"x.seqrelid >= {_FIRST}",
    ),
    _Kind(
        "pg_proc",
        "concat_ws('|', x.oid::regprocedure, x.prokind, x.proacl, x.prosrc,"
        " CASE WHEN x.prokind IN ('f', 'p') THEN pg_get_functiondef(x.oid) END)",
    ),
    _Kind(
        "pg_trigger",
        "CASE WHEN NOT x.tgisinternal THEN concat_ws('|', x.tgenabled, pg_get_triggerdef(x.oid))"
        " END",
    ),
    _Kind(
        "pg_policy",
        "concat_ws('|', x.polrelid::regclass, x.polname, x.polcmd, x.polpermissive,"
        " pg_get_expr(x.polqual, x.polrelid), pg_get_expr(x.polwithcheck, x.polrelid))",
    ),
    _Kind("pg_rewrite", "concat_ws('|', x.ev_enabled, pg_get_ruledef(x.oid))"),
    _Kind(
        "pg_inherits",
        _words("inhrelid::regclass", "inhparent::regclass", "inhseqno"),
        key="x.inhrelid, x.inhparent",
        ours=f"x.inhrelid >= {_FIRST}",
    ),
    _Kind("pg_statistic_ext", "pg_get_statisticsobjdef(x.oid)"),
    _Kind("pg_collation", _words("collnamespace::regnamespace", "collname", "collprovider")),
    _Kind("pg_extension", _words("extname", "extversion")),
    _Kind("pg_event_trigger", _words("evtname", "evtevent", "evtfoid::regproc", "evtenabled")),
    _Kind("pg_default_acl", _words("defaclnamespace", "defaclobjtype", "defaclacl")),
    _Kind(
        "pg_namespace",
        "CASE WHEN x.nspname !~ '^pg_' THEN concat_ws('|', x.nspname, x.nspacl) END",
        ours=f"x.oid >= {_FIRST} OR x.nspname = 'public'",
    ),
    _Kind(
        "pg_description",
        "concat_ws('|', pg_describe_object(x.classoid, x.objoid, x.objsubid), x.description)",
        key="x.classoid, x.objoid, x.objsubid",
        ours=f"x.objoid >= {_FIRST} OR x.objoid = (SELECT n.oid FROM pg_namespace n"
        " WHERE n.nspname = 'public')",
    ),
)
"""The catalogs of what a migration can make, change or drop."""

_LOOK = sa.text(
    "SELECT '', txid_snapshot_xmax(txid_current_snapshot()), NULL"
    + "".join(f" UNION ALL {kind.query}" for kind in _KINDS).replace("::", r"\:\:")
)
_YOUNGER = 1 << 32
"""Transactions have numbers of 32 bits in the catalogs."""


@dataclass(frozen=True, slots=True, eq=False)
class CatalogLook:
    """PostgreSQL's catalogs at one moment: what is said of each row, by catalog and key."""

    next: str
    """The number that the next transaction may have."""
    lines: Mapping[str, Lines]
    digest: int

    def __eq__(self, other: object) -> bool:
        """Say whether the two databases are equal, whatever numbers their rows have."""
        return isinstance(other, CatalogLook) and self.digest == other.digest

    __hash__ = None  # type: ignore[assignment]

    def is_still(self, counts: Mapping[str, int]) -> bool:
        """Say whether there are as many rows. None are younger: then they are the same."""
        return all(len(self.lines.get(kind, ())) == count for kind, count in counts.items())


Look: TypeAlias = CatalogLook | str


async def look(
    connection: AsyncConnection, migrator: Migrator, earlier: Look | None = None
) -> Look:
    """Look at a database, with what an earlier look of the same connection has found out.

    Equal looks are of equal databases. Unequal ones mean little: only two moments say what differs.
    """
    match connection.dialect.name:
        case "postgresql":
            known = earlier if isinstance(earlier, CatalogLook) else None
            return await _catalogs(connection, known)
        case "sqlite":
            return str((await connection.exec_driver_sql(_SQLITE)).scalar())
        case _:
            found = await moment(connection.engine, migrator)
            objects = sorted(map(repr, found.objects.values()))
            return repr((objects, sorted(found.texts.items())))


async def _catalogs(connection: AsyncConnection, earlier: CatalogLook | None) -> CatalogLook:
    asked = {"since": None if earlier is None else earlier.next}
    first, *rows = (await connection.execute(_LOOK, asked)).all()
    counts = {kind: count for kind, count, _ in rows}
    young = {kind: dict(json.loads(found)) for kind, _, found in rows if found}
    if earlier is not None and not young and earlier.is_still(counts):
        return earlier
    lines, digest = dict(earlier.lines if earlier else {}), earlier.digest if earlier else 0
    for kind in _KINDS:
        before, told = lines.get(kind.table, {}), young.get(kind.table, {})
        held = {**before, **told}
        if len(held) != counts[kind.table]:  # some are gone
            there = (await connection.exec_driver_sql(kind.keys)).scalars()
            held = {key: held[key] for key in there}
        for key in {*told, *(before.keys() - held.keys())}:
            digest += _digest(kind.table, held.get(key)) - _digest(kind.table, before.get(key))
        lines[kind.table] = held
    return CatalogLook(str(first[1] % _YOUNGER), lines, digest)


def _digest(kind: str, line: str | None) -> int:
    """Return a number for what is said of a row; the sum of all is the same in whatever order."""
    return hash((kind, line)) if line else 0
