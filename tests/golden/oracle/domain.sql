-- op.create_domain("positive", sa.Integer())
-- ! UnsupportedOperationError: This database has no domains; 'positive' would be one.

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
-- ! UnsupportedOperationError: This database has no domains; 'shop.code' would be one.

-- op.alter_domain(
--     "code",
--     nullable=True,
--     server_default=None,
--     add_checks=[sa.CheckConstraint("VALUE <> ''", name="ck_new")],
--     drop_checks=["ck_code"],
-- )
-- ! UnsupportedOperationError: This database has no domains; 'code' would be one.

-- op.alter_domain("code", server_default=sa.text("'x'"), schema="shop")
-- ! UnsupportedOperationError: This database has no domains; 'shop.code' would be one.

-- op.drop_domain("code", schema="shop", if_exists=True)
-- ! UnsupportedOperationError: This database has no domains; 'shop.code' would be one.
