-- sa.Enum("low", name="level").create(op.get_bind(), checkfirst=True)

-- sa.Enum("low", name="level").create(op.get_bind())

-- sa.Enum("low", name="level").drop(op.get_bind(), checkfirst=True)

-- sa.Enum("low", name="level").drop(op.get_bind(), checkfirst=False)

-- table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Enum("x", name="kind")))
-- table.create(op.get_bind(), checkfirst=True)
-- table.create(op.get_bind(), checkfirst=False)
CREATE TABLE t (
	a VARCHAR(1 CHAR)
)

/

CREATE TABLE t (
	a VARCHAR(1 CHAR)
)

/

-- table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer))
-- table.drop(op.get_bind(), checkfirst=True)
-- table.drop(op.get_bind(), checkfirst=False)
DROP TABLE t

/

DROP TABLE t

/

-- op.get_bind().execute(sa.text("UPDATE t SET a = :a"), {"a": "it's"})
UPDATE t SET a = 'it''s'

/

-- op.get_bind().exec_driver_sql("UPDATE t SET a = ':x 50%'")
UPDATE t SET a = ':x 50%'

/

-- t = sa.table("t", sa.column("a", sa.Integer))
-- op.get_bind().execute(t.insert(), [{"a": 1}, {"a": 2}])
-- op.get_bind().execute(t.update().where(t.c.a == sa.bindparam("was")).values(a=9), {"was": 1})
INSERT INTO t (a) VALUES (1)

/

INSERT INTO t (a) VALUES (2)

/

UPDATE t SET a=9 WHERE t.a = 1

/

-- op.get_bind().execute(sa.text("UPDATE t SET a = 1")).rowcount
UPDATE t SET a = 1

/

-- ! OfflineError: script.py:1 looks at what a statement returned, but with --sql nothing is connected: SQL is only being written.

-- list(op.get_bind().execute(sa.text("DELETE FROM t RETURNING a")))
DELETE FROM t RETURNING a

/

-- ! OfflineError: script.py:1 looks at what a statement returned, but with --sql nothing is connected: SQL is only being written.

-- op.get_bind().execute(sa.select(sa.literal(1)))
-- ! OfflineError: script.py:1 asks the database for rows, but with --sql nothing is connected: SQL is only being written.

-- op.get_bind().scalar(sa.text("SELECT 1"))
-- ! OfflineError: script.py:1 uses .scalar of the connection, but with --sql nothing is connected: SQL is only being written.

-- sa.inspect(op.get_bind()).has_table("t")
-- ! OfflineError: script.py:1 inspects the database, but with --sql nothing is connected: SQL is only being written.

-- op.get_context().connection.begin_nested()
-- ! OfflineError: script.py:1 uses .begin_nested of the connection, but with --sql nothing is connected: SQL is only being written.

-- op.run_async(print)
-- ! OfflineError: script.py:1 runs a coroutine on the database, but with --sql nothing is connected: SQL is only being written.
