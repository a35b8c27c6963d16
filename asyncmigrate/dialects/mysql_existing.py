"""What a script must say of a column that SQL text writes again.

MODIFY and CHANGE restate a column, and what they do not restate is gone. With nothing to read it
from, each `existing_*` that a script leaves out could be such a loss, so it is an error that names
all of them at once. None says that there is no default or no comment; False (of the default and
the comment) and None (of the others) say nothing.

Two things are asked for only where they could be lost. `existing_autoincrement`: of a column of
whole numbers, before and after, that takes no NULL and has no default, for AUTO_INCREMENT excludes
both; to ask it of every text would be noise. `existing_server_default` beside a new default: of a
column of date and time, for SQLAlchemy writes ON UPDATE behind the default, and even SET DEFAULT
takes it away.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.errors import OfflineError

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

    from asyncmigrate.dialects.ddl import ColumnChange

_SAYING = {
    "existing_type": "existing_type=…",
    "existing_nullable": "existing_nullable=True or False",
    "existing_server_default": "existing_server_default=… (None if there is none)",
    "existing_comment": "existing_comment=… (None if there is none)",
    "existing_autoincrement": "existing_autoincrement=True or False (of whole numbers)",
}


def keeps_definition(change: ColumnChange) -> bool:
    """Return whether SET DEFAULT and RENAME COLUMN can make the change: they restate nothing."""
    only = change.nullable is None and change.type_ is None and change.autoincrement is None
    defaults = (change.server_default, change.existing_server_default)
    return only and change.comment is False and not any(map(says_on_update, defaults))


def says_on_update(default: object) -> bool:
    """Return whether a default has ON UPDATE behind it, as SQLAlchemy has it written."""
    text = getattr(default, "arg", default)
    return re.search(r"\bON\s+UPDATE\b", str(text), re.IGNORECASE) is not None


def check_stated(change: ColumnChange) -> None:
    """Raise if the change would lose what the script does not say.

    Raises:
        OfflineError: it names every argument that is missing, and what to type.
    """
    missing = _unknown_of_default(change) if keeps_definition(change) else _unknown(change)
    if not missing:
        return
    *most, last = missing
    names = f"{', '.join(most)} and {last} are" if most else f"{last} is"
    why = (
        "MySQL sets a default without the ON UPDATE behind it"
        if keeps_definition(change)
        else "MySQL writes the whole column again, and what is not said is lost"
    )
    raise OfflineError(
        f"{why}: of {change.table.fullname}.{change.column}, {names} not given.",
        next=f"Add to op.alter_column: {', '.join(_SAYING[name] for name in missing)}. Only SQL "
        "text needs it: on a connection the column is read.",
    )


def _unknown(change: ColumnChange) -> list[str]:
    known = {
        "existing_type": change.known_type is not None,
        "existing_nullable": (change.nullable, change.existing_nullable) != (None, None),
        "existing_server_default": not _unknown_of_default(change),
        "existing_comment": change.comment is not False or change.existing_comment is not False,
        "existing_autoincrement": not _may_count(change),
    }
    return [name for name, is_known in known.items() if not is_known]


def _unknown_of_default(change: ColumnChange) -> list[str]:
    """Return the argument that is missing to know the default, and the ON UPDATE behind it."""
    told = change.existing_server_default is not False or says_on_update(change.server_default)
    counts = change.existing_autoincrement or change.autoincrement
    type_ = change.known_type
    if change.server_default is not False:
        told = told or type_ is None or not _has_affinity(type_, sa.DateTime)
    return [] if told or counts else ["existing_server_default"]


def _may_count(change: ColumnChange) -> bool:
    """Return whether the column may be AUTO_INCREMENT without the script saying so."""
    said = change.autoincrement is not None or change.existing_autoincrement is not None
    takes_null = change.nullable or change.existing_nullable
    has_default = _is_default(change.server_default) or _is_default(change.existing_server_default)
    types = [each for each in (change.type_, change.existing_type) if each is not None]
    whole = all(_has_affinity(each, sa.Integer) for each in types)
    return whole and not (said or takes_null or has_default)


def _is_default(default: object) -> bool:
    return default is not None and default is not False


def _has_affinity(type_: TypeEngine[Any], kind: type[TypeEngine[Any]]) -> bool:
    # What SQLAlchemy's own compiler goes by: decorated types and those of MySQL have one, too.
    return issubclass(type_._type_affinity or type(type_), kind)
