"""The edits of models that both tools are asked about."""

from __future__ import annotations

import sqlalchemy as sa

from tests.oracle.databases import OTHER
from tests.oracle.shop import Edit, Shop

POSTGRESQL = frozenset({"postgresql"})
SERVERS = frozenset({"postgresql", "mariadb"})


def other(shop: Shop, *parts: sa.Column[int] | sa.Constraint, **options: str) -> sa.Table:
    """Declare one table more."""
    key = sa.Column("id", sa.Integer, primary_key=True)
    return sa.Table("other", shop.metadata, key, *parts, **options)  # type: ignore[arg-type]


def index(shop: Shop, name: str, *columns: object, **options: object) -> sa.Index:
    """Declare an index of `users`."""
    return sa.Index(name, *columns, _table=shop.users, **options)  # type: ignore[arg-type]


def reference(shop: Shop, name: str | None = "fk_user", **options: object) -> None:
    """Declare the foreign key of `orders` otherwise."""
    shop.without(shop.orders, "fk_user")
    key = sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=name, **options)  # type: ignore[arg-type]
    shop.constrain(shop.orders, key)


TABLES = [
    Edit("nothing", lambda s: None),
    Edit("a table is added", lambda s: other(s)),
    Edit(
        "a table with a foreign key is added",
        lambda s: other(s, sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id"))),
    ),
    Edit("a table is dropped", lambda s: s.metadata.remove(s.tags)),
    Edit("a table with a foreign key is dropped", lambda s: s.metadata.remove(s.orders)),
    Edit("a comment on a table is added", lambda s: setattr(s.tags, "comment", "it's 100%")),
    Edit("a comment on a table changes", lambda s: setattr(s.users, "comment", "who bought")),
    Edit("a comment on a table is dropped", lambda s: setattr(s.users, "comment", None)),
    Edit("a table in another schema", lambda s: other(s, schema=OTHER), POSTGRESQL),
    Edit("a sequence is added", lambda s: sa.Sequence("numbers", metadata=s.metadata), SERVERS),
]

COLUMNS = [
    Edit("a column is added", lambda s: s.add(sa.Column("city", sa.String(30)))),
    Edit(
        "a column with a default is added",
        lambda s: s.add(sa.Column("n", sa.Integer, nullable=False, server_default="7")),
    ),
    Edit(
        "a column with an index is added",
        lambda s: s.add(sa.Column("city", sa.String(30), index=True)),
    ),
    Edit(
        "a unique column is added",
        lambda s: s.add(sa.Column("city", sa.String(30), unique=True)),
    ),
    Edit(
        "a column with a foreign key is added",
        lambda s: s.add(sa.Column("tag_id", sa.Integer, sa.ForeignKey("tags.id"))),
    ),
    Edit(
        "a computed column is added",
        lambda s: s.add(sa.Column("n", sa.Integer, sa.Computed("age + 1", persisted=True))),
    ),
    Edit("a column is dropped", lambda s: s.drop(s.users, "bio")),
    Edit("a column with an index is dropped", lambda s: s.drop(s.orders, "note")),
    Edit("a computed column is dropped", lambda s: s.drop(s.users, "double_points")),
    Edit("integer → bigint", lambda s: s.column("age", type=sa.BigInteger())),
    Edit(
        "integer → bigint under a computed column",
        lambda s: s.column("points", type=sa.BigInteger()),
    ),
    Edit("a number becomes text", lambda s: s.column("score", type=sa.String(30))),
    Edit("text becomes a number", lambda s: s.column("bio", type=sa.Integer())),
    Edit("longer", lambda s: s.column("name", type=sa.String(60))),
    Edit("shorter", lambda s: s.column("name", type=sa.String(40))),
    Edit("without a limit", lambda s: s.column("motto", type=sa.String()), frozenset({"sqlite"})),
    Edit("varchar → text", lambda s: s.column("name", type=sa.Text()), POSTGRESQL),
    Edit("precision", lambda s: s.column("score", type=sa.Numeric(12, 2))),
    Edit("scale", lambda s: s.column("score", type=sa.Numeric(10, 3))),
    Edit("numeric without a precision", lambda s: s.column("score", type=sa.Numeric())),
    Edit("numeric → float", lambda s: s.column("score", type=sa.Float())),
    Edit("datetime → date", lambda s: s.column("seen_at", type=sa.Date())),
    Edit("timezone", lambda s: s.column("seen_at", type=sa.DateTime(timezone=True)), POSTGRESQL),
    Edit("text → JSON", lambda s: s.column("bio", type=sa.JSON()), frozenset({"sqlite"})),
    Edit("boolean → integer", lambda s: s.column("active", type=sa.Integer())),
    Edit(
        "integer → integer[]",
        lambda s: s.column("score", type=sa.ARRAY(sa.Numeric(10, 2))),
        POSTGRESQL,
    ),
    Edit(
        "an enum gets a value",
        lambda s: s.column("role", type=sa.Enum("admin", "guest", "staff", name="role")),
    ),
    Edit(
        "an enum loses a value",
        lambda s: s.column("role", type=sa.Enum("admin", name="role")),
    ),
    Edit(
        "an enum without a type gets a value",
        lambda s: s.column(
            "size",
            type=sa.Enum("small", "large", "huge", name="size", native_enum=False, length=9),
        ),
    ),
    Edit("NOT NULL", lambda s: s.column("bio", nullable=False)),
    Edit("no NOT NULL", lambda s: s.column("name", nullable=True)),
    Edit(
        "NOT NULL and another type",
        lambda s: s.column("email", nullable=False, type=sa.String(120)),
    ),
    Edit("a default is added", lambda s: s.default("name", "nobody")),
    Edit("a default with a quote is added", lambda s: s.default("name", "it's")),
    Edit("a default changes", lambda s: s.default("age", "21")),
    Edit("a default is an expression", lambda s: s.default("age", sa.text("(2 + 3)"))),
    Edit("a default is dropped", lambda s: s.default("age", None)),
    Edit("now() is the default", lambda s: s.default("seen_at", sa.func.current_timestamp())),
    Edit("a comment on a column is added", lambda s: s.column("name", comment="it's 100%")),
    Edit("a comment on a column changes", lambda s: s.column("email", comment="for letters")),
    Edit("a comment on a column is dropped", lambda s: s.column("email", comment=None)),
    Edit(
        "a collation",
        lambda s: s.column("name", type=sa.String(50, collation="C")),
        POSTGRESQL,
    ),
    Edit(
        "another expression",
        lambda s: (
            s.drop(s.users, "double_points"),
            s.add(
                sa.Column("double_points", sa.Integer, sa.Computed("points * 3", persisted=True))
            ),
        ),
    ),
    Edit(
        "an identity",
        lambda s: s.identity(s.tags.c.id),
        POSTGRESQL,
    ),
]

CONSTRAINTS = [
    Edit("unique", lambda s: s.constrain(s.tags, sa.UniqueConstraint("label", name="uq_label"))),
    Edit("unique without a name", lambda s: s.constrain(s.tags, sa.UniqueConstraint("label"))),
    Edit("no unique", lambda s: s.without(s.users, "uq_email")),
    Edit(
        "unique with other columns",
        lambda s: (
            s.without(s.users, "uq_email"),
            s.constrain(s.users, sa.UniqueConstraint("email", "name", name="uq_email")),
        ),
    ),
    Edit(
        "unique with another name",
        lambda s: (
            s.without(s.users, "uq_email"),
            s.constrain(s.users, sa.UniqueConstraint("email", name="uq_mail")),
        ),
    ),
    Edit(
        "unique becomes a unique index",
        lambda s: (
            s.without(s.users, "uq_email"),
            index(s, "ix_email", s.users.c.email, unique=True),
        ),
    ),
    Edit(
        "unique, deferrable",
        lambda s: (
            s.without(s.users, "uq_email"),
            s.constrain(s.users, sa.UniqueConstraint("email", name="uq_email", deferrable=True)),
        ),
        POSTGRESQL,
    ),
    Edit(
        "a foreign key is added",
        lambda s: s.constrain(
            s.orders, sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="fk_tag")
        ),
    ),
    Edit(
        "a foreign key without a name is added",
        lambda s: s.constrain(s.orders, sa.ForeignKeyConstraint(["tag_id"], ["tags.id"])),
    ),
    Edit("a foreign key is dropped", lambda s: s.without(s.orders, "fk_user")),
    Edit("ON DELETE", lambda s: reference(s, ondelete="CASCADE")),
    Edit("ON UPDATE", lambda s: reference(s, onupdate="CASCADE")),
    Edit("a foreign key gets another name", lambda s: reference(s, "fk_customer")),
    Edit(
        "a foreign key is deferred",
        lambda s: reference(s, deferrable=True, initially="DEFERRED"),
        frozenset({"postgresql", "sqlite"}),
    ),
    Edit("MATCH FULL", lambda s: reference(s, match="FULL"), POSTGRESQL),
    Edit(
        "a foreign key to another table",
        lambda s: (
            s.without(s.orders, "fk_user"),
            s.constrain(
                s.orders, sa.ForeignKeyConstraint(["user_id"], ["tags.id"], name="fk_user")
            ),
        ),
    ),
    Edit(
        "a check is added",
        lambda s: s.constrain(s.tags, sa.CheckConstraint("weight > 0", name="ck_weight")),
    ),
    Edit("a check is dropped", lambda s: s.without(s.users, "ck_age")),
    Edit(
        "a check changes",
        lambda s: (
            s.without(s.users, "ck_age"),
            s.constrain(s.users, sa.CheckConstraint("age >= 18", name="ck_age")),
        ),
    ),
    Edit(
        "a check without a name is added",
        lambda s: s.constrain(s.tags, sa.CheckConstraint("weight > 0")),
    ),
    Edit(
        "a check gets another name",
        lambda s: (
            s.without(s.users, "ck_age"),
            s.constrain(s.users, sa.CheckConstraint("age >= 0", name="ck_years")),
        ),
    ),
    Edit("another primary key", lambda s: s.key("id", "label")),
    Edit("a primary key of other columns", lambda s: s.key("label")),
    Edit("a primary key gets a name", lambda s: s.key("id", name="tags_key"), POSTGRESQL),
]

INDEXES = [
    Edit("an index is added", lambda s: index(s, "ix_age", s.users.c.age)),
    Edit("an index is dropped", lambda s: s.without(s.users, "ix_name")),
    Edit(
        "an index of other columns",
        lambda s: (
            s.without(s.users, "ix_name"),
            index(s, "ix_name", s.users.c.name, s.users.c.age),
        ),
    ),
    Edit(
        "an index of columns in another order",
        lambda s: (
            s.without(s.orders, "ix_tag_note"),
            sa.Index("ix_tag_note", s.orders.c.note, s.orders.c.tag_id),
        ),
    ),
    Edit(
        "an index becomes unique",
        lambda s: (s.without(s.users, "ix_name"), index(s, "ix_name", s.users.c.name, unique=True)),
    ),
    Edit(
        "an index gets another name",
        lambda s: (s.without(s.users, "ix_name"), index(s, "ix_of_names", s.users.c.name)),
    ),
    Edit(
        "an index of an expression is added",
        lambda s: index(s, "ix_low", sa.func.lower(s.users.c.name)),
        frozenset({"postgresql", "sqlite"}),
    ),
    Edit(
        "an index turns round",
        lambda s: (s.without(s.users, "ix_name"), index(s, "ix_name", s.users.c.name.desc())),
    ),
    Edit(
        "an index of some rows",
        lambda s: (
            s.without(s.users, "ix_name"),
            index(
                s,
                "ix_name",
                s.users.c.name,
                postgresql_where=sa.text("age > 18"),
                sqlite_where=sa.text("age > 18"),
            ),
        ),
        frozenset({"postgresql", "sqlite"}),
    ),
    Edit(
        "an index with other options",
        lambda s: (
            s.without(s.users, "ix_name"),
            index(
                s,
                "ix_name",
                s.users.c.name,
                postgresql_using="hash",
            ),
        ),
        POSTGRESQL,
    ),
]

EDITS = [*TABLES, *COLUMNS, *CONSTRAINTS, *INDEXES]
