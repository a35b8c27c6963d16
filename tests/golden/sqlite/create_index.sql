-- op.create_index("ix_email", "account", ["email"])
CREATE INDEX ix_email ON account (email);

-- op.create_index("ix_email", "account", ["email", "age"], unique=True, schema="shop")
CREATE UNIQUE INDEX shop.ix_email ON account (email, age);

-- op.create_index("ix_email", "account", ["email"], if_not_exists=True)
CREATE INDEX IF NOT EXISTS ix_email ON account (email);

-- op.create_index("ix_lower", "account", [sa.func.lower(sa.column("email"))])
CREATE INDEX ix_lower ON account (lower(email));

-- op.create_index("ix_text", "account", [sa.text("lower(email)"), sa.column("age").desc()])
CREATE INDEX ix_text ON account (lower(email), age DESC);

-- op.create_index(
--     "ix_email",
--     "account",
--     ["email"],
--     postgresql_where=sa.text("age > 9"),
--     postgresql_using="btree",
--     postgresql_include=["age"],
--     postgresql_concurrently=True,
--     sqlite_where=sa.text("age > 9"),
--     mysql_length=10,
--     mariadb_length=10,
-- )
CREATE INDEX ix_email ON account (email) WHERE age > 9;
