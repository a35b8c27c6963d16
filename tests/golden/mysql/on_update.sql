-- op.alter_column(
--     "account",
--     "at",
--     server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
--     existing_type=sa.DateTime(),
--     existing_nullable=False,
-- )
ALTER TABLE account MODIFY at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP;

-- op.alter_column(
--     "account", "at", server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")
-- )
-- ! UsageError: MySQL writes the whole column again to alter account.at, and existing_type and existing_nullable are not given.
