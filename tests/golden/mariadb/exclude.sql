-- op.create_exclude_constraint("ex", "booking", ("during", "&&"), ("room", "="))
-- ! UnsupportedOperationError: mariadb has no EXCLUDE constraints, which op.create_exclude_constraint('ex', 'booking') would add.

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
-- ! UnsupportedOperationError: mariadb has no EXCLUDE constraints, which op.create_exclude_constraint('Ex', 'booking') would add.

-- op.create_exclude_constraint(
--     "ex", "booking", ("room", "="), where="room > 0", ops={"room": "gist_int4_ops"}
-- )
-- ! UnsupportedOperationError: mariadb has no EXCLUDE constraints, which op.create_exclude_constraint('ex', 'booking') would add.
