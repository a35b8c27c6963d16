-- op.create_schema("shop")
CREATE SCHEMA shop;

GO

-- op.create_schema("Odd shop", if_not_exists=True)
-- ! OfflineError: script.py:1: whether op.create_schema has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.drop_schema("shop")
DROP SCHEMA shop;

GO

-- op.drop_schema("shop", cascade=True, if_exists=True)
-- ! UnsupportedOperationError: SQL Server drops no schema with what is in it: 'shop'.
