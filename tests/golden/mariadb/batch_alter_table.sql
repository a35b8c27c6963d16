-- with op.batch_alter_table("account", schema="shop") as batch_op:
--     batch_op.add_column(sa.Column("n", sa.Integer))
--     batch_op.create_index("ix_n", ["n"])
--     batch_op.drop_index("ix_old")
ALTER TABLE shop.account ADD COLUMN n INTEGER;

CREATE INDEX ix_n ON shop.account (n);

DROP INDEX ix_old ON shop.account;

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
ALTER TABLE t MODIFY a BIGINT NOT NULL;

ALTER TABLE t RENAME COLUMN b TO second;

ALTER TABLE t ADD CONSTRAINT uq UNIQUE (a);

ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(second) REFERENCES node (id) ON DELETE CASCADE;

-- with op.batch_alter_table("t", recreate="always", partial_reordering=[("c", "a")]):
--     pass

-- with op.batch_alter_table("t") as batch_op:
--     batch_op.add_column(sa.Column("n", sa.Integer), insert_after="id")
-- ! UnsupportedOperationError: mariadb cannot put a column of table 't' before or after another one.

-- with op.batch_alter_table("t", recreate="never") as batch_op:
--     batch_op.create_check_constraint("ck", "a > 0")
ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 0);

-- table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
-- with op.batch_alter_table("t", copy_from=table) as batch_op:
--     batch_op.create_check_constraint("ck", "id > 0")
ALTER TABLE t ADD CONSTRAINT ck CHECK (id > 0);
