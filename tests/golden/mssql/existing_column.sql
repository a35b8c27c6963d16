-- op.alter_column(
--     "account", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
--     existing_comment=None,
-- )
ALTER TABLE account ALTER COLUMN id BIGINT NOT NULL;

GO

-- op.alter_column(
--     "account", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
--     existing_autoincrement=True, existing_comment="the key",
-- )
ALTER TABLE account ALTER COLUMN id BIGINT NOT NULL;

GO

-- op.alter_column(
--     "account", "age", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
--     existing_server_default=None, existing_comment=None, existing_autoincrement=False,
-- )
ALTER TABLE account ALTER COLUMN age BIGINT NOT NULL;

GO

-- op.alter_column(
--     "account", "email", type_=sa.String(99), existing_type=sa.String(9), existing_nullable=False,
--     existing_server_default=None, existing_comment=None,
-- )
ALTER TABLE account ALTER COLUMN email VARCHAR(99) NOT NULL;

GO

-- op.alter_column(
--     "account", "twice", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=True,
--     existing_server_default=sa.Computed("age * 2", persisted=True), existing_comment=None,
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'twice' of table 'account'.

-- op.alter_column("account", "age", new_column_name="years", server_default="0")
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'age'
EXEC sp_executesql @drop;

GO

ALTER TABLE account ADD DEFAULT '0' FOR age;

GO

EXEC sp_rename 'account.age', 'years', 'COLUMN';

GO

-- op.alter_column("account", "age", new_column_name="years", nullable=False)
-- ! UsageError: SQL Server writes type and NULL together to alter account.age, and one of them is not given.

-- op.alter_column("account", "at", server_default=None, existing_type=sa.DateTime())
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'at'
EXEC sp_executesql @drop;

GO

-- op.alter_column(
--     "account", "at", server_default=None, existing_type=sa.DateTime(),
--     existing_server_default=sa.func.current_timestamp(),
-- )
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'at'
EXEC sp_executesql @drop;

GO

-- op.alter_column(
--     "account", "at", server_default="2026-01-01", existing_type=sa.DateTime(),
--     existing_server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
--     existing_nullable=True, existing_comment=None,
-- )
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'at'
EXEC sp_executesql @drop;

GO

ALTER TABLE account ADD DEFAULT '2026-01-01' FOR at;

GO
