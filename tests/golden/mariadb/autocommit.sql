-- with op.autocommit():
--     op.create_index("ix", "account", ["email"], postgresql_concurrently=True)
CREATE INDEX ix ON account (email);

-- with op.get_context().autocommit_block():
--     op.execute("VACUUM")
VACUUM;
