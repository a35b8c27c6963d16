"""Rows for a table, made up: what its columns, keys and constraints allow, as far as can be read.

The first rows are those that migrations trip over: one with NULL wherever that is allowed, the
same row once more, the least of every type, the most of every type. The rest is drawn. Whether a
CHECK holds is not decided here: the database does that when the rows are inserted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import DOMAIN

from asyncmigrate.testing.values import Supply, supply

if TYPE_CHECKING:
    from random import Random

    from sqlalchemy import Column, ForeignKeyConstraint, Table

Row: TypeAlias = Mapping[str, Any]
Values: TypeAlias = Mapping[str, Any]
"""What columns hold instead of made-up values: by `table.column`, or rows' columns by `table`.

A value, or a function that is given the `random.Random` to draw from.
"""

FIRST = ("bare", "again", "least", "most")
"""The shapes of the first rows of a table."""

_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_JSON = ("{}", "[]", '{"a": 1}')


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a table beside its own definition."""

    parents: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """Rows of the tables that foreign keys refer to, by the tables' keys."""
    words: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Values that other texts of the schema name for a column, for example partitions' bounds."""
    checks: Sequence[str] = ()
    """The texts of CHECK constraints that are not among those of the table."""
    values: Values = field(default_factory=dict)
    """What the user says."""


class Maker:
    """Makes rows of one table."""

    def __init__(self, table: Table, around: Around) -> None:
        self.table = table
        self._around = around
        self._supplies = {each.name: supply(each.type) for each in table.columns}
        self._words = {**_named_values(table, around.checks), **around.words}
        self._keys = _keys(table)
        self._left_out = frozenset(
            each.name for each in table.columns if _is_made_by_the_server(each)
        )

    def rows(self, random: Random, shapes: Sequence[str]) -> list[dict[str, Any]]:
        """Return a row for each shape: of `FIRST`, or any other word for one that is drawn."""
        made: list[dict[str, Any]] = []
        turns = _Turns(random)
        for shape in shapes:
            made.append(self._row(turns, shape, made))
        return made

    def _row(self, turns: _Turns, shape: str, earlier: Sequence[Row]) -> dict[str, Any]:
        random = turns.random
        repeated = earlier[-1] if shape == "again" and earlier else None
        if shape == "drawn" and earlier and random.randrange(3) == 2:
            repeated = random.choice(earlier)
        row: dict[str, Any] = {}
        for column in self.table.columns:
            if column.name in self._left_out:
                continue
            if repeated is not None and column.name not in self._keys:
                row[column.name] = repeated[column.name]
            else:
                row[column.name] = self._value(column, turns, shape)
        for constraint in sorted(self.table.foreign_key_constraints, key=lambda c: str(c.name)):
            row |= self._reference(constraint, random, shape, row)
        return row | self._said(random)

    def _value(self, column: Column[Any], turns: _Turns, shape: str) -> Any:
        found, random = self._supplies[column.name], turns.random
        nullable = _is_nullable(column)
        if found is None or (nullable and (shape == "bare" or random.randrange(6) == 5)):
            return None
        words = self._words.get(column.name, ())
        if column.name in self._keys and not words and shape not in ("least", "most"):
            return found.draw(random)
        if words and random.randrange(8) != 7:
            return turns.next(column.name, words)
        if found.each and shape not in ("least", "most"):
            return turns.next(column.name, found.each)
        return _of_shape(found, random, shape)

    def _reference(
        self, constraint: ForeignKeyConstraint, random: Random, shape: str, row: Row
    ) -> dict[str, Any]:
        """Return the columns of a foreign key: those of a row that is there, or NULL."""
        columns = [each.parent for each in constraint.elements]
        targets = [each.target_fullname.rpartition(".")[2] for each in constraint.elements]
        if all(map(_is_nullable, columns)) and (shape == "bare" or random.randrange(6) == 5):
            return {each.name: None for each in columns}
        there = self._around.parents.get(_target(constraint), ())
        there = [each for each in there if all(each.get(name) is not None for name in targets)]
        if there:
            parent: Row = random.choice(there)
        elif all(map(_is_nullable, columns)):
            parent = {}
        else:
            parent = row  # of a table that refers to itself the first row can only mean itself
        names = (each.name for each in columns)
        return {name: parent.get(to) for name, to in zip(names, targets, strict=True)}

    def _said(self, random: Random) -> dict[str, Any]:
        """Return what the user says about this table and its columns."""
        values = self._around.values
        said: dict[str, Any] = {}
        for table in dict.fromkeys((self.table.name, self.table.key)):
            row: Row = _drawn(values.get(table, {}), random)
            said |= {column: _drawn(value, random) for column, value in row.items()}
            for column in self._supplies:
                if f"{table}.{column}" in values:
                    said[column] = _drawn(values[f"{table}.{column}"], random)
        return said


@dataclass(frozen=True, slots=True)
class _Turns:
    """Takes the few values that a column may have in turn, so that none is forgotten."""

    random: Random
    _left: dict[str, list[Any]] = field(default_factory=dict)

    def next(self, column: str, values: Sequence[Any]) -> Any:
        """Return the next value of a column."""
        left = self._left.setdefault(column, [])
        if not left:
            left.extend(self.random.sample(list(values), len(values)))
        return left.pop()


def _of_shape(found: Supply, random: Random, shape: str) -> Any:
    edge = {"least": found.least, "most": found.most}.get(shape)
    return random.choice(edge) if edge else found.any(random)


def _drawn(value: Any, random: Random) -> Any:
    return value(random) if isinstance(value, Callable) else value  # type: ignore[arg-type]


def _target(constraint: ForeignKeyConstraint) -> str:
    return constraint.elements[0].target_fullname.rpartition(".")[0]


def _is_nullable(column: Column[Any]) -> bool:
    kind = column.type
    return bool(column.nullable) and not (isinstance(kind, DOMAIN) and kind.not_null)


def _is_made_by_the_server(column: Column[Any]) -> bool:
    """Computed, an identity, or counted by itself: not ours to say."""
    counts = column.table.autoincrement_column
    return column.computed is not None or column.identity is not None or column is counts


def _keys(table: Table) -> frozenset[str]:
    """Return the columns of primary keys and unique constraints and indexes."""
    groups = [table.primary_key.columns.keys()]
    groups += [
        each.columns.keys() for each in table.constraints if isinstance(each, UniqueConstraint)
    ]
    groups += [_columns_of(each) for each in table.indexes if each.unique]
    return frozenset(name for group in groups for name in group)


def _columns_of(index: Index) -> list[str]:
    return [each.name for each in index.columns]


def _named_values(table: Table, more: Sequence[str]) -> dict[str, list[Any]]:
    """Return the values that CHECK constraints name, by the columns that they speak of.

    A CHECK is not understood. `status IN ('new', 'paid')` and `price > 0` name values that are
    worth a try, and the database decides.
    """
    found: dict[str, list[Any]] = {}
    own = [each for each in table.constraints if isinstance(each, CheckConstraint)]
    checks = [*(str(each.sqltext) for each in own), *more]
    for column in table.columns:
        texts = [each for each in checks if re.search(rf"\b{re.escape(column.name)}\b", each)]
        if isinstance(column.type, DOMAIN) and column.type.check is not None:
            texts.append(str(column.type.check))
        words = [word for text in texts for word in _words_of(text, column)]
        if words:
            found[column.name] = list(dict.fromkeys(words))
    return found


def _words_of(text: str, column: Column[Any]) -> list[Any]:
    if "json_valid" in text.lower():
        return list(_JSON)
    kind = supply(column.type)
    example = kind.least[0] if kind and kind.least else None
    quoted = [each.replace("''", "'") for each in _QUOTED.findall(text)]
    numbers = _NUMBER.findall(_QUOTED.sub("", text))
    if isinstance(example, str):
        lengths = [int(each) for each in numbers if each.isdigit() and int(each) <= 4000]
        return [*quoted, *("x" * length for length in lengths if length)]
    if isinstance(example, int) and not isinstance(example, bool):
        whole = [int(each) for each in numbers if "." not in each]
        return [value for each in whole for value in (each - 1, each, each + 1)]
    if numbers and example is not None and not isinstance(example, bool | bytes | list | dict):
        return [type(example)(each) for each in numbers] if _is_number(example) else quoted
    return quoted


def _is_number(value: Any) -> bool:
    return type(value).__name__ in {"Decimal", "float"}
