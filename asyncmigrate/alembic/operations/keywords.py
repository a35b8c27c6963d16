"""Keywords that Alembic hands on to SQLAlchemy or passes over, where ours would call them typos."""

from __future__ import annotations

from functools import lru_cache
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from sqlalchemy.sql.elements import quoted_name

from asyncmigrate.scripts.keywords import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ANY = frozenset({"alter_column", "drop_column"})
"""Where Alembic passes everything over that it does not know."""
_DROP_COLUMN = frozenset({"mssql_drop_default", "mssql_drop_check", "mssql_drop_foreign_key"})
_MODELS = frozenset({"info", "listeners", "comment", "quote", "prefixes", "unique"})
"""One word, and SQLAlchemy's: what only models need. All others that are one word are typos."""
QUOTED = frozenset({"create_table", "drop_table", "create_index", "drop_index"})
"""The directives in which `quote` says how the first name is written."""


def meant(name: str, directive: Callable[..., Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords without those that mean nothing to the database.

    >>> def drop_index(index_name, *, if_exists=None, **dialect_options): ...
    >>> meant("drop_index", drop_index, {"if_exists": True, "unique": True, "must_exist": False})
    {'if_exists': True, 'unique': True}
    """
    named, takes_options = _parameters(directive)
    return {
        keyword: value
        for keyword, value in keywords.items()
        if keyword in named
        or (takes_options and _is_said_to_a_database(name, keyword))
        or not (name in _ANY or "_" in keyword or keyword in _MODELS)
    }


def quoted(table_or_index: str | None, keywords: Mapping[str, Any]) -> str | None:
    """Return a name as `quote` wants it written."""
    if table_or_index is None or keywords.get("quote") is None:
        return table_or_index
    return quoted_name(str(table_or_index), keywords["quote"])


def _is_said_to_a_database(name: str, keyword: str) -> bool:
    if name == "drop_column":
        return keyword in _DROP_COLUMN
    return keyword.partition("_")[0] in KNOWN and "_" in keyword


@lru_cache(maxsize=64)
def _parameters(directive: Callable[..., Any]) -> tuple[frozenset[str], bool]:
    """Return the names of a directive's parameters, and whether it takes those of databases."""
    found = signature(directive).parameters
    takes_options = any(each.kind is Parameter.VAR_KEYWORD for each in found.values())
    return frozenset(found), takes_options
