"""Models that are changed by one edit at a time: what both tools are asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable

EVERYWHERE = frozenset({"sqlite", "postgresql", "mariadb"})


class Shop:
    """Three tables. Each edit gets new ones."""

    def __init__(self) -> None:
        self.metadata = sa.MetaData()
        self.users = sa.Table(
            "users",
            self.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(50), nullable=False),
            sa.Column("email", sa.String(100), comment="where letters go"),
            sa.Column("age", sa.Integer, server_default="18"),
            sa.Column("bio", sa.Text),
            sa.Column("score", sa.Numeric(10, 2)),
            sa.Column("seen_at", sa.DateTime),
            sa.Column("active", sa.Boolean, nullable=False),
            sa.Column("role", sa.Enum("admin", "guest", name="role")),
            sa.Column("size", sa.Enum("small", "large", name="size", native_enum=False, length=9)),
            sa.Column("motto", sa.String(40), server_default="none"),
            sa.Column("points", sa.Integer, nullable=False),
            sa.Column("double_points", sa.Integer, sa.Computed("points * 2", persisted=True)),
            sa.UniqueConstraint("email", name="uq_email"),
            sa.CheckConstraint("age >= 0", name="ck_age"),
            sa.Index("ix_name", "name"),
            comment="who buys",
        )
        self.tags = sa.Table(
            "tags",
            self.metadata,
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("label", sa.String(30), nullable=False),
            sa.Column("weight", sa.Integer),
        )
        self.orders = sa.Table(
            "orders",
            self.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("user_id", sa.Integer),
            sa.Column("tag_id", sa.Integer),
            sa.Column("note", sa.String(20)),
            sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user"),
            sa.Index("ix_user", "user_id"),
            sa.Index("ix_tag_note", "tag_id", "note"),
        )

    # --- words for edits ------------------------------------------------------------------------

    def column(self, name: str, **attributes: Any) -> None:
        """Change attributes of a column of `users`."""
        for attribute, value in attributes.items():
            setattr(self.users.c[name], attribute, value)

    def default(self, name: str, value: Any) -> None:
        """Give a column of `users` another default of the server, or none."""
        default = None if value is None else sa.DefaultClause(value)
        self.users.c[name].server_default = default

    def add(self, *columns: sa.Column[Any]) -> None:
        """Add columns to `users`."""
        for each in columns:
            self.users.append_column(each)

    def identity(self, column: sa.Column[Any]) -> None:
        """Have the server count a column."""
        column.autoincrement = True
        sa.Identity(always=True)._set_parent(column)

    def drop(self, table: sa.Table, column: str) -> None:
        """Take a column away, with its indexes."""
        gone = table.c[column]
        table.indexes -= {each for each in table.indexes if gone in each.columns.values()}
        table._columns.remove(gone)

    def constrain(self, table: sa.Table, *items: sa.Constraint) -> None:
        """Add constraints."""
        for each in items:
            table.append_constraint(each)

    def without(self, table: sa.Table, name: str) -> None:
        """Take a constraint or an index away."""
        table.constraints -= {each for each in table.constraints if each.name == name}
        table.indexes -= {each for each in table.indexes if each.name == name}
        for column in table.c:
            column.foreign_keys = {each for each in column.foreign_keys if each.name != name}

    def key(self, *columns: str, name: str | None = None) -> None:
        """Give `tags` another primary key."""
        for column in self.tags.c:
            column.primary_key = False
        self.tags.constraints.discard(self.tags.primary_key)
        self.tags.primary_key = sa.PrimaryKeyConstraint(*columns, name=name)
        self.tags.append_constraint(self.tags.primary_key)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the models."""

    name: str
    change: Callable[[Shop], object]
    databases: frozenset[str] = EVERYWHERE

    def after(self) -> sa.MetaData:
        """Return the models after it."""
        shop = Shop()
        self.change(shop)
        return shop.metadata

    def __str__(self) -> str:
        return self.name
