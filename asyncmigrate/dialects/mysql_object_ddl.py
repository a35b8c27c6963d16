"""What stands beside tables in MySQL and MariaDB, and other names there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DropSchema

from asyncmigrate.dialects import ddl
from asyncmigrate.dialects.mysql_column import definition_of
from asyncmigrate.dialects.object_ddl import AlterSequence, RenameIndex, RenameObject
from asyncmigrate.dialects.objects import Objects
from asyncmigrate.errors import UsageError
from asyncmigrate.schema.kinds.written import with_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.schema import ExecutableDDLElement
    from sqlalchemy.sql.compiler import DDLCompiler


class MySQLObjects(Objects):
    """Schemas are databases, and a constraint gets another name only by being added again."""

    sequences: ClassVar[bool] = False
    renames_constraints: ClassVar[bool] = False

    def drop_schema(
        self, name: str, *, cascade: bool, if_exists: bool
    ) -> Iterator[ExecutableDDLElement]:
        """Give DROP SCHEMA, which knows no CASCADE: see `names_in_schema`."""
        yield DropSchema(name, if_exists=if_exists)

    def names_in_schema(self, name: str) -> sa.TextClause:
        """Return the query for tables, views, sequences, routines and events."""
        return sa.text(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = :name"
            " UNION ALL SELECT routine_name FROM information_schema.routines"
            " WHERE routine_schema = :name UNION ALL SELECT event_name"
            " FROM information_schema.events WHERE event_schema = :name ORDER BY 1"
        ).bindparams(name=name)

    def rename_constraint(
        self, connection: sa.Connection, table: sa.Table, old: str, new: str
    ) -> Iterator[ExecutableDDLElement]:
        """Give the ALTER TABLE that drops and adds it, in the words of SHOW CREATE TABLE."""
        name = connection.dialect.identifier_preparer.format_table(table)
        shown = str(connection.exec_driver_sql(f"SHOW CREATE TABLE {name}").one()[1])
        quoted = re.escape(f"`{old.replace('`', '``')}`")
        found = re.search(rf"^  CONSTRAINT {quoted} (.*?),?$", shown, re.MULTILINE)
        if found is not None:
            yield AddAgain(table, old, new, found[1])
            return
        column = definition_of(shown, old)  # MariaDB calls a column's own CHECK by its name
        check = None if column is None else column.of("check")
        if column is None or check is None:
            raise UsageError(
                f"The table {table.fullname} has no foreign key or CHECK {old!r}.",
                next="Check the names in op.rename_constraint().",
            )
        yield AddAgain(table, old, new, check, column=str(column.without("check")))


class AddAgain(ddl.AlterTable):
    """ALTER TABLE … DROP CONSTRAINT, ADD CONSTRAINT: the same under another name.

    `column` is the definition of the column `old` without its own CHECK, where that is renamed.
    """

    def __init__(self, table: sa.Table, old: str, new: str, text: str, *, column: str = "") -> None:
        super().__init__(table)
        self.old = old
        self.new = new
        self.text = text
        self.column = column


@compiles(AddAgain, "mysql", "mariadb")
def _add_again(element: AddAgain, compiler: DDLCompiler, **_: Any) -> str:
    quote = compiler.preparer.quote
    processed: Callable[[str], str] = compiler.sql_compiler.post_process_text
    # MariaDB keeps a foreign key under both names if it is told to drop a CONSTRAINT here.
    kind = "FOREIGN KEY" if element.text.startswith("FOREIGN KEY") else "CONSTRAINT"
    gone = f"DROP {kind} {quote(element.old)}"
    if element.column:
        gone = f"MODIFY {quote(element.old)} {processed(element.column)}"
    return (
        f"{ddl.alter_table(element, compiler)} {gone}, "
        f"ADD CONSTRAINT {quote(element.new)} {processed(element.text)}"
    )


@compiles(AlterSequence, "mysql", "mariadb")
def _alter_sequence(element: AlterSequence, compiler: DDLCompiler, **_: Any) -> str:
    options = compiler.get_identity_options(element.sequence).replace("NO CYCLE", "NOCYCLE")
    return f"ALTER SEQUENCE {compiler.preparer.format_sequence(element.sequence)} {options}"


@compiles(RenameObject, "mysql", "mariadb")
def _rename_object(element: RenameObject, compiler: DDLCompiler, **_: Any) -> str:
    preparer = compiler.preparer
    new = with_schema(preparer.schema_for_object(element.old), element.new, preparer)
    return f"RENAME TABLE {preparer.format_table(element.old)} TO {new}"


@compiles(RenameIndex, "mysql", "mariadb")
def _rename_index(element: RenameIndex, compiler: DDLCompiler, **_: Any) -> str:
    preparer = compiler.preparer
    return (
        f"ALTER TABLE {preparer.format_table(element.table)} RENAME INDEX "
        f"{preparer.quote(element.old)} TO {preparer.quote(element.new)}"
    )
