"""Random models for SQLite: tables with every sort of part that SQLAlchemy can write there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from hypothesis import strategies as st

from asyncmigrate.schema.types import RawType

if TYPE_CHECKING:
    from collections.abc import Callable

TABLES = ("t", "select", "My Table", "ключ")
COLUMNS = ("a", "userName", "order", "x y", "straße", "key", 'q"q')

CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}

TYPES: tuple[Callable[[], Any], ...] = (
    sa.Integer,
    sa.BigInteger,
    sa.Boolean,
    lambda: sa.Boolean(create_constraint=True, name=None),
    sa.Date,
    sa.DateTime,
    sa.Double,
    lambda: sa.Enum("x", "it's", create_constraint=True),
    sa.Float,
    sa.JSON,
    sa.LargeBinary,
    lambda: sa.Numeric(8, 2),
    sa.String,
    lambda: sa.String(10),
    lambda: sa.String(10, collation="NOCASE"),
    lambda: sa.Text(collation="BINARY"),
    sa.Uuid,
    lambda: RawType("Money (3)"),
    lambda: sa.Interval(),
)

DEFAULTS: tuple[Any, ...] = (
    None,
    "x",
    "it's  (so)",
    sa.text("5"),
    sa.text("-1"),
    sa.text("NULL"),
    sa.text("CURRENT_TIMESTAMP"),
    sa.text("(1 + 2)"),
    sa.text("abs (-1)"),
    sa.text("'a'"),
    sa.func.now(),
    sa.func.lower("X"),
    sa.true(),
    sa.literal(3),
)

ACTIONS = (None, "CASCADE", "SET NULL", "NO ACTION", "restrict")


def _name(draw: st.DrawFn, name: str) -> str | None:
    return draw(st.sampled_from([None, name]))


def _column(draw: st.DrawFn, name: str, others: list[str]) -> sa.Column[Any]:
    type_ = draw(st.sampled_from(TYPES))()
    if getattr(type_, "create_constraint", False):
        type_.name = f"only {name}"
    if others and draw(st.integers(0, 5)) == 0:
        computed = sa.Computed(f'coalesce("{others[0]}",  1)', draw(st.sampled_from([None, True])))
        return sa.Column(name, sa.Integer, computed)
    default = draw(st.sampled_from(DEFAULTS))
    nullable = draw(st.booleans())
    return sa.Column(name, type_, nullable=nullable, server_default=default)


@st.composite
def columns(draw: st.DrawFn) -> list[sa.Column[Any]]:
    """Columns without a key."""
    found: list[sa.Column[Any]] = []
    plain: list[str] = []
    for name in COLUMNS[: draw(st.integers(1, len(COLUMNS)))]:
        column = _column(draw, name, plain)
        plain += [name] if column.computed is None and '"' not in name else []
        found.append(column)
    return found


def _keyed(draw: st.DrawFn, found: list[sa.Column[Any]]) -> tuple[list[Any], dict[str, Any]]:
    """Return the parts of a table's primary key, and its options."""
    strict = {}
    match draw(st.sampled_from(["id", "auto", "named", "composite", "without rowid", "none"])):
        case "id":
            return [sa.Column("id", sa.Integer, primary_key=True), *found], strict
        case "auto":
            key = sa.Column("id", sa.Integer, primary_key=True)
            return [key, *found], {"sqlite_autoincrement": True}
        case "named":
            key = sa.Column("id", sa.String(3), nullable=False)
            return [key, *found, sa.PrimaryKeyConstraint("id", name="the key")], {}
        case "composite":
            keys = [sa.Column(name, sa.Integer, primary_key=True) for name in ("id", "id2")]
            return [*keys, *found], {}
        case "without rowid":
            key = sa.Column("id", sa.String(3), primary_key=True)
            return [key, *found], {"sqlite_with_rowid": False}
        case _:
            return [sa.Column("id", sa.Integer), *found], {}


def _constraints(draw: st.DrawFn, table: sa.Table, tables: list[sa.Table]) -> None:
    first, *others = (column for column in table.columns if column.computed is None)
    if draw(st.booleans()):
        table.append_constraint(sa.UniqueConstraint(first, *others[:1], name=_name(draw, "one")))
    if draw(st.booleans()):
        table.append_constraint(
            sa.CheckConstraint(sa.type_coerce(first, sa.String) != "x", name="differs")
        )
    for text in draw(
        st.lists(
            st.sampled_from(["id>0", "( (id <> 1) )", "ID is not null"]), max_size=2, unique=True
        )
    ):
        table.append_constraint(
            sa.CheckConstraint(
                text, name=None if table.metadata.naming_convention.get("ck") is None else text
            )
        )
    for parent in draw(st.lists(st.sampled_from(tables), max_size=2, unique=True)):
        if parent.schema == table.schema:
            table.append_constraint(
                sa.ForeignKeyConstraint(
                    [first.name],
                    [parent.c.id],
                    name=_name(draw, f"to {parent.name}"),
                    ondelete=draw(st.sampled_from(ACTIONS)),
                    onupdate=draw(st.sampled_from(ACTIONS)),
                    deferrable=draw(st.sampled_from([None, True, False])),
                    match=draw(st.sampled_from([None, "FULL"])),
                )
            )


def _indexes(draw: st.DrawFn, table: sa.Table) -> None:
    last = list(table.columns)[-1]
    word = sa.type_coerce(last, sa.String)
    choices: tuple[tuple[Any, ...], ...] = (
        (last,),
        (table.c.id, last),
        (last.desc(), table.c.id),
        (sa.func.lower(word),),
        (sa.collate(word, "NOCASE"),),
        (sa.func.coalesce(word, "it's").desc(),),
        (sa.text("id + 1"), last),
    )
    wheres = (
        None,
        sa.type_coerce(table.c.id, sa.Integer) > 3,
        sa.text("id  > 3"),
        sa.and_(last.is_not(None), sa.type_coerce(table.c.id, sa.Integer) != 1),
    )
    picked = draw(st.lists(st.integers(0, len(choices) - 1), max_size=3, unique=True))
    for number in picked:
        sa.Index(
            f"Index {table.name} {number}",
            *choices[number],
            unique=draw(st.booleans()),
            sqlite_where=draw(st.sampled_from(wheres)),
            _table=table,
        )


@st.composite
def models(draw: st.DrawFn) -> sa.MetaData:
    """Metadata of some tables, perhaps in an attached file `aux`."""
    convention = draw(st.sampled_from([None, CONVENTION]))
    metadata = sa.MetaData(naming_convention=convention)
    tables: list[sa.Table] = []
    for name in TABLES[: draw(st.integers(1, len(TABLES)))]:
        parts, options = _keyed(draw, draw(columns()))
        schema = draw(st.sampled_from([None, None, "aux"]))
        table = sa.Table(name, metadata, *parts, schema=schema, **options)
        tables.append(table)
        _constraints(draw, table, tables)
        _indexes(draw, table)
    return metadata
