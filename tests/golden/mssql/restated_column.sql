-- op.alter_column(
--     "account",
--     "age",
--     type_=sa.BigInteger(),
--     existing_type=sa.Integer(),
--     existing_nullable=False,
--     existing_server_default="7",
--     existing_comment="it's 100%",
-- )
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'age'
EXEC sp_executesql @drop;

GO

ALTER TABLE account ALTER COLUMN age BIGINT NOT NULL;

GO

ALTER TABLE account ADD DEFAULT '7' FOR age;

GO

-- op.alter_column(
--     "account",
--     "age",
--     server_default=sa.text("(1 + 2)"),
--     existing_server_default="7",
--     existing_type=sa.Integer(),
-- )
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'age'
EXEC sp_executesql @drop;

GO

ALTER TABLE account ADD DEFAULT (1 + 2) FOR age;

GO

-- op.alter_column(
--     "account",
--     "id",
--     type_=sa.BigInteger(),
--     autoincrement=True,
--     existing_type=sa.Integer(),
--     existing_nullable=False,
--     existing_comment=None,
-- )
ALTER TABLE account ALTER COLUMN id BIGINT NOT NULL;

GO

-- op.alter_column(
--     "account",
--     "odd name",
--     comment="it's 50%",
--     existing_type=sa.String(9),
--     existing_nullable=True,
--     existing_server_default=None,
--     schema="shop",
-- )
IF EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 1 AND name = N'MS_Description' AND major_id = OBJECT_ID(N'shop.account') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'shop.account'), N'odd name', 'ColumnId'))
EXEC sp_updateextendedproperty 'MS_Description', N'it''s 50%', 'schema', shop, 'table', account, 'column', [odd name]
ELSE EXEC sp_addextendedproperty 'MS_Description', N'it''s 50%', 'schema', shop, 'table', account, 'column', [odd name];

GO

-- op.alter_column(
--     "account", "age", comment=None, existing_type=sa.Integer(), existing_nullable=True,
--     existing_server_default=None,
-- )
IF EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 1 AND name = N'MS_Description' AND major_id = OBJECT_ID(N'account') AND minor_id = COLUMNPROPERTY(OBJECT_ID(N'account'), N'age', 'ColumnId'))
EXEC sp_dropextendedproperty 'MS_Description', 'schema', dbo, 'table', account, 'column', age;

GO

-- op.alter_column(
--     "account", "odd name", new_column_name="it's", existing_type=sa.Integer(), schema="Shop"
-- )
EXEC sp_rename '[Shop].account.[odd name]', 'it''s', 'COLUMN';

GO
