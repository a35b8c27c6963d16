"""Other values for an ENUM type of PostgreSQL, which has no words for taking one away.

The type is made anew under its name, and every column of it is converted. All of that is one DO
block: it looks into the catalog when it runs, so SQL text can hold it too, and it happens wholly or
not at all. What mentions a value in an expression (defaults, CHECKs, partial indexes) cannot be
converted by the server, so it is dropped before and made again after, in its own words; nothing is
ever dropped by CASCADE. What would have to be dropped and cannot be made again without loss (a
view and its grants, a function, a trigger) is refused by name, before anything has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles

from asyncmigrate.dialects.ddl import literal_text
from asyncmigrate.dialects.object_ddl import name_literal
from asyncmigrate.dialects.postgresql_enums import EnumElement, block

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import sqlalchemy as sa
    from sqlalchemy.sql.compiler import DDLCompiler


class ReplaceEnum(EnumElement):
    """Other values for an ENUM type; `mapping` says what rows with a former value get."""

    def __init__(self, enum: sa.Enum, mapping: Mapping[str, str]) -> None:
        super().__init__(enum)
        self.mapping = mapping


@compiles(ReplaceEnum, "postgresql")
def _replace_enum(element: ReplaceEnum, compiler: DDLCompiler, **_: Any) -> str:
    preparer: Any = compiler.preparer
    # The values are in quotes that the driver's % is taken care of in; the rest is not yet.
    text = str(compiler.sql_compiler.post_process_text(_BLOCK))  # type: ignore[no-untyped-call]
    for place, words in {
        "<name>": name_literal(preparer.format_type(element.enum), compiler),
        "<values>": _array(element.enum.enums, compiler),
        "<from>": _array(element.mapping, compiler),
        "<to>": _array(element.mapping.values(), compiler),
    }.items():
        text = text.replace(place, words, 1)
    return block(text)


def _array(values: Iterable[str], compiler: DDLCompiler) -> str:
    return f"ARRAY[{', '.join(literal_text(value, compiler) for value in values)}]::text[]"


_COLUMNS = """jsonb_to_recordset(columns) AS c (table_id oid, number int, name text,
      table_name text, is_array boolean, is_own boolean, is_generated boolean, kind text)"""
_DEPENDENTS = "jsonb_to_recordset(dependents) AS d (catalog oid, id oid, sub_id int)"
_BLOCK = """
DECLARE
  type_id oid := <name>::regtype;
  labels text[] := <values>;
  mapped text[] := <from>;
  mapped_to text[] := <to>;
  former text[];
  gone text[];
  type record;
  item record;
  words text;
  found bigint;
  columns jsonb;
  dependents jsonb;
  problems text[] := '{}';
  before text[] := '{}';
  after text[] := '{}';
BEGIN
  SELECT array_agg(enumlabel::text ORDER BY enumsortorder) INTO former
    FROM pg_catalog.pg_enum WHERE enumtypid = type_id;
  IF former = labels THEN
    RETURN;
  END IF;
  SELECT t.typname AS name, t.typarray AS array_id, t.typacl AS acl, n.nspname AS schema,
    pg_catalog.pg_get_userbyid(t.typowner) AS owner, pg_catalog.format_type(t.oid, NULL) AS printed,
    pg_catalog.obj_description(t.oid, 'pg_type') AS comment,
    format('%I.%I', n.nspname, t.typname) AS called,
    format('%I.%I', n.nspname, 'amigrate_former_' || t.oid) AS former_called
    INTO type FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.oid = type_id;

  -- Kept as JSON: not everybody may create a temporary table.
  SELECT coalesce(jsonb_agg(to_jsonb(listed)), '[]') INTO columns FROM (
    SELECT a.attrelid AS table_id, a.attnum AS number, a.attname AS name,
      a.attrelid::regclass::text AS table_name, a.atttypid = type.array_id AS is_array,
      a.attinhcount = 0 AS is_own, a.attgenerated <> '' AS is_generated, c.relkind AS kind
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    WHERE a.atttypid IN (type_id, type.array_id) AND a.attnum > 0 AND NOT a.attisdropped
      AND c.relkind IN ('r', 'p', 'f') ORDER BY a.attrelid, a.attnum) AS listed;
  FOR item IN SELECT DISTINCT c.table_name FROM <columns> WHERE c.kind <> 'f' LOOP
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', item.table_name);
  END LOOP;

  -- What depends on the type or on one of its columns.
  SELECT coalesce(jsonb_agg(to_jsonb(listed)), '[]') INTO dependents FROM (
    SELECT DISTINCT d.classid AS catalog, d.objid AS id, d.objsubid AS sub_id
    FROM pg_catalog.pg_depend d LEFT JOIN <columns>
      ON d.refclassid = 'pg_class'::regclass
      AND d.refobjid = c.table_id AND d.refobjsubid = c.number
    WHERE d.deptype <> 'i' AND (c.number IS NOT NULL OR (d.refclassid = 'pg_type'::regclass
      AND d.refobjid IN (type_id, type.array_id)))) AS listed;
  SELECT problems || array_agg(described ORDER BY described) INTO problems FROM (
    SELECT DISTINCT CASE WHEN r.oid IS NULL
        THEN pg_catalog.pg_describe_object(d.catalog, d.id, d.sub_id)
        ELSE pg_catalog.pg_describe_object('pg_class'::regclass, r.ev_class, 0) END AS described
    FROM <dependents>
    LEFT JOIN pg_catalog.pg_rewrite r ON d.catalog = 'pg_rewrite'::regclass AND r.oid = d.id
    LEFT JOIN pg_catalog.pg_class i ON d.catalog = 'pg_class'::regclass AND i.oid = d.id
    LEFT JOIN pg_catalog.pg_attrdef e ON d.catalog = 'pg_attrdef'::regclass AND e.oid = d.id
    LEFT JOIN pg_catalog.pg_constraint o ON d.catalog = 'pg_constraint'::regclass AND o.oid = d.id
    WHERE (i.oid IS NULL OR i.relkind NOT IN ('i', 'I')) AND (o.oid IS NULL OR o.conrelid = 0)
      AND d.catalog <> 'pg_statistic_ext'::regclass AND NOT EXISTS (
        SELECT FROM <columns> WHERE NOT c.is_generated AND c.kind <> 'f' AND (
          (c.table_id = d.id AND c.number = d.sub_id AND i.oid IS NOT NULL)
          OR (c.table_id = e.adrelid AND c.number = e.adnum)))) AS refused;
  IF cardinality(problems) > 0 THEN
    RAISE EXCEPTION 'type % cannot get other values while this depends on it: %. Drop it first, '
      'and create it again after.', type.printed, array_to_string(problems, ', ');
  END IF;

  SELECT array_agg(label) INTO gone FROM unnest(former) label
    WHERE label <> ALL (labels) AND label <> ALL (mapped);
  FOR item IN SELECT c.* FROM <columns> WHERE c.is_own AND gone IS NOT NULL LOOP
    words := CASE WHEN item.is_array THEN '%I::text[] && $1' ELSE '%I::text = ANY ($1)' END;
    EXECUTE format('SELECT count(*) FROM %s WHERE ' || words, item.table_name, item.name)
      INTO found USING gone;
    IF found > 0 THEN
      problems := problems || format('%s in %s.%I', found, item.table_name, item.name);
    END IF;
  END LOOP;
  IF cardinality(problems) > 0 THEN
    RAISE EXCEPTION 'rows hold values that type % is to lose (%): %. Say in mapping= what becomes '
      'of them, or change the rows first.', type.printed, array_to_string(gone, ', '),
      array_to_string(problems, ', ');
  END IF;

  -- What mentions a value: dropped before, made again after.
  FOR item IN SELECT o.conrelid::regclass AS table_name, o.conname AS name, o.oid AS id,
      pg_catalog.pg_get_constraintdef(o.oid) AS definition,
      pg_catalog.obj_description(o.oid, 'pg_constraint') AS comment
    FROM pg_catalog.pg_constraint o LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = o.conindid
    WHERE o.oid IN (SELECT d.id FROM <dependents> WHERE d.catalog = 'pg_constraint'::regclass)
      AND o.conislocal AND o.conparentid = 0 AND (o.contype IN ('c', 'f')
        OR (o.contype = 'x' AND (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL)))
    ORDER BY o.contype = 'f' DESC, o.oid
  LOOP
    before := before || format('ALTER TABLE %s DROP CONSTRAINT %I', item.table_name, item.name);
    IF item.comment IS NOT NULL THEN
      after := format('COMMENT ON CONSTRAINT %I ON %s IS %L', item.name, item.table_name,
        item.comment) || after;
    END IF;
    after := format('ALTER TABLE %s ADD CONSTRAINT %I %s', item.table_name, item.name,
      item.definition) || after;
  END LOOP;
  FOR item IN SELECT i.indexrelid::regclass AS name,
      pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,
      pg_catalog.obj_description(i.indexrelid, 'pg_class') AS comment
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    WHERE i.indexrelid IN (SELECT d.id FROM <dependents> WHERE d.catalog = 'pg_class'::regclass)
      AND (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL) AND NOT c.relispartition
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = i.indexrelid
        AND o.contype = 'x')
  LOOP
    before := before || format('DROP INDEX %s', item.name);
    IF item.comment IS NOT NULL THEN
      after := format('COMMENT ON INDEX %s IS %L', item.name, item.comment) || after;
    END IF;
    after := item.definition || after;
  END LOOP;
  FOR item IN SELECT c.*, pg_catalog.pg_get_expr(e.adbin, e.adrelid) AS text
    FROM <columns> JOIN pg_catalog.pg_attrdef e
      ON e.adrelid = c.table_id AND e.adnum = c.number
  LOOP
    words := format('ALTER TABLE ONLY %s ALTER COLUMN %I', item.table_name, item.name);
    before := before || (words || ' DROP DEFAULT');
    after := format('%s SET DEFAULT %s', words, item.text) || after;
  END LOOP;
  FOR place IN 1 .. cardinality(mapped) LOOP
    SELECT coalesce(array_agg(replace(line, quote_literal(mapped[place]) || '::' || type.printed,
      chr(1) || place || chr(1)) ORDER BY number), '{}') INTO after
      FROM unnest(after) WITH ORDINALITY AS lines (line, number);
  END LOOP;
  FOR place IN 1 .. cardinality(mapped) LOOP
    SELECT coalesce(array_agg(replace(line, chr(1) || place || chr(1),
      quote_literal(mapped_to[place]) || '::' || type.printed) ORDER BY number), '{}') INTO after
      FROM unnest(after) WITH ORDINALITY AS lines (line, number);
  END LOOP;
  FOREACH words IN ARRAY before LOOP
    EXECUTE words;
  END LOOP;

  EXECUTE format('ALTER TYPE %s RENAME TO %I', type.called, 'amigrate_former_' || type_id);
  EXECUTE format('CREATE TYPE %s AS ENUM (%s)', type.called,
    (SELECT string_agg(quote_literal(label), ', ' ORDER BY number)
      FROM unnest(labels) WITH ORDINALITY AS listed (label, number)));
  IF type.comment IS NOT NULL THEN
    EXECUTE format('COMMENT ON TYPE %s IS %L', type.called, type.comment);
  END IF;
  IF type.acl IS NOT NULL THEN
    EXECUTE format('REVOKE ALL ON TYPE %s FROM PUBLIC', type.called);
    FOR item IN SELECT CASE grantee WHEN 0 THEN 'PUBLIC'
        ELSE quote_ident(pg_catalog.pg_get_userbyid(grantee)) END AS role, is_grantable
      FROM aclexplode(type.acl)
    LOOP
      EXECUTE format('GRANT USAGE ON TYPE %s TO %s', type.called, item.role)
        || CASE WHEN item.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
    END LOOP;
  END IF;

  FOR item IN SELECT c.table_name, array_agg(c.name ORDER BY c.number) AS names,
      array_agg(c.is_array ORDER BY c.number) AS arrays
    FROM <columns> WHERE c.is_own GROUP BY c.table_id, c.table_name ORDER BY c.table_id
  LOOP
    words := '';
    FOR n IN 1 .. cardinality(item.names) LOOP
      words := words || CASE WHEN n > 1 THEN ', ' ELSE '' END
        || format('ALTER COLUMN %I TYPE %s', item.names[n], type.called)
        || CASE WHEN item.arrays[n] THEN '[]' ELSE '' END || ' USING ';
      DECLARE
        value text := format('%I::text', item.names[n]);
      BEGIN
        IF item.arrays[n] THEN
          value := value || '[]';
          FOR place IN 1 .. cardinality(mapped) LOOP
            value := format('array_replace(%s, %L, %L)', value, mapped[place], chr(1) || place);
          END LOOP;
          FOR place IN 1 .. cardinality(mapped) LOOP
            value := format('array_replace(%s, %L, %L)', value, chr(1) || place, mapped_to[place]);
          END LOOP;
          words := words || value || '::' || type.called || '[]';
        ELSE
          IF cardinality(mapped) > 0 THEN
            value := (SELECT format('CASE %1$s %2$s ELSE %1$s END', value, string_agg(
              format('WHEN %L THEN %L', m.label, m.to_label), ' '))
              FROM unnest(mapped, mapped_to) AS m (label, to_label));
          END IF;
          words := words || format('(%s)::%s', value, type.called);
        END IF;
      END;
    END LOOP;
    EXECUTE format('ALTER TABLE %s %s', item.table_name, words);
  END LOOP;
  FOREACH words IN ARRAY after LOOP
    EXECUTE words;
  END LOOP;
  EXECUTE format('DROP TYPE %s', type.former_called);
  IF type.owner <> current_user THEN
    EXECUTE format('ALTER TYPE %s OWNER TO %I', type.called, type.owner);
  END IF;
END
""".replace("<columns>", _COLUMNS).replace("<dependents>", _DEPENDENTS)
