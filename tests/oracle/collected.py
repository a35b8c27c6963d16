"""All scripts, and each of them on each of its databases."""

from __future__ import annotations

from tests.oracle.generated import GENERATED
from tests.oracle.written import WRITTEN

SCRIPTS = [*WRITTEN, *GENERATED]
BY_NAME = {script.name: script for script in SCRIPTS}
CASES = [(database, script.name) for script in SCRIPTS for database in script.databases]
"""A database and the name of a script."""
