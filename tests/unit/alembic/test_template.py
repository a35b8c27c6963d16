"""`script.py.mako` as a `script.py.tmpl`: the same script comes out of both."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from asyncmigrate.alembic.converted_template import template_of
from asyncmigrate.scripts.template import ScriptText, render

alembic = pytest.importorskip("alembic")
STOCK = sorted((Path(alembic.__file__).parent / "templates").glob("*/script.py.mako"))
OLD = '''\
"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision}
Create Date: ${create_date}

"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

# revision identifiers, used by Alembic.
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''
OWN = OLD.replace("import sqlalchemy as sa", "import sqlalchemy as sa\nfrom shop import money  # $")


def written(folder: Path, text: str) -> Path:
    (folder / "script.py.mako").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("file", STOCK, ids=lambda each: each.parent.name)
def test_templates_of_alembics_own_need_none_of_ours(file: Path) -> None:
    text, findings = template_of(file.parent)

    assert text == ""
    assert [each.what for each in findings] == (
        ["script.py.mako"] if file.parent.name == "multidb" else []
    )


def test_an_older_template_of_alembics_needs_none_either(tmp_path: Path) -> None:
    assert template_of(written(tmp_path, OLD)) == ("", ())


def rendered_by_alembic(folder: Path, values: dict[str, object]) -> str:
    from mako.template import Template

    text = (folder / "script.py.mako").read_text(encoding="utf-8")
    return str(Template(text).render(**values))


def test_a_template_that_somebody_changed_gives_the_same_script(tmp_path: Path) -> None:
    folder = written(tmp_path, OWN)
    date = datetime(2026, 1, 2)
    text, findings = template_of(folder)
    asked = ScriptText(
        rev_id="b2",
        message="say it",
        date=date,
        parents=("a1",),
        upgrades="op.drop_table('x')",
    )

    ours = render(asked, folder / "none", text)

    theirs = rendered_by_alembic(
        folder,
        {
            "message": "say it",
            "up_revision": "b2",
            "down_revision": "a1",
            "branch_labels": None,
            "depends_on": None,
            "create_date": date,
            "imports": "",
            "upgrades": "op.drop_table('x')",
            "downgrades": "",
        },
    )
    assert findings == ()
    assert ours.replace('"', "'") == theirs.replace('"', "'")


@pytest.mark.parametrize(
    "line", ["% if branch_labels:", "<% x = 1 %>", "# ${create_date.year}", "## a note"]
)
def test_a_line_that_computes_needs_a_person(tmp_path: Path, line: str) -> None:
    text, (found,) = template_of(written(tmp_path, f"{OLD}{line}\n"))

    assert (text, found.lines) == ("", (25, 25))
