"""Tables: their comment and options. Columns, constraints and indexes are objects beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from asyncmigrate.schema.call import Call
from asyncmigrate.schema.kinds.base import Kind
from asyncmigrate.schema.kinds.check import Check, check_constraint
from asyncmigrate.schema.kinds.column_values import Column
from asyncmigrate.schema.kinds.created_column import counts_by_itself, sa_column
from asyncmigrate.schema.kinds.foreign_key import ForeignKey, foreign_key
from asyncmigrate.schema.kinds.options import (
    COMMA,
    DOT,
    keywords_of,
    parameters_of,
    passed_on,
    unquoted,
)
from asyncmigrate.schema.kinds.primary_key import PrimaryKey, primary_key
from asyncmigrate.schema.kinds.unique import Unique, unique_constraint
from asyncmigrate.schema.kinds.written import escaped, in_schema, literal, qualified
from asyncmigrate.schema.needs import NeedsAnswerError, NeedsHand
from asyncmigrate.schema.snapshot import Key, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import sqlalchemy as sa

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.kinds.base import Around
    from asyncmigrate.schema.operations import Alter, Create, Drop, Rename
    from asyncmigrate.schema.snapshot import Object


@dataclass(frozen=True, slots=True)
class Table:
    """A table without its parts.

    `options` are SQLAlchemy's dialect keywords with their values as text, sorted by name, and only
    those that are not the database's default: `(("postgresql_with", "fillfactor=70"),)`.
    """

    schema: str
    name: str
    comment: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    partition_by: str | None = None
    """The words after PARTITION BY."""
    kept: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)
    """Options that a database has and that are not compared, for the way back of a DROP."""
    element: sa.Table | None = field(default=None, compare=False, repr=False)
    """What it was declared as; None if it was read from a database."""

    @property
    def key(self) -> Key:
        """What identifies it."""
        return Key("table", self.schema, "", self.name)

    @property
    def is_unlogged(self) -> bool:
        """Whether PostgreSQL keeps it out of its log."""
        return dict(self.options).get("prefixes") == "UNLOGGED"


class TableKind(Kind[Table]):
    """Tables."""

    name: ClassVar[str] = "table"
    title: ClassVar[str] = "table"

    def references(self, obj: Table) -> Iterable[Key]:
        """Give the tables that it inherits from."""
        parents = dict(obj.options).get("postgresql_inherits", "")
        return [_named(obj.schema, name) for name in COMMA.split(parents) if name]

    def create(self, change: Create, around: Around[Any]) -> Iterator[Call]:
        """Give CREATE TABLE with all that it can hold of the table's parts."""
        table = cast("Table", change.obj)
        yield created(table, [e for e in parts_of(around.after, table.key) if fits(e)], around)

    def drop(self, change: Drop, around: Around[Any]) -> Iterator[Call]:
        """Give DROP TABLE: its parts go with it."""
        table = cast("Table", change.obj)
        yield Call("drop_table", (table.name,), in_schema(table.schema))

    def alter(self, change: Alter, around: Around[Any]) -> Iterator[Call]:
        """Give the new comment and options.

        Raises:
            NeedsAnswerError: the table would have to be made anew.
        """
        before, after = cast("Table", change.before), cast("Table", change.after)
        if before.partition_by != after.partition_by:
            is_, shall = (_partitioned(each.partition_by) for each in (before, after))
            reason = (
                f"The table {after.key.path} is {is_} and the models say {shall}: that cannot be "
                "changed in place. Create another table, copy the rows, drop this one, and give "
                "the new one its name."
            )
            raise NeedsAnswerError(hands=(NeedsHand(after.key, reason),))
        if before.comment != after.comment:
            keywords = {"existing_comment": before.comment, **in_schema(after.schema)}
            if after.comment is None:
                yield Call("drop_table_comment", (after.name,), keywords)
            else:
                yield Call("create_table_comment", (after.name, after.comment), keywords)
        if before.options != after.options:
            yield _reconfigured(before, after, around.forms)

    def rename(self, change: Rename, around: Around[Any]) -> Iterator[Call]:
        """Give RENAME TO."""
        table = cast("Table", change.obj)
        yield Call("rename_table", (table.name, change.to), in_schema(table.schema))


def fits(part: Object) -> bool:
    """Return whether CREATE TABLE can hold a part of the table."""
    match part:
        case Column() | PrimaryKey() | Unique():
            return True
        case Check():
            return part.validated and not part.no_inherit
        case ForeignKey():
            names = (part.referred_schema, part.referred_table, *part.referred_columns)
            # SQLAlchemy takes a dot for the end of a name there.
            return part.validated and not any("." in name for name in names)
    return False


def created(table: Table, parts: Sequence[Object], around: Around[Any]) -> Call:
    """Return CREATE TABLE with these parts."""
    forms = around.forms
    columns = sorted((e for e in parts if isinstance(e, Column)), key=lambda each: each.position)
    key = next((each for each in parts if isinstance(each, PrimaryKey)), None)
    references = [each for each in parts if isinstance(each, ForeignKey)]
    arguments: list[Any] = [
        sa_column(each, forms, counts=counts_by_itself(each, key, references)) for each in columns
    ]
    arguments += [] if key is None else [primary_key(key)]
    arguments += _constraints(parts)
    keywords: dict[str, Any] = {} if table.comment is None else {"comment": table.comment}
    keywords |= keywords_of(table.kept) | keywords_of(table.options)
    keywords |= passed_on(table.element, forms)
    if table.partition_by is not None:
        keywords[f"{forms.dialect.name}_partition_by"] = table.partition_by
    if forms.dialect.name == "sqlite" and any(each.autoincrement for each in columns):
        keywords["sqlite_autoincrement"] = True
    return Call("create_table", (table.name, *arguments), {**keywords, **in_schema(table.schema)})


def _constraints(parts: Sequence[Object]) -> Iterator[sa.Constraint]:
    for part in sorted(parts, key=lambda each: each.key):
        match part:
            case ForeignKey():
                yield foreign_key(part)
            case Unique():
                yield unique_constraint(part)
            case Check():
                yield check_constraint(part)


def _reconfigured(before: Table, after: Table, forms: Forms) -> Call:
    """Return ALTER TABLE with other options, in words.

    Raises:
        NeedsAnswerError: there are no words for it.
    """
    new, old = _setting(before, after), _setting(after, before)
    if new is None or old is None:
        names = sorted({name for name, _ in {*before.options} ^ {*after.options}})
        reason = (
            f"The options {', '.join(names)} of the table {after.key.path} cannot be changed in "
            "place: write the migration by hand (op.batch_alter_table on SQLite)"
        )
        raise NeedsAnswerError(hands=(NeedsHand(after.key, reason),))
    begin = f"ALTER TABLE {qualified(after.schema, after.name, forms)} "
    return Call("execute", (escaped(begin + new),), {"undo": escaped(begin + old)})


def _named(schema: str, name: str) -> Key:
    """Return the key of a table whose name is written as SQL has it."""
    *prefix, own = (unquoted(part) for part in DOT.split(name))
    return Key("table", prefix[0] if prefix else schema, "", own)


def _partitioned(by: str | None) -> str:
    return "not partitioned" if by is None else f"partitioned by {by}"


def _setting(before: Table, after: Table) -> str | None:
    old, new = dict(before.options), dict(after.options)
    words: list[str] = []
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name):
            continue
        dialect, _, option = name.partition("_")
        if dialect == "postgresql" and option == "with":
            words += _parameters(old.get(name, ""), new.get(name, ""))
        elif {old.get(name), new.get(name)} == {"UNLOGGED", None}:
            words.append("SET UNLOGGED" if name in new else "SET LOGGED")
        elif dialect in {"mysql", "mariadb"} and name in new:
            words.append(f"{option.upper()}={_of_mysql(option, new[name])}")
        else:
            return None
    return ", ".join(words)


def _of_mysql(option: str, value: str) -> str:
    return literal(value) if option in _QUOTED else value


_QUOTED = frozenset({"compression", "connection", "encryption", "password"})
"""Options of MySQL whose values are strings."""


def _parameters(old: str, new: str) -> Iterator[str]:
    before, after = parameters_of(old), parameters_of(new)
    changed = [f"{name}={value}" for name, value in after.items() if before.get(name) != value]
    gone = [name for name in before if name not in after]
    if changed:
        yield f"SET ({', '.join(changed)})"
    if gone:
        yield f"RESET ({', '.join(gone)})"
