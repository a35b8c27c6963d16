-- op.add_column("t", sa.Column("a", sa.Enum("low", name="level")))
CREATE TYPE level AS ENUM ('low');

ALTER TABLE t ADD COLUMN a level;

-- op.add_column("t", sa.Column("b", sa.Enum("low", name="level")))
ALTER TABLE t ADD COLUMN b level;

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
CREATE TYPE kind AS ENUM ('x');

ALTER TABLE t ALTER COLUMN c DROP DEFAULT;

ALTER TABLE t ALTER COLUMN c TYPE kind USING c::kind;

ALTER TABLE t ALTER COLUMN c SET DEFAULT 'x';
