-- op.create_sequence("number")

-- op.create_sequence(
--     "number",
--     start=5,
--     increment=2,
--     minvalue=1,
--     maxvalue=99,
--     cycle=True,
--     cache=10,
--     schema="shop",
--     if_not_exists=True,
-- )

-- op.create_sequence("small", data_type=sa.SmallInteger)

-- op.alter_sequence("number", increment=3, minvalue=None, maxvalue=7, cycle=False, cache=1)

-- op.alter_sequence("number", start=10, schema="shop")

-- op.alter_sequence("number", data_type=sa.BigInteger())

-- op.alter_sequence("number")

-- op.drop_sequence("number")

-- op.drop_sequence("number", schema="shop", if_exists=True)

-- op.rename_sequence("number", "Number", schema="shop")
