-- op.drop_index("ix_email", "account")
DROP INDEX ix_email;

-- op.drop_index("ix_email", table_name="account", schema="shop")
DROP INDEX shop.ix_email;

-- op.drop_index("ix_email", table_name="account", if_exists=True)
DROP INDEX IF EXISTS ix_email;

-- op.drop_index("ix_email", table_name="account", postgresql_concurrently=True)
DROP INDEX ix_email;
