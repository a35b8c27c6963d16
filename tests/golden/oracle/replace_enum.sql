-- op.replace_enum("level", "low", "high", existing_values=["low", "mid", "high"])
-- ! UnsupportedOperationError: This database has no ENUM types: the values of 'level' belong to every column of it, and which these are is not known here.

-- op.replace_enum("level", "a", "it's 50%", mapping={"b": "it's 50%"}, schema="shop")
-- ! UnsupportedOperationError: This database has no ENUM types: the values of 'level' belong to every column of it, and which these are is not known here.

-- op.replace_enum("level", "a", mapping={"b": "c"})
-- ! UsageError: op.replace_enum('level'): 'b' shall become 'c', which is not among the new values.
