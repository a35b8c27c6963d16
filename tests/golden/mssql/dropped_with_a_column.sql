-- op.drop_column("account", "age", mssql_drop_default=True)
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'age'
EXEC sp_executesql @drop;

GO

ALTER TABLE account DROP COLUMN age;

GO

-- op.drop_column("account", "age", mssql_drop_check=True, schema="shop")
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE shop.account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.check_constraints
WHERE parent_object_id = OBJECT_ID(N'shop.account') AND COL_NAME(parent_object_id, parent_column_id) = N'age'
EXEC sp_executesql @drop;

GO

ALTER TABLE shop.account DROP COLUMN age;

GO

-- op.drop_column(
--     "account",
--     "it's odd",
--     mssql_drop_default=True,
--     mssql_drop_check=True,
--     mssql_drop_foreign_key=True,
-- )
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'it''s odd'
EXEC sp_executesql @drop;

GO

DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.check_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'it''s odd'
EXEC sp_executesql @drop;

GO

DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(OBJECT_NAME(constraint_object_id)) + N';' FROM sys.foreign_key_columns
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'it''s odd'
EXEC sp_executesql @drop;

GO

ALTER TABLE account DROP COLUMN [it's odd];

GO
