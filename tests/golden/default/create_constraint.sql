-- op.create_unique_constraint("uq", "account", ["email", "age"], schema="shop")
ALTER TABLE shop.account ADD CONSTRAINT uq UNIQUE (email, age);

-- op.create_unique_constraint(
--     "uq", "account", ["email"], deferrable=True, initially="DEFERRED"
-- )
ALTER TABLE account ADD CONSTRAINT uq UNIQUE (email) DEFERRABLE INITIALLY DEFERRED;

-- op.create_check_constraint("ck", "account", "email LIKE '%@%'")
ALTER TABLE account ADD CONSTRAINT ck CHECK (email LIKE '%@%');

-- op.create_check_constraint("ck", "account", sa.column("age") > 0)
ALTER TABLE account ADD CONSTRAINT ck CHECK (age > 0);

-- op.create_primary_key("pk", "account", ["id", "kind"])
ALTER TABLE account ADD CONSTRAINT pk PRIMARY KEY (id, kind);
