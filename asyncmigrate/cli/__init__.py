"""The command line: the only place that prints or exits.

Nothing of SQLAlchemy or asyncio is imported here, nor by any command that does not talk to a
database: `amigrate --help` and `amigrate heads` answer at once.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

_INTERRUPTED = {130, 143}
_SELDOM = 50_000, 20, 100
"""A short life in which much is made and little dies: the collector may come later than usual."""


def main() -> None:
    """Run `amigrate` with the process's arguments and exit with its code."""
    gc.set_threshold(*_SELDOM)
    code = run(sys.argv[1:])
    if code in _INTERRUPTED:
        _leave(code)
    gc.freeze()  # Python would look through everything once more as it ends
    sys.exit(code)


def _leave(code: int) -> NoReturn:
    """Exit without waiting for threads: one of them may be what the person did not wait for."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code; an error is printed, never raised.

    With `--traceback`, an error is printed with its Python traceback.
    """
    from asyncmigrate.cli.output import Output
    from asyncmigrate.errors import MigrateError, RunInterruptedError

    try:
        from asyncmigrate.cli.commands import app_for

        code = app_for(arguments)(arguments, standalone_mode=False, prog_name="amigrate")
        sys.stdout.flush()  # here, where a closed pipe can still be answered
    except MigrateError as error:
        Output.for_errors(arguments).error(error)
        return error.exit_code
    except KeyboardInterrupt:  # before the event loop ran
        interrupted = RunInterruptedError("Interrupted by SIGINT.")
        Output.for_errors(arguments).error(interrupted)
        return interrupted.exit_code
    except BrokenPipeError:  # `amigrate history | head`
        _discard_output()
        return 0
    except Exception as error:  # noqa: BLE001 -- the outermost place: whatever it is, say it kindly
        return Output.for_errors(arguments).unexpected(error)
    return code if isinstance(code, int) else 0


def _discard_output() -> None:
    """Send what is still buffered nowhere, or Python complains about the pipe as it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
