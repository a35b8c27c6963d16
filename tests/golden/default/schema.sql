-- op.create_schema("shop")
CREATE SCHEMA shop;

-- op.create_schema("Odd shop", if_not_exists=True)
CREATE SCHEMA IF NOT EXISTS "Odd shop";

-- op.drop_schema("shop")
DROP SCHEMA shop;

-- op.drop_schema("shop", cascade=True, if_exists=True)
DROP SCHEMA IF EXISTS shop CASCADE;
