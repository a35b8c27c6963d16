-- op.create_schema("shop")
CREATE SCHEMA shop;

-- op.create_schema("Odd shop", if_not_exists=True)
CREATE SCHEMA IF NOT EXISTS `Odd shop`;

-- op.drop_schema("shop")
-- ! OfflineError: script.py:1: this database drops all that is in schema 'shop' with it, and with --sql nobody can see whether it is empty.

-- op.drop_schema("shop", cascade=True, if_exists=True)
DROP SCHEMA IF EXISTS shop;
