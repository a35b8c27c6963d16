"""What a statement gave to its script, kept as text, and given again when it is passed over.

A script that asks how many rows there were, or which id a row has got, goes the same way again.
Only values that JSON can carry, or that are written here, are kept; a result that is too large or
holds other values is not.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncmigrate.scripts.interception import Sending

_LONGEST = 30_000
_WRITTEN: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "uuid": (UUID, str, UUID),
    "decimal": (Decimal, str, Decimal),
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "time": (time, time.isoformat, time.fromisoformat),
    "bytes": (bytes, bytes.hex, bytes.fromhex),
}


class UnknownResultError(Exception):
    """The rows that a statement gave were not kept."""


UNKNOWN = "null"
"""What is kept of a result that cannot be."""


def captured(sending: Sending) -> str:
    """Return the result of a statement that was just sent; `UNKNOWN` if it cannot be kept.

    Rows that the driver holds are read, and given back to SQLAlchemy.
    """
    cursor, context = sending.cursor, sending.context
    found: dict[str, Any] = {"count": _whole(cursor.rowcount)}
    if context.isinsert or sending.text.lstrip()[:6].upper() == "INSERT":
        found["id"] = _whole(getattr(cursor, "lastrowid", None))
    if cursor.description is not None:
        if context._is_server_side or _in_batches(context):
            return UNKNOWN
        rows = [tuple(row) for row in cursor.fetchall()]
        _give(sending, list(cursor.description), rows)
        found["columns"] = [[each[0], _whole(each[1])] for each in cursor.description]
        found["rows"] = [list(row) for row in rows]
    return written(found) or UNKNOWN


def _in_batches(context: Any) -> bool:
    return str(getattr(context.execute_style, "name", "")) == "INSERTMANYVALUES"


def written(value: Any) -> str | None:
    """Return a value as text; None if it cannot be kept, or is too long.

    >>> written([1, UUID(int=1)])
    '[1, {"uuid": "00000000-0000-0000-0000-000000000001"}]'
    """
    try:
        text = json.dumps(value, default=_plain)
    except (TypeError, ValueError):
        return None
    return text if len(text) <= _LONGEST else None


def read(text: str) -> Any:
    """Return what `written` made a text of.

    >>> read(written([b"a", None]))
    [b'a', None]
    """
    return json.loads(text, object_hook=_value)


def _plain(value: Any) -> dict[str, str]:
    for name, (kind, write, _) in _WRITTEN.items():
        if isinstance(value, kind):
            return {name: write(value)}
    raise TypeError


def _value(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        [(name, text)] = found.items()
        if name in _WRITTEN:
            return _WRITTEN[name][2](text)
    return found


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def replay(sending: Sending, result: str | None) -> int | None:
    """Give the result of an earlier run in place of sending; return the id of a row it had made.

    Raises:
        UnknownResultError: the statement gives rows, and they were not kept.
    """
    context = sending.context
    found: dict[str, Any] | None = {"count": None} if result is None else read(result)
    if found is None:
        raise UnknownResultError
    if "rows" in found:
        columns = [(name, code, None, None, None, None, None) for name, code in found["columns"]]
        _give(sending, columns, [tuple(row) for row in found["rows"]])
    context._rowcount = -1 if found["count"] is None else found["count"]
    made: int | None = found.get("id")
    if made is not None:
        context.get_lastrowid = lambda: made
    return made


def _give(sending: Sending, columns: list[Any], rows: list[tuple[Any, ...]]) -> None:
    sending.context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
        sending.cursor, columns, rows
    )
