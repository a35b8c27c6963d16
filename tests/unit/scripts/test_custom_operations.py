"""A project's own operations: registered, named on `op`, run and undone."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from asyncmigrate import op as proxy
from asyncmigrate.errors import UsageError
from asyncmigrate.op import use
from asyncmigrate.scripts.custom_directives import inverse_of
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sqltext import SqlSink

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def operations() -> type[Operations]:
    return type("Own", (Operations,), {})


def written(kind: type[Operations], call: Callable[[Any], object]) -> str:
    lines: list[str] = []
    call(kind(SqlSink(sa.create_mock_engine("sqlite://", None).dialect, lines.append)))
    return "".join(lines).strip()


@dataclass(frozen=True, slots=True)
class CreateView:
    """Create a view."""

    name: str
    query: str

    def inverse(self) -> DropView:
        return DropView(self.name)


@dataclass(frozen=True, slots=True)
class DropView:
    name: str


def create_view(operations: Operations, view: CreateView) -> str:
    operations.execute(f"CREATE VIEW {view.name} AS {view.query}")
    return view.name


def test_an_operation_is_named_on_op_and_its_result_handed_back(
    operations: type[Operations],
) -> None:
    operations.register_operation("create_view")(CreateView)
    operations.implementation_for(CreateView)(create_view)
    names: list[str] = []

    sql = written(operations, lambda op: names.append(op.create_view("v", query="SELECT 1")))

    assert sql == "CREATE VIEW v AS SELECT 1;"
    assert names == ["v"]


def test_alembics_shape_with_a_classmethod_is_understood(operations: type[Operations]) -> None:
    @operations.register_operation("create_sequence")
    @operations.register_operation("make_sequence", "create_sequence")
    class CreateSequenceOp:
        def __init__(self, name: str) -> None:
            self.name = name

        @classmethod
        def create_sequence(cls, operations: Operations, name: str, **options: object) -> object:
            return operations.invoke(cls(f"{name}_{len(options)}"))

    @operations.implementation_for(CreateSequenceOp)
    def create(operations: Operations, operation: CreateSequenceOp) -> None:
        operations.execute(f"CREATE SEQUENCE {operation.name}")

    assert written(operations, lambda op: op.create_sequence("s", a=1)) == "CREATE SEQUENCE s_1;"
    assert written(operations, lambda op: op.make_sequence("s")) == "CREATE SEQUENCE s_0;"


def test_an_implementation_for_a_base_serves_its_subclasses(operations: type[Operations]) -> None:
    class Materialized(CreateView):
        pass

    operations.implementation_for(CreateView)(create_view)

    sql = written(operations, lambda op: op.invoke(Materialized("v", "SELECT 1")))

    assert sql == "CREATE VIEW v AS SELECT 1;"


def test_what_is_registered_on_a_class_is_not_seen_by_others(operations: type[Operations]) -> None:
    operations.register_operation("make_view")(CreateView)
    operations.implementation_for(CreateView)(create_view)
    heir = type("Heir", (operations,), {})

    assert not hasattr(Operations, "make_view")
    assert "VIEW" in written(heir, lambda op: op.make_view("v", "SELECT 1"))


def test_what_alembic_does_not_have_gives_way_to_a_projects_own(
    operations: type[Operations],
) -> None:
    def shout(operations: Operations, view: CreateView) -> None:
        operations.execute(f"CREATE VIEW {view.name.upper()} AS {view.query}")

    operations.register_operation("create_view")(CreateView)
    operations.implementation_for(CreateView)(shout)

    assert "VIEW V AS" in written(operations, lambda op: op.create_view("v", "SELECT 1"))
    assert "VIEW v AS" in written(Operations, lambda op: op.create_view("v", "SELECT 1"))


def test_an_operation_that_nothing_implements_is_an_error(operations: type[Operations]) -> None:
    with pytest.raises(UsageError, match="nothing says what CreateView does") as caught:
        written(operations, lambda op: op.invoke(CreateView("v", "SELECT 1")))

    assert "@Operations.implementation_for(CreateView)" in caught.value.next


def test_a_second_implementation_must_say_that_it_replaces(operations: type[Operations]) -> None:
    operations.implementation_for(CreateView)(create_view)
    with pytest.raises(UsageError, match="registered already"):
        operations.implementation_for(CreateView)(create_view)

    @operations.implementation_for(CreateView, replace=True)
    def other(operations: Operations, view: CreateView) -> None:
        operations.execute("SELECT 'other'")

    sql = written(operations, lambda op: op.invoke(CreateView("v", "SELECT 1")))
    assert sql == "SELECT 'other';"


@pytest.mark.parametrize("name", ["create_table", "create_view"])
def test_a_name_that_is_taken_is_an_error(operations: type[Operations], name: str) -> None:
    operations.register_operation("create_view")(DropView)

    with pytest.raises(UsageError, match=rf"CreateView cannot be registered as op\.{name}"):
        operations.register_operation(name)(CreateView)


def test_a_module_that_runs_again_registers_again(operations: type[Operations]) -> None:
    for _ in range(2):
        registered = operations.register_operation("create_view")(CreateView)

    assert registered is CreateView


def test_a_registered_operation_can_be_imported_from_op(
    operations: type[Operations], monkeypatch: pytest.MonkeyPatch
) -> None:
    operations.register_operation("create_view")(CreateView)
    operations.implementation_for(CreateView)(create_view)
    lines: list[str] = []
    sink = SqlSink(sa.create_mock_engine("sqlite://", None).dialect, lines.append)
    monkeypatch.setattr("asyncmigrate.scripts.operations.Operations", operations)
    imported = import_module("asyncmigrate.op").create_view

    with use(operations(sink)):
        imported("v", "SELECT 1")
        proxy.create_view("w", "SELECT 1")  # type: ignore[attr-defined]

    assert "".join(lines).split("\n\n")[:2] == [
        "CREATE VIEW v AS SELECT 1;",
        "CREATE VIEW w AS SELECT 1;",
    ]


def test_the_inverse_is_asked_by_either_name() -> None:
    class Reverses:
        def reverse(self) -> DropView:
            return DropView("v")

    class Cannot:
        def reverse(self) -> object:
            raise NotImplementedError

    assert inverse_of(CreateView("v", "")) == inverse_of(Reverses()) == DropView("v")
    assert inverse_of(Cannot()) is inverse_of(DropView("v")) is None
