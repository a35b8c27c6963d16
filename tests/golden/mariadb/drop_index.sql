-- op.drop_index("ix_email", "account")
DROP INDEX ix_email ON account;

-- op.drop_index("ix_email", table_name="account", schema="shop")
DROP INDEX ix_email ON shop.account;

-- op.drop_index("ix_email", table_name="account", if_exists=True)
-- ! OfflineError: script.py:1: whether op.drop_index has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.drop_index("ix_email", table_name="account", postgresql_concurrently=True)
DROP INDEX ix_email ON account;
