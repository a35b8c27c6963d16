-- op.add_column("account", sa.Column("age", sa.Integer))
ALTER TABLE account ADD age INTEGER NULL;

GO

-- op.add_column(
--     "account", sa.Column("age", sa.Integer, nullable=False, server_default="0")
-- )
ALTER TABLE account ADD age INTEGER NOT NULL DEFAULT '0';

GO

-- op.add_column("account", sa.Column("age", sa.Integer), schema="shop", if_not_exists=True)
-- ! OfflineError: script.py:1: whether op.add_column has anything to do can only be seen in a database, and this one's SQL has no IF [NOT] EXISTS for it.

-- op.add_column("account", sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id")))
ALTER TABLE account ADD team_id INTEGER NULL;

GO

ALTER TABLE account ADD FOREIGN KEY(team_id) REFERENCES team (id);

GO

-- op.add_column(
--     "account",
--     sa.Column("team_id", sa.Integer, sa.ForeignKey("shop.team.id", ondelete="CASCADE")),
--     inline_references=True,
-- )
ALTER TABLE account ADD team_id INTEGER NULL REFERENCES shop.team (id) ON DELETE CASCADE;

GO

-- op.add_column("account", sa.Column("email", sa.String(9), index=True))
ALTER TABLE account ADD email VARCHAR(9) NULL;

GO

CREATE INDEX ix_account_email ON account (email);

GO

-- op.add_column("account", sa.Column("email", sa.String(9), unique=True))
ALTER TABLE account ADD email VARCHAR(9) NULL;

GO

ALTER TABLE account ADD UNIQUE (email);

GO

-- op.add_column("account", sa.Column("email", sa.String(9), comment="it's new"))
ALTER TABLE account ADD email VARCHAR(9) NULL;

GO

EXEC sp_addextendedproperty 'MS_Description', N'it''s new', 'schema', dbo, 'table', account, 'column', email;

GO

-- op.add_column(
--     "account", sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0", name="ck"))
-- )
ALTER TABLE account ADD n INTEGER NULL CONSTRAINT ck CHECK (n > 0);

GO

-- op.add_column("account", sa.Column("on", sa.Boolean(create_constraint=True, name="ck")))
ALTER TABLE account ADD [on] BIT NULL;

GO

-- op.add_column("account", sa.Column("twice", sa.Integer, sa.Computed("age * 2")))
ALTER TABLE account ADD twice AS (age * 2);

GO

-- op.add_column("account", sa.Column("level", sa.Enum("low", "high", name="level")))
ALTER TABLE account ADD level VARCHAR(4) NULL;

GO

-- op.add_column(
--     "account", sa.Column("id", sa.Integer, primary_key=True), inline_primary_key=True
-- )
ALTER TABLE account ADD id INTEGER NOT NULL IDENTITY PRIMARY KEY;

GO
