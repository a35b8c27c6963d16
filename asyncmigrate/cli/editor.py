"""The user's editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_USUAL = ("sensible-editor", "editor", "nano", "vim", "vi", "code")


def open_in_editor(files: Sequence[str]) -> None:
    """Open files in $VISUAL or $EDITOR, else in the first usual editor that is installed.

    Raises:
        UsageError: there is none, or it ended with an error.
    """
    named = (os.environ.get("VISUAL") or os.environ.get("EDITOR") or "").strip()
    command = _split(named) if named else [next(filter(shutil.which, _USUAL), "")]
    if not command[0] or shutil.which(command[0]) is None:
        raise UsageError(
            f"The editor {command[0]!r} was not found." if named else "No editor was found.",
            next="Set EDITOR, for example `export EDITOR=nano`.",
        )
    done = subprocess.run([*command, *files], check=False)
    if done.returncode:
        raise UsageError(
            f"{shlex.join(command)} ended with exit code {done.returncode}.",
            next="Set EDITOR to another editor.",
        )


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise UsageError(
            f"The editor {command!r} cannot be understood: {error}.",
            next="Set EDITOR, for example `export EDITOR='code --wait'`.",
        ) from error
