-- op.rename_table("account", "customer")
EXEC sp_rename 'account', 'customer';

GO

-- op.rename_table("account", "Customer", schema="shop")
EXEC sp_rename 'shop.account', 'Customer';

GO
