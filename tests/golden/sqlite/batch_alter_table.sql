-- with op.batch_alter_table("account", schema="shop") as batch_op:
--     batch_op.add_column(sa.Column("n", sa.Integer))
--     batch_op.create_index("ix_n", ["n"])
--     batch_op.drop_index("ix_old")
ALTER TABLE shop.account ADD COLUMN n INTEGER;

CREATE INDEX shop.ix_n ON account (n);

DROP INDEX shop.ix_old;

-- with op.batch_alter_table("t") as batch_op:
--     batch_op.add_column(sa.Column("n", sa.Integer, server_default="7"))
--     batch_op.drop_column("c")
--     batch_op.create_index("ix_n", ["n"], unique=True)
ALTER TABLE t ADD COLUMN n INTEGER DEFAULT '7';

ALTER TABLE t DROP COLUMN c;

CREATE UNIQUE INDEX ix_n ON t (n);

-- with op.batch_alter_table("t") as batch_op:
--     batch_op.alter_column(
--         "a", type_=sa.BigInteger(), existing_type=sa.Integer(), nullable=False,
--         existing_nullable=True, existing_server_default=None, existing_comment=None,
--     )
--     batch_op.alter_column(
--         "b", new_column_name="second", existing_type=sa.Integer(), existing_nullable=True
--     )
--     batch_op.create_unique_constraint("uq", ["a"])
--     batch_op.create_foreign_key("fk", "node", ["second"], ["id"], ondelete="CASCADE")
ALTER TABLE t RENAME COLUMN b TO second;

CREATE TABLE "asyncmigrate_new_t" (id INTEGER, a BIGINT NOT NULL, second INTEGER, c INTEGER, CONSTRAINT uq UNIQUE (a), CONSTRAINT fk FOREIGN KEY(second) REFERENCES node (id) ON DELETE CASCADE);

INSERT INTO "asyncmigrate_new_t" (rowid, "id", "a", "second", "c") SELECT rowid, "id", "a", "second", "c" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;

PRAGMA "main".foreign_key_check("t");

-- with op.batch_alter_table("t", recreate="always", partial_reordering=[("c", "a")]):
--     pass
CREATE TABLE "asyncmigrate_new_t" (id INTEGER, b INTEGER, c INTEGER, a INTEGER);

INSERT INTO "asyncmigrate_new_t" (rowid, "id", "b", "c", "a") SELECT rowid, "id", "b", "c", "a" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;

-- with op.batch_alter_table("t") as batch_op:
--     batch_op.add_column(sa.Column("n", sa.Integer), insert_after="id")
CREATE TABLE "asyncmigrate_new_t" (id INTEGER, n INTEGER, a INTEGER, b INTEGER, c INTEGER);

INSERT INTO "asyncmigrate_new_t" (rowid, "id", "a", "b", "c") SELECT rowid, "id", "a", "b", "c" FROM "t";

DROP TABLE "t";

PRAGMA legacy_alter_table = ON;

ALTER TABLE "asyncmigrate_new_t" RENAME TO "t";

PRAGMA legacy_alter_table = OFF;

-- with op.batch_alter_table("t", recreate="never") as batch_op:
--     batch_op.create_check_constraint("ck", "a > 0")
-- ! TableChangeError: Table 't' could not be changed: SQLite can only do this by making table 't' anew, and recreate="never" forbids it.

-- table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
-- with op.batch_alter_table("t", copy_from=table) as batch_op:
--     batch_op.create_check_constraint("ck", "id > 0")
-- ! TableChangeError: Table 't' could not be changed: copy_from does not name 'a', 'b', 'c' of table 't', which would be lost with all values.
