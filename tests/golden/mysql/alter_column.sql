-- op.alter_column("account", "age", new_column_name="Years")
ALTER TABLE account RENAME COLUMN age TO `Years`;

-- op.alter_column("account", "age", nullable=False)
-- ! OfflineError: script.py:1: MySQL writes the whole column again, and what is not said is lost: of account.age, existing_type, existing_server_default, existing_comment and existing_autoincrement are not given.

-- op.alter_column("account", "age", nullable=True, existing_type=sa.Integer())
-- ! OfflineError: script.py:1: MySQL writes the whole column again, and what is not said is lost: of account.age, existing_server_default and existing_comment are not given.

-- op.alter_column("account", "age", server_default="7")
ALTER TABLE account ALTER COLUMN age SET DEFAULT '7';

-- op.alter_column("account", "at", server_default=sa.text("CURRENT_TIMESTAMP"))
ALTER TABLE account ALTER COLUMN at SET DEFAULT (CURRENT_TIMESTAMP);

-- op.alter_column("account", "age", server_default=None)
ALTER TABLE account ALTER COLUMN age DROP DEFAULT;

-- op.alter_column(
--     "account", "age", type_=sa.BigInteger, existing_nullable=False, existing_server_default=None,
--     existing_comment=None, existing_autoincrement=False,
-- )
ALTER TABLE account MODIFY age BIGINT NOT NULL;

-- op.alter_column(
--     "account", "age", type_=sa.Integer(), postgresql_using="age::integer", existing_nullable=True,
--     existing_server_default=None, existing_comment=None,
-- )
ALTER TABLE account MODIFY age INTEGER;

-- op.alter_column("account", "age", comment="in years")
-- ! OfflineError: script.py:1: MySQL writes the whole column again, and what is not said is lost: of account.age, existing_type, existing_nullable, existing_server_default and existing_autoincrement are not given.

-- op.alter_column("account", "age", comment=None, existing_comment="in years")
-- ! OfflineError: script.py:1: MySQL writes the whole column again, and what is not said is lost: of account.age, existing_type, existing_nullable, existing_server_default and existing_autoincrement are not given.

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
ALTER TABLE shop.account CHANGE age years SMALLINT NOT NULL COMMENT 'it''s whole years' DEFAULT '0';

-- op.alter_column(
--     "account",
--     "level",
--     type_=sa.Enum("low", "high", name="ck_new", native_enum=False, create_constraint=True),
--     existing_type=sa.Enum("low", name="ck_old", native_enum=False, create_constraint=True),
--     existing_nullable=True,
--     existing_server_default=None,
--     existing_comment=None,
-- )
ALTER TABLE account DROP CHECK ck_old;

ALTER TABLE account MODIFY level VARCHAR(4);

ALTER TABLE account ADD CONSTRAINT ck_new CHECK (level IN ('low', 'high'));

-- op.alter_column(
--     "account", "id", server_default=sa.Identity(start=10), existing_type=sa.Integer()
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'id' of table 'account'.

-- op.alter_column(
--     "account",
--     "id",
--     server_default=sa.Identity(always=True, increment=2),
--     existing_server_default=sa.Identity(),
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'id' of table 'account'.

-- op.alter_column(
--     "account", "id", server_default=None, existing_server_default=sa.Identity()
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'id' of table 'account'.

-- op.alter_column(
--     "account", "twice", server_default=None, existing_server_default=sa.Computed("age * 2")
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'twice' of table 'account'.
