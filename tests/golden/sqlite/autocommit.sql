-- with op.autocommit():
--     op.create_index("ix", "account", ["email"], postgresql_concurrently=True)
COMMIT;

CREATE INDEX ix ON account (email);

BEGIN;

-- with op.get_context().autocommit_block():
--     op.execute("VACUUM")
COMMIT;

VACUUM;

BEGIN;
