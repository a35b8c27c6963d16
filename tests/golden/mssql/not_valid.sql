-- op.create_foreign_key("fk", "t", "p", ["a"], ["id"], postgresql_not_valid=True)
ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(a) REFERENCES p (id);

GO

-- op.create_check_constraint("ck", "t", "a > 0", postgresql_not_valid=True)
ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 0);

GO

-- op.validate_constraint("ck", "t")

-- op.validate_constraint("Odd fk", "t", schema="shop")
