-- op.alter_column(
--     "account",
--     "age",
--     type_=sa.BigInteger(),
--     existing_type=sa.Integer(),
--     existing_nullable=False,
--     existing_server_default="7",
--     existing_comment="it's 100%",
-- )
ALTER TABLE account MODIFY age BIGINT NOT NULL COMMENT 'it''s 100%' DEFAULT '7';

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
ALTER TABLE account MODIFY id BIGINT NOT NULL AUTO_INCREMENT;

-- op.alter_column(
--     "account",
--     "odd name",
--     comment="it's 50%",
--     existing_type=sa.String(9),
--     existing_nullable=True,
--     existing_server_default=None,
--     schema="shop",
-- )
ALTER TABLE shop.account MODIFY `odd name` VARCHAR(9) COMMENT 'it''s 50%';

-- op.alter_column(
--     "account", "age", comment=None, existing_type=sa.Integer(), existing_nullable=True,
--     existing_server_default=None,
-- )
ALTER TABLE account MODIFY age INTEGER;

-- op.alter_column(
--     "account", "odd name", new_column_name="it's", existing_type=sa.Integer(), schema="Shop"
-- )
ALTER TABLE `Shop`.account RENAME COLUMN `odd name` TO `it's`;
