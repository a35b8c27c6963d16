"""What can be asked of a table of SQLite, each a function from one statement to another.

Everything here is pure. An edit also knows whether SQLite's own ALTER TABLE can do it, and what
becomes of it when a column is renamed before it rather than after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from asyncmigrate.dialects.sqlite_parser import parse_column
from asyncmigrate.dialects.sqlite_syntax import folded, mentions, quoted, tokens
from asyncmigrate.dialects.sqlite_table import Clause, Column, Table
from asyncmigrate.errors import RunError, UnsupportedOperationError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


class Around(Protocol):
    """What stands around a table and decides whether ALTER TABLE can change it."""

    @property
    def has_rows(self) -> bool:
        """Whether there is a row in it."""

    @property
    def has_drop_column(self) -> bool:
        """Whether this SQLite has DROP COLUMN (3.35)."""

    def uses(self, column: str) -> bool:
        """Return whether an index, a trigger, a view or a foreign key may name a column."""


class Edit(Protocol):
    """One change of a table."""

    @property
    def sql(self) -> str:
        """The statement that does it where SQLite can; empty where it never can."""

    def apply(self, table: Table) -> Table:
        """Return the table as it is then."""

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether SQLite's own statement does it."""

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return the same change for when a column has its new name already, or None."""


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column at the end of the columns."""

    column: Column
    sql: str

    def apply(self, table: Table) -> Table:
        """Put it after the last column; an inline PRIMARY KEY replaces one without a name."""
        if table.find(self.column.name) is not None:
            raise RunError(
                f"Table {table.name!r} has a column {self.column.name!r} already.",
                next="Leave it out, or give the new one another name.",
            )
        new = replace(self.column, is_new=True)
        return replace(table, columns=appended(table.columns, new, table.constraints))

    def is_native(self, table: Table, around: Around) -> bool:
        """Return False for what ADD COLUMN refuses, some of it only when there are rows."""
        clauses = {clause.kind: clause for clause in self.column.clauses}
        generated, default = clauses.get("generated"), clauses.get("default")
        if clauses.keys() & {"primary key", "unique"}:
            return False
        if generated is not None:
            return not generated.text.upper().endswith("STORED")
        null = default is None or default.text.upper().split()[-1] == "NULL"
        demanding = (
            ("not null" in clauses and null)
            or ("foreign key" in clauses and not null)
            or (default is not None and not _is_constant(default))
        )
        return not demanding or not around.has_rows

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return itself unless it mentions one of the names."""
        return None if _mentions(self.column.text, old, new) else self


@dataclass(frozen=True, slots=True)
class DropColumn:
    """A column less, and the constraints that are about nothing else."""

    name: str
    sql: str
    if_exists: bool = False

    def apply(self, table: Table) -> Table:
        """Take it out; a constraint that names others as well stays, and `check` refuses it."""
        column = table.find(self.name)
        if column is None and self.if_exists:
            return table
        column = known(table, self.name)
        names = {folded(c.name) for c in table.columns}
        own = [c for c in table.constraints if _subjects(c, names) == {folded(self.name)}]
        gone = {folded(c.name) for c in (*own, *column.clauses) if c.name}
        return replace(
            table,
            columns=removed(table.columns, column),
            constraints=tuple(c for c in table.constraints if c not in own),
            gone=table.gone | gone,
        )

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether nothing but the column itself is about the column."""
        column = table.find(self.name)
        if column is None:
            return True  # SQLite says so in its own words; or there is nothing to do
        if {clause.kind for clause in column.clauses} & {"primary key", "unique"}:
            return False
        others = [c for of, c in table.clauses if of is None or of != column]
        used = any(c.concerns(self.name) for c in others) or around.uses(self.name)
        return not used and len(table.columns) > 1 and around.has_drop_column

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return it for the new name of its column."""
        if folded(self.name) == folded(new):
            return None
        return replace(self, name=new) if folded(self.name) == folded(old) else self


@dataclass(frozen=True, slots=True)
class ChangeColumn:
    """A column with another type, default, formula or NOT NULL; None leaves each as it is."""

    name: str
    type_: str | None = None
    collated: bool = True
    """False: the collation that it has goes, unless the type brings one."""
    nullable: bool | None = None
    value: str | None = None
    """The whole clause, such as `DEFAULT 7` or `AS (a) STORED`; empty for none at all."""
    sql: str = ""

    def apply(self, table: Table) -> Table:
        """Change the column; every other word of it stays."""
        column = changed = known(table, self.name)
        if self.type_ is not None:
            changed = _typed(changed, self.type_, collated=self.collated)
        if self.nullable is not None:
            changed = _nullable(changed, nullable=self.nullable)
        if self.value is not None:
            changed = _valued(changed, self.value)
        return replace(table, columns=tuple(changed if c is column else c for c in table.columns))

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether it is so already: ALTER TABLE has no words for it."""
        return self.apply(table) == table

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return it for the new name of its column."""
        return replace(self, name=new) if folded(self.name) == folded(old) else self


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """A column by another name, in every expression, index, trigger and view too: natively."""

    name: str
    new: str
    sql: str

    def apply(self, table: Table) -> Table:
        """Return the table with the column's name; expressions are left to SQLite."""
        column = known(table, self.name)
        renamed = replace(column, written=quoted(self.new))
        return replace(table, columns=tuple(renamed if c is column else c for c in table.columns))

    def is_native(self, table: Table, around: Around) -> bool:
        """Return True."""
        return True

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return itself unless it is about one of the names."""
        return None if {folded(old), folded(new)} & {folded(self.name), folded(self.new)} else self


@dataclass(frozen=True, slots=True)
class Arrange:
    """Columns in another order: those of each list stand in the list's order afterwards."""

    lists: tuple[tuple[str, ...], ...]
    sql: str = ""

    def apply(self, table: Table) -> Table:
        """Move as few columns as that takes."""
        columns = list(table.columns)
        for wanted in self.lists:
            found = [known(table, name) for name in wanted]
            for first, second in pairwise(found):
                if columns.index(first) > columns.index(second):
                    columns.remove(second)
                    columns.insert(columns.index(first) + 1, second)
        return replace(table, columns=spaced(tuple(columns), table.columns))

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether they stand in that order already."""
        return self.apply(table) == table

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return it for the new name."""
        was = folded(old)
        return Arrange(tuple(tuple(new if folded(n) == was else n for n in x) for x in self.lists))


@dataclass(frozen=True, slots=True)
class Place:
    """A column right before or right after another one."""

    name: str
    before: str | None = None
    after: str | None = None
    sql: str = ""

    def apply(self, table: Table) -> Table:
        """Move it."""
        column, target = known(table, self.name), known(table, self.before or self.after or "")
        rest = [c for c in table.columns if c is not column]
        rest.insert(rest.index(target) + (0 if self.before else 1), column)
        return replace(table, columns=spaced(tuple(rest), table.columns))

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether it stands there already."""
        return self.apply(table) == table

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return itself unless it is about one of the names."""
        mine = {folded(name) for name in (self.name, self.before, self.after) if name}
        return None if mine & {folded(old), folded(new)} else self


def known(table: Table, name: str) -> Column:
    """Return a column.

    Raises:
        RunError: the table has none of this name.
    """
    column = table.find(name)
    if column is None:
        names = ", ".join(c.name for c in table.columns)
        raise RunError(
            f"Table {table.name!r} has no column {name!r}; it has {names}.",
            next="Mend the name in the script.",
        )
    return column


def check(table: Table, dropped: Collection[str]) -> None:
    """Refuse a table of which something still needs a column that is no longer there.

    Raises:
        UnsupportedOperationError: it names the constraints.
    """
    for name in dropped:
        left = [
            f"{clause.text!r}" + (f" of column {column.name!r}" if column else "")
            for column, clause in table.clauses
            if clause.concerns(name)
        ]
        if left:
            raise UnsupportedOperationError(
                f"Column {name!r} of table {table.name!r} cannot be dropped: "
                f"{' and '.join(left)} would be lost with it.",
                next="Drop that first, with op.drop_constraint or op.drop_column in the same "
                "script.",
            )


def appended(
    columns: tuple[Column, ...], column: Column, constraints: Sequence[Clause]
) -> tuple[Column, ...]:
    """Return columns with one more, laid out as the last one is."""
    if not columns:
        return (replace(column, lead="", trail=""),)
    last = columns[-1]
    blank = layout(last.lead)
    if constraints or last.trail.strip():
        return (*columns, replace(column, lead=blank, trail=""))
    return (*columns[:-1], replace(last, trail=""), replace(column, lead=blank, trail=last.trail))


def layout(gap: str) -> str:
    r"""Return the blanks between two columns without the comments that are in them.

    >>> layout(" -- one\n  "), layout("\t"), layout("")
    ('\n  ', '\t', ' ')
    """
    before, newline, after = gap.rpartition("\n")
    if newline and before.strip() and not after.strip():
        return newline + after
    return gap if gap and not gap.strip() else " "


def removed(columns: tuple[Column, ...], column: Column) -> tuple[Column, ...]:
    """Return columns without one; the layout of the ends stays."""
    left = [c for c in columns if c is not column]
    if left and columns[-1] is column and not left[-1].trail:
        left[-1] = replace(left[-1], trail=column.trail)
    return tuple(left)


def spaced(columns: tuple[Column, ...], former: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return columns with the blanks between them as they were, unless there are comments."""
    if any((c.lead + c.trail).strip() for c in former):
        return columns
    return tuple(
        replace(c, lead=f.lead, trail=f.trail) for c, f in zip(columns, former, strict=True)
    )


def _subjects(clause: Clause, columns: set[str]) -> set[str]:
    return {*map(folded, clause.columns), *(clause.named & columns)}


def _mentions(text: str, *names: str) -> bool:
    return any(mentions(text, name) for name in names)


def _is_constant(default: Clause) -> bool:
    found = [t for t in tokens(default.text)[0][1:] if t.text not in {"(", ")", "+", "-"}]
    return len(found) == 1 and not found[0].text.upper().startswith("CURRENT_")


def _typed(column: Column, type_: str, *, collated: bool) -> Column:
    """Return a column with another type; its collation stays unless the type brings one."""
    described = parse_column(f"x {type_}")
    if described.clauses or not collated:
        column = column.without("collate")
    elif _words(described.declared) == _words(column.declared):
        return column
    return replace(column, type_=described.type_, clauses=(*described.clauses, *column.clauses))


def _words(type_: str) -> list[str]:
    return [token.text.upper() for token in tokens(type_)[0]]


def _nullable(column: Column, *, nullable: bool) -> Column:
    if nullable:
        return column.without("not null")
    column = column.without("null")
    if column.clause("not null") is not None:
        return column
    return replace(column, clauses=(Clause("not null", "NOT NULL"), *column.clauses))


def _valued(column: Column, value: str) -> Column:
    """Return a column with another DEFAULT or formula, where the old one stood."""
    new = parse_column(f"x {value}").clauses
    place = next(
        (i for i, c in enumerate(column.clauses) if c.kind in {"default", "generated"}), None
    )
    rest = column.without("default", "generated")
    if place is None:
        return replace(rest, clauses=(*rest.clauses, *new))
    return replace(rest, clauses=(*rest.clauses[:place], *new, *rest.clauses[place:]))
