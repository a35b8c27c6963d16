-- op.create_composite_type(
--     "point", sa.Column("x", sa.Integer), sa.Column("Name", sa.String(9, collation="C"))
-- )
CREATE TYPE point AS (x INTEGER, "Name" VARCHAR(9) COLLATE "C");

-- op.create_composite_type(
--     "point", sa.Column("x", sa.Integer), schema="shop", if_not_exists=True
-- )
DO $do$ BEGIN CREATE TYPE shop.point AS (x INTEGER); EXCEPTION WHEN duplicate_object THEN NULL; END $do$;

-- op.alter_composite_type(
--     "point",
--     add=[sa.Column("y", sa.Integer)],
--     drop=["z"],
--     alter=[sa.Column("x", sa.BigInteger)],
--     existing=[sa.Column("x", sa.Integer)],
-- )
ALTER TYPE point DROP ATTRIBUTE z, ALTER ATTRIBUTE x TYPE BIGINT, ADD ATTRIBUTE y INTEGER;

-- op.drop_composite_type("point", schema="shop", if_exists=True)
DROP TYPE IF EXISTS shop.point;
