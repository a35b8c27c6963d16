-- op.execute("BEGIN do_this(); END;")
BEGIN do_this(); END;

-- op.execute("CREATE PROCEDURE p AS BEGIN NULL; END p;")
CREATE PROCEDURE p AS BEGIN NULL; END p;

-- op.execute("UPDATE t SET a = 1;")
UPDATE t SET a = 1;

-- op.execute("DROP TABLE sent")
DROP TABLE sent;
