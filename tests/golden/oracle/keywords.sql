-- op.create_index("ix", "t", ["a"], postgresql_wher="a > 0")
-- ! UsageError: op.create_index() has no argument 'postgresql_wher' for postgresql.

-- op.create_index("ix", "t", ["a"], mysql_lenght=4)
-- ! UsageError: op.create_index() has no argument 'mysql_lenght' for mysql.

-- op.create_index("ix", "t", ["a"], mssql_include=["b"], oracle_compress=1)
CREATE INDEX ix ON t (a) COMPRESS 1

/

-- op.create_table("t", sa.Column("a", sa.Integer), sqlite_strikt=True)
-- ! UsageError: op.create_table() has no argument 'sqlite_strikt' for sqlite.

-- op.create_table("t", sa.Column("a", sa.Integer), mysql_anything="goes")
CREATE TABLE t (
	a INTEGER
)

/

-- op.create_table("t", sa.Column("a", sa.Integer), if_not_exist=True)
-- ! UsageError: op.create_table() has no argument 'if_not_exist'.

-- op.create_unique_constraint("uq", "t", ["a"], sqlite_on_conflict="IGNORE")
ALTER TABLE t ADD CONSTRAINT uq UNIQUE (a)

/

-- op.create_unique_constraint("uq", "t", ["a"], postgresql_nulls_not_distinct=True)
ALTER TABLE t ADD CONSTRAINT uq UNIQUE (a)

/

-- op.create_foreign_key("fk", "t", "p", ["a"], ["id"], postgresql_using="x")
-- ! UsageError: op.create_foreign_key() has no argument 'postgresql_using' for postgresql.

-- op.drop_index("ix", "t", postgresql_concurently=True)
-- ! UsageError: op.drop_index() has no argument 'postgresql_concurently' for postgresql.
