"""Downgrades for free: the way back of an `upgrade()` whose every directive can undo itself.

A script may leave `downgrade()` out. Its `upgrade()` is then run against a recorder, which sends
nothing: each directive leaves behind the directive that undoes it, and the way back is those in
reverse order. A directive that does not say what was there before (`drop_column`, raw SQL) has no
way back, and the error names it and its line, before anything runs.

What may have done nothing (`if_not_exists=True`) is not undone either: the way back would drop what
was there before the upgrade.
"""

from __future__ import annotations

import inspect
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from asyncmigrate.errors import IrreversibleError
from asyncmigrate.history.revision import Direction
from asyncmigrate.op import use
from asyncmigrate.scripts.batch_operations import BatchOperations
from asyncmigrate.scripts.custom_directives import inverse_of
from asyncmigrate.scripts.elements import Elements
from asyncmigrate.scripts.inverses import INVERSES, Around, UnknownBeforeError
from asyncmigrate.scripts.loader import call, load_scripts
from asyncmigrate.scripts.object_inverses import OBJECT_INVERSES
from asyncmigrate.scripts.operations import Operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import sqlalchemy as sa
    from sqlalchemy.engine.interfaces import Dialect

    from asyncmigrate.history.revision import Plan
    from asyncmigrate.scripts.loader import Script

    Undo = tuple[str, tuple[Any, ...], dict[str, Any]]

_AT_ONCE = ("f", "get_context", "get_bind", "inline_literal", "execute", "invoke", "run_async")
"""What a batch block hands on as it is."""
_TABLE_FIRST = ("add_column", "drop_column", "alter_column", "create_table_comment",
                "drop_table_comment")  # fmt: skip
"""The directives of a batch block that take the table's name first; the others take it second."""


def reversed_upgrade(
    script: Script,
    dialect: Dialect,
    *,
    metadata: sa.MetaData | None = None,
    x: Mapping[str, str] | None = None,
) -> Callable[[Operations], None]:
    """Return a `downgrade(op)` that undoes what the script's `upgrade()` does on this database.

    Sends nothing.

    Raises:
        IrreversibleError: a directive of `upgrade()` cannot be undone.
    """
    around = Around(dialect, Elements(metadata))
    recorder = _Recorder(script, around, MappingProxyType(dict(x or {})))
    with use(cast("Operations", recorder)):
        call(script.upgrade, recorder)
    undos = tuple(reversed(recorder.undos))

    def downgrade(op: Operations) -> None:
        for (directive, arguments, keywords), outside in undos:
            with op.autocommit() if outside else nullcontext():
                getattr(op, directive)(*arguments, **keywords)

    return downgrade


def load_reversible(
    plan: Plan,
    dialect: Dialect,
    *,
    metadata: sa.MetaData | None = None,
    x: Mapping[str, str] | None = None,
    cache: bool = False,
) -> dict[str, Script]:
    """Import every script of a plan, and find the way back of those that do not say it.

    `cache` is that of `load_scripts`.

    Raises:
        ScriptError: a script cannot be imported or called.
        IrreversibleError: the plan goes back over a revision that cannot be undone.
    """
    scripts = load_scripts(plan, cache=cache)
    for step in plan.steps:
        if step.direction is not Direction.DOWN or step.revision is None:
            continue
        script = scripts[step.revision.id]
        if script.downgrade is None:
            way_back = reversed_upgrade(script, dialect, metadata=metadata, x=x)
            scripts[step.revision.id] = replace(script, downgrade=way_back)
    return scripts


@dataclass(slots=True)
class _Recorder:
    """Stands in for `op`, and keeps what undoes each directive."""

    script: Script
    around: Around
    x: Mapping[str, str]
    undos: list[tuple[Undo, bool]] = field(default_factory=list)
    """What undoes each directive, and whether it stood in `op.autocommit()`."""
    outside: bool = False

    def __getattr__(self, directive: str) -> Callable[..., Any]:
        if directive.startswith("__"):
            raise AttributeError(directive)
        return lambda *args, **kwargs: self._record(directive, args, kwargs)

    def _record(self, directive: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        inverse = INVERSES.get(directive) or OBJECT_INVERSES.get(directive)
        method = getattr(Operations, directive, None)
        if hasattr(method, "registered_by"):
            return method(self, *args, **kwargs)  # type: ignore[misc]  # it has the attribute
        if inverse is None or method is None:
            raise self._irreversible(directive, "does not say what was there before")
        given = inspect.signature(method).bind(self, *args, **kwargs)
        given.apply_defaults()
        if given.arguments.get("if_not_exists"):
            raise self._irreversible(directive, "may have done nothing (if_not_exists)")
        try:
            undo = inverse(self.around, dict(given.arguments))
        except UnknownBeforeError as unknown:
            raise self._irreversible(directive, f"needs {unknown}", add=unknown.add) from None
        if undo is not None:
            self.undos.append((undo, self.outside))
        return self._returned(directive, args, kwargs)

    def _returned(self, directive: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if directive != "create_table":
            return None
        kwargs.pop("if_not_exists", None)
        return self.around.elements.table(*args, **kwargs)

    def invoke(self, operation: object) -> None:
        undo = inverse_of(operation)
        if undo is None:
            name = type(operation).__name__
            raise self._irreversible("invoke", f"runs {name}, which has no inverse()")
        self.undos.append((("invoke", (undo,), {}), self.outside))

    # --- what a script asks of op that changes nothing ------------------------------------------

    def f(self, name: str) -> Any:
        return Operations.f(cast("Operations", self), name)

    def inline_literal(self, value: object, type_: Any = None) -> Any:
        return Operations.inline_literal(cast("Operations", self), value, type_)

    @contextmanager
    def autocommit(self) -> Iterator[None]:
        former, self.outside = self.outside, True
        try:
            yield
        finally:
            self.outside = former

    def get_context(self) -> _Context:
        return _Context(self)

    def get_bind(self) -> Any:
        raise self._irreversible("get_bind", "may do anything")

    @contextmanager
    def batch_alter_table(
        self, table_name: str, schema: str | None = None, **_: Any
    ) -> Iterator[_BatchRecorder]:
        yield _BatchRecorder(self, table_name, schema)

    def _irreversible(self, directive: str, why: str, *, add: str = "") -> IrreversibleError:
        line = _script_line(str(self.script.path))
        where = f"{self.script.path}:{line}" if line else str(self.script.path)
        return IrreversibleError(
            f"Revision {self.script.revision} has no downgrade(), and its upgrade() cannot be "
            f"undone: op.{directive} at {where} {why}.",
            next=f"{f'Add {add}, or write' if add else 'Write'} `def downgrade() -> None:` in the "
            "script, or choose a later target.",
        )


@dataclass(frozen=True, slots=True)
class _Context:
    """What `op.get_context()` gives while an upgrade is recorded."""

    recorder: _Recorder

    @property
    def dialect(self) -> Dialect:
        return self.recorder.around.dialect

    @property
    def x(self) -> Mapping[str, str]:
        return self.recorder.x

    @property
    def as_sql(self) -> bool:
        return False

    @property
    def bind(self) -> Any:
        return self.recorder.get_bind()

    connection = bind

    def autocommit_block(self) -> Any:
        return self.recorder.autocommit()

    def get_x_argument(self, as_dictionary: bool = False) -> Any:
        return self.x if as_dictionary else [f"{k}={v}" for k, v in self.x.items()]


@dataclass(frozen=True, slots=True)
class _BatchRecorder:
    """What `with op.batch_alter_table(…) as batch_op` gives while an upgrade is recorded."""

    recorder: _Recorder
    table_name: str
    schema: str | None

    @property
    def impl(self) -> _BatchRecorder:
        return self

    def __getattr__(self, directive: str) -> Callable[..., Any]:
        if directive in _AT_ONCE:
            return cast("Callable[..., Any]", getattr(self.recorder, directive))
        if hasattr(getattr(BatchOperations, directive, None), "registered_by"):
            return partial(getattr(BatchOperations, directive), self)
        return lambda *args, **kwargs: self._record(directive, args, kwargs)

    def _record(self, directive: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        for placement in ("insert_before", "insert_after"):
            kwargs.pop(placement, None)
        schema = "source_schema" if directive == "create_foreign_key" else "schema"
        if self.schema is not None:
            kwargs[schema] = self.schema
        position = 0 if directive in _TABLE_FIRST else 1
        if position and not args:
            kwargs["source_table" if "foreign" in directive else "table_name"] = self.table_name
        else:
            args = (*args[:position], self.table_name, *args[position:])
        return getattr(self.recorder, directive)(*args, **kwargs)


def _script_line(path: str) -> int | None:
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != path:
        frame = frame.f_back  # type: ignore[assignment]
    return None if frame is None else frame.f_lineno
