-- op.create_composite_type(
--     "point", sa.Column("x", sa.Integer), sa.Column("Name", sa.String(9, collation="C"))
-- )
-- ! UnsupportedOperationError: This database has no composite types; 'point' would be one.

-- op.create_composite_type(
--     "point", sa.Column("x", sa.Integer), schema="shop", if_not_exists=True
-- )
-- ! UnsupportedOperationError: This database has no composite types; 'shop.point' would be one.

-- op.alter_composite_type(
--     "point",
--     add=[sa.Column("y", sa.Integer)],
--     drop=["z"],
--     alter=[sa.Column("x", sa.BigInteger)],
--     existing=[sa.Column("x", sa.Integer)],
-- )
-- ! UnsupportedOperationError: This database has no composite types; 'point' would be one.

-- op.drop_composite_type("point", schema="shop", if_exists=True)
-- ! UnsupportedOperationError: This database has no composite types; 'shop.point' would be one.
