-- op.create_index("ix", "t", ["a"], postgresql_concurrently=True)
COMMIT;

CREATE INDEX CONCURRENTLY ix ON t (a);

BEGIN;

-- op.create_index(
--     "ix", "t", ["a"], schema="shop", if_not_exists=True, postgresql_concurrently=True
-- )
COMMIT;

CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON shop.t (a);

BEGIN;

-- op.drop_index("ix", "t", postgresql_concurrently=True, if_exists=True)
COMMIT;

DROP INDEX CONCURRENTLY IF EXISTS ix;

BEGIN;

-- with op.autocommit():
--     op.drop_index("ix", "t", postgresql_concurrently=True)
--     op.create_index("ix", "t", ["a"], postgresql_concurrently=True)
COMMIT;

DROP INDEX CONCURRENTLY ix;

CREATE INDEX CONCURRENTLY ix ON t (a);

BEGIN;

-- op.create_index("ix", "t", ["a"], postgresql_concurrently=False)
CREATE INDEX ix ON t (a);
