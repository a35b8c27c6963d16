-- op.create_index("ix", "t", ["a"])
-- op.rename_index("ix", "Ix", table_name="t")
CREATE INDEX ix ON t (a);

DROP INDEX "ix";

CREATE INDEX "Ix" ON t (a);

-- op.rename_constraint("t", "ck", "ck_new", type_="check")
CREATE TABLE "asyncmigrate_new_t" (
    a INTEGER CONSTRAINT pk PRIMARY KEY,
    CONSTRAINT uq UNIQUE (a),
    CONSTRAINT ck_new CHECK (a > 0)
);

INSERT INTO "asyncmigrate_new_t" ("a") SELECT "a" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;

-- op.rename_constraint("t", "uq", "uq_new", type_="unique")
CREATE TABLE "asyncmigrate_new_t" (
    a INTEGER CONSTRAINT pk PRIMARY KEY,
    CONSTRAINT uq_new UNIQUE (a),
    CONSTRAINT ck CHECK (a > 0)
);

INSERT INTO "asyncmigrate_new_t" ("a") SELECT "a" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;

-- op.rename_constraint("t", "pk", "pk_new", type_="primary")
CREATE TABLE "asyncmigrate_new_t" (
    a INTEGER CONSTRAINT pk_new PRIMARY KEY,
    CONSTRAINT uq UNIQUE (a),
    CONSTRAINT ck CHECK (a > 0)
);

INSERT INTO "asyncmigrate_new_t" ("a") SELECT "a" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;

-- op.rename_enum("level", "Grade")
