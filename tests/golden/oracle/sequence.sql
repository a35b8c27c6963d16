-- op.create_sequence("number")
CREATE SEQUENCE "number"

/

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
-- ! OfflineError: script.py:1: whether op.create_sequence has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.create_sequence("small", data_type=sa.SmallInteger)
CREATE SEQUENCE small

/

-- op.alter_sequence("number", increment=3, minvalue=None, maxvalue=7, cycle=False, cache=1)
ALTER SEQUENCE "number" INCREMENT BY 3 MAXVALUE 7 NOMINVALUE CACHE 1 NOCYCLE

/

-- op.alter_sequence("number", start=10, schema="shop")
-- ! UnsupportedOperationError: This database cannot change the start of the sequence 'number'.

-- op.alter_sequence("number", data_type=sa.BigInteger())
-- ! UnsupportedOperationError: This database cannot change the type of the sequence 'number'.

-- op.alter_sequence("number")

-- op.drop_sequence("number")
DROP SEQUENCE "number"

/

-- op.drop_sequence("number", schema="shop", if_exists=True)
-- ! OfflineError: script.py:1: whether op.drop_sequence has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.rename_sequence("number", "Number", schema="shop")
RENAME "number" TO "Number"

/
