"""A table of SQLite as its own CREATE TABLE statement says it, taken apart without loss.

SQLite keeps the text of the statement and nothing else; what reflection gives back is less than
that (no CHECK without a name, no collation, no generated column, no AUTOINCREMENT). So a table is
changed by editing its text: whatever was not asked for stays to the letter. `sqlite_parser`
reads it, `sqlite_edits` and `sqlite_constraints` change it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from asyncmigrate.dialects.sqlite_syntax import (
    Cursor,
    Token,
    folded,
    quoted,
    text_of,
    tokens,
    unquoted,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Clause:
    """One constraint of a column or of the table, or a column's DEFAULT, COLLATE or formula."""

    kind: str
    """`primary key`, `unique`, `check`, `foreign key`, `not null`, `null`, `default`, `collate`,
    `generated`, `deferrable` or `nothing` (a name that no constraint follows)."""
    text: str
    """In its own words, `CONSTRAINT name` included."""
    name: str | None = None
    columns: tuple[str, ...] = ()
    """Those that a table's constraint lists, without quotes."""
    named: frozenset[str] = frozenset()
    """Those that an expression may mention, folded."""
    referent: str = ""
    referred: tuple[str, ...] = ()
    gap: str = " "
    """The blanks before it."""
    comma: bool = True
    """Whether a comma stands before a table's constraint; SQLite needs none between two."""
    trail: str = ""

    def concerns(self, column: str) -> bool:
        """Return whether a table's constraint names a column."""
        return folded(column) in {*map(folded, self.columns), *self.named}

    @property
    def plain(self) -> str:
        """What it says, without its name and in one form, to find an equal one by."""
        cursor = Cursor(tokens(self.text)[0])
        while cursor.accept("CONSTRAINT"):
            cursor.take()
        rest = cursor.found[cursor.at :]
        return " ".join(folded(t.name) if t.kind != "string" else t.text for t in rest)


@dataclass(frozen=True, slots=True)
class Column:
    """A column in its own words."""

    written: str
    """Its name as it is written, with quotes if it has them."""
    type_: str = ""
    """Its type, with the blanks before it; empty if it has none."""
    clauses: tuple[Clause, ...] = ()
    lead: str = " "
    trail: str = ""
    is_new: bool = False
    """True if no column of the old table, whatever their names, is what it was."""

    @property
    def name(self) -> str:
        """Its name without quotes."""
        return unquoted(self.written)

    @property
    def text(self) -> str:
        """The column, without the blanks around it."""
        return self.written + self.type_ + "".join(c.gap + c.text for c in self.clauses)

    def clause(self, kind: str) -> Clause | None:
        """Return the first clause of a kind."""
        return next((clause for clause in self.clauses if clause.kind == kind), None)

    def without(self, *kinds: str) -> Column:
        """Return the column without any clause of these kinds."""
        return replace(self, clauses=tuple(c for c in self.clauses if c.kind not in kinds))

    @property
    def declared(self) -> str:
        """Its type without the blanks before it."""
        found, _ = tokens(self.type_)
        return text_of(found)[len(found[0].gap) :] if found else ""

    @property
    def affinity(self) -> str:
        """What SQLite makes of its type: INTEGER, TEXT, BLOB, REAL or NUMERIC."""
        return affinity(self.declared)


@dataclass(frozen=True, slots=True)
class Table:
    """A CREATE TABLE statement; `text` gives it back."""

    head: str
    written: str
    opening: str
    columns: tuple[Column, ...]
    constraints: tuple[Clause, ...]
    closing: str
    gone: frozenset[str] = frozenset()
    """The names, folded, of constraints that went with the column that they were about."""

    @property
    def name(self) -> str:
        """Its name without quotes."""
        return unquoted(self.written)

    @property
    def text(self) -> str:
        """The whole statement."""
        columns = ",".join(c.lead + c.text + c.trail for c in self.columns)
        constraints = "".join(
            ("," if c.comma or not place else "") + c.gap + c.text + c.trail
            for place, c in enumerate(self.constraints)
        )
        return self.head + self.written + self.opening + columns + constraints + self.closing

    def find(self, column: str) -> Column | None:
        """Return a column by its name, in any case of letters."""
        wanted = folded(column)
        return next((c for c in self.columns if folded(c.name) == wanted), None)

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns whose values stand in the table: all but the generated ones."""
        return tuple(c for c in self.columns if c.clause("generated") is None)

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        for column in self.columns:
            if column.clause("primary key") is not None:
                return (column.name,)
        return next((c.columns for c in self.constraints if c.kind == "primary key"), ())

    @property
    def clauses(self) -> Iterator[tuple[Column | None, Clause]]:
        """Every constraint, with its column if it stands in one."""
        for column in self.columns:
            for clause in column.clauses:
                yield column, clause
        for clause in self.constraints:
            yield None, clause

    @property
    def options(self) -> frozenset[str]:
        """`STRICT` and `WITHOUT`, as far as they are given."""
        found, _ = tokens(self.closing)
        return frozenset(t.text.upper() for t in found if t.says("STRICT", "WITHOUT"))

    @property
    def increments(self) -> bool:
        """Whether it is AUTOINCREMENT."""
        return any(
            token.says("AUTOINCREMENT")
            for _, clause in self.clauses
            if clause.kind == "primary key"
            for token in tokens(clause.text)[0]
        )

    @property
    def rowid_column(self) -> Column | None:
        """The INTEGER PRIMARY KEY, whose values are the rowids, if there is one."""
        if len(self.primary_key) != 1 or "WITHOUT" in self.options:
            return None
        column = self.find(self.primary_key[0])
        if column is None or folded(unquoted(column.declared)) != "integer":
            return None
        own = column.clause("primary key")
        descends = own is not None and any(t.says("DESC") for t in tokens(own.text)[0])
        return None if descends else column

    @property
    def rowid(self) -> str | None:
        """A name under which the rowid can be read and written, or None if there is none."""
        if "WITHOUT" in self.options:
            return None
        taken = {folded(column.name) for column in self.columns}
        return next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), None)

    def called(self, name: str, schema: str | None = None) -> Table:
        """Return the statement for another name, which no expression in it mentions."""
        own = folded(self.name)
        return replace(
            self,
            head="CREATE TABLE " + (f"{quoted(schema)}." if schema else ""),
            written=quoted(name),
            columns=tuple(
                replace(c, clauses=tuple(_unqualified(clause, own) for clause in c.clauses))
                for c in self.columns
            ),
            constraints=tuple(_unqualified(clause, own) for clause in self.constraints),
        )


def _unqualified(clause: Clause, table: str) -> Clause:
    """Return an expression without its table's name before a column: `CHECK (t.a > 0)`."""
    if clause.kind not in {"check", "generated"} or table not in clause.named:
        return clause
    kept: list[Token] = []
    for token in tokens(clause.text)[0]:
        if token.text == "." and kept and kept[-1].is_name and folded(kept[-1].name) == table:
            kept.pop()
        else:
            kept.append(token)
    return replace(clause, text=text_of(kept).strip())


def affinity(type_: str) -> str:
    """Return the affinity of a type, by the rules of sqlite.org/datatype3.html.

    >>> affinity("VARCHAR(20)"), affinity("BIGINT"), affinity("DATETIME"), affinity("")
    ('TEXT', 'INTEGER', 'NUMERIC', 'BLOB')
    """
    upper = type_.upper()
    rules = {
        "INTEGER": ("INT",),
        "TEXT": ("CHAR", "CLOB", "TEXT"),
        "BLOB": ("BLOB",),
        "REAL": ("REAL", "FLOA", "DOUB"),
    }
    if not upper.strip():
        return "BLOB"
    return next(
        (name for name, parts in rules.items() if any(p in upper for p in parts)), "NUMERIC"
    )
