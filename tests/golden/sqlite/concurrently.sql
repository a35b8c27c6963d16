-- op.create_index("ix", "t", ["a"], postgresql_concurrently=True)
CREATE INDEX ix ON t (a);

-- op.create_index(
--     "ix", "t", ["a"], schema="shop", if_not_exists=True, postgresql_concurrently=True
-- )
CREATE INDEX IF NOT EXISTS shop.ix ON t (a);

-- op.drop_index("ix", "t", postgresql_concurrently=True, if_exists=True)
DROP INDEX IF EXISTS ix;

-- with op.autocommit():
--     op.drop_index("ix", "t", postgresql_concurrently=True)
--     op.create_index("ix", "t", ["a"], postgresql_concurrently=True)
COMMIT;

DROP INDEX ix;

CREATE INDEX ix ON t (a);

BEGIN;

-- op.create_index("ix", "t", ["a"], postgresql_concurrently=False)
CREATE INDEX ix ON t (a);
