"""MySQL's and MariaDB's ALTER TABLE: a column written again whole, and constraints by name.

`changes` decides what is sent for a changed column; the elements below are how it is written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from asyncmigrate.dialects import ddl
from asyncmigrate.dialects.base import refuse_generated
from asyncmigrate.dialects.mysql_column import Definition, checks_of, definition_of, with_renamed
from asyncmigrate.dialects.mysql_existing import check_stated, keeps_definition, says_on_update

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.schema import ExecutableDDLElement
    from sqlalchemy.sql.compiler import DDLCompiler

    from asyncmigrate.dialects.ddl import ColumnChange

_Check = tuple[str, str]
"""A CHECK's name, and its words after that."""


def changes(change: ColumnChange, *, renames_in_checks: bool) -> Iterator[ExecutableDDLElement]:
    """Give one statement, as a rule: RENAME COLUMN, SET DEFAULT, or the whole column again.

    Raises:
        UnsupportedOperationError: a column cannot become generated, or ordinary, in place.
        OfflineError: in SQL text, the script does not say what would be lost.
    """
    if change.server_default is not False:
        refuse_generated(change)
    checks = [] if renames_in_checks else _checks_on(change)
    if change.is_rename_only:
        # Unlike CHANGE it cannot lose anything.
        yield RenameColumn(change, checks)
    elif change.existing_text is not None:
        yield from _rewritten(change, change.existing_text, checks)
    else:
        check_stated(change)
        yield from _restated(change)


def _restated(change: ColumnChange) -> Iterator[ExecutableDDLElement]:
    """Give what needs no more than the script's own words."""
    if not keeps_definition(change):
        yield RestateColumn(change)
        return
    if change.server_default is not False:
        yield ddl.SetDefault(change.table, change.column, change.server_default)
    if change.new_name is not None:
        yield RenameColumn(change, [])


def _rewritten(
    change: ColumnChange, shown: str, checks: list[_Check]
) -> Iterator[ExecutableDDLElement]:
    existing = definition_of(shown, change.column)
    assert existing is not None
    if existing.is_generated and change.server_default is not False:
        refuse_generated(replace(change, existing_server_default=sa.Computed("")))
    plain = change.server_default is None or isinstance(change.server_default, str)
    in_place = keeps_definition(change) and plain and existing.of("on_update") is None
    if in_place and change.new_name is None:
        yield from _restated(change)
    elif change.new_name is not None and (existing.of("check") or checks):
        # CHANGE would look for the old name in the CHECK that it is handed, and not find it.
        yield RewriteColumn(replace(change, new_name=None), existing)
        yield RenameColumn(change, checks)
    else:
        yield RewriteColumn(change, existing)


def _checks_on(change: ColumnChange) -> list[_Check]:
    """Return the CHECKs beside the columns that name a column that gets another name."""
    if change.new_name is None:
        return []
    checks = checks_of(change.existing_text or "")
    renamed = [(name, with_renamed(text, change.column, change.new_name)) for name, text in checks]
    return [after for before, after in zip(checks, renamed, strict=True) if before != after]


class RenameColumn(ddl.RenameColumn):
    """RENAME COLUMN, and in the same statement new CHECKs for those that name the column."""

    def __init__(self, change: ColumnChange, checks: list[_Check]) -> None:
        super().__init__(change.table, change.column, str(change.new_name))
        self.checks = checks


class RewriteColumn(ddl.AlterColumn):
    """MODIFY or CHANGE with the column as the server describes it, but for what changes."""

    def __init__(self, change: ColumnChange, existing: Definition) -> None:
        super().__init__(change.table, change.column)
        self.change = change
        self.existing = existing


class RestateColumn(ddl.AlterColumn):
    """MODIFY, or CHANGE when the column gets a new name."""

    def __init__(self, change: ColumnChange) -> None:
        super().__init__(change.table, change.column)
        self.change = change
        self.described = change.described()
        change.table.append_column(self.described, replace_existing=True)


class DropNamedConstraint(ddl.AlterTable):
    """DROP CONSTRAINT, whatever its kind."""

    def __init__(self, constraint: sa.Constraint, *, if_exists: bool) -> None:
        super().__init__(constraint.table)
        self.constraint = constraint
        self.if_exists = if_exists


@compiles(RenameColumn, "mysql", "mariadb")
def _rename_column(element: RenameColumn, compiler: DDLCompiler, **_: Any) -> str:
    quote, doubled = compiler.preparer.quote, _percents(compiler)
    steps = [f"DROP CHECK {quote(name)}" for name, _ in element.checks]
    steps.append(f"RENAME COLUMN {quote(element.column)} TO {quote(element.new_name)}")
    steps += [
        f"ADD CONSTRAINT {quote(name)} {text.replace('%', doubled)}"
        for name, text in element.checks
    ]
    return f"{ddl.alter_table(element, compiler)} {', '.join(steps)}"


def _percents(compiler: DDLCompiler) -> str:
    """Return a percent sign for a driver that may take %s for a parameter."""
    return "%%" if getattr(compiler.preparer, "_double_percents", False) else "%"


@compiles(RewriteColumn, "mysql", "mariadb")
def _rewrite_column(element: RewriteColumn, compiler: DDLCompiler, **_: Any) -> str:
    definition = _changed(element.change, element.existing, compiler)
    preparer = compiler.preparer
    old, new = preparer.quote(element.column), element.change.new_name
    verb = f"MODIFY {old}" if new is None else f"CHANGE {old} {preparer.quote(new)}"
    return f"{ddl.alter_table(element, compiler)} {verb} {definition}"


def _changed(change: ColumnChange, existing: Definition, compiler: DDLCompiler) -> Definition:
    """Return the definition with what the script named, in it."""
    made = Definition.parse(str(existing).replace("%", _percents(compiler)))
    if change.type_ is not None and getattr(change.existing_type, "collation", None) is not None:
        made = made.without("charset", "collate")  # it is said, so it goes unless it is said again
    if change.type_ is not None:
        made = made.retyped(ddl.type_text(change.type_, compiler))
    if change.nullable is not None:
        made = made.nullable(change.nullable)
    if change.server_default is not False:
        made = _defaulting(made, change, compiler)
    if change.autoincrement is not None:
        made = made.without("auto_increment")
        made = made.having("auto_increment", "AUTO_INCREMENT") if change.autoincrement else made
    if change.comment is not False:
        made = made.without("comment")
        if change.comment is not None:
            comment = ddl.literal_text(change.comment, compiler)
            made = made.having("comment", f"COMMENT {comment}")
    return made


def _defaulting(made: Definition, change: ColumnChange, compiler: DDLCompiler) -> Definition:
    if says_on_update(change.existing_server_default):
        made = made.without("on_update")  # the script calls it a part of the default
    if change.server_default is None:
        return made.without("default")
    assert change.server_default is not False
    for kind, text in _default_words(change.server_default, compiler).attributes:
        made = made.having(kind, text)
    return made


def _default_words(default: ddl.ServerDefault, compiler: DDLCompiler) -> Definition:
    """Return a default as SQLAlchemy writes it into CREATE TABLE, perhaps with ON UPDATE."""
    column: sa.Column[Any] = sa.Column("x", sa.Integer, server_default=default)
    return Definition.parse(compiler.get_column_specification(column)).without("null")


@compiles(RestateColumn, "mysql", "mariadb")
def _restate_column(element: RestateColumn, compiler: DDLCompiler, **_: Any) -> str:
    specification = compiler.get_column_specification(element.described)
    if element.described.autoincrement is True and "AUTO_INCREMENT" not in specification:
        specification += " AUTO_INCREMENT"
    if element.change.new_name is None:
        return f"{ddl.alter_table(element, compiler)} MODIFY {specification}"
    old = compiler.preparer.quote(element.column)
    return f"{ddl.alter_table(element, compiler)} CHANGE {old} {specification}"


@compiles(ddl.SetDefault, "mysql", "mariadb")
def _set_default(element: ddl.SetDefault, compiler: DDLCompiler, **_: Any) -> str:
    if element.default is None:
        return f"{ddl.alter_column(element, compiler)} DROP DEFAULT"
    text = ddl.default_text(element.default, compiler)
    # Unlike in CREATE TABLE, even CURRENT_TIMESTAMP needs the parentheses here.
    if not isinstance(element.default, str) and not text.startswith("("):
        text = f"({text})"
    return f"{ddl.alter_column(element, compiler)} SET DEFAULT {text}"


@compiles(DropNamedConstraint, "mysql", "mariadb")
def _drop_named_constraint(element: DropNamedConstraint, compiler: DDLCompiler, **_: Any) -> str:
    guard = "IF EXISTS " if element.if_exists else ""
    name = compiler.preparer.format_constraint(element.constraint)
    return f"{ddl.alter_table(element, compiler)} DROP CONSTRAINT {guard}{name}"
