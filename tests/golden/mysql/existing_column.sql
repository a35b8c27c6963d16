-- op.alter_column(
--     "account", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
--     existing_comment=None,
-- )
-- ! OfflineError: script.py:1: MySQL writes the whole column again, and what is not said is lost: of account.id, existing_server_default and existing_autoincrement are not given.

-- op.alter_column(
--     "account", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
--     existing_autoincrement=True, existing_comment="the key",
-- )
ALTER TABLE account MODIFY id BIGINT NOT NULL COMMENT 'the key' AUTO_INCREMENT;

-- op.alter_column(
--     "account", "age", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
--     existing_server_default=None, existing_comment=None, existing_autoincrement=False,
-- )
ALTER TABLE account MODIFY age BIGINT NOT NULL;

-- op.alter_column(
--     "account", "email", type_=sa.String(99), existing_type=sa.String(9), existing_nullable=False,
--     existing_server_default=None, existing_comment=None,
-- )
ALTER TABLE account MODIFY email VARCHAR(99) NOT NULL;

-- op.alter_column(
--     "account", "twice", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=True,
--     existing_server_default=sa.Computed("age * 2", persisted=True), existing_comment=None,
-- )
ALTER TABLE account MODIFY twice BIGINT GENERATED ALWAYS AS (age * 2) STORED;

-- op.alter_column("account", "age", new_column_name="years", server_default="0")
ALTER TABLE account ALTER COLUMN age SET DEFAULT '0';

ALTER TABLE account RENAME COLUMN age TO years;

-- op.alter_column("account", "age", new_column_name="years", nullable=False)
-- ! OfflineError: script.py:1: MySQL writes the whole column again, and what is not said is lost: of account.age, existing_type, existing_server_default, existing_comment and existing_autoincrement are not given.

-- op.alter_column("account", "at", server_default=None, existing_type=sa.DateTime())
-- ! OfflineError: script.py:1: MySQL sets a default without the ON UPDATE behind it: of account.at, existing_server_default is not given.

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
ALTER TABLE account MODIFY at DATETIME DEFAULT '2026-01-01';
