"""Views beside the tables of the models: declared once, made by `create_all`, compared, migrated.

SQLAlchemy 2.1 has views of its own (`sa.CreateView(select, name, metadata=metadata)`), which are
tables of the metadata; SQLAlchemy 2.0 has none. `View` is the same on both. Its table is no table
of the metadata: whoever walks through those must not take a view for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.elements import _anonymous_label
from sqlalchemy.sql.selectable import SelectBase

from asyncmigrate.schema.kinds import view as kind
from asyncmigrate.schema.snapshot import Key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.sql.compiler import DDLCompiler

    from asyncmigrate.schema.forms import Forms

_VIEWS = "asyncmigrate.views"
"""The key in `MetaData.info` under which its views are, in the order of their making."""
_VIEW = "asyncmigrate.view"


class View:
    """A view that belongs to the models: `View("adults", sa.select(…), Base.metadata)`.

    `metadata.create_all` makes it after the tables (unless it is there, or something that it reads
    is not) and `metadata.drop_all` drops it before them. `view.table` is what queries select from,
    and what the indexes of a materialized view are on. Its columns are those that a `sa.select()`
    names: give an expression a `label()`; of text nothing is known.
    """

    def __init__(
        self,
        name: str,
        select: SelectBase | sa.TextClause | str,
        metadata: sa.MetaData,
        *,
        schema: str | None = None,
        materialized: bool = False,
        comment: str | None = None,
    ) -> None:
        self.name = name
        self.select = select
        self.metadata = metadata
        self.schema = metadata.schema if schema is None else schema
        self.materialized = materialized
        self.comment = comment
        self.table = sa.Table(
            name,
            sa.MetaData(naming_convention=metadata.naming_convention),
            *_columns(select),
            schema=self.schema,
            info={_VIEW: self},
        )
        if not views_of(metadata):
            sa.event.listen(metadata, "after_create", _create_views)
            sa.event.listen(metadata, "before_drop", _drop_views)
        metadata.info.setdefault(_VIEWS, []).append(self)

    def __repr__(self) -> str:
        return f"View({self.name!r})"


def views_of(metadata: sa.MetaData) -> Sequence[View]:
    """Return the views that were declared with `View`, in the order of their making."""
    found: Sequence[View] = metadata.info.get(_VIEWS, ())
    return found


def is_view(table: sa.Table) -> bool:
    """Return whether a table is really a view: one of SQLAlchemy 2.1, or the table of a `View`."""
    return _VIEW in table.info or bool(getattr(table, "is_view", False))


def declared_views(metadata: sa.MetaData, forms: Forms) -> Iterator[tuple[kind.View, sa.Table]]:
    """Give the views of a metadata as values, each with the table that its indexes are on."""
    for view in views_of(metadata):
        yield _declared(view, view.select, view.table, view.comment, forms), view.table
    for table in metadata.tables.values():
        creator: Any = getattr(table, "_creator_ddl", None)
        if is_view(table) and not creator.temporary:
            yield _declared(creator, creator.selectable, table, table.comment, forms), table


def _declared(
    element: Any, select: sa.ClauseElement | str, table: sa.Table, comment: str | None, forms: Forms
) -> kind.View:
    commented = forms.comments() and _has_view_comments(forms.dialect)
    return kind.View(
        schema=forms.schema(table.schema),
        name=str(table.name),
        definition=forms.definition(select),
        materialized=bool(element.materialized),
        comment=(comment or None) if commented else None,
        references=tuple(sorted({_key(read, forms) for read in _read_by(select)})),
        element=element,
    )


def _key(table: sa.Table, forms: Forms) -> Key:
    name = "view" if is_view(table) else "table"
    return Key(name, forms.schema(table.schema), "", str(table.name))


def _read_by(select: sa.ClauseElement | str) -> Iterator[sa.Table]:
    """Give the tables that a SELECT names, with the tables of views; of text nothing is known."""
    if not isinstance(select, str):
        yield from (each for each in visitors.iterate(select) if isinstance(each, sa.Table))


def _columns(select: SelectBase | sa.TextClause | str) -> Iterator[sa.Column[Any]]:
    if isinstance(select, SelectBase):
        types = {each.name: each.type for each in select.subquery().columns}
        for name, type_ in types.items():
            if not isinstance(name, _anonymous_label):
                yield sa.Column(name, type_)


# --- create_all and drop_all ------------------------------------------------------------------


def _create_views(
    metadata: sa.MetaData, connection: sa.Connection, *, tables: Sequence[sa.Table], **_: Any
) -> None:
    inspector = sa.inspect(connection)
    for view in views_of(metadata):
        missing = [each for each in _tables_of(view) if each not in tables]
        if all(inspector.has_table(each.name, each.schema) for each in missing):
            inspector.clear_cache()
            if not inspector.has_table(view.name, view.schema):
                _create(view, connection)


def _create(view: View, connection: sa.Connection) -> None:
    connection.execute(_CreateView(view))
    for index in sorted(view.table.indexes, key=lambda index: str(index.name)):
        index.create(connection)
    if view.comment and _has_view_comments(connection.dialect):
        connection.execute(_CommentOnView(view))


def _drop_views(
    metadata: sa.MetaData, connection: sa.Connection, *, tables: Sequence[sa.Table], **_: Any
) -> None:
    for view in reversed(views_of(metadata)):
        read = _tables_of(view)
        if not read or not read.isdisjoint(tables):
            connection.execute(_DropView(view))


def _tables_of(view: View) -> set[sa.Table]:
    """Return the tables that a view reads, also through other views."""
    found: set[sa.Table] = set()
    for table in _read_by(view.select):
        other = table.info.get(_VIEW)
        found |= {table} if other is None else _tables_of(other)
    return found


def _has_view_comments(dialect: Dialect) -> bool:
    # Where a comment is a part of CREATE TABLE (MySQL), there is no statement for that of a view.
    return dialect.supports_comments and not dialect.inline_comments


class _ViewStatement(ExecutableDDLElement):
    def __init__(self, view: View) -> None:
        self.view = view

    def named(self, compiler: DDLCompiler, guard: str = "") -> str:
        """Return the words that say which view."""
        words = "MATERIALIZED VIEW" if self.view.materialized else "VIEW"
        return f"{words} {guard}{compiler.preparer.format_table(self.view.table)}"


class _CreateView(_ViewStatement):
    pass


class _DropView(_ViewStatement):
    pass


class _CommentOnView(_ViewStatement):
    pass


@compiles(_CreateView)
def _create_view(element: _CreateView, compiler: DDLCompiler, **_: Any) -> str:
    select = element.view.select
    if isinstance(select, str):
        text = compiler.sql_compiler.post_process_text(select)  # type: ignore[no-untyped-call]
    else:
        text = compiler.sql_compiler.process(select, literal_binds=True)
    return f"CREATE {element.named(compiler)} AS {text}"


@compiles(_DropView)
def _drop_view(element: _DropView, compiler: DDLCompiler, **_: Any) -> str:
    return f"DROP {element.named(compiler, 'IF EXISTS ')}"


@compiles(_CommentOnView)
def _comment_on_view(element: _CommentOnView, compiler: DDLCompiler, **_: Any) -> str:
    text = compiler.sql_compiler.render_literal_value(element.view.comment, sa.String())
    return f"COMMENT ON {element.named(compiler)} IS {text}"
