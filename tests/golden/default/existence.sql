-- op.create_foreign_key("fk", "t", "p", ["a"], ["id"], if_not_exists=True)
-- ! OfflineError: script.py:1: whether op.create_foreign_key has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.create_unique_constraint("uq", "t", ["a"], if_not_exists=True)
-- ! OfflineError: script.py:1: whether op.create_unique_constraint has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.create_check_constraint("ck", "t", "a > 0", if_not_exists=True)
-- ! OfflineError: script.py:1: whether op.create_check_constraint has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.create_primary_key("pk", "t", ["a"], if_not_exists=True)
-- ! OfflineError: script.py:1: whether op.create_primary_key has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.create_exclude_constraint("ex", "t", ("a", "="), if_not_exists=True)
-- ! UnsupportedOperationError: default has no EXCLUDE constraints, which op.create_exclude_constraint('ex', 't') would add.

-- op.create_unique_constraint(None, "t", ["a"], if_not_exists=True)
-- ! UsageError: op.create_unique_constraint(None, …, if_not_exists=True): without a name there is nothing to look for.

-- op.create_primary_key(None, "t", ["a"], mssql_clustered=False)
ALTER TABLE t ADD PRIMARY KEY (a);
