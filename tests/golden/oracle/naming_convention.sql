-- op.create_unique_constraint(None, "account", ["email"])
ALTER TABLE account ADD CONSTRAINT uq_account_email UNIQUE (email)

/

-- op.create_check_constraint("age", "account", "age > 0")
ALTER TABLE account ADD CONSTRAINT ck_account_age CHECK (age > 0)

/

-- op.create_check_constraint(op.f("age"), "account", "age > 0")
ALTER TABLE account ADD CONSTRAINT age CHECK (age > 0)

/

-- op.create_foreign_key(None, "account", "team", ["team_id"], ["id"])
ALTER TABLE account ADD CONSTRAINT fk_account_team_id_team FOREIGN KEY(team_id) REFERENCES team (id)

/

-- op.create_primary_key(None, "account", ["id"])
ALTER TABLE account ADD CONSTRAINT pk_account PRIMARY KEY (id)

/

-- op.create_index(None, "account", ["email"])
CREATE INDEX ix_account_email ON account (email)

/

-- op.drop_constraint("age", "account", type_="check")
ALTER TABLE account DROP CONSTRAINT ck_account_age

/

-- op.drop_constraint(op.f("ck_account_age"), "account", type_="check")
ALTER TABLE account DROP CONSTRAINT ck_account_age

/

-- op.create_table(
--     "team",
--     sa.Column("id", sa.Integer, primary_key=True),
--     sa.Column("name", sa.String(9), unique=True),
-- )
CREATE TABLE team (
	id INTEGER NOT NULL,
	name VARCHAR2(9 CHAR),
	CONSTRAINT pk_team PRIMARY KEY (id),
	CONSTRAINT uq_team_name UNIQUE (name)
)

/
