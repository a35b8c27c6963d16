"""`alembic.ddl.impl`: `op.get_context().impl`, for scripts that go past `op`.

A class of a project's own with a `__dialect__` can be declared; what it declares for autogenerate
is not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.schema import (
    AddConstraint,
    CreateIndex,
    CreateTable,
    DropConstraint,
    DropIndex,
    DropTable,
    DropTableComment,
    SetTableComment,
)

from asyncmigrate.alembic.operations.base import Operations
from asyncmigrate.alembic.words import Offered, absent
from asyncmigrate.dialects import by_name, ddl

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_DIALECT: dict[str, type[DefaultImpl]] = {}


class DefaultImpl(Offered):
    """Carries operations out on SQLAlchemy's own objects."""

    __dialect__: ClassVar[str] = "default"
    command_terminator = ";"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "__dialect__" in vars(cls):
            _BY_DIALECT[cls.__dialect__] = cls

    def __init__(self, context: Any) -> None:
        self.context = context
        self.dialect = context.dialect
        self.memo: dict[Any, Any] = {}

    @classmethod
    def get_by_dialect(cls, dialect: Any) -> type[DefaultImpl]:
        """Return the class for a dialect."""
        return _BY_DIALECT.get(dialect.name, DefaultImpl)

    @property
    def bind(self) -> Any:
        """The connection."""
        return self.context.bind

    connection = bind

    @property
    def as_sql(self) -> bool:
        """Whether SQL is only being written."""
        return bool(self.context.as_sql)

    @property
    def transactional_ddl(self) -> bool:
        """Whether DDL can be rolled back."""
        return by_name(self.dialect.name).transactional_ddl

    @property
    def context_opts(self) -> dict[str, Any]:
        """The options of the context."""
        return dict(self.context.opts)

    @property
    def _op(self) -> Operations:
        return Operations(self.context)

    def static_output(self, text: str) -> None:
        """Write text into the SQL that is being written; online, do nothing."""
        if self.as_sql:
            self.bind.exec_driver_sql(text)  # as it is: a colon is no parameter

    def _exec(
        self,
        construct: Any,
        execution_options: Mapping[str, Any] | None = None,
        multiparams: Any = None,
        params: Any = None,
    ) -> Any:
        statement = sa.text(construct) if isinstance(construct, str) else construct
        given = multiparams or params
        if not self.as_sql and (given or getattr(statement, "is_select", False)):
            options = dict(execution_options or {})
            return self.bind.execute(statement, given, execution_options=options)
        self.context.sink.execute(statement, execution_options=execution_options)
        return None

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run a statement."""
        statement = sa.text(sql) if isinstance(sql, str) else sql
        self.context.sink.execute(statement, execution_options=execution_options)

    def create_table(self, table: sa.Table, **kw: Any) -> None:
        """Create a table, with its indexes and comments."""
        self._exec(CreateTable(table, **kw))
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            self.create_index(index)

    def drop_table(self, table: sa.Table, **kw: Any) -> None:
        """Drop a table."""
        self._exec(DropTable(table, **kw))

    def rename_table(
        self, old_table_name: str, new_table_name: str, schema: str | None = None
    ) -> None:
        """Give a table another name."""
        self._op.rename_table(old_table_name, new_table_name, schema=schema)

    def add_column(
        self, table_name: str, column: Any, *, schema: str | None = None, **kw: Any
    ) -> None:
        """Add a column."""
        self._op.add_column(table_name, column, schema=schema, **kw)

    def drop_column(
        self, table_name: str, column: Any, *, schema: str | None = None, **kw: Any
    ) -> None:
        """Drop a column, which is given itself or by its name."""
        self._op.drop_column(table_name, getattr(column, "name", column), schema=schema, **kw)

    def alter_column(
        self,
        table_name: str,
        column_name: str,
        *,
        name: str | None = None,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Change a column; `name` is its new one."""
        self._op.alter_column(table_name, column_name, new_column_name=name, schema=schema, **kw)

    def add_constraint(self, const: Any, **kw: Any) -> None:
        """Add a constraint of a table."""
        self._exec(AddConstraint(const, **kw))

    def drop_constraint(self, const: Any, **kw: Any) -> None:
        """Drop a constraint of a table."""
        self._exec(DropConstraint(const, **kw))

    def create_index(self, index: sa.Index, **kw: Any) -> None:
        """Create an index."""
        self._exec(CreateIndex(index, **kw))

    def drop_index(self, index: sa.Index, **kw: Any) -> None:
        """Drop an index."""
        self._exec(DropIndex(index, **kw))

    def create_table_comment(self, table: sa.Table) -> None:
        """Set a table's comment."""
        self._exec(SetTableComment(table))

    add_table_comment = create_table_comment

    def drop_table_comment(self, table: sa.Table) -> None:
        """Take a table's comment away."""
        self._exec(DropTableComment(table))

    def create_column_comment(self, column: sa.Column[Any]) -> None:
        """Set a column's comment."""
        self._exec(ddl.SetComment(column.table, column.name, column.comment))

    def bulk_insert(self, table: Any, rows: list[dict[str, Any]], multiinsert: bool = True) -> None:
        """Insert rows."""
        self._op.bulk_insert(table, rows, multiinsert=multiinsert)


def impl_of(context: Any) -> DefaultImpl:
    """Return the object for a context."""
    return DefaultImpl.get_by_dialect(context.dialect)(context)


class PostgresqlImpl(DefaultImpl):
    """For PostgreSQL."""

    __dialect__ = "postgresql"


class MySQLImpl(DefaultImpl):
    """For MySQL."""

    __dialect__ = "mysql"


class MariaDBImpl(MySQLImpl):
    """For MariaDB."""

    __dialect__ = "mariadb"


class SQLiteImpl(DefaultImpl):
    """For SQLite."""

    __dialect__ = "sqlite"


class MSSQLImpl(DefaultImpl):
    """For SQL Server."""

    __dialect__ = "mssql"


class OracleImpl(DefaultImpl):
    """For Oracle."""

    __dialect__ = "oracle"


def __getattr__(name: str) -> Any:
    raise absent("alembic.ddl.impl", name)
