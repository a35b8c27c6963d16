-- op.create_table_comment("account", "it's 100%", schema="shop")

-- op.create_table_comment("account", None)

-- op.drop_table_comment("account", existing_comment="it was")
