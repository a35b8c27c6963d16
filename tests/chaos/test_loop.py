"""An application's event loop goes on turning while 10,000 scripts are read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.chaos.processes import REPOSITORY, SLOW_START

if TYPE_CHECKING:
    from tests.project import Project

SCRIPTS = 10_000
LONGEST = float(os.environ.get("ASYNCMIGRATE_LOOP_SECONDS", "0.05"))
"""Seconds of CPU that one callback may take."""
_SCRIPT = '''\
"""Message {number}."""

from asyncmigrate import op

revision = "r{number}"
down_revision = {down!r}


def upgrade() -> None:
    op.execute("SELECT {number}")


def downgrade() -> None:
    op.execute("SELECT -{number}")
'''


def test_the_loop_is_never_kept_for_long_while_ten_thousand_scripts_are_read(
    project: Project, sqlite_url: str
) -> None:
    for number in range(SCRIPTS):
        down = f"r{number - 1}" if number else None
        text = _SCRIPT.format(number=number, down=down)
        (project.versions / f"r{number}.py").write_text(text)

    ran = subprocess.run(
        [sys.executable, "-m", "tests.chaos.loop_time", project.script_location, sqlite_url],
        cwd=REPOSITORY,
        env=os.environ | {"XDG_CACHE_HOME": str(project.root)},  # nothing is known of them yet
        stdout=subprocess.PIPE,
        check=True,
        timeout=5 * SLOW_START,
    )

    too_long = {name: each for name, each in json.loads(ran.stdout).items() if each > LONGEST}
    assert too_long == {}
