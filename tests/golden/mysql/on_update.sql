-- op.alter_column(
--     "account",
--     "at",
--     server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
--     existing_type=sa.DateTime(),
--     existing_nullable=False,
--     existing_comment=None,
-- )
ALTER TABLE account MODIFY at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP;

-- op.alter_column(
--     "account", "at", server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")
-- )
-- ! OfflineError: script.py:1: MySQL writes the whole column again, and what is not said is lost: of account.at, existing_type, existing_nullable and existing_comment are not given.
