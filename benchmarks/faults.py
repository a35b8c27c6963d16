"""Ten faults that people make, and who finds them: `python benchmarks/faults.py`.

Each history is tested by pytest-alembic's four tests and by our ready-made ones, from the same
files, on PostgreSQL. Needs pytest-alembic.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import testing  # noqa: E402
from databases import Postgres  # noqa: E402
from run import prepared  # noqa: E402

if TYPE_CHECKING:
    from measure import Bench

_SCRIPT = '''\
"""what {id} does"""
from alembic import op
import sqlalchemy as sa

revision = {id!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade():
    {up}


def downgrade():
    {back}
'''
_MODELS = """\
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), {more})
"""
_TOML = """\
url = "postgresql+asyncpg://x@y/z"
script_location = "."
version_locations = ["alembic/versions"]
metadata = ["models:metadata"]
prepend_sys_path = ["."]

[testing]
fuzz = true
"""
_INI = "[alembic]\nscript_location = alembic\n"
_FUNCTION = "CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT {}'"
_ADD = 'op.add_column("users", sa.Column("name", sa.String({}){}))'
_DROP = 'op.drop_column("users", "name")'
_NAME = 'sa.Column("name", sa.String(50))'

_FIRST = (
    "a1",
    None,
    'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))',
    'op.drop_table("users")',
)
_SECOND = ("b2", "a1", _ADD.format(50, ""), _DROP)


def _after(up: str, back: str) -> list[tuple[str, str | None, str, str]]:
    return [_FIRST, ("b2", "a1", up, back)]


FAULTS = {
    "none": ([_FIRST, _SECOND], _NAME),
    "missing downgrade": (_after('op.execute("CREATE TABLE x (id int)")', ""), ""),
    "empty downgrade": (_after(_ADD.format(50, ""), "pass"), _NAME),
    "lossy downgrade": ([_FIRST, _SECOND, ("c3", "b2", _DROP, _ADD.format(20, ""))], ""),
    "downgrade that fails": (_after("pass", 'op.drop_table("nothing")'), ""),
    "type that is left": (
        _after("op.execute(\"CREATE TYPE kind AS ENUM ('a')\")", "pass"),
        "",
    ),
    "function that is not put back": (
        [
            *_after(f'op.execute("{_FUNCTION.format(1)}")', 'op.execute("DROP FUNCTION one()")'),
            ("c3", "b2", f'op.execute("{_FUNCTION.format(2)}")', "pass"),
        ],
        "",
    ),
    "drifted model": ([_FIRST, _SECOND], 'sa.Column("name", sa.String(60))'),
    "two heads": ([_FIRST, _SECOND, ("c3", "a1", "pass", "pass")], _NAME),
    "upgrade that fails where there are rows": (
        _after(_ADD.format(50, ", nullable=False"), _DROP),
        'sa.Column("name", sa.String(50), nullable=False)',
    ),
    "script that cannot be imported": (_after("pass", "pass\n\n\nimport no_such_module"), ""),
}


def main() -> None:
    """Print who finds what."""
    postgres = Postgres()
    with tempfile.TemporaryDirectory() as folder:
        bench = prepared(Path(folder), 1)
        beside = testing.with_pytest_alembic(bench)
        try:
            for name in FAULTS:
                root = Path(folder) / name.replace(" ", "_")
                _write(root, name, testing.alembic_tests(postgres, "faults"))
                theirs = _failed(beside, root, "test_theirs.py")
                ours = _failed(bench, root, "test_ours.py")
                print(name, f"pytest-alembic: {theirs}", f"amigrate: {ours}", sep="\n  ")
        finally:
            postgres.stop()


def _write(root: Path, name: str, tests: str) -> None:
    scripts, more = FAULTS[name]
    versions = root / "alembic" / "versions"
    versions.mkdir(parents=True)
    for id, down, up, back in scripts:
        text = _SCRIPT.format(id=id, down=down, up=up, back=back)
        if not back:
            text = text.partition("\n\ndef downgrade")[0] + "\n"
        (versions / f"{id}.py").write_text(text)
    (root / "alembic" / "env.py").write_text(testing.SYNC_ENV)
    (root / "alembic.ini").write_text(_INI)
    (root / "asyncmigrate.toml").write_text(_TOML)
    (root / "models.py").write_text(_MODELS.format(more=more))
    (root / "pytest.ini").write_text(testing.INI.format(more="pythonpath = ."))
    (root / "test_theirs.py").write_text(tests)
    (root / "test_ours.py").write_text("from asyncmigrate.testing.ready import *\n")


def _failed(bench: Bench, root: Path, file: str) -> str:
    """Return the tests that did not pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [*command, file],
        cwd=root,
        env=dict(bench.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^(?:FAILED|ERROR) \S+?::test_(\w+)", done.stdout, re.MULTILINE)
    return ", ".join(sorted(set(found))) or "nothing"


if __name__ == "__main__":
    main()
