"""The scripts under `scripts/`: text that Alembic and we can both run, since it only has op and sa.

A file holds many. Each begins with a line `=== its name`, behind which may stand
`[on sqlite]` (the databases that have such a thing; all of them if nothing is said),
`[from shop]` (the setup, itself a script of `setups.txt`, which runs before; `shop` if nothing is
said), `[convention]` (the models have a naming convention) and `[since 2.1]` (SQLAlchemy's version,
before which it does not have what the script is about, or does not show it to Alembic).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

import sqlalchemy as sa

DATABASES = ("sqlite", "postgresql", "mariadb")
FOLDER = Path(__file__).with_name("scripts")


@dataclass(frozen=True, slots=True)
class Script:
    """The body of an `upgrade()`, and what is there when it runs."""

    name: str
    upgrade: str
    setup: str = ""
    databases: tuple[str, ...] = DATABASES
    convention: bool = False
    since: tuple[int, ...] = (2, 0)


_VERSION = tuple(map(int, sa.__version__.split(".")[:2]))
_HEAD = re.compile(r"^=== (?P<name>[^\[\n]+?) *(?P<options>(\[[^\]\n]+\] *)*)$", re.MULTILINE)


def _read(file: Path) -> list[Script]:
    text = file.read_text(encoding="utf-8")
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [
        _script(head["name"], head["options"], text[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=True)
    ]


def _script(name: str, options: str, upgrade: str) -> Script:
    found = dict(option.partition(" ")[::2] for option in re.findall(r"\[([^\]]+)\]", options))
    databases = tuple(found.get("on", " ".join(DATABASES)).split())
    setup = SETUPS[found.get("from", "shop")] if name not in _SETUP_NAMES else ""
    assert set(found) <= {"on", "from", "convention", "since"}, f"{name}: {options}"
    assert set(databases) <= set(DATABASES), f"{name}: {options}"
    since = tuple(map(int, found.get("since", "2.0").split(".")))
    return Script(name, upgrade, setup, databases, "convention" in found, since)


_SETUP_FILE = FOLDER / "setups.txt"
_SETUP_NAMES = {head["name"] for head in _HEAD.finditer(_SETUP_FILE.read_text(encoding="utf-8"))}
SETUPS: dict[str, str] = {}
SETUPS.update({script.name: script.upgrade for script in _read(_SETUP_FILE)})
EVERY = [
    script for file in sorted(FOLDER.glob("*.txt")) if file != _SETUP_FILE for script in _read(file)
]
"""Every script that was written by hand."""
assert len({script.name for script in EVERY} | _SETUP_NAMES) == len(EVERY) + len(_SETUP_NAMES)
WRITTEN = [script for script in EVERY if script.since <= _VERSION]
"""Those for this version of SQLAlchemy."""


def body(upgrade: str) -> str:
    """Return the text as the body of a function."""
    return indent(upgrade, "    ")
