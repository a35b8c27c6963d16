"""Random histories for Alembic and for us, and what each does with them.

A revision changes tables that its own line of history made, under names that no other uses, so
that branches go together in any order; it also leaves rows behind. The same scripts are run by
both tools: they import `alembic`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from textwrap import indent
from typing import TYPE_CHECKING, Any

from asyncmigrate import Migrator
from asyncmigrate.errors import MigrateError
from tests.oracle.catalogs import HISTORY, dump

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    import sqlalchemy as sa

    from tests.oracle.databases import Database

ENV = """
from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""
SCRIPT = '''"""{id}"""
import sqlalchemy as sa
from alembic import op

revision = {id!r}
down_revision = {parents!r}
branch_labels = {labels!r}
depends_on = {requires!r}


def upgrade():
{upgrade}


def downgrade():
{downgrade}
'''


@dataclass
class Made:
    """A revision of a random history."""

    id: str
    parents: tuple[str, ...]
    requires: tuple[str, ...]
    labels: tuple[str, ...]
    tables: list[str] = field(default_factory=list)
    """The tables that are there whenever it is."""
    upgrade: list[str] = field(default_factory=list)
    downgrade: list[str] = field(default_factory=list)

    def write(self, versions: Path) -> None:
        one = self.parents[0] if len(self.parents) == 1 else self.parents or None
        text = SCRIPT.format(
            id=self.id,
            parents=one,
            labels=self.labels or None,
            requires=self.requires or None,
            upgrade=indent("\n".join(self.upgrade or ["pass"]), "    "),
            downgrade=indent("\n".join(self.downgrade or ["pass"]), "    "),
        )
        (versions / f"{self.id}.py").write_text(text, encoding="utf-8")


def history(seed: int, *, sqlite: bool) -> list[Made]:
    """Make a history of branches, merges and dependencies."""
    chance = random.Random(seed)
    made: list[Made] = []
    for number in range(chance.randint(4, 9)):
        parents, requires = _below(chance, made)
        labels = (f"line{number}",) if not parents or chance.random() < 0.1 else ()
        each = Made(f"r{number}", parents, requires, labels)
        above = [m for m in made if m.id in {*parents, *requires}]
        each.tables = list(dict.fromkeys(t for m in above for t in m.tables))
        for change in range(chance.randint(1, 3)):
            _change(chance, each, f"{number}_{change}", sqlite=sqlite)
        made.append(each)
    return made


def _below(chance: random.Random, made: list[Made]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not made or chance.random() < 0.1:
        return (), ()
    parent = chance.choice(made[-3:])
    heads = [m for m in made if not any(m.id in other.parents for other in made)]
    if len(heads) > 1 and chance.random() < 0.35:
        joined = chance.sample(heads, 2)
        return tuple(m.id for m in joined), ()
    others = [m for m in made if m.id != parent.id]
    requires = (chance.choice(others).id,) if others and chance.random() < 0.2 else ()
    return (parent.id,), requires


def _change(chance: random.Random, made: Made, name: str, *, sqlite: bool) -> None:
    kinds = [_create, _create] if not made.tables else [_create, _add, _batch, _rows, _retype, _sql]
    if not sqlite and made.tables:
        kinds += [_constrain, _alter]
    up, down = chance.choice(kinds)(chance, made, name)
    made.upgrade += up
    made.downgrade[:0] = down


COLUMNS = (
    "sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.String(40), "
    "nullable=False), sa.Column('size', sa.Integer, server_default='3')"
)
Lines = tuple[list[str], list[str]]


def _create(chance: random.Random, made: Made, name: str) -> Lines:
    table = f"t{name}"
    made.tables.append(table)
    unique = f", sa.UniqueConstraint('name', name='uq_{table}')" if chance.random() < 0.4 else ""
    up = [
        f"t = op.create_table('{table}', {COLUMNS}{unique})",
        "op.bulk_insert(t, [{'id': 1, 'name': 'a'}, {'id': 2, 'name': \"it's\"}])",
        f"op.create_index('ix_{table}', '{table}', ['size'])",
    ]
    return up, [f"op.drop_index('ix_{table}', table_name='{table}')", f"op.drop_table('{table}')"]


def _add(chance: random.Random, made: Made, name: str) -> Lines:
    table = chance.choice(made.tables)
    default = chance.choice(["", ", nullable=False, server_default='x'", ", server_default='y'"])
    up = [f"op.add_column('{table}', sa.Column('c{name}', sa.String(20){default}))"]
    return up, [_batched(table, f"drop_column('c{name}')")]


def _batch(chance: random.Random, made: Made, name: str) -> Lines:
    table = chance.choice(made.tables)
    column = f"sa.Column('b{name}', sa.Integer, nullable=True)"
    up = [
        f"with op.batch_alter_table('{table}') as batch_op:",
        f"    batch_op.add_column({column})",
        f"    batch_op.create_unique_constraint('uq_b{name}', ['b{name}', 'id'])",
    ]
    down = [
        f"with op.batch_alter_table('{table}') as batch_op:",
        f"    batch_op.drop_constraint('uq_b{name}', type_='unique')",
        f"    batch_op.drop_column('b{name}')",
    ]
    return up, down


def _rows(chance: random.Random, made: Made, name: str) -> Lines:
    table, id = chance.choice(made.tables), 100 + chance.randint(0, 10**6)
    up = [
        f"t = sa.table('{table}', sa.column('id'), sa.column('name'))",
        f"op.bulk_insert(t, [{{'id': {id}, 'name': 'row {name}'}}])",
        "found = op.get_bind().execute(sa.select(t.c.id).order_by(t.c.id)).scalars().all()",
        "op.execute(t.update().where(t.c.id == found[-1]).values(name='last ' + str(found[-1])))",
    ]
    return up, [f"op.execute('DELETE FROM {table} WHERE id = {id}')"]


def _retype(chance: random.Random, made: Made, name: str) -> Lines:
    table = chance.choice(made.tables)
    known = "existing_type=sa.String({}), existing_nullable=False"
    wide, narrow = (known.format(n) for n in (60, 40))
    up = [_batched(table, f"alter_column('name', type_=sa.String(60), {narrow})")]
    return up, [_batched(table, f"alter_column('name', type_=sa.String(40), {wide})")]


def _sql(chance: random.Random, made: Made, name: str) -> Lines:
    table = chance.choice(made.tables)
    up = [f'op.execute(sa.text("UPDATE {table} SET size = size + :n").bindparams(n=1))']
    return up, [f"op.execute('UPDATE {table} SET size = size - 1')"]


def _constrain(chance: random.Random, made: Made, name: str) -> Lines:
    table = chance.choice(made.tables)
    up = [f"op.create_check_constraint('ck_{name}', '{table}', sa.column('size') > -9)"]
    return up, [f"op.drop_constraint('ck_{name}', '{table}', type_='check')"]


def _alter(chance: random.Random, made: Made, name: str) -> Lines:
    table = chance.choice(made.tables)
    known = "existing_type=sa.Integer()"
    up = [f"op.alter_column('{table}', 'size', {known}, nullable=True, server_default='3')"]
    return up, up


def _batched(table: str, call: str) -> str:
    return f"with op.batch_alter_table('{table}') as batch_op:\n    batch_op.{call}"


def commands(seed: int, made: list[Made], count: int) -> list[tuple[str, str]]:
    """Return random commands with their targets; the first one upgrades."""
    chance = random.Random(seed)
    ids = [each.id for each in made]
    found = [("upgrade", chance.choice([*ids, "heads"]))]
    for _ in range(count - 1):
        if chance.random() < 0.55:
            found.append(("upgrade", chance.choice([*ids, "heads", "heads"])))
        else:
            found.append(("downgrade", chance.choice([*ids, "base", "-1"])))
    return found


@dataclass(slots=True)
class Player:
    """A database, on which either tool may take its turn."""

    database: Database
    folder: Path
    runner: asyncio.Runner

    def alembic(self, command: str, target: str) -> str:
        """Run a command of Alembic; return why it refuses, or nothing."""
        try:
            self.database.call(lambda c: _alembic(c, self.folder, command, target))
        except Exception as error:
            return repr(error)
        return ""

    def ours(self, command: str, target: str) -> str:
        """Run the same command of ours; return why it refuses, or nothing."""
        migrator = Migrator(
            self.database.asynchronous,
            script_location=self.folder / "versions",  # where no env.py of Alembic's is
            version_locations=[self.folder / "versions"],
            history_table="",
            lock=False,
        )
        try:
            self.runner.run(getattr(migrator, command)(target))
        except MigrateError as error:
            return f"{error} {error.__cause__!r}"
        return ""

    def rows(self) -> int:
        """Return how many rows the version table has."""
        return len(self.dump().get("rows alembic_version", []))

    def dump(self) -> dict[str, Any]:
        """Return what the database holds, the version table too."""
        found = self.database.call(dump)
        return {key: value for key, value in found.items() if HISTORY not in str(key)}


def _alembic(connection: sa.Connection, folder: Path, command: str, target: str) -> None:
    from alembic import command as commands
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    getattr(commands, command)(config, target)
