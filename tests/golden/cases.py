"""The calls whose SQL stands in the golden files, by directive, as a script would write them."""

from __future__ import annotations

from tests.golden.object_cases import OBJECT_CASES
from tests.golden.server_cases import SERVER_CASES
from tests.golden.type_cases import TYPE_CASES

CASES: dict[str, list[str]] = {
    "create_table": [
        'op.create_table("plain", sa.Column("id", sa.Integer, primary_key=True))',
        'op.create_table("odd name", sa.Column("select", sa.String(10)), schema="Other")',
        'op.create_table("t", sa.Column("id", sa.Integer), if_not_exists=True)',
        """op.create_table(
    "account",
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("email", sa.String(200), nullable=False, unique=True, comment="it's where to write"),
    sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id", ondelete="CASCADE"), index=True),
    sa.Column("balance", sa.Numeric(10, 2), server_default="0"),
    sa.Column("created", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP")),
    sa.CheckConstraint("balance >= 0", name="ck_balance"),
    comment="100% of them",
)""",
        """op.create_table(
    "line",
    sa.Column("order_id", sa.Integer),
    sa.Column("number", sa.Integer),
    sa.Column("price", sa.Integer),
    sa.Column("twice", sa.Integer, sa.Computed("price * 2")),
    sa.PrimaryKeyConstraint("order_id", "number", name="pk_line"),
    sa.ForeignKeyConstraint(["order_id"], ["shop.order.id"], name="fk_line_order"),
)""",
        """op.create_table(
    "node",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("parent_id", sa.Integer, sa.ForeignKey("node.id")),
)""",
        """op.create_table(
    "flag",
    sa.Column("on", sa.Boolean(create_constraint=True, name="ck_on")),
    sa.Column("level", sa.Enum("low", "high", name="level")),
)""",
        'op.create_table("same_type", sa.Column("level", sa.Enum("low", "high", name="level")))',
        """op.create_table(
    "options",
    sa.Column("id", sa.Integer),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
    sqlite_strict=True,
    mysql_engine="InnoDB",
    mariadb_engine="InnoDB",
)""",
    ],
    "drop_table": [
        'op.drop_table("account")',
        'op.drop_table("account", schema="shop")',
        'op.drop_table("account", if_exists=True)',
    ],
    "rename_table": [
        'op.rename_table("account", "customer")',
        'op.rename_table("account", "Customer", schema="shop")',
    ],
    "table_comment": [
        'op.create_table_comment("account", "it\'s 100%", schema="shop")',
        'op.create_table_comment("account", None)',
        'op.drop_table_comment("account", existing_comment="it was")',
    ],
    "add_column": [
        'op.add_column("account", sa.Column("age", sa.Integer))',
        """op.add_column(
    "account", sa.Column("age", sa.Integer, nullable=False, server_default="0")
)""",
        'op.add_column("account", sa.Column("age", sa.Integer), schema="shop", if_not_exists=True)',
        'op.add_column("account", sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id")))',
        """op.add_column(
    "account",
    sa.Column("team_id", sa.Integer, sa.ForeignKey("shop.team.id", ondelete="CASCADE")),
    inline_references=True,
)""",
        'op.add_column("account", sa.Column("email", sa.String(9), index=True))',
        'op.add_column("account", sa.Column("email", sa.String(9), unique=True))',
        'op.add_column("account", sa.Column("email", sa.String(9), comment="it\'s new"))',
        """op.add_column(
    "account", sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0", name="ck"))
)""",
        'op.add_column("account", sa.Column("on", sa.Boolean(create_constraint=True, name="ck")))',
        'op.add_column("account", sa.Column("twice", sa.Integer, sa.Computed("age * 2")))',
        'op.add_column("account", sa.Column("level", sa.Enum("low", "high", name="level")))',
        """op.add_column(
    "account", sa.Column("id", sa.Integer, primary_key=True), inline_primary_key=True
)""",
    ],
    "drop_column": [
        'op.drop_column("account", "age")',
        'op.drop_column("account", "select", schema="shop")',
        'op.drop_column("account", "age", if_exists=True)',
    ],
    "alter_column": [
        'op.alter_column("account", "age", new_column_name="Years")',
        'op.alter_column("account", "age", nullable=False)',
        'op.alter_column("account", "age", nullable=True, existing_type=sa.Integer())',
        'op.alter_column("account", "age", server_default="7")',
        'op.alter_column("account", "at", server_default=sa.text("CURRENT_TIMESTAMP"))',
        'op.alter_column("account", "age", server_default=None)',
        """op.alter_column(
    "account", "age", type_=sa.BigInteger, existing_nullable=False, existing_server_default=None,
    existing_comment=None, existing_autoincrement=False,
)""",
        """op.alter_column(
    "account", "age", type_=sa.Integer(), postgresql_using="age::integer", existing_nullable=True,
    existing_server_default=None, existing_comment=None,
)""",
        'op.alter_column("account", "age", comment="in years")',
        'op.alter_column("account", "age", comment=None, existing_comment="in years")',
        """op.alter_column(
    "account",
    "age",
    new_column_name="years",
    type_=sa.SmallInteger(),
    nullable=False,
    server_default="0",
    comment="it's whole years",
    schema="shop",
)""",
        """op.alter_column(
    "account",
    "level",
    type_=sa.Enum("low", "high", name="ck_new", native_enum=False, create_constraint=True),
    existing_type=sa.Enum("low", name="ck_old", native_enum=False, create_constraint=True),
    existing_nullable=True,
    existing_server_default=None,
    existing_comment=None,
)""",
        """op.alter_column(
    "account", "id", server_default=sa.Identity(start=10), existing_type=sa.Integer()
)""",
        """op.alter_column(
    "account",
    "id",
    server_default=sa.Identity(always=True, increment=2),
    existing_server_default=sa.Identity(),
)""",
        """op.alter_column(
    "account", "id", server_default=None, existing_server_default=sa.Identity()
)""",
        """op.alter_column(
    "account", "twice", server_default=None, existing_server_default=sa.Computed("age * 2")
)""",
    ],
    "create_index": [
        'op.create_index("ix_email", "account", ["email"])',
        'op.create_index("ix_email", "account", ["email", "age"], unique=True, schema="shop")',
        'op.create_index("ix_email", "account", ["email"], if_not_exists=True)',
        'op.create_index("ix_lower", "account", [sa.func.lower(sa.column("email"))])',
        'op.create_index("ix_text", "account", [sa.text("lower(email)"), sa.column("age").desc()])',
        """op.create_index(
    "ix_email",
    "account",
    ["email"],
    postgresql_where=sa.text("age > 9"),
    postgresql_using="btree",
    postgresql_include=["age"],
    postgresql_concurrently=True,
    sqlite_where=sa.text("age > 9"),
    mysql_length=10,
    mariadb_length=10,
)""",
    ],
    "drop_index": [
        'op.drop_index("ix_email", "account")',
        'op.drop_index("ix_email", table_name="account", schema="shop")',
        'op.drop_index("ix_email", table_name="account", if_exists=True)',
        'op.drop_index("ix_email", table_name="account", postgresql_concurrently=True)',
    ],
    "create_foreign_key": [
        'op.create_foreign_key("fk", "account", "team", ["team_id"], ["id"])',
        """op.create_foreign_key(
    "fk",
    "account",
    "team",
    ["team_id", "kind"],
    ["id", "kind"],
    onupdate="RESTRICT",
    ondelete="CASCADE",
    deferrable=True,
    initially="DEFERRED",
    source_schema="shop",
    referent_schema="people",
    postgresql_not_valid=True,
)""",
        'op.create_foreign_key("fk", "node", "node", ["parent_id"], ["id"])',
        'op.create_foreign_key(None, "account", "team", ["team_id"], ["id"])',
    ],
    "create_constraint": [
        'op.create_unique_constraint("uq", "account", ["email", "age"], schema="shop")',
        """op.create_unique_constraint(
    "uq", "account", ["email"], deferrable=True, initially="DEFERRED"
)""",
        'op.create_check_constraint("ck", "account", "email LIKE \'%@%\'")',
        'op.create_check_constraint("ck", "account", sa.column("age") > 0)',
        'op.create_primary_key("pk", "account", ["id", "kind"])',
    ],
    "drop_constraint": [
        'op.drop_constraint("fk", "account", type_="foreignkey")',
        'op.drop_constraint("uq", "account", "unique", schema="shop")',
        'op.drop_constraint("ck", "account", type_="check")',
        'op.drop_constraint("pk", "account", type_="primary")',
        'op.drop_constraint("any", "account")',
        'op.drop_constraint("fk", "account", type_="foreignkey", if_exists=True)',
    ],
    "execute": [
        r"""op.execute(r"UPDATE account SET email = 'a\:b' WHERE email LIKE '50%'")""",
        'op.execute("SELECT 1; SELECT 2")',
        'op.execute("SELECT 1 -- one")',
        'op.execute(sa.text("UPDATE account SET age = :age").bindparams(age=7))',
        """op.execute(
    sa.table("account", sa.column("age"), sa.column("email"))
    .update()
    .where(sa.column("email").in_(["a", "b"]))
    .values(age=op.inline_literal(7))
)""",
        'op.execute("SELECT :missing")',
    ],
    "literals": [
        """op.execute(sa.text("SELECT :a, :b, :c, :d, :e").bindparams(
    a="it's 100% \\\\ \\u20ac", b=-7, c=0.1, d=decimal.Decimal("1.10"), e=None
))""",
        "op.execute(sa.select(sa.literal(True), sa.literal(False)))",
        """op.execute(sa.text("SELECT :a, :b, :c").bindparams(
    a=dt.date(2026, 1, 2), b=dt.datetime(2026, 1, 2, 3, 4, 5, 6), c=dt.time(3, 4, 5)
))""",
        """op.execute(sa.text("SELECT :a").bindparams(
    a=dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)
))""",
        'op.execute(sa.text("SELECT :a").bindparams(a=uuid.UUID(int=7)))',
        'op.execute(sa.text("SELECT :a").bindparams(a=b"\\x00it\'s"))',
        'op.execute(sa.text("SELECT :a").bindparams(a={"key": ["it\'s", None]}))',
        'op.execute(sa.text("SELECT :a").bindparams(a=float("inf")))',
        'op.execute(sa.text("SELECT :a").bindparams(a=object()))',
    ],
    "bulk_insert": [
        """op.bulk_insert(
    sa.table("account", sa.column("id", sa.Integer), sa.column("email", sa.String)),
    [{"id": 1, "email": "it's 50%"}, {"id": 2, "email": None}, {"id": 3}],
)""",
        """op.bulk_insert(
    sa.Table(
        "event",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime),
        sa.Column("data", sa.JSON),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("key", sa.Uuid),
        sa.Column("done", sa.Boolean, default=False),
        sa.Column("level", sa.Enum("low", "high", name="level")),
    ),
    [
        {
            "at": dt.datetime(2026, 1, 2, 3, 4, 5),
            "data": {"a": "it's"},
            "raw": b"ab",
            "key": uuid.UUID(int=7),
            "level": "low",
        }
    ],
)""",
        'op.bulk_insert(sa.table("account", sa.column("id")), [])',
    ],
    "autocommit": [
        """with op.autocommit():
    op.create_index("ix", "account", ["email"], postgresql_concurrently=True)""",
        """with op.get_context().autocommit_block():
    op.execute("VACUUM")""",
    ],
    "batch_alter_table": [
        """with op.batch_alter_table("account", schema="shop") as batch_op:
    batch_op.add_column(sa.Column("n", sa.Integer))
    batch_op.create_index("ix_n", ["n"])
    batch_op.drop_index("ix_old")""",
        """with op.batch_alter_table("t") as batch_op:
    batch_op.add_column(sa.Column("n", sa.Integer, server_default="7"))
    batch_op.drop_column("c")
    batch_op.create_index("ix_n", ["n"], unique=True)""",
        """with op.batch_alter_table("t") as batch_op:
    batch_op.alter_column(
        "a", type_=sa.BigInteger(), existing_type=sa.Integer(), nullable=False,
        existing_nullable=True, existing_server_default=None, existing_comment=None,
    )
    batch_op.alter_column(
        "b", new_column_name="second", existing_type=sa.Integer(), existing_nullable=True
    )
    batch_op.create_unique_constraint("uq", ["a"])
    batch_op.create_foreign_key("fk", "node", ["second"], ["id"], ondelete="CASCADE")""",
        """with op.batch_alter_table("t", recreate="always", partial_reordering=[("c", "a")]):
    pass""",
        """with op.batch_alter_table("t") as batch_op:
    batch_op.add_column(sa.Column("n", sa.Integer), insert_after="id")""",
        """with op.batch_alter_table("t", recreate="never") as batch_op:
    batch_op.create_check_constraint("ck", "a > 0")""",
        """table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
with op.batch_alter_table("t", copy_from=table) as batch_op:
    batch_op.create_check_constraint("ck", "id > 0")""",
    ],
    "naming_convention": [
        'op.create_unique_constraint(None, "account", ["email"])',
        'op.create_check_constraint("age", "account", "age > 0")',
        'op.create_check_constraint(op.f("age"), "account", "age > 0")',
        'op.create_foreign_key(None, "account", "team", ["team_id"], ["id"])',
        'op.create_primary_key(None, "account", ["id"])',
        'op.create_index(None, "account", ["email"])',
        'op.drop_constraint("age", "account", type_="check")',
        'op.drop_constraint(op.f("ck_account_age"), "account", type_="check")',
        """op.create_table(
    "team",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(9), unique=True),
)""",
    ],
    **TYPE_CASES,
    **OBJECT_CASES,
    **SERVER_CASES,
}
"""Calls by file; `op`, `sa`, `dt`, `decimal` and `uuid` are there, as in a script."""
