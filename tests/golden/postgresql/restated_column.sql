-- op.alter_column(
--     "account",
--     "age",
--     type_=sa.BigInteger(),
--     existing_type=sa.Integer(),
--     existing_nullable=False,
--     existing_server_default="7",
--     existing_comment="it's 100%",
-- )
ALTER TABLE account ALTER COLUMN age TYPE BIGINT;

-- op.alter_column(
--     "account",
--     "age",
--     server_default=sa.text("(1 + 2)"),
--     existing_server_default="7",
--     existing_type=sa.Integer(),
-- )
ALTER TABLE account ALTER COLUMN age SET DEFAULT (1 + 2);

-- op.alter_column(
--     "account",
--     "id",
--     type_=sa.BigInteger(),
--     autoincrement=True,
--     existing_type=sa.Integer(),
--     existing_nullable=False,
--     existing_comment=None,
-- )
ALTER TABLE account ALTER COLUMN id TYPE BIGINT;

-- op.alter_column(
--     "account",
--     "odd name",
--     comment="it's 50%",
--     existing_type=sa.String(9),
--     existing_nullable=True,
--     existing_server_default=None,
--     schema="shop",
-- )
COMMENT ON COLUMN shop.account."odd name" IS 'it''s 50%';

-- op.alter_column(
--     "account", "age", comment=None, existing_type=sa.Integer(), existing_nullable=True,
--     existing_server_default=None,
-- )
COMMENT ON COLUMN account.age IS NULL;

-- op.alter_column(
--     "account", "odd name", new_column_name="it's", existing_type=sa.Integer(), schema="Shop"
-- )
ALTER TABLE "Shop".account RENAME COLUMN "odd name" TO "it's";
