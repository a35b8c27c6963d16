"""Names for the constraints of a table of SQLite that have none."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from asyncmigrate.dialects.sqlite_constraints import exchanged
from asyncmigrate.dialects.sqlite_syntax import quoted

if TYPE_CHECKING:
    from asyncmigrate.dialects.sqlite_constraints import Naming
    from asyncmigrate.dialects.sqlite_edits import Around, Edit
    from asyncmigrate.dialects.sqlite_table import Table


@dataclass(frozen=True, slots=True)
class NameConstraints:
    """Every constraint gets the name that a naming convention has for it."""

    naming: Naming
    sql: str = ""

    def apply(self, table: Table) -> Table:
        """Write the names; a constraint that has one keeps it."""
        for column, clause in list(table.clauses):
            given = None if clause.name is not None else self.naming(table, column, clause)
            if given is None:
                continue
            text = f"CONSTRAINT {_written(given)} {clause.text}"
            place = column if column is None else table.find(column.name)
            table = exchanged(table, place, clause, replace(clause, name=given, text=text))
        return table

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether there is nothing to do."""
        return self.apply(table) == table

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return nothing: a name may come from that of a column."""
        return None


def _written(name: str) -> str:
    """Return a name in quotes only if it needs them: SQLAlchemy 2.0 reads no others."""
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else quoted(name)
