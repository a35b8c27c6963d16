"""The calls about named types, CONCURRENTLY, NOT VALID, EXCLUDE, identity and offline binds."""

from __future__ import annotations

TYPE_CASES: dict[str, list[str]] = {
    "enum": [
        'op.create_enum("level", "low", "it\'s 50%")',
        'op.create_enum("level", "low", if_not_exists=True)',
        'op.create_enum(sa.Enum("low", name="Odd level", schema="shop"))',
        'op.create_table("t", sa.Column("level", sa.Enum("low", "it\'s 50%", name="level")))',
        'op.add_enum_value("level", "high")',
        'op.add_enum_value("level", "mid", after="low", schema="shop", if_not_exists=True)',
        'op.add_enum_value("level", "least", before="it\'s 50%")',
        'op.add_enum_value("level", "both", before="a", after="b")',
        """with op.autocommit():
    op.add_enum_value("level", "one")
    op.add_enum_value("level", "two")""",
        'op.rename_enum_value("level", "low", "it\'s little")',
        """op.drop_table(
    "t",
    sa.Column("id", sa.Integer),
    sa.Column("level", sa.Enum("low", name="level")),
    sa.Column("kinds", sa.ARRAY(sa.Enum("a", name="kind", schema="shop"))),
    sa.Column("text", sa.Enum("a", name="checked", native_enum=False)),
)""",
        'op.drop_enum("level")',
        'op.drop_enum("Odd level", schema="shop", if_exists=True)',
        'op.create_table("t", sa.Column("level", sa.Enum("low", name="level")))',
        'op.drop_enum(sa.Enum("low"))',
    ],
    "named_type": [
        'op.add_column("t", sa.Column("a", sa.Enum("low", name="level")))',
        'op.add_column("t", sa.Column("b", sa.Enum("low", name="level")))',
        """op.alter_column(
    "t",
    "c",
    type_=sa.Enum("x", name="kind"),
    postgresql_using="c::kind",
    existing_type=sa.String(9),
    existing_nullable=True,
    existing_server_default="x",
    existing_comment=None,
)""",
    ],
    "concurrently": [
        'op.create_index("ix", "t", ["a"], postgresql_concurrently=True)',
        """op.create_index(
    "ix", "t", ["a"], schema="shop", if_not_exists=True, postgresql_concurrently=True
)""",
        'op.drop_index("ix", "t", postgresql_concurrently=True, if_exists=True)',
        """with op.autocommit():
    op.drop_index("ix", "t", postgresql_concurrently=True)
    op.create_index("ix", "t", ["a"], postgresql_concurrently=True)""",
        'op.create_index("ix", "t", ["a"], postgresql_concurrently=False)',
    ],
    "not_valid": [
        'op.create_foreign_key("fk", "t", "p", ["a"], ["id"], postgresql_not_valid=True)',
        'op.create_check_constraint("ck", "t", "a > 0", postgresql_not_valid=True)',
        'op.validate_constraint("ck", "t")',
        'op.validate_constraint("Odd fk", "t", schema="shop")',
    ],
    "exclude": [
        'op.create_exclude_constraint("ex", "booking", ("during", "&&"), ("room", "="))',
        """op.create_exclude_constraint(
    "Ex",
    "booking",
    (sa.func.int4range(sa.column("a"), sa.column("b")), "&&"),
    (sa.text("lower(room)"), "="),
    where=sa.column("room") != "it's",
    schema="shop",
    using="gist",
    deferrable=True,
    initially="DEFERRED",
)""",
        """op.create_exclude_constraint(
    "ex", "booking", ("room", "="), where="room > 0", ops={"room": "gist_int4_ops"}
)""",
    ],
    "generated": [
        'op.add_column("t", sa.Column("a", sa.Integer, sa.Identity(always=True, start=5)))',
        """op.alter_column(
    "t", "a", existing_type=sa.Integer(), server_default="7", existing_server_default=sa.Identity()
)""",
        """op.alter_column(
    "t", "a", existing_type=sa.Integer(), server_default=sa.Identity(), existing_server_default="7"
)""",
        """op.alter_column(
    "t",
    "b",
    existing_type=sa.Integer(),
    server_default=sa.Computed("a * 3"),
    existing_server_default=sa.Computed("a * 2"),
)""",
        """op.alter_column(
    "t", "b", existing_type=sa.Integer(), server_default="7",
    existing_server_default=sa.Computed("a * 2"),
)""",
        """op.alter_column(
    "t", "b", existing_type=sa.Integer(), server_default=sa.Computed("a"),
    existing_server_default="7",
)""",
    ],
    "existence": [
        'op.create_foreign_key("fk", "t", "p", ["a"], ["id"], if_not_exists=True)',
        'op.create_unique_constraint("uq", "t", ["a"], if_not_exists=True)',
        'op.create_check_constraint("ck", "t", "a > 0", if_not_exists=True)',
        'op.create_primary_key("pk", "t", ["a"], if_not_exists=True)',
        'op.create_exclude_constraint("ex", "t", ("a", "="), if_not_exists=True)',
        'op.create_unique_constraint(None, "t", ["a"], if_not_exists=True)',
        'op.create_primary_key(None, "t", ["a"], mssql_clustered=False)',
    ],
    "keywords": [
        'op.create_index("ix", "t", ["a"], postgresql_wher="a > 0")',
        'op.create_index("ix", "t", ["a"], mysql_lenght=4)',
        'op.create_index("ix", "t", ["a"], mssql_include=["b"], oracle_compress=1)',
        'op.create_table("t", sa.Column("a", sa.Integer), sqlite_strikt=True)',
        'op.create_table("t", sa.Column("a", sa.Integer), mysql_anything="goes")',
        'op.create_table("t", sa.Column("a", sa.Integer), if_not_exist=True)',
        'op.create_unique_constraint("uq", "t", ["a"], sqlite_on_conflict="IGNORE")',
        'op.create_unique_constraint("uq", "t", ["a"], postgresql_nulls_not_distinct=True)',
        'op.create_foreign_key("fk", "t", "p", ["a"], ["id"], postgresql_using="x")',
        'op.drop_index("ix", "t", postgresql_concurently=True)',
    ],
    "get_bind": [
        'sa.Enum("low", name="level").create(op.get_bind(), checkfirst=True)',
        'sa.Enum("low", name="level").create(op.get_bind())',
        'sa.Enum("low", name="level").drop(op.get_bind(), checkfirst=True)',
        'sa.Enum("low", name="level").drop(op.get_bind(), checkfirst=False)',
        """table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Enum("x", name="kind")))
table.create(op.get_bind(), checkfirst=True)
table.create(op.get_bind(), checkfirst=False)""",
        """table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer))
table.drop(op.get_bind(), checkfirst=True)
table.drop(op.get_bind(), checkfirst=False)""",
        'op.get_bind().execute(sa.text("UPDATE t SET a = :a"), {"a": "it\'s"})',
        "op.get_bind().exec_driver_sql(\"UPDATE t SET a = ':x 50%'\")",
        """t = sa.table("t", sa.column("a", sa.Integer))
op.get_bind().execute(t.insert(), [{"a": 1}, {"a": 2}])
op.get_bind().execute(t.update().where(t.c.a == sa.bindparam("was")).values(a=9), {"was": 1})""",
        'op.get_bind().execute(sa.text("UPDATE t SET a = 1")).rowcount',
        'list(op.get_bind().execute(sa.text("DELETE FROM t RETURNING a")))',
        "op.get_bind().execute(sa.select(sa.literal(1)))",
        'op.get_bind().scalar(sa.text("SELECT 1"))',
        'sa.inspect(op.get_bind()).has_table("t")',
        "op.get_context().connection.begin_nested()",
        "op.run_async(print)",
    ],
}
