"""Alembic's `script.py.mako` as a `script.py.tmpl` of ours.

What the stock templates of Alembic say is what our own template says, so only a template that
somebody changed is made anew. A line that computes something is left to a person.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from asyncmigrate.alembic.env_source_found import Finding

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = "script.py.tmpl"
MAKO = "script.py.mako"

_NAMES = {
    "message": "${message}",
    "up_revision": "${up_revision}",
    "repr(up_revision)": '"${up_revision}"',
    "down_revision": "${revises}",  # in the docstring
    "down_revision|comma,n": "${revises}",
    "down_revision|comma": "${revises}",
    "repr(down_revision)": "${down_revision}",
    "repr(branch_labels)": "${branch_labels}",
    "repr(depends_on)": "${depends_on}",
    "create_date": "${create_date}",
    "imports": "${imports}",
    'importsifimportselse""': "${imports}",
    'imports+"\\n"ifimportselse""': "${imports}",
    'importsor""': "${imports}",
    'upgradesifupgradeselse"pass"': "${upgrades}",
    'downgradesifdowngradeselse"pass"': "${downgrades}",
    "upgrades": "${upgrades}",
    "downgrades": "${downgrades}",
}
_EXPRESSION = re.compile(r"\$\{([^}]*)\}")
_CODE = re.compile(r"\s*(%(?!%)|<%|##)")
_STOCK = {
    '"""${message}', '"""', "Revision ID: ${up_revision}", "Revises: ${revises}",
    "Create Date: ${create_date}", "from alembic import op", "import sqlalchemy as sa",
    "from typing import Sequence, Union", "from typing import Sequence",
    "from collections.abc import Sequence", "${imports}",
    "# revision identifiers, used by Alembic.",
    'revision = "${up_revision}"', "down_revision = ${down_revision}",
    "branch_labels = ${branch_labels}", "depends_on = ${depends_on}",
    'revision: str = "${up_revision}"', "def upgrade():", "def downgrade():",
    "def upgrade() -> None:", "def downgrade() -> None:", "${upgrades}", "${downgrades}",
    '"""Upgrade schema."""', '"""Downgrade schema."""',
    *(
        f"{name}: {kind} = ${{{name}}}"
        for name in ("down_revision", "branch_labels", "depends_on")
        for kind in (
            "Union[str, Sequence[str], None]", "Union[str, None]", "str | Sequence[str] | None",
            "str | None",
        )
    ),
}  # fmt: skip
"""The lines of Alembic's own templates over the years, in our spelling."""


def template_of(folder: Path) -> tuple[str, tuple[Finding, ...]]:
    """Return the text of our template, or "" if ours says the same; and what is for a person."""
    file = folder / MAKO
    if not file.is_file():
        return "", ()
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    failed = [number for number, line in enumerate(lines, 1) if _line(line) is None]
    if failed:
        became = f"it computes something: write {TEMPLATE} (docs/how-to/templates-and-hooks.md)"
        return "", (Finding(MAKO, became, (failed[0], failed[-1])),)
    made = [text for line in lines if (text := _line(line)) is not None]
    if all(not line.strip() or line.strip() in _STOCK for line in made):
        return "", ()
    return "\n".join(made) + "\n", ()


def _line(line: str) -> str | None:
    """Return a line in our spelling; None if it computes something.

    >>> _line("Revises: ${down_revision | comma,n}  costs $5")
    'Revises: ${revises}  costs $$5'
    """
    if _CODE.match(line) or "<%" in line:
        return None
    parts = []
    end = 0
    for match in _EXPRESSION.finditer(line):
        name = _NAMES.get(re.sub(r"\s+", "", match[1]).replace("'", '"'))
        if name is None:
            return None
        parts += [line[end : match.start()].replace("$", "$$"), name]
        end = match.end()
    return "".join([*parts, line[end:].replace("$", "$$")])
