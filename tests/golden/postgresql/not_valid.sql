-- op.create_foreign_key("fk", "t", "p", ["a"], ["id"], postgresql_not_valid=True)
ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(a) REFERENCES p (id) NOT VALID;

-- op.create_check_constraint("ck", "t", "a > 0", postgresql_not_valid=True)
ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 0) NOT VALID;

-- op.validate_constraint("ck", "t")
ALTER TABLE t VALIDATE CONSTRAINT ck;

-- op.validate_constraint("Odd fk", "t", schema="shop")
ALTER TABLE shop.t VALIDATE CONSTRAINT "Odd fk";
