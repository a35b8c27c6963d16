-- op.create_table("plain", sa.Column("id", sa.Integer, primary_key=True))
CREATE TABLE plain (
	id INTEGER NOT NULL,
	PRIMARY KEY (id)
);

-- op.create_table("odd name", sa.Column("select", sa.String(10)), schema="Other")
CREATE TABLE "Other"."odd name" (
	"select" VARCHAR(10)
);

-- op.create_table("t", sa.Column("id", sa.Integer), if_not_exists=True)
CREATE TABLE IF NOT EXISTS t (
	id INTEGER
);

-- op.create_table(
--     "account",
--     sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
--     sa.Column("email", sa.String(200), nullable=False, unique=True, comment="it's where to write"),
--     sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id", ondelete="CASCADE"), index=True),
--     sa.Column("balance", sa.Numeric(10, 2), server_default="0"),
--     sa.Column("created", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP")),
--     sa.CheckConstraint("balance >= 0", name="ck_balance"),
--     comment="100% of them",
-- )
CREATE TABLE account (
	id BIGINT NOT NULL,
	email VARCHAR(200) NOT NULL,
	team_id INTEGER,
	balance NUMERIC(10, 2) DEFAULT '0',
	created DATETIME DEFAULT CURRENT_TIMESTAMP,
	PRIMARY KEY (id),
	CONSTRAINT ck_balance CHECK (balance >= 0),
	UNIQUE (email),
	FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE CASCADE
);

CREATE INDEX ix_account_team_id ON account (team_id);

-- op.create_table(
--     "line",
--     sa.Column("order_id", sa.Integer),
--     sa.Column("number", sa.Integer),
--     sa.Column("price", sa.Integer),
--     sa.Column("twice", sa.Integer, sa.Computed("price * 2")),
--     sa.PrimaryKeyConstraint("order_id", "number", name="pk_line"),
--     sa.ForeignKeyConstraint(["order_id"], ["shop.order.id"], name="fk_line_order"),
-- )
CREATE TABLE line (
	order_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	price INTEGER,
	twice INTEGER GENERATED ALWAYS AS (price * 2),
	CONSTRAINT pk_line PRIMARY KEY (order_id, number),
	CONSTRAINT fk_line_order FOREIGN KEY(order_id) REFERENCES shop."order" (id)
);

-- op.create_table(
--     "node",
--     sa.Column("id", sa.Integer, primary_key=True),
--     sa.Column("parent_id", sa.Integer, sa.ForeignKey("node.id")),
-- )
CREATE TABLE node (
	id INTEGER NOT NULL,
	parent_id INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(parent_id) REFERENCES node (id)
);

-- op.create_table(
--     "flag",
--     sa.Column("on", sa.Boolean(create_constraint=True, name="ck_on")),
--     sa.Column("level", sa.Enum("low", "high", name="level")),
-- )
CREATE TABLE flag (
	"on" BOOLEAN,
	level VARCHAR(4),
	CONSTRAINT ck_on CHECK ("on" IN (0, 1))
);

-- op.create_table("same_type", sa.Column("level", sa.Enum("low", "high", name="level")))
CREATE TABLE same_type (
	level VARCHAR(4)
);

-- op.create_table(
--     "options",
--     sa.Column("id", sa.Integer),
--     prefixes=["TEMPORARY"],
--     postgresql_on_commit="DROP",
--     sqlite_strict=True,
--     mysql_engine="InnoDB",
--     mariadb_engine="InnoDB",
-- )
CREATE TEMPORARY TABLE options (
	id INTEGER
);
