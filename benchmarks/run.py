"""Side by side with Alembic: `make bench`, or `make bench ARGS="startup nothing --rounds 3"`.

Every row is a ratio of medians of alternating rounds on this machine; milliseconds do not travel
to another one, ratios do. Results are kept as JSON lines in `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import compileall
import json
import platform
import shutil
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # asyncmigrate and tests.servers, from the checkout

import check  # noqa: E402
import files  # noqa: E402
import life  # noqa: E402
import nothing  # noqa: E402
import rebuild  # noqa: E402
import startup  # noqa: E402
import testing  # noqa: E402
import upgrade  # noqa: E402
from databases import Postgres  # noqa: E402
from measure import Bench, clean_environment  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measure import Row

GROUPS = ("startup", "files", "nothing", "upgrade", "life", "rebuild", "check", "testing")
_ENTRY = "import sys\nfrom {module} import main\nif __name__ == '__main__':\n    sys.exit(main())\n"


def main() -> int:
    """Run the named groups and print the table; the exit code is 0 also when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", choices=(*GROUPS, []), help="default: all")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--work", type=Path, help="keep the generated histories in this folder")
    asked = parser.parse_args()
    work = asked.work or Path(tempfile.mkdtemp(prefix="amigrate-bench-"))
    postgres = Postgres()
    try:
        bench = prepared(work.resolve(), asked.rounds)
        report(rows(asked.groups or GROUPS, bench, postgres))
    finally:
        postgres.stop()
        if asked.work is None:
            shutil.rmtree(work, ignore_errors=True)
    return 0


def prepared(work: Path, rounds: int) -> Bench:
    """Copy the package to where it may be kept compiled, as an installed one is."""
    installed = work / "installed"
    shutil.rmtree(installed, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HERE.parent / "asyncmigrate", installed / "asyncmigrate", ignore=ignored)
    compileall.compile_dir(installed, quiet=1)
    programs = work / "bin"
    programs.mkdir(exist_ok=True)
    for name, module in (("amigrate", "asyncmigrate.cli"), ("alembic", "alembic.config")):
        (programs / name).write_text(_ENTRY.format(module=module), encoding="utf-8")
    return Bench(work, clean_environment(PYTHONPATH=str(installed)), rounds)


def rows(groups: list[str] | tuple[str, ...], bench: Bench, postgres: Postgres) -> Iterator[Row]:
    """Measure the groups."""
    if "startup" in groups:
        yield from startup.rows(bench)
    if "files" in groups:
        yield from files.rows(bench)
    if "nothing" in groups:
        yield from nothing.rows(bench, postgres)
    if "upgrade" in groups:
        yield from upgrade.rows(bench, postgres)
    if "life" in groups:
        yield from life.rows(bench, postgres)
    if "rebuild" in groups:
        yield from rebuild.rows(bench)
    if "check" in groups:
        yield from check.rows(bench, postgres)
    if "testing" in groups:
        yield from testing.rows(bench, postgres)


def report(found: Iterator[Row]) -> None:
    """Print each row as it comes, and keep it."""
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    packages = ("alembic", "sqlalchemy", "typer", "asyncpg", "aiosqlite")
    versions = {name: version(name) for name in packages} | {"python": platform.python_version()}
    print(", ".join(f"{name} {number}" for name, number in versions.items()), end="\n\n")
    print("| scenario | medians | ratio | target | | |")
    print("|---|---|---|---|---|---|")
    file = results / f"{time.strftime('%Y%m%d-%H%M%S')}.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for row in found:
            print(row.markdown(), flush=True)
            lines.write(json.dumps({**row.to_json(), "versions": versions}) + "\n")
            lines.flush()


if __name__ == "__main__":
    sys.exit(main())
