-- op.create_foreign_key("fk", "t", "p", ["a"], ["id"], postgresql_not_valid=True)
CREATE TABLE "asyncmigrate_new_t" (id INTEGER, a INTEGER, b INTEGER, c INTEGER, CONSTRAINT fk FOREIGN KEY(a) REFERENCES p (id));

INSERT INTO "asyncmigrate_new_t" (rowid, "id", "a", "b", "c") SELECT rowid, "id", "a", "b", "c" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;

PRAGMA "main".foreign_key_check("t");

-- op.create_check_constraint("ck", "t", "a > 0", postgresql_not_valid=True)
CREATE TABLE "asyncmigrate_new_t" (id INTEGER, a INTEGER, b INTEGER, c INTEGER, CONSTRAINT ck CHECK (a > 0));

INSERT INTO "asyncmigrate_new_t" (rowid, "id", "a", "b", "c") SELECT rowid, "id", "a", "b", "c" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;

-- op.validate_constraint("ck", "t")

-- op.validate_constraint("Odd fk", "t", schema="shop")
