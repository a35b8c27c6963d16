-- op.alter_column(
--     "account",
--     "at",
--     server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
--     existing_type=sa.DateTime(),
--     existing_nullable=False,
--     existing_comment=None,
-- )
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'at'
EXEC sp_executesql @drop;

GO

ALTER TABLE account ADD DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP FOR at;

GO

-- op.alter_column(
--     "account", "at", server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")
-- )
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N'account') AND COL_NAME(parent_object_id, parent_column_id) = N'at'
EXEC sp_executesql @drop;

GO

ALTER TABLE account ADD DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP FOR at;

GO
