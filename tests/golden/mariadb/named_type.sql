-- op.add_column("t", sa.Column("a", sa.Enum("low", name="level")))
ALTER TABLE t ADD COLUMN a ENUM('low');

-- op.add_column("t", sa.Column("b", sa.Enum("low", name="level")))
ALTER TABLE t ADD COLUMN b ENUM('low');

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
ALTER TABLE t MODIFY c ENUM('x') DEFAULT 'x';
