-- op.create_view("v", "SELECT a FROM t WHERE b LIKE '50%:x';")
CREATE VIEW v AS SELECT a FROM t WHERE b LIKE '50%:x';

-- op.create_view(
--     "Odd v",
--     sa.select(sa.column("a")).select_from(sa.table("t")).where(sa.column("a") == "it's 50%"),
--     schema="shop",
--     or_replace=True,
-- )
DROP VIEW IF EXISTS shop."Odd v";

CREATE VIEW shop."Odd v" AS SELECT a
FROM t
WHERE a = 'it''s 50%';

-- op.create_view("v", "SELECT 1 AS a", if_not_exists=True)
CREATE VIEW IF NOT EXISTS v AS SELECT 1 AS a;

-- op.replace_view("v", "SELECT 2 AS a", existing_definition="SELECT 1 AS a")
DROP VIEW v;

CREATE VIEW v AS SELECT 2 AS a;

-- op.drop_view("v", definition="SELECT 1 AS a")
DROP VIEW v;

-- op.drop_view("v", schema="shop", if_exists=True)
DROP VIEW IF EXISTS shop.v;

-- op.create_view("w", "SELECT a FROM t")
-- op.rename_view("w", "Other")
CREATE VIEW w AS SELECT a FROM t;

DROP VIEW "w";

CREATE VIEW "Other" AS SELECT a FROM t;
