-- op.drop_constraint("fk", "account", type_="foreignkey")
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER CONSTRAINT ck CHECK (id > 0),
    team_id INTEGER,
    CONSTRAINT pk PRIMARY KEY (id),
    CONSTRAINT "any" UNIQUE (team_id)
);

INSERT INTO "asyncmigrate_new_account" ("id", "team_id") SELECT "id", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.drop_constraint("uq", "account", "unique", schema="shop")
-- ! OfflineError: script.py:1: To change table 'account', SQLite needs all of it written again, and with --sql its structure is not known: the statements before this one do not create it.

-- op.drop_constraint("ck", "account", type_="check")
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    team_id INTEGER CONSTRAINT fk REFERENCES team (id),
    CONSTRAINT pk PRIMARY KEY (id),
    CONSTRAINT "any" UNIQUE (team_id)
);

INSERT INTO "asyncmigrate_new_account" ("id", "team_id") SELECT "id", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

PRAGMA "main".foreign_key_check("account");

-- op.drop_constraint("pk", "account", type_="primary")
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER CONSTRAINT ck CHECK (id > 0),
    team_id INTEGER CONSTRAINT fk REFERENCES team (id),
    CONSTRAINT "any" UNIQUE (team_id)
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "team_id") SELECT rowid, "id", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

PRAGMA "main".foreign_key_check("account");

-- op.drop_constraint("any", "account")
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER CONSTRAINT ck CHECK (id > 0),
    team_id INTEGER CONSTRAINT fk REFERENCES team (id),
    CONSTRAINT pk PRIMARY KEY (id)
);

INSERT INTO "asyncmigrate_new_account" ("id", "team_id") SELECT "id", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

PRAGMA "main".foreign_key_check("account");

-- op.drop_constraint("fk", "account", type_="foreignkey", if_exists=True)
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER CONSTRAINT ck CHECK (id > 0),
    team_id INTEGER,
    CONSTRAINT pk PRIMARY KEY (id),
    CONSTRAINT "any" UNIQUE (team_id)
);

INSERT INTO "asyncmigrate_new_account" ("id", "team_id") SELECT "id", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;
