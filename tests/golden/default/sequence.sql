-- op.create_sequence("number")
CREATE SEQUENCE number;

-- op.create_sequence(
--     "number",
--     start=5,
--     increment=2,
--     minvalue=1,
--     maxvalue=99,
--     cycle=True,
--     cache=10,
--     schema="shop",
--     if_not_exists=True,
-- )
CREATE SEQUENCE IF NOT EXISTS shop.number INCREMENT BY 2 START WITH 5 MINVALUE 1 MAXVALUE 99 CACHE 10 CYCLE;

-- op.create_sequence("small", data_type=sa.SmallInteger)
CREATE SEQUENCE small;

-- op.alter_sequence("number", increment=3, minvalue=None, maxvalue=7, cycle=False, cache=1)
ALTER SEQUENCE number INCREMENT BY 3 MAXVALUE 7 NO MINVALUE CACHE 1 NO CYCLE;

-- op.alter_sequence("number", start=10, schema="shop")
ALTER SEQUENCE shop.number START WITH 10;

-- op.alter_sequence("number", data_type=sa.BigInteger())
ALTER SEQUENCE number AS BIGINT;

-- op.alter_sequence("number")

-- op.drop_sequence("number")
DROP SEQUENCE number;

-- op.drop_sequence("number", schema="shop", if_exists=True)
DROP SEQUENCE IF EXISTS shop.number;

-- op.rename_sequence("number", "Number", schema="shop")
ALTER SEQUENCE shop.number RENAME TO "Number";
