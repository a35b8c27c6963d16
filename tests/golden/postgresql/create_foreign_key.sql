-- op.create_foreign_key("fk", "account", "team", ["team_id"], ["id"])
ALTER TABLE account ADD CONSTRAINT fk FOREIGN KEY(team_id) REFERENCES team (id);

-- op.create_foreign_key(
--     "fk",
--     "account",
--     "team",
--     ["team_id", "kind"],
--     ["id", "kind"],
--     onupdate="RESTRICT",
--     ondelete="CASCADE",
--     deferrable=True,
--     initially="DEFERRED",
--     source_schema="shop",
--     referent_schema="people",
--     postgresql_not_valid=True,
-- )
ALTER TABLE shop.account ADD CONSTRAINT fk FOREIGN KEY(team_id, kind) REFERENCES people.team (id, kind) ON DELETE CASCADE ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED NOT VALID;

-- op.create_foreign_key("fk", "node", "node", ["parent_id"], ["id"])
ALTER TABLE node ADD CONSTRAINT fk FOREIGN KEY(parent_id) REFERENCES node (id);

-- op.create_foreign_key(None, "account", "team", ["team_id"], ["id"])
ALTER TABLE account ADD FOREIGN KEY(team_id) REFERENCES team (id);
