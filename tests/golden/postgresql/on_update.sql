-- op.alter_column(
--     "account",
--     "at",
--     server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
--     existing_type=sa.DateTime(),
--     existing_nullable=False,
--     existing_comment=None,
-- )
ALTER TABLE account ALTER COLUMN at SET DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP;

-- op.alter_column(
--     "account", "at", server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")
-- )
ALTER TABLE account ALTER COLUMN at SET DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP;
