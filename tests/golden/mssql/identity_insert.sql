-- op.bulk_insert(
--     op.create_table("team", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Text)),
--     [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}, {"n": "c"}],
-- )
CREATE TABLE team (
	id INTEGER NOT NULL IDENTITY,
	n TEXT NULL,
	PRIMARY KEY (id)
);

GO

SET IDENTITY_INSERT team ON;

GO

INSERT INTO team (id, n) VALUES (1, 'a');

GO

INSERT INTO team (id, n) VALUES (2, 'b');

GO

SET IDENTITY_INSERT team OFF;

GO

INSERT INTO team (n) VALUES ('c');

GO

-- op.bulk_insert(
--     sa.Table("kind", sa.MetaData(), sa.Column("id", sa.String(9), primary_key=True)), [{"id": "a"}]
-- )
INSERT INTO kind (id) VALUES ('a');

GO

-- op.bulk_insert(
--     sa.table("team", sa.column("id"), sa.column("it's odd"), schema="shop"),
--     [{"id": 1, "it's odd": "a"}],
-- )
IF EXISTS (SELECT 1 FROM sys.identity_columns WHERE object_id = OBJECT_ID(N'shop.team') AND name IN (N'id', N'it''s odd')) SET IDENTITY_INSERT shop.team ON;

GO

INSERT INTO shop.team (id, [it's odd]) VALUES (1, 'a');

GO

IF EXISTS (SELECT 1 FROM sys.identity_columns WHERE object_id = OBJECT_ID(N'shop.team') AND name IN (N'id', N'it''s odd')) SET IDENTITY_INSERT shop.team OFF;

GO
