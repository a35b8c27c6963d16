"""Looks at a database while it goes up and down, so cheap that there can be one after each step.

Two looks are equal when the databases were. Only PostgreSQL's is more than a query: its catalogs
say of each row which transaction wrote it. So a look asks for the rows that are younger than an
earlier look, and how many there are in all; what has stayed is neither read nor described again.
Where something has another name than before, all is described anew: others may be said to be its.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from asyncmigrate.testing.snapshots import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        young = "age(x.xmin) <= (SELECT age FROM since)"
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
    "WITH since AS MATERIALIZED"
    " (SELECT coalesce(age(CAST(CAST(:since AS text) AS xid)), 2147483647) AS age)"
    " SELECT '', txid_snapshot_xmax(txid_current_snapshot()), NULL"
    + "".join(f" UNION ALL {kind.query}" for kind in _KINDS).replace("::", r"\:\:")
)
_ASYNCPG = _LOOK.text.replace(r"\:\:", "::").replace(":since", "$1")
_YOUNGER = 1 << 32
"""Transactions have numbers of 32 bits in the catalogs."""


@dataclass(slots=True, eq=False)
class CatalogLook:
    """PostgreSQL's catalogs at one moment: what is said of each row, by catalog and key."""

    next: str
    """The number that the next transaction may have."""
    counts: Mapping[str, int]
    """How many rows there are, by catalog."""
    digest: int
    _lines: Mapping[str, Lines]
    _told: dict[str, Lines]
    """What comes on top of that: most looks are never asked for more than their digest."""

    def __eq__(self, other: object) -> bool:
        """Say whether the two databases are equal, whatever numbers their rows have."""
        return isinstance(other, CatalogLook) and self.digest == other.digest

    __hash__ = None  # type: ignore[assignment]

    def lines(self, kind: str) -> Lines:
        """Return what is said of each row of a catalog."""
        told = self._told.pop(kind, None)
        if told:
            self._lines = {**self._lines, kind: {**self._lines.get(kind, {}), **told}}
        return self._lines.get(kind, {})


_NOTHING = CatalogLook("0", {}, 0, {}, {})
"""What is known before the first look."""


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
    first, *rows = await _rows(connection, None if earlier is None else earlier.next)
    known = earlier or _NOTHING
    counts = {kind: count for kind, count, _ in rows}
    told: dict[str, Lines] = {kind: dict(json.loads(found)) for kind, _, found in rows if found}
    if not told and counts == known.counts:  # as many, and none of them younger: the same
        return known
    if any(_renames(known.lines(kind), young) for kind, young in told.items()):
        return await _catalogs(connection, None)
    digest, lines = known.digest, {kind: known.lines(kind) for kind in counts}
    for kind in _KINDS:
        before, young = lines[kind.table], told.get(kind.table, {})
        new = sum(key not in before for key in young)
        for key, line in young.items():
            digest += _digest(kind.table, line) - _digest(kind.table, before.get(key))
        if len(before) + new != counts[kind.table]:  # some are gone
            there = set((await connection.exec_driver_sql(kind.keys)).scalars())
            gone = before.keys() - there
            digest -= sum(_digest(kind.table, before[key]) for key in gone)
            lines[kind.table] = {key: line for key, line in before.items() if key not in gone}
    return CatalogLook(str(first[1] % _YOUNGER), counts, digest, lines, told)


def _renames(before: Lines, told: Lines) -> bool:
    """Say whether a row that was there before has another name or is another's: its first words."""
    both = ((before.get(key), line) for key, line in told.items())
    return any(was and now and was.split("|", 2)[:2] != now.split("|", 2)[:2] for was, now in both)


async def _rows(connection: AsyncConnection, since: str | None) -> Sequence[Any]:
    """Ask asyncpg itself: after any DDL, SQLAlchemy would have its statements parsed again."""
    if connection.dialect.driver != "asyncpg":
        return (await connection.execute(_LOOK, {"since": since})).all()
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    found: Sequence[Any] = await driver.fetch(_ASYNCPG, since)
    return found


def _digest(kind: str, line: str | None) -> int:
    """Return a number for what is said of a row; the sum of all is the same in whatever order."""
    return hash((kind, line)) if line else 0
