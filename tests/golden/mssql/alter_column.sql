-- op.alter_column("account", "age", new_column_name="Years")
EXEC sp_rename 'account.age', 'Years', 'COLUMN';

GO

-- op.alter_column("account", "age", nullable=False)
-- ! UsageError: SQL Server writes type and NULL together to alter account.age, and one of them is not given.

-- op.alter_column("account", "age", nullable=True, existing_type=sa.Integer())
ALTER TABLE account ALTER COLUMN age INTEGER NULL;

GO

-- op.alter_column("account", "age", server_default="7")
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'age'
EXEC sp_executesql @drop;

GO

ALTER TABLE account ADD DEFAULT '7' FOR age;

GO

-- op.alter_column("account", "at", server_default=sa.text("CURRENT_TIMESTAMP"))
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'at'
EXEC sp_executesql @drop;

GO

ALTER TABLE account ADD DEFAULT CURRENT_TIMESTAMP FOR at;

GO

-- op.alter_column("account", "age", server_default=None)
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'age'
EXEC sp_executesql @drop;

GO

-- op.alter_column(
--     "account", "age", type_=sa.BigInteger, existing_nullable=False, existing_server_default=None,
--     existing_comment=None, existing_autoincrement=False,
-- )
ALTER TABLE account ALTER COLUMN age BIGINT NOT NULL;

GO

-- op.alter_column(
--     "account", "age", type_=sa.Integer(), postgresql_using="age::integer", existing_nullable=True,
--     existing_server_default=None, existing_comment=None,
-- )
ALTER TABLE account ALTER COLUMN age INTEGER NULL;

GO

-- op.alter_column("account", "age", comment="in years")
IF EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 1 AND name = N'MS_Description' AND major_id = OBJECT_ID(N'account') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'account'), N'age', 'ColumnId'))
EXEC sp_updateextendedproperty 'MS_Description', N'in years', 'schema', dbo, 'table', account, 'column', age
ELSE EXEC sp_addextendedproperty 'MS_Description', N'in years', 'schema', dbo, 'table', account, 'column', age;

GO

-- op.alter_column("account", "age", comment=None, existing_comment="in years")
IF EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 1 AND name = N'MS_Description' AND major_id = OBJECT_ID(N'account') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'account'), N'age', 'ColumnId'))
EXEC sp_dropextendedproperty 'MS_Description', 'schema', dbo, 'table', account, 'column', age;

GO

-- op.alter_column(
--     "account",
--     "age",
--     new_column_name="years",
--     type_=sa.SmallInteger(),
--     nullable=False,
--     server_default="0",
--     comment="it's whole years",
--     schema="shop",
-- )
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE shop.account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'shop.account') AND COL_NAME(parent_object_id, parent_column_id) = N'age'
EXEC sp_executesql @drop;

GO

ALTER TABLE shop.account ALTER COLUMN age SMALLINT NOT NULL;

GO

ALTER TABLE shop.account ADD DEFAULT '0' FOR age;

GO

IF EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 1 AND name = N'MS_Description' AND major_id = OBJECT_ID(N'shop.account') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'shop.account'), N'age', 'ColumnId'))
EXEC sp_updateextendedproperty 'MS_Description', N'it''s whole years', 'schema', shop, 'table', account, 'column', age
ELSE EXEC sp_addextendedproperty 'MS_Description', N'it''s whole years', 'schema', shop, 'table', account, 'column', age;

GO

EXEC sp_rename 'shop.account.age', 'years', 'COLUMN';

GO

-- op.alter_column(
--     "account",
--     "level",
--     type_=sa.Enum("low", "high", name="ck_new", native_enum=False, create_constraint=True),
--     existing_type=sa.Enum("low", name="ck_old", native_enum=False, create_constraint=True),
--     existing_nullable=True,
--     existing_server_default=None,
--     existing_comment=None,
-- )
ALTER TABLE account DROP CONSTRAINT ck_old;

GO

ALTER TABLE account ALTER COLUMN level VARCHAR(4) NULL;

GO

ALTER TABLE account ADD CONSTRAINT ck_new CHECK (level IN ('low', 'high'));

GO

-- op.alter_column(
--     "account", "id", server_default=sa.Identity(start=10), existing_type=sa.Integer()
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'id' of table 'account'.

-- op.alter_column(
--     "account",
--     "id",
--     server_default=sa.Identity(always=True, increment=2),
--     existing_server_default=sa.Identity(),
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'id' of table 'account'.

-- op.alter_column(
--     "account", "id", server_default=None, existing_server_default=sa.Identity()
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'id' of table 'account'.

-- op.alter_column(
--     "account", "twice", server_default=None, existing_server_default=sa.Computed("age * 2")
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'twice' of table 'account'.
