-- op.create_domain("positive", sa.Integer())
CREATE DOMAIN positive AS INTEGER;

-- op.create_domain(
--     "code",
--     sa.String(9),
--     sa.CheckConstraint("VALUE LIKE 'a%'", name="ck_code"),
--     sa.CheckConstraint("length(VALUE) > 2"),
--     nullable=False,
--     server_default="abc",
--     collation="C",
--     schema="shop",
--     if_not_exists=True,
-- )
DO $do$ BEGIN CREATE DOMAIN shop.code AS VARCHAR(9) COLLATE "C" DEFAULT 'abc' NOT NULL CONSTRAINT ck_code CHECK (VALUE LIKE 'a%') CHECK (length(VALUE) > 2); EXCEPTION WHEN duplicate_object THEN NULL; END $do$;

-- op.alter_domain(
--     "code",
--     nullable=True,
--     server_default=None,
--     add_checks=[sa.CheckConstraint("VALUE <> ''", name="ck_new")],
--     drop_checks=["ck_code"],
-- )
ALTER DOMAIN code DROP CONSTRAINT ck_code;

ALTER DOMAIN code DROP NOT NULL;

ALTER DOMAIN code DROP DEFAULT;

ALTER DOMAIN code ADD CONSTRAINT ck_new CHECK (VALUE <> '');

-- op.alter_domain("code", server_default=sa.text("'x'"), schema="shop")
ALTER DOMAIN shop.code SET DEFAULT 'x';

-- op.drop_domain("code", schema="shop", if_exists=True)
DROP DOMAIN IF EXISTS shop.code;
