-- op.drop_table("account")
DROP TABLE account;

-- op.drop_table("account", schema="shop")
DROP TABLE shop.account;

-- op.drop_table("account", if_exists=True)
DROP TABLE IF EXISTS account;
