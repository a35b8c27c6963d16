-- op.add_column("account", sa.Column("age", sa.Integer))
ALTER TABLE account ADD COLUMN age INTEGER;

-- op.add_column(
--     "account", sa.Column("age", sa.Integer, nullable=False, server_default="0")
-- )
ALTER TABLE account ADD COLUMN age INTEGER DEFAULT '0' NOT NULL;

-- op.add_column("account", sa.Column("age", sa.Integer), schema="shop", if_not_exists=True)
-- ! OfflineError: script.py:1: whether op.add_column has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.add_column("account", sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id")))
ALTER TABLE account ADD COLUMN team_id INTEGER REFERENCES team (id);

-- op.add_column(
--     "account",
--     sa.Column("team_id", sa.Integer, sa.ForeignKey("shop.team.id", ondelete="CASCADE")),
--     inline_references=True,
-- )
-- ! UnsupportedOperationError: A foreign key of SQLite cannot refer to 'shop.team', which is in another file.

-- op.add_column("account", sa.Column("email", sa.String(9), index=True))
ALTER TABLE account ADD COLUMN email VARCHAR(9);

CREATE INDEX ix_account_email ON account (email);

-- op.add_column("account", sa.Column("email", sa.String(9), unique=True))
ALTER TABLE account ADD COLUMN email VARCHAR(9);

CREATE TABLE "asyncmigrate_new_account" (number INTEGER, email VARCHAR(9), UNIQUE (email));

INSERT INTO "asyncmigrate_new_account" (rowid, "number", "email") SELECT rowid, "number", "email" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.add_column("account", sa.Column("email", sa.String(9), comment="it's new"))
ALTER TABLE account ADD COLUMN email VARCHAR(9);

-- op.add_column(
--     "account", sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0", name="ck"))
-- )
ALTER TABLE account ADD COLUMN n INTEGER CONSTRAINT ck CHECK (n > 0);

-- op.add_column("account", sa.Column("on", sa.Boolean(create_constraint=True, name="ck")))
ALTER TABLE account ADD COLUMN "on" BOOLEAN CONSTRAINT ck CHECK ("on" IN (0, 1));

-- op.add_column("account", sa.Column("twice", sa.Integer, sa.Computed("age * 2")))
ALTER TABLE account ADD COLUMN twice INTEGER GENERATED ALWAYS AS (age * 2);

-- op.add_column("account", sa.Column("level", sa.Enum("low", "high", name="level")))
ALTER TABLE account ADD COLUMN level VARCHAR(4);

-- op.add_column(
--     "account", sa.Column("id", sa.Integer, primary_key=True), inline_primary_key=True
-- )
CREATE TABLE "asyncmigrate_new_account" (number INTEGER, id INTEGER NOT NULL PRIMARY KEY);

INSERT INTO "asyncmigrate_new_account" (rowid, "number") SELECT rowid, "number" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;
