-- op.drop_constraint("fk", "account", type_="foreignkey")
ALTER TABLE account DROP FOREIGN KEY fk;

-- op.drop_constraint("uq", "account", "unique", schema="shop")
ALTER TABLE shop.account DROP INDEX uq;

-- op.drop_constraint("ck", "account", type_="check")
ALTER TABLE account DROP CONSTRAINT ck;

-- op.drop_constraint("pk", "account", type_="primary")
ALTER TABLE account DROP PRIMARY KEY;

-- op.drop_constraint("any", "account")
ALTER TABLE account DROP CONSTRAINT any;

-- op.drop_constraint("fk", "account", type_="foreignkey", if_exists=True)
ALTER TABLE account DROP CONSTRAINT IF EXISTS fk;
