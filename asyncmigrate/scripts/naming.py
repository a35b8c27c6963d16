"""Names of new scripts: the revision's id, the file's name, the date in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from asyncmigrate.errors import ConfigError, UsageError
from asyncmigrate.history.validate import RESERVED

if TYPE_CHECKING:
    from datetime import tzinfo

MAX_ID = 32
"""The width of the version table's column."""

_ILLEGAL_ID = re.compile(r"[@+:\-\s\"'`/\\\x00-\x1f\x7f]")
_ILLEGAL_LABEL = re.compile(r"[@+:\s\"'`/\\\x00-\x1f\x7f]|-\d")


def new_id() -> str:
    """Return a random revision id: 12 hexadecimal digits."""
    from uuid import uuid4

    return uuid4().hex[-12:]


def check_id(rev_id: str) -> None:
    """Refuse an id that could not be typed as a target or stored in the version table.

    Raises:
        UsageError: it is empty, too long, reserved, or holds a character with a meaning.
    """
    _check(rev_id, "revision id", _ILLEGAL_ID)
    if len(rev_id) > MAX_ID:
        raise UsageError(
            f"The revision id {rev_id!r} has {len(rev_id)} characters; the version table holds"
            f" {MAX_ID}.",
            next="Choose a shorter --rev-id.",
        )


def check_label(label: str) -> None:
    """Refuse a branch label that could not be typed as a target.

    Raises:
        UsageError: it is empty, reserved, or holds a character with a meaning.
    """
    _check(label, "branch label", _ILLEGAL_LABEL)


def slug(message: str, length: int) -> str:
    """Return the message as part of a file name, cut between words if it is long.

    >>> slug("Add user's e-mail", 40)
    'add_user_s_e_mail'
    >>> slug("Add user's e-mail", 12)
    'add_user_s_'
    """
    text = "_".join(re.findall(r"\w+", message)).lower()
    if len(text) > length:
        text = text[:length].rsplit("_", 1)[0] + "_"
    return text


def file_name(template: str, *, rev_id: str, slug: str, date: datetime) -> str:
    """Fill in `file_template`; `%` may be single, or doubled as in Alembic's settings.

    >>> date = datetime(2024, 5, 6, tzinfo=UTC)
    >>> file_name("%%(year)d/%%(month).2d_%%(rev)s", rev_id="ae1", slug="", date=date)
    '2024/05_ae1.py'

    Raises:
        ConfigError: the template has an unknown token or cannot be filled in.
    """
    tokens: dict[str, object] = {
        name: getattr(date, name) for name in ("year", "month", "day", "hour", "minute", "second")
    }
    tokens |= {"rev": rev_id, "slug": slug, "epoch": int(date.timestamp())}
    try:
        name = template.replace("%%", "%") % tokens
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigError(
            f"file_template {template!r} cannot be filled in ({error}).",
            next=f"Use tokens such as %(rev)s and %(year)d; they are: {', '.join(sorted(tokens))}.",
        ) from error
    if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or "\0" in name:
        raise ConfigError(
            f"file_template {template!r} leads out of the versions folder.",
            next="Name a file in that folder: the default is %(rev)s_%(slug)s.",
        )
    return f"{name}.py"


def creation_date(timezone: str | None) -> datetime:
    """Return the time now: in that zone, or local and without a zone if None.

    Raises:
        ConfigError: there is no such time zone.
    """
    if timezone is None:
        return datetime.now()
    return datetime.now(UTC).astimezone(_zone(timezone))


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    for spelling in (name, name.upper()):
        try:
            return ZoneInfo(spelling)
        except (KeyError, ValueError, OSError):  # not found; no zone's name; a folder of zones
            continue
    raise ConfigError(
        f"There is no time zone {name!r} on this machine.",
        next="Use a name such as Europe/Zurich or UTC; `pip install tzdata` brings all of them.",
    )


def _check(name: str, noun: str, illegal: re.Pattern[str]) -> None:
    if not name:
        raise UsageError(f"A {noun} cannot be empty.", next="Leave the option out, or name one.")
    if name.lower() in RESERVED:
        raise UsageError(
            f"{name!r} cannot be a {noun}: it has a meaning as a target.",
            next="Choose another one.",
        )
    if match := illegal.search(name):
        raise UsageError(
            f"The {noun} {name!r} holds {match[0]!r}, which it must not.",
            next="Use letters, digits and underscores.",
        )
