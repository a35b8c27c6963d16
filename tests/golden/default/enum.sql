-- op.create_enum("level", "low", "it's 50%")

-- op.create_enum("level", "low", if_not_exists=True)

-- op.create_enum(sa.Enum("low", name="Odd level", schema="shop"))

-- op.create_table("t", sa.Column("level", sa.Enum("low", "it's 50%", name="level")))
CREATE TABLE t (
	level VARCHAR(8)
);

-- op.add_enum_value("level", "high")
-- ! OfflineError: script.py:1: whether op.add_enum_value has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.add_enum_value("level", "mid", after="low", schema="shop", if_not_exists=True)
-- ! OfflineError: script.py:1: whether op.add_enum_value has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.add_enum_value("level", "least", before="it's 50%")
-- ! OfflineError: script.py:1: whether op.add_enum_value has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.add_enum_value("level", "both", before="a", after="b")
-- ! UsageError: op.add_enum_value(): 'both' cannot stand before 'a' and after 'b' at once.

-- with op.autocommit():
--     op.add_enum_value("level", "one")
--     op.add_enum_value("level", "two")
-- ! OfflineError: script.py:2: whether op.add_enum_value has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.rename_enum_value("level", "low", "it's little")
-- ! UnsupportedOperationError: This database has no ENUM types: 'low' stands in the rows of every column of 'level', and which these are is not known here.

-- op.drop_table(
--     "t",
--     sa.Column("id", sa.Integer),
--     sa.Column("level", sa.Enum("low", name="level")),
--     sa.Column("kinds", sa.ARRAY(sa.Enum("a", name="kind", schema="shop"))),
--     sa.Column("text", sa.Enum("a", name="checked", native_enum=False)),
-- )
DROP TABLE t;

-- op.drop_enum("level")

-- op.drop_enum("Odd level", schema="shop", if_exists=True)

-- op.create_table("t", sa.Column("level", sa.Enum("low", name="level")))
CREATE TABLE t (
	level VARCHAR(3)
);

-- op.drop_enum(sa.Enum("low"))
-- ! UsageError: This sa.Enum has no name, so it names no type of the database.
