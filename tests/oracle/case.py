"""One case of the comparison with Alembic: a database made by SQL, and models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.migrator.autogenerate import Answers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Case:
    """`after` adds to a metadata what models declare; `changes` is what `check` has to print."""

    name: str
    before: str
    after: Callable[[sa.MetaData], object]
    changes: tuple[str, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)
    """What a person answers."""
    by_hand: str = ""
    """Why no script is generated, in a word of the refusal; "" if one is."""
    restored: bool = True
    """False for what a downgrade does not bring back: a broken index."""
    not_compared: str = ""
    """What is said of what models cannot declare."""

    def metadata(self) -> sa.MetaData:
        """Return what models declare."""
        metadata = sa.MetaData()
        self.after(metadata)
        return metadata

    @property
    def changes_again(self) -> tuple[str, ...]:
        """What differs once the generated script was run and undone."""
        return self.changes if self.restored else ()

    def answers(self) -> Answers:
        """Return what a person answers."""
        return Answers(renames=self.renames, no_renames=True)

    def __str__(self) -> str:
        return self.name


def key() -> sa.Column[int]:
    """Return what `id serial PRIMARY KEY` is."""
    return sa.Column("id", sa.Integer, primary_key=True)


def t(metadata: sa.MetaData, *parts: Any, name: str = "t", **options: Any) -> sa.Table:
    """Declare a table with a key, and these parts."""
    return sa.Table(name, metadata, key(), *parts, **options)


def table(columns: str = "", more: str = "", *, name: str = "t") -> str:
    """Return SQL for the table `t` with a key, these columns, and statements after it."""
    body = ", ".join(filter(None, ("id serial PRIMARY KEY", columns)))
    return f"CREATE TABLE {name} ({body}); {more}"


def of(name: str, type_: Any = sa.Text, *parts: Any, **options: Any) -> sa.Column[Any]:
    """Return a column."""
    return sa.Column(name, type_, *parts, **options)
