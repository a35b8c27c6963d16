-- op.bulk_insert(
--     op.create_table("team", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Text)),
--     [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}, {"n": "c"}],
-- )
CREATE TABLE team (
	id INTEGER NOT NULL,
	n TEXT,
	PRIMARY KEY (id)
);

INSERT INTO team (id, n) VALUES (1, 'a');

INSERT INTO team (id, n) VALUES (2, 'b');

INSERT INTO team (n) VALUES ('c');

-- op.bulk_insert(
--     sa.Table("kind", sa.MetaData(), sa.Column("id", sa.String(9), primary_key=True)), [{"id": "a"}]
-- )
INSERT INTO kind (id) VALUES ('a');

-- op.bulk_insert(
--     sa.table("team", sa.column("id"), sa.column("it's odd"), schema="shop"),
--     [{"id": 1, "it's odd": "a"}],
-- )
INSERT INTO shop.team (id, "it's odd") VALUES (1, 'a');
