"""What an application gets with `asyncmigrate.asgi`: nothing that it did not choose."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import sys
import asyncmigrate.asgi
print(*sorted({"fastapi", "starlette", "litestar", "quart", "typer", "alembic"} & {*sys.modules}))
"""


def test_neither_a_framework_nor_the_command_line_is_imported() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )

    assert ran.stdout == "\n"
    assert ran.stderr == ""
