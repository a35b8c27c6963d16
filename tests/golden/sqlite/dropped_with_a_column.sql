-- op.drop_column("account", "age", mssql_drop_default=True)
ALTER TABLE account DROP COLUMN age;

-- op.drop_column("account", "age", mssql_drop_check=True, schema="shop")
ALTER TABLE shop.account DROP COLUMN age;

-- op.drop_column(
--     "account",
--     "it's odd",
--     mssql_drop_default=True,
--     mssql_drop_check=True,
--     mssql_drop_foreign_key=True,
-- )
ALTER TABLE account DROP COLUMN "it's odd";
