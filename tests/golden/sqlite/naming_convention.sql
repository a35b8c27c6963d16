-- op.create_unique_constraint(None, "account", ["email"])
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
    CONSTRAINT uq_account_email UNIQUE (email)
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.create_check_constraint("age", "account", "age > 0")
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '1',  -- in years
    level VARCHAR(4) CONSTRAINT ck_old CHECK (level IN ('low')),
    at DATETIME,
    kind TEXT,
    twice INTEGER AS (age * 2) STORED,
    team_id INTEGER,
    CONSTRAINT ck_account_age CHECK (age > 0)
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.create_check_constraint(op.f("age"), "account", "age > 0")
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
    CONSTRAINT age CHECK (age > 0)
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.create_foreign_key(None, "account", "team", ["team_id"], ["id"])
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
    CONSTRAINT fk_account_team_id_team FOREIGN KEY(team_id) REFERENCES team (id)
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

PRAGMA "main".foreign_key_check("account");

-- op.create_primary_key(None, "account", ["id"])
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
    CONSTRAINT pk_account PRIMARY KEY (id)
);

INSERT INTO "asyncmigrate_new_account" ("id", "email", "age", "level", "at", "kind", "team_id") SELECT "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.create_index(None, "account", ["email"])
CREATE INDEX ix_account_email ON account (email);

-- op.drop_constraint("age", "account", type_="check")
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '1',  -- in years
    level VARCHAR(4) CONSTRAINT ck_old CHECK (level IN ('low')),
    at DATETIME,
    kind TEXT,
    twice INTEGER AS (age * 2) STORED,
    team_id INTEGER
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.drop_constraint(op.f("ck_account_age"), "account", type_="check")
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '1',  -- in years
    level VARCHAR(4) CONSTRAINT ck_old CHECK (level IN ('low')),
    at DATETIME,
    kind TEXT,
    twice INTEGER AS (age * 2) STORED,
    team_id INTEGER
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.create_table(
--     "team",
--     sa.Column("id", sa.Integer, primary_key=True),
--     sa.Column("name", sa.String(9), unique=True),
-- )
CREATE TABLE team (
	id INTEGER NOT NULL,
	name VARCHAR(9),
	CONSTRAINT pk_team PRIMARY KEY (id),
	CONSTRAINT uq_team_name UNIQUE (name)
);
