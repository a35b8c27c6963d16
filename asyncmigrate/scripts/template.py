"""The text of a new script: a `string.Template` and what is filled in.

A project's own `script.py.tmpl` in its script folder is used instead of the one here; the names
that it may use are listed in `templates/README.md`, which `amigrate init` copies there.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING

from asyncmigrate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

TEMPLATE = "script.py.tmpl"
OP = "from asyncmigrate import op"
FOR_ALEMBIC = "from alembic import op"
HEAD_ONLY = "# Head only: this revision moves the stamp and changes nothing in the database.\npass"

_INDENT = "    "
_WIDTH = 88  # what formatters leave alone by default


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptText:
    """What a new script says. Bodies are lines without indentation, as are `imports`."""

    rev_id: str
    message: str
    date: datetime
    parents: Sequence[str] = ()
    depends_on: Sequence[str] = ()
    branch_labels: Sequence[str] = ()
    imports: str = ""
    upgrades: str = ""
    downgrades: str = ""
    op: str = OP
    """The line that imports `op`."""


def packaged(name: str) -> str:
    """Return a file that comes with this package."""
    from importlib.resources import files

    return (files("asyncmigrate.scripts") / "templates" / name).read_text(encoding="utf-8")


def render(text: ScriptText, folder: Path, otherwise: str = "") -> str:
    """Return the whole script, by the template in `folder` if there is one.

    Where there is none, the text `otherwise` is the template; ours if that is empty.

    Raises:
        ConfigError: the project's template cannot be read, or has an unknown name in it.
    """
    own = folder / TEMPLATE
    try:
        given = own.read_text("utf-8") if own.is_file() else otherwise
        template = Template(given or packaged(TEMPLATE))
        _check_bodies(template, text, own)
        return template.substitute(_values(text))
    except KeyError as error:
        names = ", ".join(sorted(_values(text)))
        raise ConfigError(
            f"The template {own} uses ${{{error.args[0]}}}, which does not exist.",
            next=f"The names are: {names}. Write a dollar sign as $$.",
        ) from error
    except (ValueError, OSError) as error:  # a lone dollar sign; not UTF-8; not readable
        raise ConfigError(
            f"The template {own} cannot be used ({error}).",
            next="Write a dollar sign as $$, and save the file as UTF-8.",
        ) from error


def _check_bodies(template: Template, text: ScriptText, own: Path) -> None:
    """Refuse a template that would lose what was generated."""
    bodies = {"upgrades": text.upgrades, "downgrades": text.downgrades}
    lost = [name for name, body in bodies.items() if body and name not in _names(template)]
    if lost:
        raise ConfigError(
            f"The template {own} has no place for what is generated: no ${{{lost[0]}}}.",
            next=f"Write ${{{lost[0]}}} into the body of its function.",
        )


def _names(template: Template) -> set[str]:
    found = template.pattern.finditer(template.template)
    return {match["named"] or match["braced"] for match in found}


def in_docstring(message: str) -> str:
    r"""Return Python source that, between triple double quotes, reads as `message`.

    >>> in_docstring('say "hi" to C:\\new')
    'say "hi" to C:\\\\new'
    """
    lines = message.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    text = "\n".join(line.rstrip() for line in lines).replace("\\", "\\\\")
    if '"""' in text or text.startswith('"') or text.endswith('"'):
        text = text.replace('"', '\\"')
    text = text.replace("\t", " ")
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", lambda match: f"\\x{ord(match[0]):02x}", text)


def _values(text: ScriptText) -> Mapping[str, str]:
    return {
        "message": in_docstring(text.message) or "empty message",
        "up_revision": text.rev_id,
        "revises": ", ".join(text.parents) or "<base>",
        "down_revision": _literal(text.parents, "down_revision"),
        "branch_labels": _literal(text.branch_labels, "branch_labels"),
        "depends_on": _literal(text.depends_on, "depends_on"),
        "create_date": str(text.date),
        "import_block": _import_block(text),
        "imports": f"{text.imports.strip()}\n" if text.imports.strip() else "",
        "upgrades": _body(text.upgrades),
        "downgrades": _body(text.downgrades),
    }


def _import_block(text: ScriptText) -> str:
    """Return all imports but the standard library's, sorted, the project's own in their section.

    SQLAlchemy is imported if the script uses it, or is still to be written by a person.
    """
    lines = {text.op, *text.imports.strip().splitlines()} - {""}
    if not text.upgrades.strip() or "sa." in f"{text.upgrades}{text.downgrades}":
        lines.add("import sqlalchemy as sa")
    ordered = sorted(lines, key=lambda line: (line.startswith("from "), line.lower()))
    own = [line for line in ordered if _is_of_project(line)]
    others = [line for line in ordered if line not in own]
    return "\n".join([*others, *([""] if own else []), *own]) + "\n"


def _is_of_project(line: str) -> bool:
    """Return whether an import's module is of no package that is installed, as far as we know."""
    package = line.split()[1].partition(".")[0]
    origin = getattr(getattr(sys.modules.get(package), "__spec__", None), "origin", None) or ""
    known = package in {"alembic", "asyncmigrate", "sqlalchemy"}
    return not known and "site-packages" not in origin and "dist-packages" not in origin


def _literal(names: Sequence[str], variable: str) -> str:
    """One name as a string, several as a tuple; over several lines if one would be too long."""
    if not names:
        return "None"
    quoted = [_quoted(name) for name in names]
    if len(quoted) == 1:
        return quoted[0]
    line = f"({', '.join(quoted)})"
    if len(f"{variable}: str | Sequence[str] | None = {line}") <= _WIDTH:
        return line
    return "(\n" + "".join(f"{_INDENT}{name},\n" for name in quoted) + ")"


def _quoted(name: str) -> str:
    text = repr(name)
    return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text


def _body(lines: str) -> str:
    body = lines.strip("\n").rstrip() or "pass"
    indented = "\n".join(f"{_INDENT}{line}" if line.strip() else "" for line in body.split("\n"))
    return indented.removeprefix(_INDENT)
