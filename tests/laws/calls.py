"""Random calls of `op`, as changes of snapshots give them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.sql.elements import conv

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.written import text
from asyncmigrate.schema.types import RawType

NAMES = ("id", "user", "Größe", "a b", "名前", 'quo"ted', "it's", "x" * 60, "back\\slash", "a:b")
TEXTS = ("a > 0", "name <> ':x'", "(a ->> 'k'::text) = 'v'", "E'\\:x'", "l\n'1'", "'%'" * 30)

names = st.sampled_from(NAMES)
final_names = names.map(conv)
sql = st.sampled_from(TEXTS) | st.text(max_size=20)
clauses = sql.map(text)
schemas: st.SearchStrategy[dict[str, str]] = st.just({}) | st.sampled_from(NAMES).map(
    lambda name: {"schema": name}
)

plain_types: st.SearchStrategy[Any] = st.sampled_from(
    [
        sa.Integer(),
        sa.String(),
        sa.String(40, collation="C"),
        sa.Numeric(10, 2),
        sa.DateTime(timezone=True),
        sa.Uuid(as_uuid=False),
        sa.JSON(none_as_null=True),
        sa.LargeBinary(9),
        sa.Interval(),
        sa.PickleType(),
        sa.Float(53),
        postgresql.JSONB(),
        postgresql.HSTORE(),
        postgresql.TIMESTAMP(precision=3),
        postgresql.INTERVAL(fields="YEAR TO MONTH"),
        postgresql.TSTZRANGE(),
        postgresql.BIT(3, varying=True),
        postgresql.DOMAIN("positive", sa.Integer(), check="VALUE > 0", create_type=False),
        mysql.INTEGER(unsigned=True, display_width=11),
        mysql.VARCHAR(20, charset="utf8mb4", collation="utf8mb4_bin"),
        mysql.SET("a", "b"),
        mysql.ENUM("a", "it's"),
        RawType("tsquery2(3)"),
    ]
)
enums = st.builds(
    lambda values, name: postgresql.ENUM(*values, name=name, create_type=False),
    st.lists(names, min_size=1, unique=True),
    names,
)


def varying(one: Any, other: Any) -> Any:
    """A type that is something else on two databases."""
    return sa.String(3).with_variant(one, "mysql").with_variant(other, "sqlite")


types: st.SearchStrategy[Any] = st.one_of(
    plain_types,
    enums,
    plain_types.map(lambda item: postgresql.ARRAY(item)),
    plain_types.map(lambda one: sa.Text().with_variant(one, "mysql", "mariadb")),
    st.builds(varying, plain_types, plain_types),
)


@st.composite
def columns(draw: st.DrawFn) -> sa.Column[Any]:
    """A column with a default of some kind, or none."""
    keywords: dict[str, Any] = {"nullable": draw(st.booleans())}
    generated = draw(st.sampled_from(["", "", "default", "text", "identity", "computed"]))
    arguments: list[Any] = []
    match generated:
        case "default":
            keywords["server_default"] = draw(names)
        case "text":
            keywords["server_default"] = draw(clauses)
        case "identity":
            arguments.append(sa.Identity(always=draw(st.booleans()), start=draw(st.integers(1, 9))))
        case "computed":
            arguments.append(sa.Computed(str(draw(clauses).text), persisted=draw(st.booleans())))
    if draw(st.booleans()):
        keywords["comment"] = draw(st.text(max_size=100))
    return sa.Column(draw(names), draw(types), *arguments, **keywords)


constraints = st.one_of(
    st.builds(lambda c, n: sa.PrimaryKeyConstraint(*c, name=n), st.lists(names), final_names),
    st.builds(
        lambda c, n: sa.UniqueConstraint(*c, name=n, deferrable=True, initially="DEFERRED"),
        st.lists(names, min_size=1),
        final_names,
    ),
    st.builds(lambda c, n: sa.CheckConstraint(c.text, name=n), clauses, final_names),
    st.builds(
        lambda n, actions: sa.ForeignKeyConstraint(["a"], ["crm.p.id"], name=n, **actions),
        final_names,
        st.sampled_from([{}, {"ondelete": "CASCADE", "onupdate": "SET NULL", "match": "FULL"}]),
    ),
)

calls = st.one_of(
    st.builds(
        lambda name, columns, constraints, schema: Call(
            "create_table", (name, *columns, *constraints), schema
        ),
        names,
        st.lists(columns(), max_size=4),
        st.lists(constraints, max_size=3),
        schemas,
    ),
    st.builds(
        lambda name, table, columns, where: Call(
            "create_index",
            (name, table, columns),
            {"unique": True, "postgresql_where": where, "postgresql_with": {"fillfactor": 70}},
            note="one of those that are built while the table stays in use, says somebody " * 2,
        ),
        final_names,
        names,
        st.lists(names | clauses, min_size=1, max_size=3),
        clauses,
    ),
    st.builds(
        lambda table, column, old, new, default: Call(
            "alter_column",
            (table, column),
            {
                "type_": new,
                "existing_type": old,
                "existing_nullable": True,
                "existing_server_default": default,
            },
        ),
        names,
        names,
        types,
        types,
        st.none() | clauses,
    ),
    st.builds(lambda name, sql: Call("create_view", (name, sql), {"definition": sql}), names, sql),
    st.builds(
        lambda name, elements: Call("create_exclude_constraint", (name, "t", *elements)),
        final_names,
        st.lists(st.tuples(names | clauses, st.just("&&")), min_size=1, max_size=2),
    ),
)
