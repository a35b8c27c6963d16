-- op.add_column("account", sa.Column("age", sa.Integer))
ALTER TABLE account ADD COLUMN age INTEGER;

-- op.add_column(
--     "account", sa.Column("age", sa.Integer, nullable=False, server_default="0")
-- )
ALTER TABLE account ADD COLUMN age INTEGER NOT NULL DEFAULT '0';

-- op.add_column("account", sa.Column("age", sa.Integer), schema="shop", if_not_exists=True)
-- ! OfflineError: script.py:1: whether op.add_column has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.add_column("account", sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id")))
ALTER TABLE account ADD COLUMN team_id INTEGER;

ALTER TABLE account ADD FOREIGN KEY(team_id) REFERENCES team (id);

-- op.add_column(
--     "account",
--     sa.Column("team_id", sa.Integer, sa.ForeignKey("shop.team.id", ondelete="CASCADE")),
--     inline_references=True,
-- )
ALTER TABLE account ADD COLUMN team_id INTEGER;

ALTER TABLE account ADD FOREIGN KEY(team_id) REFERENCES shop.team (id) ON DELETE CASCADE;

-- op.add_column("account", sa.Column("email", sa.String(9), index=True))
ALTER TABLE account ADD COLUMN email VARCHAR(9);

CREATE INDEX ix_account_email ON account (email);

-- op.add_column("account", sa.Column("email", sa.String(9), unique=True))
ALTER TABLE account ADD COLUMN email VARCHAR(9);

ALTER TABLE account ADD UNIQUE (email);

-- op.add_column("account", sa.Column("email", sa.String(9), comment="it's new"))
ALTER TABLE account ADD COLUMN email VARCHAR(9) COMMENT 'it''s new';

-- op.add_column(
--     "account", sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0", name="ck"))
-- )
ALTER TABLE account ADD COLUMN n INTEGER CONSTRAINT ck CHECK (n > 0);

-- op.add_column("account", sa.Column("on", sa.Boolean(create_constraint=True, name="ck")))
ALTER TABLE account ADD COLUMN `on` BOOL;

ALTER TABLE account ADD CONSTRAINT ck CHECK (`on` IN (0, 1));

-- op.add_column("account", sa.Column("twice", sa.Integer, sa.Computed("age * 2")))
ALTER TABLE account ADD COLUMN twice INTEGER GENERATED ALWAYS AS (age * 2);

-- op.add_column("account", sa.Column("level", sa.Enum("low", "high", name="level")))
ALTER TABLE account ADD COLUMN level ENUM('low','high');

-- op.add_column(
--     "account", sa.Column("id", sa.Integer, primary_key=True), inline_primary_key=True
-- )
ALTER TABLE account ADD COLUMN id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY;
