"""Pages of the documentation as programs: their blocks, typed into a shell and compared.

In an executable page, what follows `$ ` in a console block is run, and what stands below it is
the expected output. A Python block with a title is a file of the project. An HTML comment
`<!-- setup: … -->` is a shell command that the reader does not see. Revision ids, durations and
the folder's name may differ, and "…" stands for anything on its line.

`python -m tests.pages` writes what the commands say today into the pages.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
EXECUTABLE = [
    ROOT / name
    for name in (
        "README.md",
        "docs/tutorial.md",
        "docs/troubleshooting.md",
        "docs/how-to/autogenerate.md",
        "docs/how-to/downgrades.md",
        "docs/how-to/sqlite.md",
        "docs/how-to/tests.md",
    )
]
FOLDER = "/home/you/shop"
"""What pages call the folder that their project is in."""

_PART = re.compile(
    r"^<!-- (?P<comment>.+?) -->$"
    r"|^(?P<indent> *)```(?P<language>\w+)(?: title=\"(?P<title>.+?)\")?\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
_ID = re.compile(r"(?<![0-9a-zA-Z])[0-9a-f]{12}(?![0-9a-zA-Z])")
_DURATION = re.compile(r"\b\d+(\.\d+)? (ms|s)\b")


@dataclass(frozen=True)
class Block:
    """A fenced block, or a comment (`language` is then "comment")."""

    page: Path
    line: int
    language: str
    text: str
    title: str = ""
    comment: str = ""
    """The comment right above it."""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks and comments of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found: list[Block] = []
    for match in _PART.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match["comment"]:
            found.append(Block(page, line, "comment", match["comment"]))
            continue
        above = found[-1] if found else None
        marked = above is not None and above.language == "comment" and above.line == line - 1
        indent = len(match["indent"])
        found.append(
            Block(
                page,
                line,
                match["language"],
                "".join(each[indent:] for each in match["text"].splitlines(keepends=True)),
                match["title"] or "",
                above.text if above is not None and marked else "",
            )
        )
    return found


@dataclass
class Shell:
    """A shell in a project's folder, which remembers what was exported."""

    folder: Path
    exported: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        programs = self.folder.parent / "programs"
        programs.mkdir(exist_ok=True)
        self.folder.mkdir(exist_ok=True)
        for name, arguments in (("python", ""), ("amigrate", " -m asyncmigrate")):
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}"{arguments} "$@"\n')
            program.chmod(0o755)
        self.exported |= {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "NO_COLOR": "1",
        }

    def type(self, command: str) -> str:
        """Run one line and return what it says."""
        if command.startswith("export "):
            name, _, value = shlex.split(command)[1].partition("=")
            self.exported[name] = value
            return ""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AMIGRATE_", "DATABASE_URL"))
        }
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env=environment | self.exported,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        return done.stdout.replace(str(self.folder.resolve()), FOLDER)

    def save(self, block: Block) -> None:
        """Write a titled block; of a script that is there already, only its functions."""
        if "…" not in block.title:
            file = self.folder / block.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
            return
        (file,) = self.folder.glob(block.title.replace("…", "*"))
        head = file.read_text(encoding="utf-8").partition("def upgrade")[0]
        file.write_text(head + block.text, encoding="utf-8")


def typed(block: Block) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with the output that the page shows."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (each.partition("\n") for each in parts)]


@dataclass
class Names:
    """Random names by the order in which they appear."""

    seen: dict[str, str] = field(default_factory=dict)

    def neutral(self, text: str) -> str:
        """Return the text with ids, durations and trailing blanks made comparable."""
        named = _ID.sub(lambda match: self.seen.setdefault(match[0], f"ID{len(self.seen)}"), text)
        lines = _DURATION.sub("N ms", named).rstrip().split("\n")
        return "\n".join(line.rstrip() for line in lines)


def shows(expected: str, actual: str) -> bool:
    """Return whether the output is what the page shows."""
    return re.fullmatch(re.escape(expected).replace("…", ".*"), actual) is not None


@dataclass(frozen=True)
class Outcome:
    """What came of one command: its block, and its output on the page and in truth."""

    block: Block
    command: str
    page_shows: str
    said: str
    expected: str
    actual: str

    @property
    def is_right(self) -> bool:
        """True if the page shows what the command says."""
        return shows(self.expected, self.actual)

    def __str__(self) -> str:
        return (
            f"{self.block} $ {self.command}\n--- the page says\n{self.expected}\n--- it is\n"
            f"{self.actual}\n--- to have it written into the page, type: python -m tests.pages"
        )


def run(page: Path, folder: Path) -> tuple[list[Outcome], dict[str, str]]:
    """Type a page; return what came of each command, and the page's name for each real id."""
    shell, expected, actual = Shell(folder), Names(), Names()
    outcomes = []
    for block in blocks(page):
        if block.title:
            shell.save(block)
        for command, output in _commands(block):
            said = shell.type(command)
            neutral = expected.neutral(output), actual.neutral(said)
            outcomes.append(Outcome(block, command, output, said, *neutral))
    by_order = {order: name for name, order in expected.seen.items()}
    return outcomes, {real: by_order.get(order, real) for real, order in actual.seen.items()}


def _commands(block: Block) -> list[tuple[str, str]]:
    if block.language == "comment" and block.text.startswith("setup: "):
        return [(block.text.removeprefix("setup: "), "")]
    return typed(block) if block.language == "console" else []


def refresh(page: Path) -> None:
    """Write what the commands say into the page, where it shows something else."""
    with TemporaryDirectory() as folder:
        outcomes, names = run(page, Path(folder) / "shop")
    text = page.read_text(encoding="utf-8")
    for outcome in outcomes:
        if not outcome.is_right:
            said = _ID.sub(lambda match: names.get(match[0], match[0]), outcome.said)
            line = f"$ {outcome.command}\n"
            text = text.replace(f"{line}{outcome.page_shows}", f"{line}{said}", 1)
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for each in EXECUTABLE:
        refresh(each)
