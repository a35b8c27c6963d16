"""`batch_alter_table` on SQLite by Alembic and by us: what only we keep, and what is the same."""

from __future__ import annotations

import warnings
from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from asyncmigrate import Migrator
from tests.project import Project

if TYPE_CHECKING:
    from pathlib import Path

alembic = pytest.importorskip("alembic.operations", reason="Alembic is not installed")
migration = pytest.importorskip("alembic.runtime.migration")

TABLE = """
op.create_table(
    "notes",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(50)),
    sa.Column("state", sa.Enum("a", "b", native_enum=False, create_constraint=True)),
    sa.Column("done", sa.Boolean(create_constraint=True)),
)
op.create_table("other", sa.Column("id", sa.Integer, primary_key=True))
"""
REMADE = """
with op.batch_alter_table("notes") as batch_op:
    batch_op.alter_column("title", existing_type=sa.String(50), nullable=False)
"""
SCRIPT = """\
import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None


def upgrade():
{upgrade}


def downgrade():
    pass
"""


def by_alembic(folder: Path, script: str) -> sa.Engine:
    """Run a script's upgrade by Alembic, on a database of its own."""
    engine = sa.create_engine(f"sqlite:///{folder}/alembic.db", poolclass=sa.NullPool)
    with engine.begin() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what its batch leaves out
        op = alembic.Operations(migration.MigrationContext.configure(connection))
        exec(script, {"op": op, "sa": sa})
    return engine


async def by_us(folder: Path, script: str) -> sa.Engine:
    """Run the same by our `upgrade`."""
    project = Project(folder)
    text = SCRIPT.format(upgrade=indent(script.strip(), "    "))
    project.write("migrations/versions/a1.py", text)
    url = f"sqlite+aiosqlite:///{folder}/ours.db"
    await Migrator(url, script_location=project.script_location).upgrade("head")
    return sa.create_engine(f"sqlite:///{folder}/ours.db", poolclass=sa.NullPool)


def schema(engine: sa.Engine) -> dict[str, Any]:
    """Return the statements of tables, indexes and triggers, without white space and quotes."""
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    with engine.connect() as connection:
        found = connection.exec_driver_sql(query).all()
    return {name: " ".join(sql.replace('"', "").split()) for name, sql in found}


PLAIN = "CREATE TABLE t (id INTEGER, a VARCHAR(5))"
LOST = {
    "a collation": (
        ["CREATE TABLE t (id INTEGER, a VARCHAR(5) COLLATE NOCASE)"],
        ("t", "COLLATE NOCASE"),
    ),
    "a CHECK without a name": (
        ["CREATE TABLE t (id INTEGER, a VARCHAR(5), CHECK (id > 0))"],
        ("t", "CHECK (id > 0)"),
    ),
    "AUTOINCREMENT": (
        ["CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a VARCHAR(5))"],
        ("t", "AUTOINCREMENT"),
    ),
    "the order of an index": ([PLAIN, "CREATE INDEX ix ON t (a DESC)"], ("ix", "DESC")),
    "the collation of an index": (
        [PLAIN, "CREATE INDEX ix ON t (a COLLATE NOCASE)"],
        ("ix", "NOCASE"),
    ),
    "an index of an expression": ([PLAIN, "CREATE INDEX ix ON t (lower(a))"], ("ix", "lower(a)")),
    "a trigger": (
        [PLAIN, "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END"],
        ("tr", "AFTER INSERT ON t"),
    ),
    "a type that SQLAlchemy does not know": (
        ["CREATE TABLE t (id INTEGER, a VARCHAR(5), b WHATEVER(3))"],
        ("t", "b WHATEVER(3)"),
    ),
}


@pytest.mark.parametrize("what", LOST)
async def test_what_alembics_batch_loses_is_kept(what: str, tmp_path: Path) -> None:
    statements, (name, words) = LOST[what]
    made = "\n".join(f"op.execute({each!r})" for each in statements)
    change = "with op.batch_alter_table('t') as b:\n    b.alter_column('a', nullable=False)"

    theirs = schema(by_alembic(tmp_path, f"{made}\n{change}"))
    ours = schema(await by_us(tmp_path, f"{made}\n{change}"))

    assert words in ours[name]
    assert words not in theirs.get(name, "")


@pytest.mark.parametrize(
    ("column", "type_", "value"),
    [
        ("state", "sa.String(20)", "'c'"),
        ("state", "sa.Enum('a', 'b', 'c', native_enum=False)", "'c'"),
        ("done", "sa.Integer()", "2"),
    ],
)
async def test_a_value_of_a_new_type_is_not_refused_by_the_check_of_the_old_one(
    column: str, type_: str, value: str, tmp_path: Path
) -> None:
    change = f"""
with op.batch_alter_table("notes") as batch_op:
    batch_op.alter_column("{column}", type_={type_})
op.execute("INSERT INTO notes (id, {column}) VALUES (1, {value})")
"""

    theirs, ours = by_alembic(tmp_path, TABLE + change), await by_us(tmp_path, TABLE + change)

    for engine in (theirs, ours):
        with engine.connect() as connection:
            query = f"SELECT {column} FROM notes"
            assert str(connection.exec_driver_sql(query).scalar()) == value.strip("'")
    other = {"state": "CHECK (done IN (0, 1))", "done": "CHECK (state IN ('a', 'b'))"}[column]
    assert other in schema(ours)["notes"]


async def test_a_trigger_that_is_made_again_after_a_batch_is_the_new_one(tmp_path: Path) -> None:
    script = f"""{TABLE}
op.execute("CREATE TRIGGER tr AFTER INSERT ON notes BEGIN SELECT 1; END")
{REMADE}
op.execute("CREATE TRIGGER IF NOT EXISTS tr AFTER INSERT ON notes BEGIN SELECT 2; END")
"""

    theirs, ours = schema(by_alembic(tmp_path, script)), schema(await by_us(tmp_path, script))

    assert theirs["tr"] == ours["tr"]
    assert "SELECT 2" in ours["tr"]


@pytest.mark.parametrize(
    "again",
    [
        "op.create_index('ix', 'notes', [sa.text('upper(title)')])",
        "op.execute('CREATE INDEX ix ON notes (upper(title))')",
    ],
)
async def test_an_index_of_an_expression_that_is_made_again_after_a_batch_is_the_new_one(
    again: str, tmp_path: Path
) -> None:
    first = "op.create_index('ix', 'notes', [sa.text('lower(title)')])"
    script = f"{TABLE}\n{first}\n{REMADE}\n{again}"

    theirs, ours = schema(by_alembic(tmp_path, script)), schema(await by_us(tmp_path, script))

    assert theirs["ix"] == ours["ix"] == "CREATE INDEX ix ON notes (upper(title))"


async def test_a_trigger_of_another_table_is_not_made_way_for(tmp_path: Path) -> None:
    trigger = 'op.execute("CREATE TRIGGER tr AFTER INSERT ON other BEGIN SELECT 1; END")'

    with pytest.raises(Exception, match="trigger tr already exists"):
        await by_us(tmp_path, f"{TABLE}\n{trigger}\n{REMADE}\n{trigger}")


async def test_of_two_foreign_keys_that_say_the_same_the_first_is_left(tmp_path: Path) -> None:
    table = """
CREATE TABLE t (
    id INTEGER, a VARCHAR(5),
    CONSTRAINT first FOREIGN KEY (id) REFERENCES p (id) ON DELETE CASCADE,
    CONSTRAINT second FOREIGN KEY (id) REFERENCES p (id) ON DELETE CASCADE,
    CONSTRAINT third FOREIGN KEY (id) REFERENCES q (id)
)"""
    others = "\n".join(f"op.create_table({n!r}, sa.Column('id', sa.Integer))" for n in "pq")
    change = "with op.batch_alter_table('t') as b:\n    b.alter_column('a', nullable=False)"
    script = f"{others}\nop.execute({table!r})\n{change}"

    theirs, ours = schema(by_alembic(tmp_path, script)), schema(await by_us(tmp_path, script))

    for made in (theirs["t"], ours["t"]):
        assert [name in made for name in ("first", "second", "third")] == [True, False, True]


async def test_a_foreign_key_and_a_unique_go_with_any_of_their_columns(tmp_path: Path) -> None:
    table = """
CREATE TABLE t (
    id INTEGER, a VARCHAR(5), b INTEGER,
    CONSTRAINT fk_t_p FOREIGN KEY (id, b) REFERENCES p (id, b),
    CONSTRAINT uq_t_id_b UNIQUE (id, b),
    CONSTRAINT uq_t_id_a UNIQUE (id, a)
)"""
    script = f"""
op.create_table("p", sa.Column("id", sa.Integer), sa.Column("b", sa.Integer))
op.execute({table!r})
with op.batch_alter_table("t") as batch_op:
    batch_op.drop_column("b")
"""

    theirs, ours = schema(by_alembic(tmp_path, script)), schema(await by_us(tmp_path, script))

    for made in (theirs["t"], ours["t"]):
        assert [name in made for name in ("fk_t_p", "uq_t_id_b", "uq_t_id_a")] == [0, 0, 1]


async def test_a_new_primary_key_of_copy_from_lets_no_null_in(tmp_path: Path) -> None:
    script = """
op.create_table("t", sa.Column("a", sa.Integer), sa.Column("b", sa.Integer))
given = sa.Table(
    "t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.Integer, nullable=True)
)
with op.batch_alter_table("t", copy_from=given) as batch_op:
    batch_op.create_primary_key("pk_t", ["a", "b"])
"""

    theirs, ours = by_alembic(tmp_path, script), await by_us(tmp_path, script)

    for engine in (theirs, ours):
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA table_info(t)").all()
        assert [(row[1], row[3], row[5]) for row in found] == [("a", 1, 1), ("b", 0, 2)]
