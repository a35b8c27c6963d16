-- op.create_index("ix", "t", ["a"], postgresql_concurrently=True)
CREATE INDEX ix ON t (a);

-- op.create_index(
--     "ix", "t", ["a"], schema="shop", if_not_exists=True, postgresql_concurrently=True
-- )
-- ! OfflineError: script.py:1: whether op.create_index has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.drop_index("ix", "t", postgresql_concurrently=True, if_exists=True)
-- ! OfflineError: script.py:1: whether op.drop_index has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- with op.autocommit():
--     op.drop_index("ix", "t", postgresql_concurrently=True)
--     op.create_index("ix", "t", ["a"], postgresql_concurrently=True)
DROP INDEX ix ON t;

CREATE INDEX ix ON t (a);

-- op.create_index("ix", "t", ["a"], postgresql_concurrently=False)
CREATE INDEX ix ON t (a);
