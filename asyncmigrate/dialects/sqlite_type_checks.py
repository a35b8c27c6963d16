"""The CHECK that SQLAlchemy writes for a Boolean or an Enum, found without its name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from asyncmigrate.dialects.sqlite_edits import known
from asyncmigrate.dialects.sqlite_syntax import folded

if TYPE_CHECKING:
    from asyncmigrate.dialects.sqlite_edits import Around, Edit
    from asyncmigrate.dialects.sqlite_table import Clause, Table


@dataclass(frozen=True, slots=True)
class DropTypeChecks:
    """Each nameless `CHECK (column IN (…))` of a column, whose type it came with, less."""

    column: str
    sql: str = ""

    def apply(self, table: Table) -> Table:
        """Take them out, of the table and of the column."""
        column = known(table, self.column)
        kept = tuple(c for c in column.clauses if not self._is_types(c))
        changed = replace(column, clauses=kept)
        return replace(
            table,
            columns=tuple(changed if c is column else c for c in table.columns),
            constraints=tuple(c for c in table.constraints if not self._is_types(c)),
        )

    def _is_types(self, clause: Clause) -> bool:
        if clause.kind != "check" or clause.name is not None:
            return False
        name = folded(self.column)
        words = rf"check \( {re.escape(name)} in \( .* \) \)"
        return clause.named <= {name} and re.fullmatch(words, clause.plain) is not None

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether there is none."""
        return self.apply(table) == table

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return it for the new name of its column."""
        return replace(self, column=new) if folded(self.column) == folded(old) else self
