-- op.create_table_comment("account", "it's 100%", schema="shop")
COMMENT ON TABLE shop.account IS 'it''s 100%'

/

-- op.create_table_comment("account", None)
COMMENT ON TABLE account IS ''

/

-- op.drop_table_comment("account", existing_comment="it was")
COMMENT ON TABLE account IS ''

/
