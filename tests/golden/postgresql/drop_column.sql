-- op.drop_column("account", "age")
ALTER TABLE account DROP COLUMN age;

-- op.drop_column("account", "select", schema="shop")
ALTER TABLE shop.account DROP COLUMN "select";

-- op.drop_column("account", "age", if_exists=True)
ALTER TABLE account DROP COLUMN IF EXISTS age;
