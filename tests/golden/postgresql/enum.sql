-- op.create_enum("level", "low", "it's 50%")
CREATE TYPE level AS ENUM ('low', 'it''s 50%');

-- op.create_enum("level", "low", if_not_exists=True)
DO $do$ BEGIN CREATE TYPE level AS ENUM ('low'); EXCEPTION WHEN duplicate_object THEN NULL; END $do$;

-- op.create_enum(sa.Enum("low", name="Odd level", schema="shop"))
CREATE TYPE shop."Odd level" AS ENUM ('low');

-- op.create_table("t", sa.Column("level", sa.Enum("low", "it's 50%", name="level")))
CREATE TABLE t (
	level level
);

-- op.add_enum_value("level", "high")
COMMIT;

ALTER TYPE level ADD VALUE 'high';

BEGIN;

-- op.add_enum_value("level", "mid", after="low", schema="shop", if_not_exists=True)
COMMIT;

ALTER TYPE shop.level ADD VALUE IF NOT EXISTS 'mid' AFTER 'low';

BEGIN;

-- op.add_enum_value("level", "least", before="it's 50%")
COMMIT;

ALTER TYPE level ADD VALUE 'least' BEFORE 'it''s 50%';

BEGIN;

-- op.add_enum_value("level", "both", before="a", after="b")
-- ! UsageError: op.add_enum_value(): 'both' cannot stand before 'a' and after 'b' at once.

-- with op.autocommit():
--     op.add_enum_value("level", "one")
--     op.add_enum_value("level", "two")
COMMIT;

ALTER TYPE level ADD VALUE 'one';

ALTER TYPE level ADD VALUE 'two';

BEGIN;

-- op.rename_enum_value("level", "low", "it's little")
ALTER TYPE level RENAME VALUE 'low' TO 'it''s little';

-- op.drop_table(
--     "t",
--     sa.Column("id", sa.Integer),
--     sa.Column("level", sa.Enum("low", name="level")),
--     sa.Column("kinds", sa.ARRAY(sa.Enum("a", name="kind", schema="shop"))),
--     sa.Column("text", sa.Enum("a", name="checked", native_enum=False)),
-- )
DROP TABLE t;

DO $do$ BEGIN DROP TYPE IF EXISTS level; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $do$;

DO $do$ BEGIN DROP TYPE IF EXISTS shop.kind; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $do$;

-- op.drop_enum("level")
DROP TYPE level;

-- op.drop_enum("Odd level", schema="shop", if_exists=True)
DROP TYPE IF EXISTS shop."Odd level";

-- op.create_table("t", sa.Column("level", sa.Enum("low", name="level")))
DO $do$ BEGIN CREATE TYPE level AS ENUM ('low'); EXCEPTION WHEN duplicate_object THEN NULL; END $do$;

CREATE TABLE t (
	level level
);

-- op.drop_enum(sa.Enum("low"))
-- ! UsageError: This sa.Enum has no name, so it names no type of the database.
