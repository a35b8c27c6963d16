"""Which line of a script called, for errors that name it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_PACKAGE = str(Path(__file__).resolve().parent.parent)
# SQLAlchemy compiles wrappers under a name of its own; version 2.0 calls them all <string>.
_PASSED = (_PACKAGE, "<sqlalchemy generated", "<string>")


def calling_line() -> str:
    """Return `file:line` of the innermost caller outside of this package and SQLAlchemy."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not is_passed(file):
            return f"{file}:{frame.f_lineno}"
        frame = frame.f_back
    return "The script"


def is_passed(file: str) -> bool:
    """Return whether a frame's file is no script's: this package's, SQLAlchemy's or contextlib."""
    return file.startswith(_PASSED) or "contextlib" in file or "/sqlalchemy/" in file
