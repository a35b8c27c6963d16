"""The SQLAlchemy type behind what PostgreSQL prints: `character varying(10)` is `sa.VARCHAR(10)`.

The names are those of the dialect (`ischema_names`), to which packages such as pgvector and
GeoAlchemy2 add theirs. A type that would not be printed the same again is not used: what nobody
can say otherwise stays in the words that the server has for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmigrate.schema.kinds.domain import Domain
from asyncmigrate.schema.kinds.enum import EnumType
from asyncmigrate.schema.types import RawType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.types import TypeEngine

    from asyncmigrate.schema.forms import Forms

_WORDS = re.compile(r"^(?P<name>[^(]+?)\s*(?:\((?P<arguments>.*)\))?(?P<rest>[^)]*)$")
_INTERVAL = re.compile(r"^interval(?: (?P<fields>[a-z ]+?))?(?:\((?P<precision>\d+)\))?$")


class Types:
    """Makes types from texts; remembers each. `named` has the types of users by their text."""

    def __init__(self, forms: Forms, named: Mapping[str, EnumType | Domain]) -> None:
        self._forms = forms
        self._named = named
        self._made: dict[str, TypeEngine[Any]] = {}

    def of(self, text: str) -> TypeEngine[Any]:
        """Return the type that the server prints so."""
        made = self._made.get(text)
        if made is None:
            made = self._made[text] = self._make(text)
        return made

    def _make(self, text: str) -> TypeEngine[Any]:
        if text.endswith("[]"):
            return postgresql.ARRAY(self.of(text.removesuffix("[]")))
        named = self._named.get(text)
        if isinstance(named, EnumType):
            return postgresql.ENUM(*named.values, name=named.name, schema=named.schema or None)
        if isinstance(named, Domain):
            return _domain(named, self.of(named.type))
        return self._built_in(text)

    def _built_in(self, text: str) -> TypeEngine[Any]:
        names: Mapping[str, Any] = getattr(self._forms.dialect, "ischema_names", {})
        try:
            made = _interval(text) or _made(text, names)
            fits = made is not None and self._forms.type(made) == text
        except (TypeError, ValueError, AttributeError, sa.exc.SQLAlchemyError):
            fits = False
        return made if fits and made is not None else RawType(text)


def _interval(text: str) -> TypeEngine[Any] | None:
    found = _INTERVAL.match(text)
    if found is None:
        return None
    precision = found["precision"]
    return postgresql.INTERVAL(
        fields=found["fields"], precision=None if precision is None else int(precision)
    )


def _made(text: str, names: Mapping[str, Any]) -> TypeEngine[Any] | None:
    found = _WORDS.match(text)
    if found is None:
        return None
    name = found["name"] + found["rest"]
    type_ = names.get(name)
    if type_ is None:
        return None
    arguments = [_argument(each) for each in (found["arguments"] or "").split(",") if each]
    if name.startswith(("timestamp ", "time ")):
        zone = name.endswith(" with time zone")
        precision = arguments[0] if arguments else None
        made: TypeEngine[Any] = type_(timezone=zone, precision=precision)
    elif name == "bit varying":
        made = type_(*arguments, varying=True)
    else:
        made = type_(*arguments)
    return made


def _argument(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.lstrip("-").isdigit() else text


def _domain(domain: Domain, data_type: TypeEngine[Any]) -> TypeEngine[Any]:
    name, check = domain.checks[0] if domain.checks else (None, None)
    return postgresql.DOMAIN(
        domain.name,
        data_type,
        schema=domain.schema or None,
        collation=domain.collation,
        default=domain.default,
        not_null=not domain.nullable,
        constraint_name=name,
        check=check,
        create_type=False,
    )
