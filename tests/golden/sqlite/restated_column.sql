-- op.alter_column(
--     "account",
--     "age",
--     type_=sa.BigInteger(),
--     existing_type=sa.Integer(),
--     existing_nullable=False,
--     existing_server_default="7",
--     existing_comment="it's 100%",
-- )
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age BIGINT DEFAULT '1',  -- in years
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

-- op.alter_column(
--     "account",
--     "age",
--     server_default=sa.text("(1 + 2)"),
--     existing_server_default="7",
--     existing_type=sa.Integer(),
-- )
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT (1 + 2),  -- in years
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

-- op.alter_column(
--     "account",
--     "id",
--     type_=sa.BigInteger(),
--     autoincrement=True,
--     existing_type=sa.Integer(),
--     existing_nullable=False,
--     existing_comment=None,
-- )
CREATE TABLE "asyncmigrate_new_account" (
    id BIGINT,
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

-- op.alter_column(
--     "account",
--     "odd name",
--     comment="it's 50%",
--     existing_type=sa.String(9),
--     existing_nullable=True,
--     existing_server_default=None,
--     schema="shop",
-- )

-- op.alter_column(
--     "account", "age", comment=None, existing_type=sa.Integer(), existing_nullable=True,
--     existing_server_default=None,
-- )

-- op.alter_column(
--     "account", "odd name", new_column_name="it's", existing_type=sa.Integer(), schema="Shop"
-- )
ALTER TABLE "Shop".account RENAME COLUMN "odd name" TO "it's";
