"""What the README and docs/ say is what the code does."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import inspect
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

import asyncmigrate
import asyncmigrate.testing as test_suites
from asyncmigrate import Migrator, asgi, config, errors, events
from asyncmigrate.cli.commands import app
from asyncmigrate.engine.store import Store
from asyncmigrate.migrator.setup import Setup
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.testing.settings import TestingSettings
from tests import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
ALL_BLOCKS = [block for page in PAGES for block in pages.blocks(page)]


def reference(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


def in_language(*languages: str) -> list[pages.Block]:
    return [block for block in ALL_BLOCKS if block.language in languages]


def name_of(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)


# --- the reference is complete ------------------------------------------------------------------


def generator() -> Any:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands.md", "settings.md", "api.md", "op.md", "errors.md"])
def test_a_generated_page_is_what_the_code_says_now(name: str) -> None:
    assert reference(name) == generator().pages()[name], "type: python docs/generate.py"


def commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    return dict(group.commands) | {"": group}


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_every_option_is_in_the_reference(name: str) -> None:
    page = reference("commands.md")
    section = page.partition(f"### amigrate {name}\n")[2] if name else page
    options = [
        spelling
        for parameter in commands()[name].params
        if parameter.param_type_name == "option" and parameter.name != "help"
        for spelling in parameter.opts
    ]

    text = section.partition("\n### ")[0] if name else page

    assert text
    assert [spelling for spelling in options if spelling not in text] == []


def test_every_setting_is_in_the_reference_with_a_description() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (.*) \|$", reference("settings.md"), re.MULTILINE)
    described = {name for name, description in rows if description}

    assert set(inspect.signature(config.Settings).parameters) <= described
    assert set(inspect.signature(TestingSettings).parameters) <= described


def test_every_public_name_is_in_the_reference() -> None:
    page = re.sub("^.* Public are .*$", "", reference("api.md"), count=1, flags=re.MULTILINE)
    seen = [name for name in vars(events) if inspect.isclass(vars(events)[name])]
    names = [
        *asyncmigrate.__all__,
        *test_suites.__all__,
        *asgi.__all__,
        *[n for n in seen if n not in ("Protocol", "Event")],
    ]

    assert [name for name in names if not re.search(rf"\b{name}\b", page)] == []


def test_every_command_of_a_migrator_has_a_section_in_the_reference() -> None:
    page = reference("api.md")
    layers = [cls for cls in Migrator.__mro__ if cls not in (Setup, object)]
    methods = [name for cls in layers for name in vars(cls) if not name.startswith("_")]

    assert [name for name in methods if f"\n#### {name}\n" not in page] == []


def test_every_directive_is_in_the_reference() -> None:
    page = reference("op.md")

    missing = [n for n in dir(Operations) if n[0] != "_" and not re.search(rf"op\.{n}[(`]", page)]

    assert missing == []


def test_every_error_is_in_the_reference_with_its_exit_code() -> None:
    page = reference("errors.md")
    missing = [
        f"{name} {value.exit_code}"
        for name, value in vars(errors).items()
        if inspect.isclass(value)
        and issubclass(value, errors.MigrateError)
        and f"`{name}` | {value.exit_code} |" not in page
    ]

    assert missing == []


def test_every_column_of_our_own_tables_is_in_the_reference() -> None:
    page = reference("tables.md")
    tables = [table for table in (Store().versions, Store().log) if table is not None]

    assert [c.name for t in tables for c in t.columns if f"`{c.name}`" not in page] == []


# --- links and snippets ---------------------------------------------------------------------------


def links() -> Iterator[tuple[Path, str]]:
    code = re.compile(r"^ *```.*?^ *```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
    for page in PAGES:
        text = code.sub("", page.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if "://" not in target:
                yield page, target


def leads_nowhere(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    return not file.exists() or bool(anchor and anchor not in anchors(file))


def test_every_relative_link_leads_somewhere() -> None:
    found = list(links())

    assert len(found) > 50
    assert [f"{name_of(page)}: {to}" for page, to in found if leads_nowhere(page, to)] == []


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub and MkDocs both give to a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings]
    return {re.sub(r"\s+", "-", heading) for heading in plain}


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    found = {str(page.relative_to(DOCS)) for page in PAGES if page.is_relative_to(DOCS)}

    assert set(re.findall(r"[\w/-]+\.md", navigation)) == found


SIGNATURES = {"api.md", "op.md"}
PYTHON = [block for block in in_language("python") if block.page.name not in SIGNATURES]
RUNNABLE = [block for block in PYTHON if block.comment == "run"]


@pytest.mark.parametrize("block", PYTHON, ids=str)
def test_every_python_snippet_compiles(block: pages.Block) -> None:
    compile(block.text, str(block), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


RUN = """\
import ast, asyncio, sys
code = compile(sys.stdin.read(), "snippet", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
running = eval(code)
if running is not None:
    asyncio.run(running)
"""


@pytest.mark.parametrize("block", RUNNABLE, ids=str)
def test_a_snippet_that_is_marked_as_runnable_runs(block: pages.Block, shop: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=shop.root,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        input=block.text,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


MODELS = """\
from sqlalchemy import Column, Integer, MetaData, String, Table

Base = MetaData()
Table("users", Base, Column("id", Integer, primary_key=True), Column("name", String(60)))
"""


@pytest.fixture
def shop(project: Project) -> Project:
    """The project that snippets and JSON shapes are about."""
    project.write(
        "asyncmigrate.toml",
        'url = "sqlite+aiosqlite:///app.db"\nmetadata = "app.models:Base"\n',
    )
    project.write("app/models.py", MODELS)
    project.revision(
        "a1",
        message="create users",
        upgrade='op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))',
        downgrade='op.drop_table("users")',
    )
    project.revision(
        "b2",
        "a1",
        message="add names",
        upgrade='op.add_column("users", sa.Column("name", sa.String(50)))',
        downgrade='op.drop_column("users", "name")',
    )
    return project


@pytest.mark.parametrize("block", in_language("toml"), ids=str)
def test_every_toml_snippet_holds_settings_that_exist(block: pages.Block, tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(block.text, encoding="utf-8")
    (tmp_path / ".env").touch()
    environments = tomllib.loads(block.text)["tool"]["asyncmigrate"].get("environments", {})

    loaded = [config.load(file, environ={}, environment=name) for name in (None, *environments)]

    assert all(each.settings for each in loaded)


@pytest.mark.parametrize("block", in_language("json"), ids=str)
def test_every_json_snippet_is_json(block: pages.Block) -> None:
    json.loads(block.text)


# --- commands -------------------------------------------------------------------------------------


def command_lines() -> Iterator[tuple[str, str]]:
    """Every `amigrate …` of every page: in console and shell blocks, in YAML, and inline."""
    for block in ALL_BLOCKS:
        if block.language in ("sh", "console", "yaml"):
            for line in re.findall(r"(?:^|[\s(\"])(amigrate [^\n#|>)]*)", block.text):
                yield str(block), line
    for page in PAGES:
        for line in re.findall(r"`(amigrate [^`\n]+)`", page.read_text(encoding="utf-8")):
            yield name_of(page), line


def misunderstood(line: str) -> list[str]:
    """Return the words of a command line that `amigrate` would not understand."""
    words = shlex.split(re.sub(r"[;&].*", "", line).replace("…", "X"))[1:]
    group = commands()
    takes_value = {
        spelling: not parameter.is_flag
        for command in (group[""], *(group[word] for word in words if word in group))
        for parameter in command.params
        if parameter.param_type_name == "option"
        for spelling in parameter.opts
    } | {"-h": False, "--help": False}
    options = [word for word in words if re.match(r"--?[a-z]", word)]
    values = {words[at + 1] for at, word in enumerate(words[:-1]) if takes_value.get(word)}
    plain = [word for word in words if word not in options and word not in values]
    return [each for each in options if each not in takes_value] + [
        each for each in plain[:1] if each not in group and not each.isupper()
    ]


def test_every_command_line_is_one_that_amigrate_understands() -> None:
    found = list(command_lines())

    assert len(found) > 100
    assert [f"{where}: {line}" for where, line in found if misunderstood(line)] == []


@pytest.mark.parametrize("page", pages.EXECUTABLE, ids=name_of)
def test_what_a_page_types_gives_what_it_shows(page: Path, tmp_path: Path) -> None:
    outcomes, _ = pages.run(page, tmp_path / "shop")

    assert outcomes
    assert [str(each) for each in outcomes if not each.is_right] == []


SHAPES = [block for block in in_language("json") if block.comment.startswith("shape: ")]


def shape(value: object) -> object:
    """Return what stays the same from one run to the next: keys and types."""
    match value:
        case dict():
            return {key: shape(each) for key, each in value.items()}
        case list():
            return [shape(each) for each in value[:1]]
        case _:
            return type(value).__name__


@pytest.mark.parametrize("block", SHAPES, ids=lambda block: block.comment)
def test_a_command_gives_the_json_that_is_documented(block: pages.Block, shop: Project) -> None:
    asyncio.run(
        Migrator(
            f"sqlite+aiosqlite:///{shop.root / 'app.db'}", script_location=shop.script_location
        ).upgrade("a1")
    )
    words = shlex.split(block.comment.removeprefix("shape: "))[1:]

    done = subprocess.run(
        [sys.executable, "-m", "asyncmigrate", *words],
        cwd=shop.root,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert shape(json.loads(done.stdout)) == shape(json.loads(block.text)), done.stderr
