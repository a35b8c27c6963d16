-- op.rename_table("account", "customer")
ALTER TABLE account RENAME TO customer;

-- op.rename_table("account", "Customer", schema="shop")
ALTER TABLE shop.account RENAME TO shop."Customer";
