"""The calls about schemas, sequences, views, types, other names, and values for rows."""

from __future__ import annotations

OBJECT_CASES: dict[str, list[str]] = {
    "schema": [
        'op.create_schema("shop")',
        'op.create_schema("Odd shop", if_not_exists=True)',
        'op.drop_schema("shop")',
        'op.drop_schema("shop", cascade=True, if_exists=True)',
    ],
    "sequence": [
        'op.create_sequence("number")',
        """op.create_sequence(
    "number",
    start=5,
    increment=2,
    minvalue=1,
    maxvalue=99,
    cycle=True,
    cache=10,
    schema="shop",
    if_not_exists=True,
)""",
        'op.create_sequence("small", data_type=sa.SmallInteger)',
        'op.alter_sequence("number", increment=3, minvalue=None, maxvalue=7, cycle=False, cache=1)',
        'op.alter_sequence("number", start=10, schema="shop")',
        'op.alter_sequence("number", data_type=sa.BigInteger())',
        'op.alter_sequence("number")',
        'op.drop_sequence("number")',
        'op.drop_sequence("number", schema="shop", if_exists=True)',
        'op.rename_sequence("number", "Number", schema="shop")',
    ],
    "view": [
        'op.create_view("v", "SELECT a FROM t WHERE b LIKE \'50%:x\';")',
        """op.create_view(
    "Odd v",
    sa.select(sa.column("a")).select_from(sa.table("t")).where(sa.column("a") == "it's 50%"),
    schema="shop",
    or_replace=True,
)""",
        'op.create_view("v", "SELECT 1 AS a", if_not_exists=True)',
        'op.replace_view("v", "SELECT 2 AS a", existing_definition="SELECT 1 AS a")',
        'op.drop_view("v", definition="SELECT 1 AS a")',
        'op.drop_view("v", schema="shop", if_exists=True)',
        'op.create_view("w", "SELECT a FROM t")\nop.rename_view("w", "Other")',
    ],
    "materialized_view": [
        'op.create_view("m", "SELECT 1 AS a", materialized=True)',
        'op.create_view("m", "SELECT 1 AS a", materialized=True, with_data=False)',
        'op.create_view("m", "SELECT 1 AS a", materialized=True, if_not_exists=True)',
        'op.create_view("m", "SELECT 1 AS a", materialized=True, or_replace=True)',
        'op.replace_view("m", "SELECT 2 AS a", materialized=True, schema="shop")',
        'op.drop_view("m", materialized=True, if_exists=True)',
        'op.rename_view("m", "n", materialized=True)',
    ],
    "domain": [
        'op.create_domain("positive", sa.Integer())',
        """op.create_domain(
    "code",
    sa.String(9),
    sa.CheckConstraint("VALUE LIKE 'a%'", name="ck_code"),
    sa.CheckConstraint("length(VALUE) > 2"),
    nullable=False,
    server_default="abc",
    collation="C",
    schema="shop",
    if_not_exists=True,
)""",
        """op.alter_domain(
    "code",
    nullable=True,
    server_default=None,
    add_checks=[sa.CheckConstraint("VALUE <> ''", name="ck_new")],
    drop_checks=["ck_code"],
)""",
        'op.alter_domain("code", server_default=sa.text("\'x\'"), schema="shop")',
        'op.drop_domain("code", schema="shop", if_exists=True)',
    ],
    "composite_type": [
        """op.create_composite_type(
    "point", sa.Column("x", sa.Integer), sa.Column("Name", sa.String(9, collation="C"))
)""",
        """op.create_composite_type(
    "point", sa.Column("x", sa.Integer), schema="shop", if_not_exists=True
)""",
        """op.alter_composite_type(
    "point",
    add=[sa.Column("y", sa.Integer)],
    drop=["z"],
    alter=[sa.Column("x", sa.BigInteger)],
    existing=[sa.Column("x", sa.Integer)],
)""",
        'op.drop_composite_type("point", schema="shop", if_exists=True)',
    ],
    "rename": [
        'op.create_index("ix", "t", ["a"])\nop.rename_index("ix", "Ix", table_name="t")',
        'op.rename_constraint("t", "ck", "ck_new", type_="check")',
        'op.rename_constraint("t", "uq", "uq_new", type_="unique")',
        'op.rename_constraint("t", "pk", "pk_new", type_="primary")',
        'op.rename_enum("level", "Grade")',
    ],
    "replace_enum": [
        'op.replace_enum("level", "low", "high", existing_values=["low", "mid", "high"])',
        'op.replace_enum("level", "a", "it\'s 50%", mapping={"b": "it\'s 50%"}, schema="shop")',
        'op.replace_enum("level", "a", mapping={"b": "c"})',
    ],
    "backfill": [
        'op.backfill("t", "a", 0)',
        'op.backfill("t", "a", "it\'s 50%", where="b > 0", schema="shop")',
        'op.backfill("t", "a", sa.text("lower(b)"), where=sa.column("b") == 1)',
        'op.backfill("t", "a", {"x": [1]}, type_=sa.JSON)',
        'op.backfill("t", "a", dt.date(2024, 2, 29), where="1 = 1")',
    ],
}
