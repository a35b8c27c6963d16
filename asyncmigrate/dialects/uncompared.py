"""What stands in a database and is of no kind that is compared: said in words, never passed over.

Each database's own file asks one query; its rows are a kind's name in the plural, schema, table
("" if it belongs to none) and name ("" if it is the table itself).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncmigrate.schema.scope import Scope

_SHOWN = 5


def in_words(rows: Iterable[Any], scope: Scope) -> tuple[str, ...]:
    """Return a line for each kind; what belongs to a table that is not looked at is left out.

    >>> from asyncmigrate.schema.scope import Scope
    >>> in_words([("triggers", "", "users", "audit"), ("triggers", "", "tags", "t")], Scope())
    ('2 triggers: tags.t, users.audit',)
    """
    found: dict[str, list[str]] = defaultdict(list)
    for kind, schema, table, name in rows:
        if scope.takes(schema, table) if table else schema in scope.schemas:
            found[kind].append(".".join(filter(None, (schema, table, name))))
    return tuple(_line(kind, sorted(names)) for kind, names in sorted(found.items()))


def _line(kind: str, names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return f"{len(names)} {_singular(kind) if len(names) == 1 else kind}: {shown}"


def _singular(kind: str) -> str:
    """Return the word for one.

    >>> _singular("row security policies"), _singular("tables with row security")
    ('row security policy', 'table with row security')
    """
    noun, *more = kind.partition(" with ")
    one = f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")
    return "".join((one, *more))
