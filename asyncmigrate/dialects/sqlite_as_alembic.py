"""What a table that Alembic makes anew does not have any more, and scripts rest upon that."""

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
class MergeForeignKeys:
    """Each foreign key of the table that says what an earlier one says, less: names aside."""

    sql: str = ""

    def apply(self, table: Table) -> Table:
        """Keep the first of those that are equal."""
        kept: list[Clause] = []
        said: set[str] = set()
        for clause in table.constraints:
            if clause.kind != "foreign key" or clause.plain not in said:
                kept.append(clause)
            said.add(clause.plain)
        return replace(table, constraints=tuple(kept))

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether there is none."""
        return self.apply(table) == table

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return itself."""
        return self


@dataclass(frozen=True, slots=True)
class DropShared:
    """Each foreign key and UNIQUE less that is about a column which goes, and about others."""

    column: str
    sql: str = ""

    def apply(self, table: Table) -> Table:
        """Take them out of the table; whoever drops one by its name afterwards finds it gone."""
        shared = [c for c in table.constraints if self._is_about(c)]
        names = {folded(c.name) for c in shared if c.name}
        kept = tuple(c for c in table.constraints if c not in shared)
        return replace(table, constraints=kept, gone=table.gone | names)

    def _is_about(self, clause: Clause) -> bool:
        about = {*map(folded, clause.columns)}
        return clause.kind in {"foreign key", "unique"} and folded(self.column) in about

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether there is none."""
        return self.apply(table) == table

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return it for the new name of its column."""
        return replace(self, column=new) if folded(self.column) == folded(old) else self


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
