"""What `op.get_bind()` gives while SQL is only being written: it writes, and answers nothing.

So scripts that only hand DDL or changes of rows to the connection (`enum.create(op.get_bind())`,
`table.create(op.get_bind())`, `op.get_bind().execute(update)`) render as they would run. Whatever
asks the database something is an error that names the line which asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.engine.mock import MockConnection
from sqlalchemy.inspection import _inspects
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import Executable, TextualSelect

from asyncmigrate.dialects import by_name
from asyncmigrate.dialects.postgresql_enums import DropEnum
from asyncmigrate.errors import OfflineError
from asyncmigrate.scripts.calling import calling_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine.interfaces import Dialect

    Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class OfflineConnection(MockConnection):
    """Stands in for a `Connection`; hands what it is given to `write`."""

    def __init__(self, dialect: Dialect, write: Callable[[Executable], None]) -> None:
        super().__init__(dialect, write)
        self._write = write
        self._checks_first = False

    def execute(self, obj: Any, parameters: Any = None, execution_options: Any = None) -> Any:
        """Write a statement, once for each set of parameters.

        What it returns raises as soon as it is looked at.

        Raises:
            OfflineError: it is a query.
        """
        del execution_options
        statement = sa.text(obj) if isinstance(obj, str) else obj
        if isinstance(statement, sa.SelectBase | TextualSelect):
            _refuse("asks the database for rows")
        for bound in _bound(statement, parameters):
            self._write(self._guarded(bound))
        return _NoResult()

    def exec_driver_sql(
        self, statement: str, parameters: Any = None, execution_options: Any = None
    ) -> Any:
        """Write SQL as it is.

        Raises:
            OfflineError: there are parameters, which only a driver knows how to put in.
        """
        if parameters:
            _refuse("gives parameters to a driver")
        return self.execute(sa.text(statement.replace(":", r"\:")), None, execution_options)

    def _run_ddl_visitor(self, visitorcallable: Any, element: Any, **kwargs: Any) -> None:
        former, self._checks_first = self._checks_first, bool(kwargs.get("checkfirst"))
        try:
            super()._run_ddl_visitor(visitorcallable, element, **kwargs)
        finally:
            self._checks_first = former

    def _guarded(self, statement: Any) -> Any:
        """Return the statement with the IF [NOT] EXISTS that `checkfirst` asks for."""
        if not self._checks_first:
            return statement
        guards = by_name(self.dialect.name).guards
        if isinstance(statement, CreateTable) and "create_table" in guards:
            statement.if_not_exists = True
        elif isinstance(statement, DropTable) and "drop_table" in guards:
            statement.if_exists = True
        elif getattr(statement, "__visit_name__", "") == "drop_enum_type":
            return DropEnum(statement.element, if_exists=True, if_unused=False)
        return statement

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _refuse(f"uses .{name} of the connection")


@_inspects(OfflineConnection)
def _inspected(_: OfflineConnection) -> NoReturn:
    _refuse("inspects the database")


class _NoResult:
    """The result of a statement that was written and not run."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _refuse("looks at what a statement returned")

    def __bool__(self) -> bool:
        return False  # Alembic gives None, and some scripts ask whether there is anything

    def __iter__(self) -> NoReturn:
        _refuse("looks at what a statement returned")


def _bound(statement: Any, parameters: Parameters) -> list[Any]:
    """Return the statement with each set of parameters in it."""
    if not parameters:
        return [statement]
    rows = [parameters] if isinstance(parameters, Mapping) else parameters
    if isinstance(statement, sa.TextClause):
        return [statement.bindparams(**row) for row in rows]
    if isinstance(statement, sa.Insert):
        return [statement.values(dict(row)) for row in rows]
    return [_with_values(statement, dict(row)) for row in rows]


def _with_values(statement: Any, values: dict[str, Any]) -> Any:
    """Return the statement with values for its parameters; an UPDATE sets what is left of them."""

    def fill(parameter: Any) -> None:
        if parameter.key in values:
            parameter.value, parameter.required = values[parameter.key], False
            used.add(parameter.key)

    used: set[str] = set()
    filled = visitors.cloned_traverse(statement, {"maintain_key": True}, {"bindparam": fill})
    left = {name: value for name, value in values.items() if name not in used}
    return filled.values(left) if left and isinstance(filled, sa.Update) else filled


def _refuse(what: str) -> NoReturn:
    raise not_connected(calling_line(), what)


def not_connected(line: str, what: str) -> OfflineError:
    """Return the error for a line of a script that needs a database."""
    return OfflineError(
        f"{line} {what}, but with --sql nothing is connected: SQL is only being written.",
        next="Run it online, or write what it does as SQL with op.execute().",
    )
