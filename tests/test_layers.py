"""Who may import whom, and who may print, exit or await: read from the source, nothing is run."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project

ROOT = Path(__file__).parents[1]
PACKAGE = "asyncmigrate"

LAYERS = (
    {"cli"},
    {"asgi", "testing"},
    {"migrator"},
    {"engine"},
    {"alembic"},
    {"scripts"},
    {"render", "dialects"},
    {"schema", "history"},
    {"config"},
    {"errors", "events", "log", "places"},
)
"""From the outside in; a part may import from the layers that come after its own."""

OUTSIDE = {"", "__main__", "op", "_version"}
"""What has no layer: the public names, the entry points, and `op`, which scripts import."""

PROCESSES = {
    f"{PACKAGE}.testing.{name}" for name in ("process", "scratch", "kept", "postgresql", "mariadb")
}
"""Starting a server needs nothing of migrations."""


@dataclass(frozen=True)
class Import:
    """One import statement's target, and whether it happens when the program runs."""

    importer: str
    target: str
    name: str
    at_run_time: bool

    def __str__(self) -> str:
        return f"{self.importer} imports {self.target}" + (f".{self.name}" if self.name else "")


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package, by its dotted name."""
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


def is_type_checking(node: ast.AST) -> bool:
    """`if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def walk(node: ast.AST, *, at_run_time: bool = True) -> Iterator[tuple[ast.AST, bool]]:
    """Every node below, and whether it is there at run time."""
    for child in ast.iter_child_nodes(node):
        checked_only = is_type_checking(node) and child in node.body  # type: ignore[attr-defined]
        yield child, at_run_time and not checked_only
        yield from walk(child, at_run_time=at_run_time and not checked_only)


def targets(node: ast.AST, importer: str) -> Iterator[tuple[str, str]]:
    """Each (module, name) that one statement imports."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, "") for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{importer} has a relative import"
        yield from ((node.module or "", alias.name) for alias in node.names)


@cache
def imports() -> tuple[Import, ...]:
    """Every import of the package: at the top, in functions, for type checkers."""
    return tuple(
        Import(importer, *as_module(module, name), at_run_time)
        for importer, tree in modules().items()
        for node, at_run_time in walk(tree)
        for module, name in targets(node, importer)
    )


def as_module(module: str, name: str) -> tuple[str, str]:
    """`from a import b` imports the module a.b where there is one."""
    submodule = f"{module}.{name}"
    return (submodule, "") if submodule in modules() else (module, name)


def inside(module: str) -> bool:
    return module == PACKAGE or module.startswith(f"{PACKAGE}.")


def part(module: str) -> str:
    """`asyncmigrate.engine.lock` → `engine`."""
    return module.split(".")[1] if "." in module else ""


def layer(module: str) -> int:
    return next(number for number, parts in enumerate(LAYERS) if part(module) in parts)


def calls(name: str) -> list[str]:
    """The modules that call `name`, once for every call."""
    return [
        module
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(name)
    ]


def importers(*packages: str) -> set[str]:
    """The parts of the package that import any of these, at run time or not."""
    return {
        part(found.importer)
        for found in imports()
        for package in packages
        if f"{found.target}.{found.name}.".startswith(f"{package}.")
    }


def test_every_part_has_a_layer() -> None:
    known = set().union(*LAYERS) | OUTSIDE

    assert {part(module) for module in modules()} <= known


def test_imports_go_inwards_only() -> None:
    wrong = [
        str(found)
        for found in imports()
        if inside(found.target)
        and part(found.importer) not in OUTSIDE
        and part(found.target) not in OUTSIDE
        and part(found.importer) != part(found.target)
        and layer(found.importer) >= layer(found.target)
    ]

    assert wrong == []


def test_the_public_names_are_for_users_and_not_for_the_package_itself() -> None:
    allowed = {"", "cli", "__main__", "testing"}
    wrong = [
        str(found)
        for found in imports()
        if found.target == PACKAGE and part(found.importer) not in allowed
    ]

    assert wrong == []


def test_op_needs_nothing_at_run_time() -> None:
    wrong = [
        str(found)
        for found in imports()
        if found.importer == f"{PACKAGE}.op" and inside(found.target) and found.at_run_time
        if part(found.target) != "errors"
    ]

    assert wrong == []


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {module: set() for module in modules()}
    for found in imports():
        if inside(found.target) and found.target in graph and found.importer != found.target:
            graph[found.importer].add(found.target)

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_starting_servers_needs_nothing_of_migrations() -> None:
    base = {f"{PACKAGE}.{name}" for name in ("errors", "places", "testing")}
    wrong = [
        str(found)
        for found in imports()
        if found.importer in PROCESSES and inside(found.target)
        if found.target not in PROCESSES | base
    ]

    assert wrong == []


def test_only_the_shell_is_asynchronous() -> None:
    shell = {"engine", "migrator", "asgi", "testing"}

    assert importers("asyncio", "anyio", "sqlalchemy.ext.asyncio") <= shell


def test_the_border_between_async_and_sync_is_crossed_in_one_place() -> None:
    assert len(calls(".run_sync")) <= 1
    assert {part(module) for module in calls(".run_sync")} <= {"engine"}


def test_only_the_command_line_knows_typer() -> None:
    assert importers("typer", "click", "rich") <= {"cli", "__main__"}


def test_only_the_command_line_prints_and_exits() -> None:
    names = ("print", "sys.exit", "os._exit", "SystemExit", "input")
    wrong = {
        f"{module} calls {name}"
        for name in names
        for module in calls(name)
        if part(module) not in {"cli", "__main__"}
    }

    assert wrong <= {f"{PACKAGE}.testing.process calls os._exit"}, (
        "a child that is not yet a server"
    )


def test_pure_parts_never_hold_a_connection() -> None:
    pure = {"history", "schema", "render"}
    connections = {"Connection", "Engine", "AsyncConnection", "AsyncEngine", "create_engine"}
    wrong = [
        str(found)
        for found in imports()
        if part(found.importer) in pure and found.at_run_time and found.name in connections
    ]

    assert wrong == []


def test_the_history_is_the_standard_library_alone() -> None:
    outside = {
        found.target.split(".")[0]
        for found in imports()
        if part(found.importer) in {"history", "errors", "events"} and not inside(found.target)
    }

    assert outside <= set(sys.stdlib_module_names)


HEAVY = ("sqlalchemy", "asyncio", "anyio", "greenlet")


def loaded_by(program: str, *, cwd: Path = ROOT) -> list[str]:
    """Run Python and give which heavy modules it had loaded at its end."""
    report = f"\nimport sys\nprint('LOADED', *sorted(set({HEAVY!r}) & set(sys.modules)))"
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    run = subprocess.run(
        [sys.executable, "-c", program + report],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    last = run.stdout.rstrip().rpartition("\n")[2].split()
    assert last[:1] == ["LOADED"], run.stdout + run.stderr
    return last[1:]


def typed(*argv: str) -> str:
    """What runs a command as a terminal would, and goes on after its exit."""
    return (
        "import sys\n"
        f"sys.argv = {['amigrate', *argv]!r}\n"
        "from asyncmigrate.cli import main\n"
        "try:\n    main()\nexcept SystemExit as exit:\n"
        "    assert exit.code in (None, 0), exit.code\n"
    )


def has_command_line() -> bool:
    tree = modules().get(f"{PACKAGE}.cli", ast.Module([], []))
    return "main" in ast.unparse(tree)


needs_command_line = pytest.mark.skipif(
    not has_command_line(), reason="asyncmigrate.cli.main is not there yet"
)


def test_importing_the_package_loads_neither_sqlalchemy_nor_asyncio() -> None:
    assert loaded_by("import asyncmigrate") == []


def test_importing_op_loads_neither_sqlalchemy_nor_asyncio() -> None:
    assert loaded_by("from asyncmigrate import op") == []


@needs_command_line
def test_help_loads_neither_sqlalchemy_nor_asyncio() -> None:
    assert loaded_by(typed("--help")) == []


@needs_command_line
def test_version_loads_neither_sqlalchemy_nor_asyncio() -> None:
    assert loaded_by(typed("--version")) == []


@needs_command_line
@pytest.mark.parametrize("command", ["heads", "history", "branches"])
def test_commands_that_only_read_scripts_load_neither_sqlalchemy_nor_asyncio(
    command: str, project: Project
) -> None:
    project.write("asyncmigrate.toml", 'script_location = "migrations"\n')
    project.revision("a1", message="first")
    project.revision("b2", "a1", message="second")

    assert loaded_by(typed(command), cwd=project.root) == []


def test_nobody_reaches_into_the_private_parts_of_a_migrator() -> None:
    inside = {f"{PACKAGE}.migrator.{name}" for name in ("setup", "project", "commands", "migrator")}
    private = {
        node.attr
        for name in inside
        for node in ast.walk(modules()[name])
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("self._")
    }
    wrong = [
        f"{module} uses {ast.unparse(node)}"
        for module, tree in modules().items()
        if module not in inside
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in private
        if ast.unparse(node.value) != "self"
    ]

    assert "_bind" in private
    assert wrong == []


def names_of_others() -> set[str]:
    """What pytest, SQLAlchemy and drivers look for under these names."""
    return {"get_col_spec", "fetchone", *(name for name in dir(hookspec) if name[:7] == "pytest_")}


def test_nothing_is_defined_that_nobody_uses() -> None:
    used = Counter(
        word
        for path in (ROOT / PACKAGE).rglob("*.py")
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    )
    unused = [
        f"{module}.{node.name}"
        for module, tree in modules().items()
        if part(module) != "alembic"  # its names are Alembic's
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if not node.decorator_list and not node.name.startswith("__")
        if used[node.name] == 1 and node.name not in names_of_others()
    ]

    assert unused == []
