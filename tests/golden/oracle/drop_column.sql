-- op.drop_column("account", "age")
ALTER TABLE account DROP COLUMN age

/

-- op.drop_column("account", "select", schema="shop")
ALTER TABLE shop.account DROP COLUMN "select"

/

-- op.drop_column("account", "age", if_exists=True)
-- ! OfflineError: script.py:1: whether op.drop_column has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.
