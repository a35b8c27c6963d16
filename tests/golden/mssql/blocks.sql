-- op.execute("BEGIN do_this(); END;")
BEGIN do_this(); END;

GO

-- op.execute("CREATE PROCEDURE p AS BEGIN NULL; END p;")
CREATE PROCEDURE p AS BEGIN NULL; END p;

GO

-- op.execute("UPDATE t SET a = 1;")
UPDATE t SET a = 1;

GO

-- op.execute("DROP TABLE sent")
DROP TABLE sent;

GO
