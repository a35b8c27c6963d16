-- with op.autocommit():
--     op.create_index("ix", "account", ["email"], postgresql_concurrently=True)
COMMIT;

GO

CREATE INDEX ix ON account (email);

GO

BEGIN TRANSACTION;

GO

-- with op.get_context().autocommit_block():
--     op.execute("VACUUM")
COMMIT;

GO

VACUUM;

GO

BEGIN TRANSACTION;

GO
