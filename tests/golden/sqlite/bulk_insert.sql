-- op.bulk_insert(
--     sa.table("account", sa.column("id", sa.Integer), sa.column("email", sa.String)),
--     [{"id": 1, "email": "it's 50%"}, {"id": 2, "email": None}, {"id": 3}],
-- )
INSERT INTO account (id, email) VALUES (1, 'it''s 50%');

INSERT INTO account (id, email) VALUES (2, NULL);

INSERT INTO account (id) VALUES (3);

-- op.bulk_insert(
--     sa.Table(
--         "event",
--         sa.MetaData(),
--         sa.Column("id", sa.Integer, primary_key=True),
--         sa.Column("at", sa.DateTime),
--         sa.Column("data", sa.JSON),
--         sa.Column("raw", sa.LargeBinary),
--         sa.Column("key", sa.Uuid),
--         sa.Column("done", sa.Boolean, default=False),
--         sa.Column("level", sa.Enum("low", "high", name="level")),
--     ),
--     [
--         {
--             "at": dt.datetime(2026, 1, 2, 3, 4, 5),
--             "data": {"a": "it's"},
--             "raw": b"ab",
--             "key": uuid.UUID(int=7),
--             "level": "low",
--         }
--     ],
-- )
INSERT INTO event (at, data, raw, "key", done, level) VALUES ('2026-01-02 03:04:05.000000', '{"a": "it''s"}', X'6162', '00000000000000000000000000000007', 0, 'low');

-- op.bulk_insert(sa.table("account", sa.column("id")), [])
