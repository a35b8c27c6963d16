-- op.create_index("ix", "t", ["a"])
-- op.rename_index("ix", "Ix", table_name="t")
CREATE INDEX ix ON t (a);

ALTER INDEX ix RENAME TO "Ix";

-- op.rename_constraint("t", "ck", "ck_new", type_="check")
ALTER TABLE t RENAME CONSTRAINT ck TO ck_new;

-- op.rename_constraint("t", "uq", "uq_new", type_="unique")
ALTER TABLE t RENAME CONSTRAINT uq TO uq_new;

-- op.rename_constraint("t", "pk", "pk_new", type_="primary")
ALTER TABLE t RENAME CONSTRAINT pk TO pk_new;

-- op.rename_enum("level", "Grade")
ALTER TYPE level RENAME TO "Grade";
