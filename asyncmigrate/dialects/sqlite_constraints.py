"""The edits of a table of SQLite that are about its constraints, its options and its indexes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.dialects.sqlite_edits import known, layout
from asyncmigrate.dialects.sqlite_statements import condition
from asyncmigrate.dialects.sqlite_syntax import (
    folded,
    mentions,
    quoted,
    text_of,
    tokens,
    unquoted,
)
from asyncmigrate.dialects.sqlite_words import Names
from asyncmigrate.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncmigrate.dialects.sqlite_edits import Around, Edit
    from asyncmigrate.dialects.sqlite_table import Clause, Column, Table

    Naming = Callable[[Table, Column | None, Clause], str | None]

KINDS = {
    "primary": "primary key",
    "unique": "unique",
    "check": "check",
    "foreignkey": "foreign key",
}
"""What `type_=` of op.drop_constraint says, and what a clause says."""


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """One more constraint of the table; one of the same name is replaced, as in Alembic."""

    clause: Clause
    unless_there: bool = False
    """Leave the table alone if it says the same already."""
    sql: str = ""

    def apply(self, table: Table) -> Table:
        """Put it after the last constraint."""
        new = self.clause
        if self.unless_there and any(c.plain == new.plain for _, c in table.clauses):
            return table
        for name in new.columns:
            known(table, name)
        if new.kind == "primary key":
            table, done = _without_nameless_key(table, new)
            if done:
                return table
        if new.name is not None:
            table = _without(table, lambda _, c: c.name is not None and _same(c.name, new.name))
        return _appended(table, new)

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether there is nothing to do."""
        return self.unless_there and self.apply(table) == table

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return itself unless it mentions one of the names."""
        return None if any(mentions(self.clause.text, name) for name in (old, new)) else self


@dataclass(frozen=True, slots=True)
class DropConstraint:
    """A constraint less: of the table or of a column, by its name."""

    name: str | None
    kind: str | None = None
    plain: str = ""
    """What a constraint without a name says (a CHECK)."""
    clause: Clause | None = None
    """The same as it is written."""
    columns: tuple[str, ...] = ()
    """The columns of a constraint without a name (a UNIQUE or a foreign key)."""
    if_exists: bool = False
    naming: Naming | None = None
    """Gives the name that the naming convention has for a constraint without one."""
    sql: str = ""

    def apply(self, table: Table) -> Table:
        """Take it out; without a name also those that are equal, for nobody could tell them apart.

        Raises:
            RunError: there is none.
        """
        for is_it in (self._named, self._by_convention, self._same_words, self._same_columns,
                      self._the_only_key):  # fmt: skip
            found = [each for each in table.clauses if is_it(table, *each)]
            if found:
                gone = [each for each in found if each == found[0] or _equal(each, found[0])]
                for _, clause in gone:
                    table = _without(table, lambda _, other: other is clause)  # noqa: B023
                return table
        if self.if_exists or (self.name and folded(self.name) in table.gone):
            return table
        raise self._not_found(table)

    def _not_found(self, table: Table) -> RunError:
        if self.name is None:
            said = self.plain or f"{(self.kind or '').upper()} ({', '.join(self.columns)})"
            return RunError(
                f"Table {table.name!r} has no constraint without a name that says {said}.",
                next="Give its name if it has one, or if_exists=True.",
            )
        return unknown_constraint(table, self.name)

    def _kind_fits(self, clause: Clause) -> bool:
        return self.kind is None or clause.kind == self.kind

    def _named(self, _: Table, __: Column | None, clause: Clause) -> bool:
        return clause.name is not None and _same(clause.name, self.name)

    def _by_convention(self, table: Table, column: Column | None, clause: Clause) -> bool:
        if clause.name is not None or self.naming is None or not self._kind_fits(clause):
            return False
        given = self.naming(table, column, clause)
        return given is not None and _same(given, self.name)

    def _same_words(self, table: Table, __: Column | None, clause: Clause) -> bool:
        if clause.name is not None or not self.plain:
            return False
        return clause.plain == self.plain or self._same_condition(table, clause)

    def _same_condition(self, table: Table, clause: Clause) -> bool:
        if self.clause is None or not clause.kind == self.clause.kind == "check":
            return False
        names = Names.of(table.name, [column.name for column in table.columns])
        return condition(clause, names) == condition(self.clause, names)

    def _same_columns(self, _: Table, column: Column | None, clause: Clause) -> bool:
        if not self.columns or clause.name is not None or clause.kind != self.kind:
            return False
        own = clause.columns or ((column.name,) if column is not None else ())
        return [*map(folded, own)] == [*map(folded, self.columns)]

    def _the_only_key(self, _: Table, __: Column | None, clause: Clause) -> bool:
        wanted = self.kind == clause.kind == "primary key"
        return wanted and clause.name is None

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether there is nothing to do."""
        return self.if_exists and self.apply(table) == table

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return it for the new name, which a CHECK without a name may mention."""
        if self.naming is not None:
            return None  # its name may come from that of the column
        words = [folded(new) if word == folded(old) else word for word in self.plain.split(" ")]
        columns = tuple(new if folded(name) == folded(old) else name for name in self.columns)
        return replace(self, plain=" ".join(words), columns=columns)


@dataclass(frozen=True, slots=True)
class RenameConstraint:
    """A constraint by another name; one that only the naming convention has named, gets it."""

    name: str
    written: str
    """The new name, in quotes if it needs them: SQLAlchemy 2.0 reads no others."""
    naming: Naming | None = None
    sql: str = ""

    def apply(self, table: Table) -> Table:
        """Write the new name into it.

        Raises:
            RunError: there is no such constraint.
        """
        for column, clause in table.clauses:
            if clause.name is not None and _same(clause.name, self.name):
                first, old, *rest = tokens(clause.text)[0]
                text = text_of([first, replace(old, text=self.written), *rest])
            elif clause.name is None and self._is_called(table, column, clause):
                text = f"CONSTRAINT {self.written} {clause.text}"
            else:
                continue
            named = replace(clause, name=unquoted(self.written), text=text)
            return exchanged(table, column, clause, named)
        raise unknown_constraint(table, self.name)

    def _is_called(self, table: Table, column: Column | None, clause: Clause) -> bool:
        given = self.naming(table, column, clause) if self.naming is not None else None
        return given is not None and _same(given, self.name)

    def is_native(self, table: Table, around: Around) -> bool:
        """Return False: SQLite has no words for it."""
        return False

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return itself unless its name may come from that of the column."""
        return self if self.naming is None else None


def unknown_constraint(table: Table, name: str) -> RunError:
    """Return the error for a name that no constraint of the table has."""
    names = ", ".join(sorted(repr(c.name) for _, c in table.clauses if c.name))
    return RunError(
        f"Table {table.name!r} has no constraint {name!r}; "
        + (f"those with a name are {names}." if names else "none of its has a name."),
        next="Mend the name, give if_exists=True, or name the convention that made it: "
        "naming_convention= of op.batch_alter_table, or the models' MetaData.",
    )


@dataclass(frozen=True, slots=True)
class SetOptions:
    """STRICT, WITHOUT ROWID and AUTOINCREMENT; None leaves each as it is."""

    strict: bool | None = None
    rowid: bool | None = None
    autoincrement: bool | None = None
    sql: str = ""

    def apply(self, table: Table) -> Table:
        """Write the options anew where they differ."""
        wanted = {
            "STRICT": ("STRICT" in table.options) if self.strict is None else self.strict,
            "WITHOUT": ("WITHOUT" in table.options) if self.rowid is None else not self.rowid,
        }
        if {name for name, on in wanted.items() if on} != table.options:
            words = [
                w for w, on in zip(("STRICT", "WITHOUT ROWID"), wanted.values(), strict=True) if on
            ]
            table = replace(table, closing=f") {', '.join(words)}".rstrip())
        if self.autoincrement is not None and self.autoincrement != table.increments:
            table = _incrementing(table, on=self.autoincrement)
        return table

    def is_native(self, table: Table, around: Around) -> bool:
        """Return whether they are so already."""
        return self.apply(table) == table

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return itself."""
        return self


@dataclass(frozen=True, slots=True)
class _IndexEdit:
    """A change of the indexes, of which the table's own statement says nothing."""

    name: str
    sql: str

    def apply(self, table: Table) -> Table:
        """Return the table."""
        return table

    def is_native(self, table: Table, around: Around) -> bool:
        """Return True."""
        return True

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return itself."""
        return self


@dataclass(frozen=True, slots=True)
class DropIndex(_IndexEdit):
    """An index less."""


@dataclass(frozen=True, slots=True)
class CreateIndex(_IndexEdit):
    """An index more."""

    def after_rename(self, old: str, new: str) -> Edit | None:
        """Return itself unless it mentions one of the names."""
        return None if any(mentions(self.sql, name) for name in (old, new)) else self


def _same(one: str, other: str | None) -> bool:
    return other is not None and folded(one) == folded(other)


def _equal(one: tuple[Column | None, Clause], other: tuple[Column | None, Clause]) -> bool:
    """Return whether two constraints without a name say the same, of a column or of the table."""
    (_, first), (_, second) = one, other
    if first.name is not None or second.name is not None or first.kind != second.kind:
        return False
    if first.kind == "foreign key":
        words = (each.plain.partition("references ")[2] for each in (first, second))
        return next(words) == next(words)
    return first.kind in {"check", "unique"}


def _without(table: Table, leaves: Callable[[Column | None, Clause], bool]) -> Table:
    """Return a table without the first constraint that `leaves`, or the very table."""
    for column, clause in table.clauses:
        if not leaves(column, clause):
            continue
        if column is None:
            kept = tuple(c for c in table.constraints if c is not clause)
            if clause is table.constraints[-1] and clause.trail:
                return _trailing(replace(table, constraints=kept), clause.trail)
            return replace(table, constraints=kept)
        rest = replace(column, clauses=tuple(c for c in column.clauses if c is not clause))
        return replace(table, columns=tuple(rest if c is column else c for c in table.columns))
    return table


def _trailing(table: Table, trail: str) -> Table:
    """Return a table with these blanks before its closing parenthesis."""
    if table.constraints:
        last = table.constraints[-1]
        kept = (*table.constraints[:-1], replace(last, trail=last.trail or trail))
        return replace(table, constraints=kept)
    column = table.columns[-1]
    return replace(
        table, columns=(*table.columns[:-1], replace(column, trail=column.trail or trail))
    )


def _appended(table: Table, new: Clause) -> Table:
    blank = table.constraints[-1].gap if table.constraints else table.columns[-1].lead
    new = replace(new, gap=layout(blank), comma=True, trail="")
    if table.constraints and not table.constraints[-1].trail.strip():
        *rest, last = table.constraints
        kept = (*rest, replace(last, trail=""), replace(new, trail=last.trail))
        return replace(table, constraints=kept)
    if not table.constraints and not table.columns[-1].trail.strip():
        last_column = table.columns[-1]
        columns = (*table.columns[:-1], replace(last_column, trail=""))
        return replace(table, columns=columns, constraints=(replace(new, trail=last_column.trail),))
    return replace(table, constraints=(*table.constraints, new))


def _without_nameless_key(table: Table, new: Clause) -> tuple[Table, bool]:
    """Return a table ready for a primary key, and whether its own has only been given a name.

    Raises:
        RunError: it has one with a name of its own, and the new one has none. One with a name takes
            its place, as scripts for Alembic expect.
    """
    for column, clause in table.clauses:
        if clause.kind != "primary key" or (clause.name and _same(clause.name, new.name)):
            continue
        if clause.name is not None and new.name is None:
            raise RunError(
                f"Table {table.name!r} has a primary key already: {clause.text!r}.",
                next=f"Drop it first: op.drop_constraint({clause.name!r}, {table.name!r}, "
                'type_="primary").',
            )
        bare = column.name if column is not None and clause.name is None else None
        if bare is not None and new.name and [*map(folded, new.columns)] == [folded(bare)]:
            named = replace(
                clause, name=new.name, text=f"CONSTRAINT {quoted(new.name)} {clause.text}"
            )
            return exchanged(table, column, clause, named), True
        return _without(table, lambda _, c: c is clause), False  # noqa: B023
    return table, False


def exchanged(table: Table, column: Column | None, old: Clause, new: Clause) -> Table:
    """Return the table with another clause, of itself or of a column, in the place of `old`."""
    if column is None:
        return replace(table, constraints=tuple(new if c is old else c for c in table.constraints))
    changed = replace(column, clauses=tuple(new if c is old else c for c in column.clauses))
    return replace(table, columns=tuple(changed if c is column else c for c in table.columns))


def _incrementing(table: Table, *, on: bool) -> Table:
    """Return a table whose INTEGER PRIMARY KEY is AUTOINCREMENT, or is not."""
    column, clause = next(
        ((of, c) for of, c in table.clauses if c.kind == "primary key"), (None, None)
    )
    if clause is None or table.rowid_column is None:
        return table
    found: list[Any] = [t for t in tokens(clause.text)[0] if not t.says("AUTOINCREMENT")]
    text = text_of(found)
    if on and column is not None:
        text += " AUTOINCREMENT"
    elif on:
        text = text.rpartition(")")[0] + " AUTOINCREMENT)" + text.rpartition(")")[2]
    return exchanged(table, column, clause, replace(clause, text=text))
