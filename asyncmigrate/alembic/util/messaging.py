"""`alembic.util.messaging`: what scripts say goes to the log, and warnings are warnings."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from asyncmigrate.alembic.util.exc import CommandError
from asyncmigrate.log import logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_log = logger.getChild("scripts")


def msg(message: str, *_: object, newline: bool = True, flush: bool = False, **__: Any) -> None:
    """Log a message."""
    _log.info("%s", message)


def err(message: str, *_: object, quiet: bool = False) -> None:
    """Raise a CommandError."""
    raise CommandError(message)


def warn(message: str, stacklevel: int = 2) -> None:
    """Warn."""
    warnings.warn(message, UserWarning, stacklevel=stacklevel)


def warn_deprecated(message: str, stacklevel: int = 2) -> None:
    """Warn that something is deprecated."""
    warnings.warn(message, DeprecationWarning, stacklevel=stacklevel)


@contextmanager
def status(message: str, *_: object, **__: Any) -> Iterator[None]:
    """Log that something begins, and that it has ended."""
    _log.info("%s", message)
    yield
    _log.info("%s: done", message)


def format_as_comma(value: str | Iterable[str] | None) -> str:
    """Return words with commas between them.

    >>> format_as_comma(("a", "b")), format_as_comma(None)
    ('a, b', '')
    """
    if value is None:
        return ""
    return value if isinstance(value, str) else ", ".join(value)


def obfuscate_url_pw(url: Any) -> str:
    """Return a URL with its password masked."""
    from sqlalchemy import make_url

    return make_url(url).render_as_string(hide_password=True)


def write_outstream(stream: Any, *text: str, quiet: bool = False) -> None:
    """Write to a stream."""
    if not quiet:
        for each in text:
            stream.write(each)
