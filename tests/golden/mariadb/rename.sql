-- op.create_index("ix", "t", ["a"])
-- op.rename_index("ix", "Ix", table_name="t")
CREATE INDEX ix ON t (a);

ALTER TABLE t RENAME INDEX ix TO `Ix`;

-- op.rename_constraint("t", "ck", "ck_new", type_="check")
-- ! OfflineError: script.py:1: this database renames a constraint by adding it again, and with --sql nobody can see what it says.

-- op.rename_constraint("t", "uq", "uq_new", type_="unique")
ALTER TABLE t RENAME INDEX uq TO uq_new;

-- op.rename_constraint("t", "pk", "pk_new", type_="primary")
-- ! UnsupportedOperationError: The primary key of a table has no name here, so that of 't' cannot get another.

-- op.rename_enum("level", "Grade")
