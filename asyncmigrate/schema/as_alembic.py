"""What of a comparison Alembic's autogenerate would see.

A project that still is Alembic's, unconverted, has a pipeline that runs `alembic check`. Ours is to
give the same answer there, and what it sees beyond that is said, and does not count.

The rules are those of Alembic 1.20 without plug-ins: CHECKs, primary keys, EXCLUDE, views, types,
sequences and options of tables are not compared; server defaults, IDENTITY with them, only if
`compare_server_default` says so; of an index its columns, whether it is unique and its NULLS NOT
DISTINCT; of a UNIQUE its columns in any order; a foreign key by what it says, whatever its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from asyncmigrate.schema.describe import differences_of
from asyncmigrate.schema.kinds.column_values import Column
from asyncmigrate.schema.operations import Alter, Create, Drop, Rename, differences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine.interfaces import Dialect

    from asyncmigrate.schema.compare import Comparison
    from asyncmigrate.schema.operations import Change
    from asyncmigrate.schema.snapshot import Key, Object

_COMPARED = frozenset({"table", "column", "index", "unique", "foreign_key"})
_SUPPORTS = frozenset({"enum", "domain", "composite", "sequence", "namespace"})
"""What a table may need before it can be created."""
_FIELDS: dict[str, frozenset[str]] = {
    "table": frozenset({"comment"}),
    "column": frozenset({"type", "nullable", "comment"}),
    "index": frozenset({"columns", "unique", "nulls_not_distinct"}),
    "unique": frozenset({"columns", "nulls_not_distinct"}),
    "foreign_key": frozenset(
        {
            "columns",
            "referred_schema",
            "referred_table",
            "referred_columns",
            "on_delete",
            "on_update",
            "deferrable",
        }
    ),
}
_DEFAULTS = frozenset({"default", "identity"})
_OF_MYSQL = frozenset({"bool", "tinyint"}), frozenset({"json", "longtext"})
_SYNONYMS: dict[str, tuple[frozenset[str], ...]] = {
    "postgresql": (frozenset({"float", "double precision"}),),
    "mysql": _OF_MYSQL,
    "mariadb": _OF_MYSQL,
    "mssql": (frozenset({"varchar", "nvarchar"}),),
}
_EVERYWHERE = (frozenset({"numeric", "decimal"}),)


def as_alembic_sees(comparison: Comparison, *, defaults: bool) -> Comparison:
    """Return a comparison without what Alembic does not look for; that is said as not compared.

    `defaults` is whether `compare_server_default` is on.
    """
    changed = {
        each.key if each.key.kind == "table" else each.key.owner
        for each in comparison.changes
        if isinstance(each, Create | Drop) and each.key.kind in ("table", "column")
    }
    view = _View(
        comparison.forms.dialect,
        defaults=defaults,
        changed=frozenset(changed),
        needs_types=bool(changed) or any(map(_is_retyped, comparison.changes)),
    )
    kept = [shown for each in comparison.changes if (shown := view.of(each)) is not None]
    unseen = _unseen(comparison.changes, kept)
    said = (f"{each}: Alembic does not look for it" for each in differences_of(unseen))
    return replace(
        comparison,
        changes=tuple(kept),
        questions=tuple(q for q in comparison.questions if q.before.key.kind in _COMPARED),
        not_compared=(*comparison.not_compared, *said),
    )


def _is_retyped(change: Change) -> bool:
    return (
        isinstance(change, Alter)
        and isinstance(change.before, Column)
        and isinstance(change.after, Column)
        and change.before.type != change.after.type
    )


def _unseen(changes: Iterable[Change], kept: Iterable[Change]) -> list[Change]:
    """Return what was left out: whole changes, and what of a change is not in the one kept."""
    shown = {(type(each), each.key): each for each in kept}
    found: list[Change] = []
    for each in changes:
        other = shown.get((type(each), each.key))
        if other is None:
            found.append(each)
        elif isinstance(each, Alter) and isinstance(other, Alter) and other.after != each.after:
            found.append(Alter(other.after, each.after))
    return found


@dataclass(frozen=True, slots=True)
class _View:
    """How Alembic looks at a database."""

    dialect: Dialect
    defaults: bool
    changed: frozenset[Key | None]
    """The tables that come or go, and those of which columns do."""
    needs_types: bool
    """Whether a new type, or what else a table may need, can be needed by what is seen."""

    def of(self, change: Change) -> Change | None:
        """Return as much of a change as is seen; None if that is nothing."""
        kind = change.key.kind
        if kind not in _COMPARED:
            is_support = isinstance(change, Create) and kind in _SUPPORTS and self.needs_types
            return change if is_support or change.key.owner in self.changed else None
        match change:
            case Rename():
                return None if kind == "foreign_key" else change
            case Alter(before, after):
                shown = self._altered(before, after)
                return None if shown == before else Alter(before, shown)
        is_hidden = (
            self.dialect.name == "sqlite" and kind == "index" and _has_expression(change.obj)
        )
        return None if is_hidden else change

    def _altered(self, before: Any, after: Any) -> Any:
        kind = after.key.kind
        fields = _FIELDS[kind] | (_DEFAULTS if kind == "column" and self.defaults else set())
        hidden = {
            name: pair[0]
            for name, pair in differences(before, after).items()
            if name not in fields or self._is_same(kind, name, *pair)
        }
        if "type" not in hidden and isinstance(after, Column) and self._is_bare(after):
            hidden |= {"type": before.type} if _bare(before.type) == _bare(after.type) else {}
        return replace(after, **hidden) if hidden else after

    def _is_bare(self, column: Column) -> bool:
        """Return whether the model gives a type without parameters: then none are compared."""
        declared = column.element
        return declared is not None and "(" not in declared.type.compile(dialect=self.dialect)

    def _is_same(self, kind: str, field: str, before: Any, after: Any) -> bool:
        if (kind, field) == ("column", "type"):
            return self._is_same_type(before, after)
        if (kind, field) == ("unique", "columns"):
            return sorted(before) == sorted(after)
        if (kind, field) == ("index", "columns"):
            return self._indexed(before) == self._indexed(after)
        return False

    def _indexed(self, columns: Iterable[Any]) -> list[Any]:
        if self.dialect.name == "postgresql":
            return [(each.text, each.order) for each in columns]
        return [each.text for each in columns if not each.is_expression]

    def _is_same_type(self, before: str, after: str) -> bool:
        old, new = _terms(before), _terms(after)
        if old.words[:1] != new.words[:1] and not any(
            {" ".join(old.words), " ".join(new.words)} <= batch
            or {*old.words[:1], *new.words[:1]} <= batch
            for batch in (*_EVERYWHERE, *_SYNONYMS.get(self.dialect.name, ()))
        ):
            return False
        rest = old.words[1:], new.words[1:]
        if len(rest[0]) == len(rest[1]) and rest[0] != rest[1]:
            return False
        if old.words[:1] == ("enum",):
            return set(old.arguments) == set(new.arguments)
        return len(old.arguments) != len(new.arguments) or old.arguments == new.arguments


def _bare(type_: str) -> str:
    """Return a type without its parameters."""
    return re.sub(r"\(.*?\)", "", type_)


@dataclass(frozen=True, slots=True)
class _Terms:
    words: tuple[str, ...]
    arguments: tuple[str, ...]


def _terms(type_: str) -> _Terms:
    """Take a type apart as Alembic does.

    >>> _terms("timestamp(3) with time zone")
    _Terms(words=('timestamp', 'with', 'time', 'zone'), arguments=('3',))
    >>> _terms("integer[]") == _terms("integer")
    True
    """
    found = re.findall(r"[\w\-]+|\(.+?\)", type_.lower())
    arguments = [each for each in found if each.startswith("(")]
    return _Terms(
        tuple(each for each in found if not each.startswith("(")),
        tuple(a.strip() for each in arguments[-1:] for a in each[1:-1].split(",") if a.strip()),
    )


def _has_expression(index: Object) -> bool:
    return any(each.is_expression for each in getattr(index, "columns", ()))
