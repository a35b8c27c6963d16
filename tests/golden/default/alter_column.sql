-- op.alter_column("account", "age", new_column_name="Years")
ALTER TABLE account RENAME COLUMN age TO "Years";

-- op.alter_column("account", "age", nullable=False)
ALTER TABLE account ALTER COLUMN age SET NOT NULL;

-- op.alter_column("account", "age", nullable=True, existing_type=sa.Integer())
ALTER TABLE account ALTER COLUMN age DROP NOT NULL;

-- op.alter_column("account", "age", server_default="7")
ALTER TABLE account ALTER COLUMN age SET DEFAULT '7';

-- op.alter_column("account", "at", server_default=sa.text("CURRENT_TIMESTAMP"))
ALTER TABLE account ALTER COLUMN at SET DEFAULT CURRENT_TIMESTAMP;

-- op.alter_column("account", "age", server_default=None)
ALTER TABLE account ALTER COLUMN age DROP DEFAULT;

-- op.alter_column(
--     "account", "age", type_=sa.BigInteger, existing_nullable=False, existing_server_default=None,
--     existing_comment=None, existing_autoincrement=False,
-- )
ALTER TABLE account ALTER COLUMN age TYPE BIGINT;

-- op.alter_column(
--     "account", "age", type_=sa.Integer(), postgresql_using="age::integer", existing_nullable=True,
--     existing_server_default=None, existing_comment=None,
-- )
ALTER TABLE account ALTER COLUMN age TYPE INTEGER;

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
ALTER TABLE shop.account ALTER COLUMN age SET NOT NULL;

ALTER TABLE shop.account ALTER COLUMN age SET DEFAULT '0';

ALTER TABLE shop.account ALTER COLUMN age TYPE SMALLINT;

ALTER TABLE shop.account RENAME COLUMN age TO years;

-- op.alter_column(
--     "account",
--     "level",
--     type_=sa.Enum("low", "high", name="ck_new", native_enum=False, create_constraint=True),
--     existing_type=sa.Enum("low", name="ck_old", native_enum=False, create_constraint=True),
--     existing_nullable=True,
--     existing_server_default=None,
--     existing_comment=None,
-- )
ALTER TABLE account DROP CONSTRAINT ck_old;

ALTER TABLE account ALTER COLUMN level TYPE VARCHAR(4);

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
