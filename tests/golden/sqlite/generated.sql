-- op.add_column("t", sa.Column("a", sa.Integer, sa.Identity(always=True, start=5)))
-- ! TableChangeError: Table 't' could not be changed: Table 't' has a column 'a' already.

-- op.alter_column(
--     "t", "a", existing_type=sa.Integer(), server_default="7", existing_server_default=sa.Identity()
-- )
CREATE TABLE "asyncmigrate_new_t" (id INTEGER, a INTEGER DEFAULT '7', b INTEGER, c INTEGER);

INSERT INTO "asyncmigrate_new_t" (rowid, "id", "a", "b", "c") SELECT rowid, "id", "a", "b", "c" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;

-- op.alter_column(
--     "t", "a", existing_type=sa.Integer(), server_default=sa.Identity(), existing_server_default="7"
-- )

-- op.alter_column(
--     "t",
--     "b",
--     existing_type=sa.Integer(),
--     server_default=sa.Computed("a * 3"),
--     existing_server_default=sa.Computed("a * 2"),
-- )
CREATE TABLE "asyncmigrate_new_t" (id INTEGER, a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 3), c INTEGER);

INSERT INTO "asyncmigrate_new_t" (rowid, "id", "a", "c") SELECT rowid, "id", "a", "c" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;

-- op.alter_column(
--     "t", "b", existing_type=sa.Integer(), server_default="7",
--     existing_server_default=sa.Computed("a * 2"),
-- )
CREATE TABLE "asyncmigrate_new_t" (id INTEGER, a INTEGER, b INTEGER DEFAULT '7', c INTEGER);

INSERT INTO "asyncmigrate_new_t" (rowid, "id", "a", "b", "c") SELECT rowid, "id", "a", "b", "c" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;

-- op.alter_column(
--     "t", "b", existing_type=sa.Integer(), server_default=sa.Computed("a"),
--     existing_server_default="7",
-- )
CREATE TABLE "asyncmigrate_new_t" (id INTEGER, a INTEGER, b INTEGER GENERATED ALWAYS AS (a), c INTEGER);

INSERT INTO "asyncmigrate_new_t" (rowid, "id", "a", "c") SELECT rowid, "id", "a", "c" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;
