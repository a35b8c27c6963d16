-- op.add_column("t", sa.Column("a", sa.Integer, sa.Identity(always=True, start=5)))
ALTER TABLE t ADD a INTEGER NOT NULL IDENTITY(5,1);

GO

-- op.alter_column(
--     "t", "a", existing_type=sa.Integer(), server_default="7", existing_server_default=sa.Identity()
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'a' of table 't'.

-- op.alter_column(
--     "t", "a", existing_type=sa.Integer(), server_default=sa.Identity(), existing_server_default="7"
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'a' of table 't'.

-- op.alter_column(
--     "t",
--     "b",
--     existing_type=sa.Integer(),
--     server_default=sa.Computed("a * 3"),
--     existing_server_default=sa.Computed("a * 2"),
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'b' of table 't'.

-- op.alter_column(
--     "t", "b", existing_type=sa.Integer(), server_default="7",
--     existing_server_default=sa.Computed("a * 2"),
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'b' of table 't'.

-- op.alter_column(
--     "t", "b", existing_type=sa.Integer(), server_default=sa.Computed("a"),
--     existing_server_default="7",
-- )
-- ! UnsupportedOperationError: This database cannot add or remove GENERATED on the existing column 'b' of table 't'.
