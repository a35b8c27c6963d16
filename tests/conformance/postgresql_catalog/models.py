"""Models of everything that SQLAlchemy can say to PostgreSQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmigrate import View


def stored(**parameters: Any) -> dict[str, Any]:
    """Storage parameters of a table; SQLAlchemy 2.0 has no words for them."""
    return {"postgresql_with": parameters} if hasattr(sa, "CreateView") else {}


def ordinary() -> sa.MetaData:
    """What most models say, nothing of which the server prints in other words than expected."""
    metadata = sa.MetaData()
    sa.Table(
        "users",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(120), nullable=False, unique=True, comment="to log in"),
        sa.Column("name", sa.Text, index=True),
        sa.Column("age", sa.SmallInteger, server_default="0"),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("mood", sa.Enum("sad", "glad", name="mood"), server_default="glad"),
        sa.Column("tags", postgresql.ARRAY(sa.String(20)), server_default="{}"),
        sa.Column("data", postgresql.JSONB, server_default=sa.text("'{}'::jsonb")),
        sa.Index("ix_lower", sa.text("lower(name)"), unique=True),
        sa.Index("ix_gin", "data", postgresql_using="gin"),
        sa.Index("ix_desc", sa.desc("created"), "id", postgresql_with={"fillfactor": 70}),
        comment="those who log in",
    )
    sa.Table(
        "posts",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True, start=10), primary_key=True),
        sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("other_id", sa.Integer),
        sa.Column("price", sa.Numeric(10, 2), server_default=sa.text("0")),
        sa.Column("twice", sa.Numeric, sa.Computed("price * price", persisted=True)),
        sa.UniqueConstraint("user_id", "price"),
        sa.CheckConstraint("id > 0", name="positive"),
        sa.ForeignKeyConstraint(
            ["other_id"], ["users.id"], deferrable=True, initially="DEFERRED", onupdate="SET NULL"
        ),
        schema="app",
        **stored(fillfactor=70),
    )
    sa.Sequence("numbers", metadata=metadata, start=5, increment=5)
    return metadata


def peculiar() -> sa.MetaData:
    """What the server prints in words of its own."""
    metadata = sa.MetaData()
    mood = sa.Enum("sad", "glad", name="Mood", schema="app")
    code = postgresql.DOMAIN("code", sa.String(3), check="VALUE <> '' AND length(VALUE) < 4")
    numbers = sa.Sequence("Numbers", metadata=metadata, schema="app")
    sa.Table(
        "Odd %: Table",
        metadata,
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("select", sa.String(10, collation="C"), comment="50% : 'quoted'"),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("mood", mood, server_default="glad"),
        sa.Column("moods", postgresql.ARRAY(mood)),
        sa.Column("code", code),
        sa.Column("span", postgresql.INT4RANGE),
        sa.Column("number", sa.Integer, server_default=numbers.next_value()),
        sa.Column("at", sa.DateTime, server_default=sa.text("now() + interval '1 day'")),
        sa.Column("kind", sa.Enum("a", "b", name="kind", native_enum=False)),
        sa.Column("yes", sa.Boolean(create_constraint=True, name="is_yes")),
        sa.Column("low", sa.Text, sa.Computed("lower(status) || 'x%'", persisted=True)),
        sa.CheckConstraint("status IN ('a', 'b')"),
        sa.CheckConstraint("status LIKE 'a%' OR id::bigint BETWEEN 1 and 5", name="Like"),
        postgresql.ExcludeConstraint(
            ("span", "&&"), where=sa.text("id > 3"), name="apart", using="gist"
        ),
        sa.Index("ix_part", "status", postgresql_where=sa.text("status not in ('a','b%')")),
        sa.Index("ix_text", sa.text("(status || 'x') DESC"), "id"),
        sa.Index("ix_ops", "status", postgresql_ops={"status": "varchar_pattern_ops"}),
        sa.Index("ix_concurrent", "id", postgresql_concurrently=False, postgresql_include=["at"]),
        schema="app",
        **stored(autovacuum_enabled=False),
        prefixes=["UNLOGGED"],
        comment="it's",
    )
    small = sa.Table("small", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("small", metadata, sa.Column("other", sa.Integer, unique=True), schema="app")
    sa.Table(
        "parted",
        metadata,
        sa.Column("at", sa.Date, primary_key=True),
        sa.Column("id", sa.Integer, sa.CheckConstraint("id<>0"), primary_key=True),
        postgresql_partition_by="RANGE (at)",
    )
    sa.Table("child", metadata, sa.Column("more", sa.Text), postgresql_inherits="small")
    View("first", sa.select(small.c.id).where(small.c.id.in_([1, 2])), metadata, comment="a view")
    View("second", "SELECT id+1 AS next FROM first WHERE 'a:b%' <> ''", metadata)
    rows = View(
        "rows",
        sa.select(small.c.id, sa.literal("a").label("status")),
        metadata,
        materialized=True,
    )
    sa.Index("ix_rows", sa.text("(status || 'x')"), _table=rows.table)
    return metadata
