-- op.alter_column(
--     "account", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
--     existing_comment=None,
-- )
ALTER TABLE account ALTER COLUMN id TYPE BIGINT;

-- op.alter_column(
--     "account", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
--     existing_autoincrement=True, existing_comment="the key",
-- )
ALTER TABLE account ALTER COLUMN id TYPE BIGINT;

-- op.alter_column(
--     "account", "age", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
--     existing_server_default=None, existing_comment=None, existing_autoincrement=False,
-- )
ALTER TABLE account ALTER COLUMN age TYPE BIGINT;

-- op.alter_column(
--     "account", "email", type_=sa.String(99), existing_type=sa.String(9), existing_nullable=False,
--     existing_server_default=None, existing_comment=None,
-- )
ALTER TABLE account ALTER COLUMN email TYPE VARCHAR(99);

-- op.alter_column(
--     "account", "twice", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=True,
--     existing_server_default=sa.Computed("age * 2", persisted=True), existing_comment=None,
-- )
ALTER TABLE account ALTER COLUMN twice TYPE BIGINT;

-- op.alter_column("account", "age", new_column_name="years", server_default="0")
ALTER TABLE account ALTER COLUMN age SET DEFAULT '0';

ALTER TABLE account RENAME COLUMN age TO years;

-- op.alter_column("account", "age", new_column_name="years", nullable=False)
ALTER TABLE account ALTER COLUMN age SET NOT NULL;

ALTER TABLE account RENAME COLUMN age TO years;

-- op.alter_column("account", "at", server_default=None, existing_type=sa.DateTime())
ALTER TABLE account ALTER COLUMN at DROP DEFAULT;

-- op.alter_column(
--     "account", "at", server_default=None, existing_type=sa.DateTime(),
--     existing_server_default=sa.func.current_timestamp(),
-- )
ALTER TABLE account ALTER COLUMN at DROP DEFAULT;

-- op.alter_column(
--     "account", "at", server_default="2026-01-01", existing_type=sa.DateTime(),
--     existing_server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
--     existing_nullable=True, existing_comment=None,
-- )
ALTER TABLE account ALTER COLUMN at SET DEFAULT '2026-01-01';
