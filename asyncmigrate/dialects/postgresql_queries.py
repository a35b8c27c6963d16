"""What PostgreSQL's catalogs are asked: one statement, whatever the number of tables.

Only text, integers, booleans and arrays of text come back, which JSON keeps as they are. Numbers of
columns come as `1 2 3`. Texts are those of `pg_get_expr(…, true)` and its like, the readable ones.

The relations that are looked at are named once, before everything else: `r`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.dialects.questions import Rows, array

if TYPE_CHECKING:
    from asyncmigrate.schema.scope import Scope

_RELATIONS = """
SELECT c.oid::int8, {schema}, c.relname::text, c.relkind::text, c.relpersistence::text,
    (SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = c.oid
        AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0),
    c.reloptions, s.spcname::text,
    (SELECT a.amname::text FROM pg_catalog.pg_am a WHERE a.oid = c.relam
        AND a.amname <> current_setting('default_table_access_method')),
    CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid, true) END,
    CASE WHEN c.relkind IN ('v', 'm') THEN array_to_string(ARRAY(
        SELECT DISTINCT d.refobjid FROM pg_catalog.pg_rewrite w
        JOIN pg_catalog.pg_depend d ON d.objid = w.oid
            AND d.classid = 'pg_catalog.pg_rewrite'::regclass
            AND d.refclassid = 'pg_catalog.pg_class'::regclass
        WHERE w.ev_class = c.oid AND d.refobjid <> c.oid), ' ') END,
    (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
        FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid),
    o.refobjid::int8, o.refobjsubid::int4, pg_catalog.format_type(q.seqtypid, NULL),
    q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle
FROM seen JOIN pg_catalog.pg_class c ON c.oid = seen.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_sequence q ON q.seqrelid = c.oid
LEFT JOIN pg_catalog.pg_depend o ON o.objid = q.seqrelid AND o.objsubid = 0
    AND o.classid = 'pg_catalog.pg_class'::regclass
    AND o.refclassid = 'pg_catalog.pg_class'::regclass
    AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
ORDER BY n.nspname, c.relname
"""

_SEEN = """WITH seen AS (
SELECT c.oid, c.relkind FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND {where}
AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e'
    AND e.classid = 'pg_catalog.pg_class'::regclass)
), r AS (SELECT oid FROM seen WHERE relkind IN ('r', 'p', 'm'))
"""

_OF_SCHEMAS = """
c.relpersistence <> 't'
AND {in_schemas}
AND (NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)
    OR {schema} || '.' || c.relname = ANY ({children}))
"""

_COLUMNS = """
SELECT a.attrelid::int8, a.attnum::int4, a.attname::text,
    pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
    CASE WHEN a.atthasdef THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) END,
    a.attidentity::text, a.attgenerated::text,
    l.collname::text, a.attcollation <> t.typcollation, a.attislocal, e.description
FROM r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
LEFT JOIN pg_catalog.pg_description e ON e.objoid = a.attrelid AND e.objsubid = a.attnum
    AND e.classoid = 'pg_catalog.pg_class'::regclass
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""

_CONSTRAINTS = """
SELECT k.conrelid::int8, k.conname::text, k.contype::text, array_to_string(k.conkey, ' '),
    CASE WHEN k.condeferred THEN 'DEFERRABLE INITIALLY DEFERRED'
        WHEN k.condeferrable THEN 'DEFERRABLE' ELSE '' END,
    k.convalidated, k.connoinherit,
    CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid, true) END,
    {referred_schema}, f.relname::text,
    CASE WHEN k.contype = 'f' THEN ARRAY(SELECT a.attname::text
        FROM unnest(k.confkey) WITH ORDINALITY u (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number
        ORDER BY u.place) END,
    k.confdeltype::text, k.confupdtype::text, k.confmatchtype::text,
    {set_columns}, i.indkey::text, {nulls_not_distinct},
    CASE WHEN k.contype = 'x' THEN ARRAY(SELECT o.oprname::text
        FROM unnest(k.conexclop) WITH ORDINALITY u (operator, place)
        JOIN pg_catalog.pg_operator o ON o.oid = u.operator ORDER BY u.place) END,
    CASE WHEN k.contype = 'x' THEN k.conindid::int8 END
FROM r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u')
LEFT JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = f.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conislocal AND k.conparentid = 0
ORDER BY k.conrelid, k.conname
"""

_INDEXES = """
WITH i AS (
    SELECT i.*, c.relname, c.relam, c.reloptions, c.reltablespace, k.contype
    FROM r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid
        AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
    WHERE k.contype IS NULL OR k.contype = 'x'
), classes AS (
    SELECT d.indclass, ARRAY(
        SELECT CASE WHEN o.opcdefault THEN '=' ELSE '' END || o.opcname
        FROM unnest(d.indclass::oid[]) WITH ORDINALITY u (oid, place)
        JOIN pg_catalog.pg_opclass o ON o.oid = u.oid ORDER BY u.place) AS names
    FROM (SELECT DISTINCT indclass FROM i) d
), collations AS (
    SELECT d.indcollation, ARRAY(
        SELECT COALESCE(NULLIF(o.collname::text, 'default'), '')
        FROM unnest(d.indcollation::oid[]) WITH ORDINALITY u (oid, place)
        LEFT JOIN pg_catalog.pg_collation o ON o.oid = u.oid ORDER BY u.place) AS names
    FROM (SELECT DISTINCT indcollation FROM i) d
)
SELECT i.indrelid::int8, i.indexrelid::int8, i.relname::text, i.contype IS NOT NULL, m.amname::text,
    i.indkey::text, i.indnkeyatts::int4, i.indoption::text, classes.names, collations.names,
    CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(
        SELECT CASE WHEN number = 0
            THEN pg_catalog.pg_get_indexdef(i.indexrelid, place::int4, true) ELSE '' END
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY u (number, place) ORDER BY place) END,
    CASE WHEN m.amname NOT IN ('btree', 'hash') THEN ARRAY(
        SELECT COALESCE(array_to_string(a.attoptions, ', '), '')
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indexrelid ORDER BY a.attnum) END,
    i.indisunique, i.indisvalid, {nulls_not_distinct},
    pg_catalog.pg_get_expr(i.indpred, i.indrelid, true), i.reloptions, s.spcname::text,
    (SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = i.indexrelid
        AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0)
FROM i
JOIN pg_catalog.pg_am m ON m.oid = i.relam
JOIN classes ON classes.indclass = i.indclass
JOIN collations ON collations.indcollation = i.indcollation
LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = i.reltablespace
ORDER BY i.indrelid, i.relname
"""

_NAMED_TYPES = """
SELECT t.typtype::text, {schema}, t.typname::text, pg_catalog.format_type(t.oid, NULL),
    EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.objid = t.oid AND e.deptype = 'e'
        AND e.classid = 'pg_catalog.pg_type'::regclass),
    CASE t.typtype
    WHEN 'e' THEN ARRAY(SELECT v.enumlabel::text FROM pg_catalog.pg_enum v
        WHERE v.enumtypid = t.oid ORDER BY v.enumsortorder)
    WHEN 'd' THEN ARRAY(SELECT k.conname::text FROM pg_catalog.pg_constraint k
        WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname)
    ELSE ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
    END,
    CASE t.typtype
    WHEN 'd' THEN ARRAY(SELECT pg_catalog.pg_get_expr(k.conbin, 0, true)
        FROM pg_catalog.pg_constraint k
        WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname)
    WHEN 'c' THEN ARRAY(SELECT pg_catalog.format_type(a.atttypid, a.atttypmod)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
    END,
    CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
    t.typnotnull, pg_catalog.pg_get_expr(t.typdefaultbin, 0, true),
    CASE WHEN t.typcollation <> b.typcollation THEN l.collname::text END
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation l ON l.oid = t.typcollation
WHERE (t.typtype IN ('e', 'd') OR t.typtype = 'c' AND c.relkind = 'c') AND {where}
UNION ALL
SELECT 'n', {schema}, '', '', false, NULL, NULL, NULL, false, NULL, NULL
FROM pg_catalog.pg_namespace n WHERE {schemas}
ORDER BY 1, 2, 3
"""

_SCHEMA = "CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname::text END"
"""The name of a schema as snapshots have it."""

_OF_SCRATCH = "n.oid = pg_catalog.pg_my_temp_schema()"
_OF_USERS = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'"
_NO_NAMESPACES = "false"


def seen(scope: Scope) -> str:
    """What stands before the queries: the relations of a scope.

    Partitions and inherited children are among them if the models declare them.
    """
    children = array([".".join(each) for each in sorted(scope.declared)])
    where = _OF_SCHEMAS.format(schema=_SCHEMA, in_schemas=in_schemas(scope), children=children)
    return _SEEN.format(where=where)


def seen_of_scratch() -> str:
    """The same for temporary relations."""
    return _SEEN.format(where=_OF_SCRATCH)


def in_schemas(scope: Scope) -> str:
    """The condition that a namespace `n` is one of the scope's."""
    named = f"n.nspname = ANY ({_named(scope)})"
    return f"({named} OR n.nspname = current_schema())" if "" in scope.schemas else named


def _named(scope: Scope) -> str:
    return array(sorted(scope.schemas - {""}))


def relations() -> Rows:
    """Tables, views and sequences."""
    return Rows(_RELATIONS.format(schema=_SCHEMA), 22)


def scratch_relations() -> Rows:
    """The same, as if they were of the default schema."""
    return Rows(_RELATIONS.format(schema="''"), 22)


def parts(version: int) -> dict[str, Rows]:
    """Columns, constraints, and indexes that belong to no constraint but EXCLUDE, of tables.

    `version` is the server's.
    """
    distinct = "i.indnullsnotdistinct" if version >= 15 else "false"
    constraints = _CONSTRAINTS.format(
        referred_schema=_SCHEMA,
        set_columns="array_to_string(k.confdelsetcols, ' ')" if version >= 15 else "NULL::text",
        nulls_not_distinct=distinct,
    )
    return {
        "columns": Rows(_COLUMNS, 12),
        "constraints": Rows(constraints, 19),
        "indexes": Rows(_INDEXES.format(nulls_not_distinct=distinct), 19),
    }


def named_types(scope: Scope) -> Rows:
    """ENUM types, domains, composite types of all schemas; and those of the scope that exist."""
    namespaces = f"n.nspname = ANY ({_named(scope)})"
    return Rows(_NAMED_TYPES.format(schema=_SCHEMA, where=_OF_USERS, schemas=namespaces), 11)


def scratch_domains() -> Rows:
    """Temporary domains, as if they were of the default schema."""
    given = {"schema": "''", "where": _OF_SCRATCH, "schemas": _NO_NAMESPACES}
    return Rows(_NAMED_TYPES.format(**given), 11)
