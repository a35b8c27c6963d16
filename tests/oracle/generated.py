"""Scripts that Hypothesis makes: a table with rows, and changes of it that every database takes.

The profile is derandomised, so the set is the same on every machine. Each script knows what it
has done so far, and does only what can work: a column that a constraint is about is not dropped,
NULLs are filled before NOT NULL, a type becomes a wider one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.oracle.written import Script

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 80

_WIDER = {
    "sa.Integer()": "sa.BigInteger()",
    "sa.String(20)": "sa.String(60)",
    "sa.String(60)": "sa.Text()",
    "sa.Numeric(8, 2)": "sa.Numeric(12, 2)",
    "sa.SmallInteger()": "sa.Integer()",
}
_TYPES = [*_WIDER, "sa.DateTime()"]
_VALUES = {
    "sa.DateTime()": ["2026-01-02 03:04:05", "1999-12-31 23:59:59"],
    "sa.String(20)": ["x", "it's", "100%", 'a \\"b\\"', ""],
    "sa.Numeric(8, 2)": ["1.50", "-20.25", "0"],
}
_VALUES["sa.String(60)"] = _VALUES["sa.Text()"] = _VALUES["sa.String(20)"]
_VALUES["sa.Numeric(12, 2)"] = _VALUES["sa.Numeric(8, 2)"]
_NUMBERS = ["0", "7", "-3", "120"]


@dataclass(eq=False)
class Column:
    """What is known of a column."""

    name: str
    type_: str
    nullable: bool = True
    default: str | None = None

    @property
    def values(self) -> list[str]:
        return _VALUES.get(self.type_, _NUMBERS)

    @property
    def existing(self) -> str:
        """The arguments that tell all of what it is now: MySQL would lose what they leave out."""
        default = None if self.default is None else f'"{self.default}"'
        return (
            f"existing_type={self.type_}, existing_nullable={self.nullable}, "
            f"existing_server_default={default}, existing_comment=None, "
            "existing_autoincrement=False"
        )

    @property
    def written(self) -> str:
        default = "" if self.default is None else f', server_default="{self.default}"'
        return f'sa.Column("{self.name}", {self.type_}, nullable={self.nullable}{default})'


@dataclass
class State:
    """A script so far."""

    draw: st.DrawFn
    table: str = "t"
    columns: list[Column] = field(default_factory=list)
    used: dict[str, list[str]] = field(default_factory=dict)
    """The columns of each index and constraint, by its name."""
    kinds: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    made: int = 0
    touched: list[Column] | None = None
    """In a batch: the columns that it is about so far. Alembic takes each of them once."""

    def fresh(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}{self.made}"

    def pick(self, among: list[Column]) -> Column | None:
        among = self.untouched(among)
        found = self.draw(st.sampled_from(among)) if among else None
        if found is not None:
            self.touch(found)
        return found

    def untouched(self, among: list[Column]) -> list[Column]:
        return [column for column in among if column not in (self.touched or [])]

    def touch(self, column: Column) -> None:
        if self.touched is not None:
            self.touched.append(column)

    def free(self) -> list[Column]:
        """The columns that nothing is about."""
        taken = {name for names in self.used.values() for name in names}
        return [column for column in self.columns if column.name not in taken]

    def column(self) -> Column:
        """Return a new column."""
        type_ = self.draw(st.sampled_from(_TYPES))
        column = Column(self.fresh("c"), type_)
        if self.draw(st.booleans()):
            column.default = self.draw(st.sampled_from(column.values))
            column.nullable = self.draw(st.booleans())
        return column

    # --- changes, each of which may find nothing to do ----------------------------------------

    def add_column(self) -> None:
        column = self.column()
        self.lines.append(f'op.add_column("{self.table}", {column.written})')
        self.columns.append(column)
        self.touch(column)

    def drop_column(self) -> None:
        column = self.pick(self.free())
        if column is not None and len(self.columns) > 1:
            self.lines.append(f'op.drop_column("{self.table}", "{column.name}")')
            self.columns.remove(column)

    def _alter(self, column: Column, arguments: str) -> None:
        self.lines.append(
            f'op.alter_column("{self.table}", "{column.name}", {arguments}, {column.existing})'
        )

    def widen(self) -> None:
        # MySQL has no index of the whole of a TEXT.
        column = self.pick([c for c in self.free() if c.type_ in _WIDER])
        if column is not None:
            self._alter(column, f"type_={_WIDER[column.type_]}")
            column.type_ = _WIDER[column.type_]

    def require(self) -> None:
        column = self.pick([c for c in self.columns if c.nullable])
        if column is not None:
            value = self.draw(st.sampled_from(column.values)).replace("'", "''")
            self.lines.append(
                f"op.execute(\"UPDATE {self.table} SET {column.name} = '{value}' "
                f'WHERE {column.name} IS NULL")'
            )
            self._alter(column, "nullable=False")
            column.nullable = False

    def allow(self) -> None:
        column = self.pick([c for c in self.columns if not c.nullable])
        if column is not None:
            self._alter(column, "nullable=True")
            column.nullable = True

    def give_default(self) -> None:
        column = self.pick(self.columns)
        if column is not None:
            default = self.draw(st.sampled_from(column.values))
            self._alter(column, f'server_default="{default}"')
            column.default = default

    def take_default(self) -> None:
        column = self.pick([c for c in self.columns if c.default is not None])
        if column is not None:
            self._alter(column, "server_default=None")
            column.default = None

    def rename_column(self) -> None:
        column = self.pick(self.free())
        if column is not None:
            new = self.fresh(self.draw(st.sampled_from(["r", "Odd ", "select"])))
            self._alter(column, f'new_column_name="{new}"')
            if " " not in new:
                column.name = new
            else:  # UPDATE is written without quotes here
                self.columns.remove(column)

    def create_index(self) -> None:
        columns = [c.name for c in self.untouched(self.columns) if c.type_ != "sa.Text()"][:3]
        if columns:
            names = self.draw(st.lists(st.sampled_from(columns), min_size=1, unique=True))
            name = self.fresh("ix_")
            self.lines.append(f'op.create_index("{name}", "{self.table}", {names})')
            self.used[name] = names
            self.kinds[name] = "index"

    def create_unique(self) -> None:
        # Of two that say the same, SQLAlchemy's reflection shows Alembic's batch only one.
        column = self.pick([c for c in self.free() if c.type_ != "sa.Text()"])
        if column is not None:
            name, names = self.fresh("uq_"), ["id", column.name]
            self.lines.append(f'op.create_unique_constraint("{name}", "{self.table}", {names})')
            self.used[name] = names
            self.kinds[name] = "unique"

    def create_check(self) -> None:
        column = self.pick([c for c in self.free() if c.type_ == "sa.Integer()"])
        if column is not None:
            name = self.fresh("ck_")
            self.lines.append(
                f'op.create_check_constraint("{name}", "{self.table}", "{column.name} > -1000")'
            )
            self.used[name] = [column.name]
            self.kinds[name] = "check"

    def create_foreign_key(self) -> None:
        column, name = Column(self.fresh("p"), "sa.Integer()"), self.fresh("fk_")
        rule = self.draw(st.sampled_from(["", ', ondelete="CASCADE"', ', ondelete="SET NULL"']))
        self.lines.append(f'op.add_column("{self.table}", {column.written})')
        self.lines.append(
            f'op.create_foreign_key("{name}", "{self.table}", "parent", ["{column.name}"], '
            f'["id"]{rule})'
        )
        self.used[name] = [column.name]
        self.kinds[name] = "foreignkey"

    def drop_one(self) -> None:
        # MySQL keeps an index for a foreign key, which goes when it is no longer needed.
        names = [name for name, kind in self.kinds.items() if kind != "foreignkey"]
        if names:
            name = self.draw(st.sampled_from(names))
            kind = self.kinds.pop(name)
            del self.used[name]
            self.lines.append(
                f'op.drop_index("{name}", table_name="{self.table}")'
                if kind == "index"
                else f'op.drop_constraint("{name}", "{self.table}", type_="{kind}")'
            )

    def rename_table(self) -> None:
        new = self.fresh("t")
        self.lines.append(f'op.rename_table("{self.table}", "{new}")')
        self.table = new

    def batch(self) -> None:
        """Make the next changes in one batch; its directives name no table."""
        begin = len(self.lines)
        table, self.touched = self.table, []
        for change in self.draw(st.lists(st.sampled_from(_IN_BATCHES), min_size=1, max_size=5)):
            change(self)
        self.touched = None
        made, self.lines[begin:] = self.lines[begin:], []
        if made:
            self.lines.append(f'with op.batch_alter_table("{table}") as batch_op:')
            self.lines += [f"    {_in_batch(line, table)}" for line in made]

    def insert(self) -> None:
        required = [c for c in self.columns if not c.nullable and c.default is None]
        columns = [*required, *(c for c in self.columns if c not in required)][: 3 + len(required)]
        self.made += 1
        row = {"id": str(100 + self.made)} | {
            c.name: repr(self.draw(st.sampled_from(c.values)).replace("\\", "").replace("'", "''"))
            for c in columns
        }
        values = ", ".join(
            value if name == "id" else "'" + value[1:-1] + "'" for name, value in row.items()
        )
        self.lines.append(
            f'op.execute("""INSERT INTO {self.table} ({", ".join(row)}) VALUES ({values})""")'
        )


_CHANGES: list[Callable[[State], None]] = [
    State.add_column,
    State.add_column,
    State.drop_column,
    State.widen,
    State.require,
    State.allow,
    State.give_default,
    State.take_default,
    State.rename_column,
    State.create_index,
    State.create_unique,
    State.create_check,
    State.create_foreign_key,
    State.drop_one,
    State.rename_table,
    State.insert,
]
_IN_BATCHES = [
    State.add_column,
    State.drop_column,
    State.widen,
    State.allow,
    State.give_default,
    State.take_default,
    State.rename_column,
    State.create_index,
    State.create_unique,
    State.create_check,
    State.create_foreign_key,
]
_CHANGES += [State.batch, State.batch]


def _in_batch(line: str, table: str) -> str:
    """Return a directive as it stands in a batch of the table."""
    line = line.replace("op.", "batch_op.", 1)
    if "create_" in line:
        return line.replace(f', "{table}", ', ", ", 1)
    return line.replace(f'("{table}", ', "(", 1)


@st.composite
def scripts(draw: st.DrawFn) -> tuple[str, str]:
    """Return a setup and a script."""
    state = State(draw)
    state.columns = [state.column() for _ in range(draw(st.integers(2, 5)))]
    columns = ",\n    ".join(column.written for column in state.columns)
    state.lines.append('op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True))')
    state.lines.append(
        'op.create_table(\n    "t",\n    sa.Column("id", sa.Integer, primary_key=True),\n'
        f"    {columns},\n)"
    )
    for _ in range(3):
        state.insert()
    setup = "\n".join(state.lines)
    state.lines.clear()
    for change in draw(st.lists(st.sampled_from(_CHANGES), min_size=3, max_size=8)):
        change(state)
    return setup, "\n".join(state.lines) or "pass"


def _collect() -> list[Script]:
    made: list[tuple[str, str]] = []

    @settings(
        derandomize=True,
        database=None,
        max_examples=COUNT,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(scripts())
    def collect(script: tuple[str, str]) -> None:
        if script not in made:
            made.append(script)

    collect()
    return [Script(f"generated {n}", upgrade, setup) for n, (setup, upgrade) in enumerate(made, 1)]


GENERATED = _collect()
"""Every script that was made by Hypothesis."""
