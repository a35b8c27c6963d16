"""What PostgreSQL holds beside what is compared: one query over its catalogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.dialects import postgresql_queries as queries
from asyncmigrate.dialects.questions import Rows

if TYPE_CHECKING:
    from asyncmigrate.schema.scope import Scope

_SCHEMA = "CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname::text END"
_OF_TABLES = "JOIN pg_catalog.pg_class c ON c.oid = {of} JOIN s n ON n.oid = c.relnamespace"
_ROW = f"{_SCHEMA}, c.relname::text"
_NOT_OF_EXTENSIONS = """NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
    WHERE e.deptype = 'e' AND e.objid = {oid} AND e.classid = 'pg_catalog.{of}'::regclass)"""

_QUERY = f"""
WITH s AS (SELECT oid, nspname FROM pg_catalog.pg_namespace n
    WHERE {{in_schemas}})
SELECT 'triggers', {_ROW}, t.tgname::text FROM pg_catalog.pg_trigger t
    {_OF_TABLES.format(of="t.tgrelid")} WHERE NOT t.tgisinternal AND NOT c.relispartition
UNION ALL SELECT 'rules', {_ROW}, r.rulename::text FROM pg_catalog.pg_rewrite r
    {_OF_TABLES.format(of="r.ev_class")} WHERE r.rulename <> '_RETURN'
UNION ALL SELECT 'row security policies', {_ROW}, p.polname::text FROM pg_catalog.pg_policy p
    {_OF_TABLES.format(of="p.polrelid")}
UNION ALL SELECT 'tables with row security', {_ROW}, ''
    FROM pg_catalog.pg_class c JOIN s n ON n.oid = c.relnamespace WHERE c.relrowsecurity
UNION ALL SELECT 'foreign tables', {_ROW}, ''
    FROM pg_catalog.pg_class c JOIN s n ON n.oid = c.relnamespace WHERE c.relkind = 'f'
    AND {_NOT_OF_EXTENSIONS.format(oid="c.oid", of="pg_class")}
UNION ALL SELECT 'views with options', {_ROW}, ''
    FROM pg_catalog.pg_class c JOIN s n ON n.oid = c.relnamespace
    WHERE c.relkind = 'v' AND c.reloptions IS NOT NULL
    AND {_NOT_OF_EXTENSIONS.format(oid="c.oid", of="pg_class")}
UNION ALL SELECT 'statistics objects', {_SCHEMA}, '', x.stxname::text
    FROM pg_catalog.pg_statistic_ext x JOIN s n ON n.oid = x.stxnamespace
UNION ALL SELECT 'grants', {_ROW}, '' FROM pg_catalog.pg_class c
    JOIN s n ON n.oid = c.relnamespace WHERE c.relacl IS NOT NULL AND NOT c.relispartition
    AND EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner)
UNION ALL SELECT 'extensions', {_SCHEMA}, '', x.extname::text
    FROM pg_catalog.pg_extension x JOIN s n ON n.oid = x.extnamespace
UNION ALL SELECT 'functions', {_SCHEMA}, '', f.proname::text
    FROM pg_catalog.pg_proc f JOIN s n ON n.oid = f.pronamespace
    WHERE {_NOT_OF_EXTENSIONS.format(oid="f.oid", of="pg_proc")}
"""


def uncompared(scope: Scope) -> Rows:
    """What is of no kind that is compared: kinds, schemas, tables and names.

    Of grants those on tables, views and sequences, to others than the owner.
    """
    return Rows(_QUERY.format(in_schemas=queries.in_schemas(scope)), 4)
