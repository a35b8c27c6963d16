-- op.create_view("m", "SELECT 1 AS a", materialized=True)
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;

-- op.create_view("m", "SELECT 1 AS a", materialized=True, with_data=False)
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a WITH NO DATA;

-- op.create_view("m", "SELECT 1 AS a", materialized=True, if_not_exists=True)
CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT 1 AS a;

-- op.create_view("m", "SELECT 1 AS a", materialized=True, or_replace=True)
DO $do$ DECLARE made text[] := ARRAY(SELECT pg_catalog.pg_get_indexdef(indexrelid) FROM pg_catalog.pg_index WHERE indrelid = to_regclass('m') ORDER BY indexrelid); made_by text; BEGIN DROP MATERIALIZED VIEW IF EXISTS m; CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; FOREACH made_by IN ARRAY made LOOP EXECUTE made_by; END LOOP; END $do$;

-- op.replace_view("m", "SELECT 2 AS a", materialized=True, schema="shop")
DO $do$ DECLARE made text[] := ARRAY(SELECT pg_catalog.pg_get_indexdef(indexrelid) FROM pg_catalog.pg_index WHERE indrelid = to_regclass('shop.m') ORDER BY indexrelid); made_by text; BEGIN DROP MATERIALIZED VIEW shop.m; CREATE MATERIALIZED VIEW shop.m AS SELECT 2 AS a; FOREACH made_by IN ARRAY made LOOP EXECUTE made_by; END LOOP; END $do$;

-- op.drop_view("m", materialized=True, if_exists=True)
DROP MATERIALIZED VIEW IF EXISTS m;

-- op.rename_view("m", "n", materialized=True)
ALTER MATERIALIZED VIEW m RENAME TO n;
