"""The PostgreSQL of a project's Docker Compose file, for who has neither wheel nor installation."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any
from urllib.parse import quote

COMMAND = ("docker", "compose")
MINUTES = 5


def started() -> tuple[str, str] | None:
    """Start the service and give its URL with the service's name; None if there is none.

    It goes on when the tests end: it is the project's.
    """
    if shutil.which(COMMAND[0]) is None:
        return None
    described = _run("config", "--format", "json")
    found = service(json.loads(described)) if described else None
    if found is None or _run("up", "--detach", "--wait", found[0]) is None:
        return None
    return found[1], found[0]


def service(config: dict[str, Any]) -> tuple[str, str] | None:
    """Return the name and the URL of the first PostgreSQL service that publishes its port.

    >>> port = {"target": 5432, "published": "5433"}
    >>> service({"services": {"db": {"image": "postgres:18", "ports": [port]}}})
    ('db', 'postgresql://postgres:postgres@127.0.0.1:5433/postgres')
    """
    for name, described in config.get("services", {}).items():
        image = str(described.get("image", "")).rpartition("/")[2]
        ports = [each for each in described.get("ports", ()) if each.get("target") == 5432]
        if image.partition(":")[0].startswith("postgres") and ports and ports[0].get("published"):
            environment = described.get("environment") or {}
            user = environment.get("POSTGRES_USER") or "postgres"
            password = environment.get("POSTGRES_PASSWORD") or "postgres"
            database = environment.get("POSTGRES_DB") or user
            login = f"{quote(user, safe='')}:{quote(password, safe='')}"
            return name, f"postgresql://{login}@127.0.0.1:{ports[0]['published']}/{database}"
    return None


def _run(*arguments: str) -> str | None:
    """Run a command of Docker Compose in the working folder; None if it fails."""
    try:
        done = subprocess.run(
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=MINUTES * 60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
