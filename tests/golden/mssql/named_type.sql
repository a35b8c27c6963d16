-- op.add_column("t", sa.Column("a", sa.Enum("low", name="level")))
ALTER TABLE t ADD a VARCHAR(3) NULL;

GO

-- op.add_column("t", sa.Column("b", sa.Enum("low", name="level")))
ALTER TABLE t ADD b VARCHAR(3) NULL;

GO

-- op.alter_column(
--     "t",
--     "c",
--     type_=sa.Enum("x", name="kind"),
--     postgresql_using="c::kind",
--     existing_type=sa.String(9),
--     existing_nullable=True,
--     existing_server_default="x",
--     existing_comment=None,
-- )
DECLARE @drop NVARCHAR(MAX) = N''
SELECT @drop += N'ALTER TABLE t DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.default_constraints
WHERE parent_object_id = OBJECT_ID(N't') AND COL_NAME(parent_object_id, parent_column_id) = N'c'
EXEC sp_executesql @drop;

GO

ALTER TABLE t ALTER COLUMN c VARCHAR(1) NULL;

GO

ALTER TABLE t ADD DEFAULT 'x' FOR c;

GO
