"""Calls about what MySQL, MariaDB, SQL Server and Oracle have, and others do not."""

from __future__ import annotations

SERVER_CASES: dict[str, list[str]] = {
    "restated_column": [
        """op.alter_column(
    "account",
    "age",
    type_=sa.BigInteger(),
    existing_type=sa.Integer(),
    existing_nullable=False,
    existing_server_default="7",
    existing_comment="it's 100%",
)""",
        """op.alter_column(
    "account",
    "age",
    server_default=sa.text("(1 + 2)"),
    existing_server_default="7",
    existing_type=sa.Integer(),
)""",
        """op.alter_column(
    "account",
    "id",
    type_=sa.BigInteger(),
    autoincrement=True,
    existing_type=sa.Integer(),
    existing_nullable=False,
    existing_comment=None,
)""",
        """op.alter_column(
    "account",
    "odd name",
    comment="it's 50%",
    existing_type=sa.String(9),
    existing_nullable=True,
    existing_server_default=None,
    schema="shop",
)""",
        """op.alter_column(
    "account", "age", comment=None, existing_type=sa.Integer(), existing_nullable=True,
    existing_server_default=None,
)""",
        """op.alter_column(
    "account", "odd name", new_column_name="it's", existing_type=sa.Integer(), schema="Shop"
)""",
    ],
    "existing_column": [
        """op.alter_column(
    "account", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
    existing_comment=None,
)""",
        """op.alter_column(
    "account", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
    existing_autoincrement=True, existing_comment="the key",
)""",
        """op.alter_column(
    "account", "age", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,
    existing_server_default=None, existing_comment=None, existing_autoincrement=False,
)""",
        """op.alter_column(
    "account", "email", type_=sa.String(99), existing_type=sa.String(9), existing_nullable=False,
    existing_server_default=None, existing_comment=None,
)""",
        """op.alter_column(
    "account", "twice", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=True,
    existing_server_default=sa.Computed("age * 2", persisted=True), existing_comment=None,
)""",
        'op.alter_column("account", "age", new_column_name="years", server_default="0")',
        'op.alter_column("account", "age", new_column_name="years", nullable=False)',
        'op.alter_column("account", "at", server_default=None, existing_type=sa.DateTime())',
        """op.alter_column(
    "account", "at", server_default=None, existing_type=sa.DateTime(),
    existing_server_default=sa.func.current_timestamp(),
)""",
        """op.alter_column(
    "account", "at", server_default="2026-01-01", existing_type=sa.DateTime(),
    existing_server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
    existing_nullable=True, existing_comment=None,
)""",
    ],
    "on_update": [
        """op.alter_column(
    "account",
    "at",
    server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
    existing_type=sa.DateTime(),
    existing_nullable=False,
    existing_comment=None,
)""",
        """op.alter_column(
    "account", "at", server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")
)""",
    ],
    "dropped_with_a_column": [
        'op.drop_column("account", "age", mssql_drop_default=True)',
        'op.drop_column("account", "age", mssql_drop_check=True, schema="shop")',
        """op.drop_column(
    "account",
    "it's odd",
    mssql_drop_default=True,
    mssql_drop_check=True,
    mssql_drop_foreign_key=True,
)""",
    ],
    "identity_insert": [
        """op.bulk_insert(
    op.create_table("team", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Text)),
    [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}, {"n": "c"}],
)""",
        """op.bulk_insert(
    sa.Table("kind", sa.MetaData(), sa.Column("id", sa.String(9), primary_key=True)), [{"id": "a"}]
)""",
        """op.bulk_insert(
    sa.table("team", sa.column("id"), sa.column("it's odd"), schema="shop"),
    [{"id": 1, "it's odd": "a"}],
)""",
    ],
    "blocks": [
        'op.execute("BEGIN do_this(); END;")',
        'op.execute("CREATE PROCEDURE p AS BEGIN NULL; END p;")',
        'op.execute("UPDATE t SET a = 1;")',
        'op.execute("DROP TABLE sent")',
    ],
    "options": [
        """op.create_index(
    "ix",
    "account",
    ["word"],
    mysql_length={"word": 5},
    mysql_using="hash",
    mysql_prefix="FULLTEXT",
    mariadb_length={"word": 5},
    mariadb_using="hash",
    mariadb_prefix="FULLTEXT",
    mssql_clustered=True,
    mssql_include=["age"],
    mssql_where=sa.text("age > 9"),
    oracle_bitmap=True,
)""",
        """op.create_table(
    "account",
    sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0", name="ck")),
    mysql_engine="InnoDB",
    mariadb_engine="InnoDB",
    oracle_on_commit="PRESERVE ROWS",
)""",
        'op.drop_index("ix")',
    ],
}
