-- op.create_table_comment("account", "it's 100%", schema="shop")
ALTER TABLE shop.account COMMENT 'it''s 100%';

-- op.create_table_comment("account", None)
ALTER TABLE account COMMENT '';

-- op.drop_table_comment("account", existing_comment="it was")
ALTER TABLE account COMMENT '';
