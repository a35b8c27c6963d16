-- op.create_table_comment("account", "it's 100%", schema="shop")
execute sp_addextendedproperty 'MS_Description', N'it''s 100%', 'schema', shop, 'table', account;

GO

-- op.create_table_comment("account", None)
execute sp_dropextendedproperty 'MS_Description', 'schema', dbo, 'table', account;

GO

-- op.drop_table_comment("account", existing_comment="it was")
execute sp_dropextendedproperty 'MS_Description', 'schema', dbo, 'table', account;

GO
