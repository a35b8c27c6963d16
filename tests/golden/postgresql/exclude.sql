-- op.create_exclude_constraint("ex", "booking", ("during", "&&"), ("room", "="))
ALTER TABLE booking ADD CONSTRAINT ex EXCLUDE USING gist (during WITH &&, room WITH =);

-- op.create_exclude_constraint(
--     "Ex",
--     "booking",
--     (sa.func.int4range(sa.column("a"), sa.column("b")), "&&"),
--     (sa.text("lower(room)"), "="),
--     where=sa.column("room") != "it's",
--     schema="shop",
--     using="gist",
--     deferrable=True,
--     initially="DEFERRED",
-- )
ALTER TABLE shop.booking ADD CONSTRAINT "Ex" EXCLUDE USING gist (int4range(a, b) WITH &&, lower(room) WITH =) WHERE (room != 'it''s') DEFERRABLE INITIALLY DEFERRED;

-- op.create_exclude_constraint(
--     "ex", "booking", ("room", "="), where="room > 0", ops={"room": "gist_int4_ops"}
-- )
ALTER TABLE booking ADD CONSTRAINT ex EXCLUDE USING gist (room gist_int4_ops WITH =) WHERE (room > 0);
