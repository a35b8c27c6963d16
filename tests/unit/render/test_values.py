"""Values and types in a script, and the imports that they need."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.sql.elements import conv

from asyncmigrate.render import elements, types  # noqa: F401 -- they add to the register
from asyncmigrate.render.layout import flat
from asyncmigrate.render.script import Spelling, script
from asyncmigrate.render.values import UnwritableError, Writer, writes
from asyncmigrate.schema.call import Call
from tests.unit.render.types_of_a_package import Code, Money, Opaque, Vector

HERE = "tests.unit.render.types_of_a_package"
DIALECT = "from sqlalchemy.dialects import postgresql"


def written(value: Any, **settings: Any) -> tuple[str, set[str]]:
    writer = Writer(**settings)
    return flat(writer.write(value)), writer.imports


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (conv("uq"), 'op.f("uq")'),
        ({"a": [1, None, True]}, '{"a": [1, None, True]}'),
        (("a",), '("a",)'),
        (1.5, "1.5"),
        (sa.text("a = :b"), 'sa.text("a = :b")'),
        (sa.func.lower(sa.column("a")), 'sa.text("lower(a)")'),
        (sa.FetchedValue(), "sa.FetchedValue()"),
        (sa.Identity(always=True, start=3), "sa.Identity(always=True, start=3)"),
        (sa.Sequence("s", start=2, schema="crm"), 'sa.Sequence("s", start=2, schema="crm")'),
        (sa.Computed(sa.column("a") + 1), 'sa.Computed("a + 1")'),
        (sa.Column("a", sa.Integer), 'sa.Column("a", sa.Integer())'),
        (sa.Column("a", sa.Integer, primary_key=True),
         'sa.Column("a", sa.Integer(), primary_key=True)'),
        (sa.types.NullType(), "sa.types.NullType()"),
        (sa.String(9), "sa.String(length=9)"),
        (sa.Enum("a", native_enum=False, length=5),
         'sa.Enum("a", native_enum=False, length=5)'),
        (sa.String().with_variant(sa.Text(), "mysql", "sqlite"),
         'sa.String().with_variant(sa.Text(), "mysql", "sqlite")'),
    ],
)  # fmt: skip
def test_values_are_written_as_a_person_would(value: Any, source: str) -> None:
    assert written(value) == (source, set())


@pytest.mark.parametrize(
    ("type_", "source"),
    [
        (postgresql.JSONB(), "postgresql.JSONB()"),
        (postgresql.JSONB(astext_type=sa.String(3)),
         "postgresql.JSONB(astext_type=sa.String(length=3))"),
        (postgresql.ARRAY(sa.Integer, dimensions=2),
         "postgresql.ARRAY(sa.Integer(), dimensions=2)"),
        (postgresql.ENUM("a", name="e", create_type=False),
         'postgresql.ENUM("a", name="e", create_type=False)'),
    ],
)  # fmt: skip
def test_types_of_a_dialect_bring_its_import(type_: Any, source: str) -> None:
    assert written(type_) == (source, {DIALECT})


def test_types_of_two_dialects_are_imported_in_one_line() -> None:
    calls = [Call("f", (mysql.YEAR(), postgresql.OID(), Vector(3)))]

    assert script(calls, [], imports=["import zlib"]).imports == (
        f"import {HERE}\nimport zlib\nfrom sqlalchemy.dialects import mysql, postgresql"
    )


@pytest.mark.parametrize(
    ("type_", "source"),
    [
        (Money(10, 2), "Money(precision=10, scale=2)"),
        (Money(), "Money()"),
        (Vector(3), "Vector(dim=3)"),
    ],
)
def test_a_type_of_a_project_is_imported_from_its_module(type_: Any, source: str) -> None:
    assert written(type_) == (f"{HERE}.{source}", {f"import {HERE}"})
    assert written(type_, user_module_prefix="own.") == (f"own.{source}", set())


def test_a_type_that_its_constructor_would_not_give_again_is_what_it_is_in_the_database() -> None:
    assert written(Code(2)) == ("sa.String(length=18)", set())
    assert written(Opaque("a", "b")) == (
        'RawType("OPAQUE a b")',
        {"from asyncmigrate.schema.types import RawType"},
    )


def test_words_in_sql_need_nothing_of_ours_in_a_script_for_alembic() -> None:
    text, imports = written(Opaque("a", "b"), without_ours=True)

    made = eval(text, {"sa": sa})
    assert imports == set()
    assert str(sa.Column("at", made).type.compile(dialect=postgresql.dialect())) == "OPAQUE a b"
    assert str(made.compile()) == str(eval(text, {"sa": sa}).compile())


def test_a_class_that_cannot_be_imported_is_not() -> None:
    class Local(sa.TypeDecorator[Any]):
        impl = sa.String(7)
        cache_ok = True

    assert written(Local()) == ("sa.String(length=7)", set())


def test_a_project_may_write_a_type_itself() -> None:
    def render_item(kind: str, value: Any, context: Any) -> str | bool:
        if kind != "type" or not isinstance(value, Vector):
            return False
        context.imports.add("from app import V")
        return f"V({value.dim})"

    spelling = Spelling(render_item=render_item)
    bodies = script([Call("add_column", ("t", sa.Column("v", Vector(3))))], [], spelling)

    assert bodies.imports == "from app import V"
    assert bodies.upgrades == 'op.add_column("t", sa.Column("v", V(3)))'


@pytest.mark.parametrize("kind", ["column", "unique", "server_default"])
def test_the_hook_is_asked_about_more_than_types(kind: str) -> None:
    asked = []

    def render_item(what: str, value: Any, context: Any) -> str | bool:
        asked.append(what)
        return "MINE" if what == kind else False

    column = sa.Column("a", sa.Integer, server_default="1")
    unique = sa.UniqueConstraint("a", name="u")
    bodies = script([Call("f", (column, unique))], [], Spelling(render_item=render_item))

    assert kind in asked
    assert "MINE" in bodies.upgrades


def test_what_nobody_can_write_is_an_error_that_says_how() -> None:
    with pytest.raises(UnwritableError, match=r"cannot be written in a script: say how"):
        script([Call("f", (object(),))], [])


def test_others_may_add_a_kind_of_value() -> None:
    class Point:
        pass

    @writes(Point)
    def point(value: Point, writer: Writer) -> Any:
        return writer.call("Point", 1)

    assert written(Point()) == ("Point(1)", set())


def test_a_note_stands_above_its_call() -> None:
    bodies = script([Call("f", note="because " * 20)], [Call("g")])

    assert bodies.upgrades.splitlines()[0].startswith("# because because")
    assert bodies.upgrades.splitlines()[-1] == "op.f()"
    assert bodies.downgrades == "op.g()"
