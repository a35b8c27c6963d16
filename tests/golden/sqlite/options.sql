-- op.create_index(
--     "ix",
--     "account",
--     ["word"],
--     mysql_length={"word": 5},
--     mysql_using="hash",
--     mysql_prefix="FULLTEXT",
--     mariadb_length={"word": 5},
--     mariadb_using="hash",
--     mariadb_prefix="FULLTEXT",
--     mssql_clustered=True,
--     mssql_include=["age"],
--     mssql_where=sa.text("age > 9"),
--     oracle_bitmap=True,
-- )
CREATE INDEX ix ON account (word);

-- op.create_table(
--     "account",
--     sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0", name="ck")),
--     mysql_engine="InnoDB",
--     mariadb_engine="InnoDB",
--     oracle_on_commit="PRESERVE ROWS",
-- )
CREATE TABLE account (
	n INTEGER CONSTRAINT ck CHECK (n > 0)
);

-- op.drop_index("ix")
DROP INDEX ix;
