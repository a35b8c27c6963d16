-- op.drop_constraint("fk", "account", type_="foreignkey")
ALTER TABLE account DROP CONSTRAINT fk;

GO

-- op.drop_constraint("uq", "account", "unique", schema="shop")
ALTER TABLE shop.account DROP CONSTRAINT uq;

GO

-- op.drop_constraint("ck", "account", type_="check")
ALTER TABLE account DROP CONSTRAINT ck;

GO

-- op.drop_constraint("pk", "account", type_="primary")
ALTER TABLE account DROP CONSTRAINT pk;

GO

-- op.drop_constraint("any", "account")
ALTER TABLE account DROP CONSTRAINT [any];

GO

-- op.drop_constraint("fk", "account", type_="foreignkey", if_exists=True)
ALTER TABLE account DROP CONSTRAINT IF EXISTS fk;

GO
