-- op.execute(sa.text("SELECT :a, :b, :c, :d, :e").bindparams(
--     a="it's 100% \\ \u20ac", b=-7, c=0.1, d=decimal.Decimal("1.10"), e=None
-- ))
SELECT N'it''s 100% \ €', -7, 0.1, 1.10, NULL;

GO

-- op.execute(sa.select(sa.literal(True), sa.literal(False)))
SELECT 1 AS anon_1, 0 AS anon_2;

GO

-- op.execute(sa.text("SELECT :a, :b, :c").bindparams(
--     a=dt.date(2026, 1, 2), b=dt.datetime(2026, 1, 2, 3, 4, 5, 6), c=dt.time(3, 4, 5)
-- ))
SELECT '2026-01-02', '2026-01-02 03:04:05.000006', '03:04:05';

GO

-- op.execute(sa.text("SELECT :a").bindparams(
--     a=dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)
-- ))
SELECT '2026-01-02 03:04:05+00:00';

GO

-- op.execute(sa.text("SELECT :a").bindparams(a=uuid.UUID(int=7)))
SELECT '00000000-0000-0000-0000-000000000007';

GO

-- op.execute(sa.text("SELECT :a").bindparams(a=b"\x00it's"))
SELECT 0x0069742773;

GO

-- op.execute(sa.text("SELECT :a").bindparams(a={"key": ["it's", None]}))
SELECT '{"key": ["it''s", null]}';

GO

-- op.execute(sa.text("SELECT :a").bindparams(a=float("inf")))
-- ! OfflineError: script.py:1: this statement cannot be written as SQL text: parameter 'a': mssql has no literal for inf

-- op.execute(sa.text("SELECT :a").bindparams(a=object()))
-- ! OfflineError: script.py:1: this statement cannot be written as SQL text: parameter 'a': there is no literal for a object
