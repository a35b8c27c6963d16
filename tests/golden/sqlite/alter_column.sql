-- op.alter_column("account", "age", new_column_name="Years")
ALTER TABLE account RENAME COLUMN age TO "Years";

-- op.alter_column("account", "age", nullable=False)
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) NOT NULL DEFAULT '1',  -- in years
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

-- op.alter_column("account", "age", nullable=True, existing_type=sa.Integer())

-- op.alter_column("account", "age", server_default="7")
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '7',  -- in years
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

-- op.alter_column("account", "at", server_default=sa.text("CURRENT_TIMESTAMP"))
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '1',  -- in years
    level VARCHAR(4) CONSTRAINT ck_old CHECK (level IN ('low')),
    at DATETIME DEFAULT CURRENT_TIMESTAMP,
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

-- op.alter_column("account", "age", server_default=None)
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9),  -- in years
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
--     "account", "age", type_=sa.BigInteger, existing_nullable=False, existing_server_default=None,
--     existing_comment=None, existing_autoincrement=False,
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
--     "account", "age", type_=sa.Integer(), postgresql_using="age::integer", existing_nullable=True,
--     existing_server_default=None, existing_comment=None,
-- )
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age INTEGER DEFAULT '1',  -- in years
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

-- op.alter_column("account", "age", comment="in years")

-- op.alter_column("account", "age", comment=None, existing_comment="in years")

-- op.alter_column(
--     "account",
--     "age",
--     new_column_name="years",
--     type_=sa.SmallInteger(),
--     nullable=False,
--     server_default="0",
--     comment="it's whole years",
--     schema="shop",
-- )
-- ! OfflineError: script.py:1: To change table 'account', SQLite needs all of it written again, and with --sql its structure is not known: the statements before this one do not create it.

-- op.alter_column(
--     "account",
--     "level",
--     type_=sa.Enum("low", "high", name="ck_new", native_enum=False, create_constraint=True),
--     existing_type=sa.Enum("low", name="ck_old", native_enum=False, create_constraint=True),
--     existing_nullable=True,
--     existing_server_default=None,
--     existing_comment=None,
-- )
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '1',  -- in years
    level VARCHAR(4),
    at DATETIME,
    kind TEXT,
    twice INTEGER AS (age * 2) STORED,
    team_id INTEGER,
    CONSTRAINT ck_account_age CHECK (age > 0),
    CONSTRAINT ck_new CHECK (level IN ('low', 'high'))
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.alter_column(
--     "account", "id", server_default=sa.Identity(start=10), existing_type=sa.Integer()
-- )

-- op.alter_column(
--     "account",
--     "id",
--     server_default=sa.Identity(always=True, increment=2),
--     existing_server_default=sa.Identity(),
-- )

-- op.alter_column(
--     "account", "id", server_default=None, existing_server_default=sa.Identity()
-- )

-- op.alter_column(
--     "account", "twice", server_default=None, existing_server_default=sa.Computed("age * 2")
-- )
CREATE TABLE "asyncmigrate_new_account" (
    id INTEGER,
    email VARCHAR(9),
    age VARCHAR(9) DEFAULT '1',  -- in years
    level VARCHAR(4) CONSTRAINT ck_old CHECK (level IN ('low')),
    at DATETIME,
    kind TEXT,
    twice INTEGER,
    team_id INTEGER,
    CONSTRAINT ck_account_age CHECK (age > 0)
);

INSERT INTO "asyncmigrate_new_account" (rowid, "id", "email", "age", "level", "at", "kind", "twice", "team_id") SELECT rowid, "id", "email", "age", "level", "at", "kind", "twice", "team_id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;
