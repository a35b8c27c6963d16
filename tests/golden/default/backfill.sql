-- op.backfill("t", "a", 0)
UPDATE t SET a=0 WHERE t.a IS NULL;

-- op.backfill("t", "a", "it's 50%", where="b > 0", schema="shop")
UPDATE shop.t SET a='it''s 50%' WHERE b > 0;

-- op.backfill("t", "a", sa.text("lower(b)"), where=sa.column("b") == 1)
UPDATE t SET a=lower(b) WHERE b = 1;

-- op.backfill("t", "a", {"x": [1]}, type_=sa.JSON)
UPDATE t SET a='{"x": [1]}' WHERE t.a IS NULL;

-- op.backfill("t", "a", dt.date(2024, 2, 29), where="1 = 1")
UPDATE t SET a='2024-02-29' WHERE 1 = 1;
