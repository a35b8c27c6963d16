-- op.add_column("t", sa.Column("a", sa.Enum("low", name="level")))
ALTER TABLE t ADD COLUMN a VARCHAR(3);

-- op.add_column("t", sa.Column("b", sa.Enum("low", name="level")))
ALTER TABLE t ADD COLUMN b VARCHAR(3);

-- op.alter_column(
--     "t",
--     "c",
--     type_=sa.Enum("x", name="kind"),
--     postgresql_using="c::kind",
--     existing_type=sa.String(9),
--     existing_nullable=True,
--     existing_server_default="x",
--     existing_comment=None,
-- )
ALTER TABLE t ALTER COLUMN c TYPE VARCHAR(1);
