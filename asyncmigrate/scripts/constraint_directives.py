"""The directives about indexes and constraints of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, DropIndex

from asyncmigrate.errors import UnsupportedOperationError, UsageError
from asyncmigrate.scripts import catalog, concurrently
from asyncmigrate.scripts.directives import Directives
from asyncmigrate.scripts.elements import included
from asyncmigrate.scripts.keywords import check_keywords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FOREIGN_KEY_KEYWORDS = (
    "onupdate",
    "ondelete",
    "deferrable",
    "initially",
    "match",
    "source_schema",
    "referent_schema",
    "if_not_exists",
)
_CONSTRAINT_KEYWORDS = ("schema", "deferrable", "initially", "if_not_exists")


class ConstraintDirectives(Directives):
    """Create and drop indexes and constraints."""

    def create_index(
        self,
        index_name: str | None,
        table_name: str,
        columns: Sequence[str | sa.TextClause | sa.ColumnElement[Any]],
        *,
        schema: str | None = None,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **dialect_options: Any,
    ) -> None:
        """Create an index on columns, `sa.text()` or expressions such as `sa.func.lower(…)`.

        With `postgresql_concurrently=True` what stands before it is committed, and the index is
        built outside of the transaction; what a failed build has left is dropped first.
        """
        accepted = ("schema", "unique", "if_not_exists")
        check_keywords("create_index", dialect_options, accepted, takes=sa.Index)
        table = self._elements.bare(table_name, schema)
        index = self._elements.index(index_name, table, columns, unique=unique, **dialect_options)
        if self._is_done(
            "create_index",
            if_not_exists,
            lambda c: catalog.has_index(c, table_name, schema, str(index.name)),
        ):
            return
        guard = self._in_words("create_index", if_not_exists)
        if concurrently.is_asked(self._sink, dialect_options):
            concurrently.create_index(self._sink, self._dialect, index, if_not_exists=guard)
        else:
            self._sink.execute(CreateIndex(index, if_not_exists=guard))

    def drop_index(
        self,
        index_name: str,
        table_name: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **dialect_options: Any,
    ) -> None:
        """Drop an index; MySQL, MariaDB and SQL Server need the table's name as well.

        With `postgresql_concurrently=True` what stands before it is committed first.
        """
        accepted = ("schema", "if_exists", "table_name")
        check_keywords("drop_index", dialect_options, accepted, takes=sa.Index)
        if table_name is None and self._dialect.index_needs_table:
            raise UsageError(
                f"op.drop_index({index_name!r}): this database finds an index by its table only.",
                next="Give table_name= as well.",
            )
        if self._is_done(
            "drop_index",
            if_exists,
            lambda c: not catalog.has_index(c, table_name, schema, index_name),
        ):
            return
        guard = self._in_words("drop_index", if_exists)
        table = self._elements.bare(table_name or "no_table", schema)
        index = self._elements.index(index_name, table, ["x"], **dialect_options)
        if concurrently.is_asked(self._sink, dialect_options):
            concurrently.drop_index(self._sink, index, if_exists=guard)
        else:
            self._sink.execute(DropIndex(index, if_exists=guard))

    def create_foreign_key(
        self,
        constraint_name: str | None,
        source_table: str,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        *,
        onupdate: str | None = None,
        ondelete: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        match: str | None = None,
        source_schema: str | None = None,
        referent_schema: str | None = None,
        if_not_exists: bool | None = None,
        **dialect_options: Any,
    ) -> None:
        """Add a foreign key to a table.

        With `postgresql_not_valid=True` the rows that are there are not checked, so writers are
        hardly held up; `validate_constraint` checks them later.
        """
        check_keywords(
            "create_foreign_key",
            dialect_options,
            _FOREIGN_KEY_KEYWORDS,
            takes=sa.ForeignKeyConstraint,
        )
        constraint = self._elements.foreign_key(
            self._elements.bare(source_table, source_schema, local_cols),
            (referent_table, referent_schema),
            (local_cols, remote_cols),
            name=constraint_name,
            onupdate=onupdate,
            ondelete=ondelete,
            deferrable=deferrable,
            initially=initially,
            match=match,
            **dialect_options,
        )
        self._add_attached("create_foreign_key", constraint, if_not_exists)

    def create_unique_constraint(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        if_not_exists: bool | None = None,
        **dialect_options: Any,
    ) -> None:
        """Add a UNIQUE constraint to a table."""
        check_keywords(
            "create_unique_constraint",
            dialect_options,
            _CONSTRAINT_KEYWORDS,
            takes=sa.UniqueConstraint,
        )
        self._add(
            "create_unique_constraint",
            sa.UniqueConstraint(
                *columns,
                name=constraint_name,
                deferrable=deferrable,
                initially=initially,
                **dialect_options,
            ),
            self._elements.bare(table_name, schema, [*columns, *included(dialect_options)]),
            if_not_exists,
        )

    def create_check_constraint(
        self,
        constraint_name: str | None,
        table_name: str,
        condition: str | sa.ColumnElement[bool] | sa.TextClause,
        *,
        schema: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        if_not_exists: bool | None = None,
        **dialect_options: Any,
    ) -> None:
        """Add a CHECK constraint to a table; the condition is SQL or an expression.

        With `postgresql_not_valid=True` the rows that are there are not checked:
        `validate_constraint` does it later.
        """
        check_keywords(
            "create_check_constraint",
            dialect_options,
            _CONSTRAINT_KEYWORDS,
            takes=sa.CheckConstraint,
        )
        self._add(
            "create_check_constraint",
            sa.CheckConstraint(
                condition,
                name=constraint_name,
                deferrable=deferrable,
                initially=initially,
                **dialect_options,
            ),
            self._elements.bare(table_name, schema),
            if_not_exists,
        )

    def create_primary_key(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        **dialect_options: Any,
    ) -> None:
        """Add a primary key to a table that has none."""
        check_keywords(
            "create_primary_key",
            dialect_options,
            ("schema", "if_not_exists"),
            takes=sa.PrimaryKeyConstraint,
        )
        self._add(
            "create_primary_key",
            sa.PrimaryKeyConstraint(*columns, name=constraint_name, **dialect_options),
            self._elements.bare(table_name, schema, [*columns, *included(dialect_options)]),
            if_not_exists,
        )

    def create_exclude_constraint(
        self,
        constraint_name: str | None,
        table_name: str,
        *elements: tuple[str | sa.ColumnElement[Any] | sa.TextClause, str],
        where: str | sa.ColumnElement[bool] | sa.TextClause | None = None,
        schema: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        using: str | None = None,
        ops: Mapping[str, str] | None = None,
        if_not_exists: bool | None = None,
    ) -> None:
        """Add an EXCLUDE constraint (PostgreSQL): pairs of a column or expression and an operator.

        Raises:
            UnsupportedOperationError: the database has none.
        """
        if not hasattr(self._sink.dialect.ddl_compiler, "visit_exclude_constraint"):
            raise UnsupportedOperationError(
                f"{self._sink.dialect.name} has no EXCLUDE constraints, which "
                f"op.create_exclude_constraint({constraint_name!r}, {table_name!r}) would add.",
                next="Ask op.get_context().dialect.name in the script, or check it in a trigger.",
            )
        columns = [element for element, _ in elements if isinstance(element, str)]
        from sqlalchemy.dialects.postgresql import ExcludeConstraint

        constraint = ExcludeConstraint(
            *elements,
            name=constraint_name,
            where=sa.text(where) if isinstance(where, str) else where,
            using=using or "gist",
            ops=dict(ops or {}),
            deferrable=deferrable,
            initially=initially,
        )
        table = self._elements.bare(table_name, schema, columns)
        self._add("create_exclude_constraint", constraint, table, if_not_exists)

    def validate_constraint(
        self, constraint_name: str, table_name: str, *, schema: str | None = None
    ) -> None:
        """Check the rows of a constraint that was made with `postgresql_not_valid=True`.

        Writers go on meanwhile. Nothing happens on other databases: they have checked them.
        """
        table = self._elements.bare(table_name, schema)
        self._send(self._dialect.validate_constraint(table, constraint_name))

    def _add(
        self,
        directive: str,
        constraint: sa.Constraint,
        table: sa.Table,
        if_not_exists: bool | None,
    ) -> None:
        self._add_attached(directive, self._elements.attached(constraint, table), if_not_exists)

    def _add_attached(
        self, directive: str, constraint: sa.Constraint, if_not_exists: bool | None
    ) -> None:
        statement = self._dialect.add_constraint(constraint)  # refuses first
        if if_not_exists:
            catalog.check_findable(directive, constraint)
        if not self._is_done(
            directive, if_not_exists, lambda c: catalog.has_constraint(c, self._dialect, constraint)
        ):
            self._sink.execute(statement)

    def drop_constraint(
        self,
        constraint_name: str | None,
        table_name: str,
        type_: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        columns: Sequence[str] = (),
        sqltext: str | sa.TextClause | sa.ColumnElement[Any] | None = None,
    ) -> None:
        """Drop a constraint; `type_` is foreignkey, primary, unique or check.

        MySQL has other words for each kind; without `type_` it is looked up there. On SQLite a
        constraint may have no name: it is then found by its `columns` (a UNIQUE, a foreign key) or
        by its `sqltext` (a CHECK).
        """
        table = self._elements.bare(table_name, schema, columns)
        if constraint_name is None and (columns or sqltext is not None):
            self._drop_nameless(table, type_, columns, sqltext, if_exists=bool(if_exists))
            return
        if type_ is None and self._dialect.drops_by_kind and not self._sink.as_sql:
            name = self._elements.named_constraint(None, constraint_name, table).name
            type_ = self._dialect.kind_of_constraint(self._sink.bind(), table, str(name))
            table = self._elements.bare(table_name, schema)
        constraint = self._elements.named_constraint(type_, constraint_name, table)
        guard = self._in_words("drop_constraint", if_exists)
        statement = self._dialect.drop_constraint(constraint, if_exists=guard)  # refuses first
        if self._is_done(
            "drop_constraint",
            if_exists,
            lambda c: not catalog.has_constraint(c, self._dialect, constraint),
        ):
            return
        if isinstance(constraint, sa.CheckConstraint) and not self._sink.as_sql:
            own = self._dialect.drop_check_of_column(self._sink.bind(), constraint)
            statement = statement if own is None else own
        self._sink.execute(statement)

    def _drop_nameless(
        self,
        table: sa.Table,
        type_: str | None,
        columns: Sequence[str],
        sqltext: str | sa.TextClause | sa.ColumnElement[Any] | None,
        *,
        if_exists: bool,
    ) -> None:
        """Drop a constraint that is known by what it says.

        Raises:
            UsageError: this database gives every constraint a name; or its kind is missing.
        """
        if self._sink.dialect.name != "sqlite":
            raise UsageError(
                f"op.drop_constraint(None, {table.name!r}): on this database every constraint has "
                "a name.",
                next="Give the name; the database lists it.",
            )
        constraint: sa.Constraint
        match type_:
            case "unique":
                constraint = sa.UniqueConstraint(*columns)
            case "foreignkey":
                referred = sa.Table("no_table", sa.MetaData(), *(sa.Column(c) for c in columns))
                constraint = sa.ForeignKeyConstraint(list(columns), list(referred.columns))
            case "check" if sqltext is not None:
                constraint = sa.CheckConstraint(sqltext)
            case _:
                raise UsageError(
                    f"op.drop_constraint(None, {table.name!r}): what kind of constraint it is is "
                    "not said.",
                    next='Say type_="unique" or "foreignkey" and columns=, or type_="check" and '
                    "sqltext=.",
                )
        nameless = sa.Table(table.name, sa.MetaData(), *(sa.Column(c) for c in columns),
                            schema=table.schema)  # fmt: skip
        statement = self._dialect.drop_constraint(
            self._elements.attached(constraint, nameless), if_exists=if_exists
        )
        self._sink.execute(statement)
