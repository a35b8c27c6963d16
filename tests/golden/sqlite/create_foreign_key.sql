-- op.create_foreign_key("fk", "account", "team", ["team_id"], ["id"])
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
    CONSTRAINT fk FOREIGN KEY(team_id) REFERENCES team (id)
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

PRAGMA "main".foreign_key_check("account");

-- op.create_foreign_key(
--     "fk",
--     "account",
--     "team",
--     ["team_id", "kind"],
--     ["id", "kind"],
--     onupdate="RESTRICT",
--     ondelete="CASCADE",
--     deferrable=True,
--     initially="DEFERRED",
--     source_schema="shop",
--     referent_schema="people",
--     postgresql_not_valid=True,
-- )
-- ! UnsupportedOperationError: A foreign key of SQLite cannot refer to 'people.team', which is in another file.

-- op.create_foreign_key("fk", "node", "node", ["parent_id"], ["id"])
CREATE TABLE "asyncmigrate_new_node" (id INTEGER PRIMARY KEY, parent_id INTEGER, CONSTRAINT fk FOREIGN KEY(parent_id) REFERENCES node (id));

INSERT INTO "asyncmigrate_new_node" ("id", "parent_id") SELECT "id", "parent_id" FROM "node";

DROP TABLE "node";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_node" RENAME TO "node";

PRAGMA legacy_alter_table = OFF;

PRAGMA "main".foreign_key_check("node");

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
    FOREIGN KEY(team_id) REFERENCES team (id)
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

PRAGMA "main".foreign_key_check("account");
