-- op.create_unique_constraint("uq", "account", ["email", "age"], schema="shop")
ALTER TABLE shop.account ADD CONSTRAINT uq UNIQUE (email, age);

GO

-- op.create_unique_constraint(
--     "uq", "account", ["email"], deferrable=True, initially="DEFERRED"
-- )
ALTER TABLE account ADD CONSTRAINT uq UNIQUE (email) DEFERRABLE INITIALLY DEFERRED;

GO

-- op.create_check_constraint("ck", "account", "email LIKE '%@%'")
ALTER TABLE account ADD CONSTRAINT ck CHECK (email LIKE '%@%');

GO

-- op.create_check_constraint("ck", "account", sa.column("age") > 0)
ALTER TABLE account ADD CONSTRAINT ck CHECK (age > 0);

GO

-- op.create_primary_key("pk", "account", ["id", "kind"])
ALTER TABLE account ADD CONSTRAINT pk PRIMARY KEY (id, kind);

GO
