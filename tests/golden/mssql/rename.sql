-- op.create_index("ix", "t", ["a"])
-- op.rename_index("ix", "Ix", table_name="t")
CREATE INDEX ix ON t (a);

GO

EXEC sp_rename 't.ix', 'Ix', 'INDEX';

GO

-- op.rename_constraint("t", "ck", "ck_new", type_="check")
EXEC sp_rename 'ck', 'ck_new', 'OBJECT';

GO

-- op.rename_constraint("t", "uq", "uq_new", type_="unique")
EXEC sp_rename 'uq', 'uq_new', 'OBJECT';

GO

-- op.rename_constraint("t", "pk", "pk_new", type_="primary")
EXEC sp_rename 'pk', 'pk_new', 'OBJECT';

GO

-- op.rename_enum("level", "Grade")
