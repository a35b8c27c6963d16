-- op.drop_table("account")
DROP TABLE account

/

-- op.drop_table("account", schema="shop")
DROP TABLE shop.account

/

-- op.drop_table("account", if_exists=True)
-- ! OfflineError: script.py:1: whether op.drop_table has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.
