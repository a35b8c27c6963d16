-- op.create_unique_constraint("uq", "account", ["email", "age"], schema="shop")
-- ! OfflineError: script.py:1: To change table 'account', SQLite needs all of it written again, and with --sql its structure is not known: the statements before this one do not create it.

-- op.create_unique_constraint(
--     "uq", "account", ["email"], deferrable=True, initially="DEFERRED"
-- )
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '1',  -- in years
    level VARCHAR(4) CONSTRAINT ck_old CHECK (level IN ('low')),
    at DATETIME,
    kind TEXT,
    twice INTEGER AS (age * 2) STORED,
    team_id INTEGER,
    CONSTRAINT ck_account_age CHECK (age > 0),
    CONSTRAINT uq UNIQUE (email)
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.create_check_constraint("ck", "account", "email LIKE '%@%'")
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '1',  -- in years
    level VARCHAR(4) CONSTRAINT ck_old CHECK (level IN ('low')),
    at DATETIME,
    kind TEXT,
    twice INTEGER AS (age * 2) STORED,
    team_id INTEGER,
    CONSTRAINT ck_account_age CHECK (age > 0),
    CONSTRAINT ck CHECK (email LIKE '%@%')
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.create_check_constraint("ck", "account", sa.column("age") > 0)
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '1',  -- in years
    level VARCHAR(4) CONSTRAINT ck_old CHECK (level IN ('low')),
    at DATETIME,
    kind TEXT,
    twice INTEGER AS (age * 2) STORED,
    team_id INTEGER,
    CONSTRAINT ck_account_age CHECK (age > 0),
    CONSTRAINT ck CHECK (age > 0)
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.create_primary_key("pk", "account", ["id", "kind"])
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '1',  -- in years
    level VARCHAR(4) CONSTRAINT ck_old CHECK (level IN ('low')),
    at DATETIME,
    kind TEXT,
    twice INTEGER AS (age * 2) STORED,
    team_id INTEGER,
    CONSTRAINT ck_account_age CHECK (age > 0),
    CONSTRAINT pk PRIMARY KEY (id, kind)
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;
