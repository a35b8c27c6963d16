-- op.execute(r"UPDATE account SET email = 'a\:b' WHERE email LIKE '50%'")
UPDATE account SET email = 'a:b' WHERE email LIKE '50%';

-- op.execute("SELECT 1; SELECT 2")
SELECT 1; SELECT 2;

-- op.execute("SELECT 1 -- one")
SELECT 1 -- one
;

-- op.execute(sa.text("UPDATE account SET age = :age").bindparams(age=7))
UPDATE account SET age = 7;

-- op.execute(
--     sa.table("account", sa.column("age"), sa.column("email"))
--     .update()
--     .where(sa.column("email").in_(["a", "b"]))
--     .values(age=op.inline_literal(7))
-- )
UPDATE account SET age=7 WHERE email IN ('a', 'b');

-- op.execute("SELECT :missing")
-- ! UsageError: op.execute(): the parameter :missing has no value.
