"""How one database would print what models declare: asked while a snapshot of models is made.

Pure: no connection. A form need not be right for every text. Where a declared object looks unlike
the one in the database, the server itself is asked how it prints it (`Catalog.printed`); a form
that is right for the ordinary cases only saves that question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa
    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.types import TypeEngine

    from asyncmigrate.schema.kinds.column_values import Computed, Identity
    from asyncmigrate.schema.kinds.indexed import Indexed
    from asyncmigrate.schema.snapshot import Object, Snapshot


class Forms(Protocol):
    """The ways in which one database prints types, defaults, conditions and names."""

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect, to compile with."""

    @property
    def default_schema(self) -> str:
        """The name of the schema that `""` stands for; "" where there are no schemas."""

    @property
    def rebuilds(self) -> bool:
        """True if a table is made anew when its constraints change, so that all should at once."""

    @property
    def passed_on(self) -> frozenset[str]:
        """Dialect keywords (without the dialect) that are not compared, and yet created."""

    @property
    def merged(self) -> frozenset[str]:
        """The kinds of constraints of which a table keeps one where several are equal."""

    def schema(self, name: str | None) -> str:
        """Return a declared schema as snapshots have it: "" for the default one."""

    def name(self, name: str) -> str:
        """Return a name as the database keeps it: cut off where it is too long."""

    def type(self, type_: TypeEngine[Any]) -> str:
        """Return a type with its parameters, without its collation."""

    def collation(self, type_: TypeEngine[Any]) -> str | None:
        """Return the collation that a declared type asks for, if it is not the default one."""

    def default(self, column: sa.Column[Any]) -> str | None:
        """Return the declared server default as SQL."""

    def autoincrement(self, column: sa.Column[Any]) -> bool:
        """Return whether the database numbers this column by SERIAL, AUTO_INCREMENT or their like.

        `sqlite_autoincrement` counts on SQLite; an ordinary INTEGER PRIMARY KEY does not.
        """

    def identity(self, column: sa.Column[Any]) -> Identity | None:
        """Return the declared identity, where the database has such."""

    def computed(self, column: sa.Column[Any]) -> Computed | None:
        """Return the declared computed value."""

    def nullable(self, column: sa.Column[Any]) -> bool:
        """Return whether the database will say that the column may be NULL."""

    def own_type(self, type_: TypeEngine[Any]) -> TypeEngine[Any]:
        """Return what a type is on this database: without decorators and variants."""

    def sequence(self, sequence: sa.Sequence) -> tuple[tuple[str, int | bool | str], ...]:
        """Return the options of a sequence that are not the default, sorted by name."""

    def action(self, words: str | None) -> str:
        """Return ON DELETE or ON UPDATE of a foreign key; "" for the default."""

    def sql(self, element: sa.ClauseElement) -> str:
        """Return an expression as it stands in DDL: values written out, columns without a table."""

    def definition(self, select: sa.ClauseElement | str) -> str:
        """Return the SELECT of a view."""

    def expression(self, text: str) -> str:
        """Return a condition, a computed value or an index's expression."""

    def indexed(self, index: sa.Index) -> tuple[Indexed, ...]:
        """Return what a declared index is on."""

    def index_method(self, index: sa.Index) -> str:
        """Return the access method of a declared index, "" for the default one."""

    def options(self, element: sa.Table | sa.Index) -> tuple[tuple[str, str], ...]:
        """Return the declared dialect options that are not the default, sorted by name."""

    def constraint_name(self, kind: str, table: str, columns: Sequence[str]) -> str:
        """Return the name that the database gives to a constraint without one; "" if it gives none.

        `kind` is a kind of snapshots: `primary_key`, `unique`, `foreign_key`, `check`.
        """

    def holds(self, before: Object, after: Object) -> bool:
        """Return whether a column cannot change so while a foreign key is on it, or refers to it.

        Both are columns.
        """

    def implied_index(self, foreign_key: Object, snapshot: Snapshot) -> Object | None:
        """Return the index that the database makes along with a foreign key, and leaves behind.

        None if it makes none, or if the snapshot has one that does.
        """

    def keeps(self, kind: str) -> bool:
        """Return whether the database has objects of this kind at all."""

    def comments(self) -> bool:
        """Return whether the database keeps comments."""
