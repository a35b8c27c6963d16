-- op.drop_column("account", "age")
CREATE TABLE "asyncmigrate_new_account" (id INTEGER);

INSERT INTO "asyncmigrate_new_account" (rowid, "id") SELECT rowid, "id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;

-- op.drop_column("account", "select", schema="shop")
ALTER TABLE shop.account DROP COLUMN "select";

-- op.drop_column("account", "age", if_exists=True)
CREATE TABLE "asyncmigrate_new_account" (id INTEGER);

INSERT INTO "asyncmigrate_new_account" (rowid, "id") SELECT rowid, "id" FROM "account";

DROP TABLE "account";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_account" RENAME TO "account";

PRAGMA legacy_alter_table = OFF;
