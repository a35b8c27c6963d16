"""An Alembic project: run as it is, taken over, and given back; Alembic itself is the judge."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import connect
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.project import Project
from tests.terminal import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.terminal import Terminal

TEMPLATES = ["generic", "async", "pyproject", "pyproject_async", "multidb"]
ONE_DATABASE = TEMPLATES[:4]
MODELS = """
    import sqlalchemy as sa
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(30), index=True)
    """
SCRIPT = '''
    """{message}"""
    from alembic import op
    import sqlalchemy as sa

    revision = "{id}"
    down_revision = {down!r}
    branch_labels = None
    depends_on = None

    def upgrade():
        {up}

    def downgrade():
        {down_body}
    '''
USERS = (
    'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True),'
    ' sa.Column("name", sa.String(30), nullable=False))'
)
INDEX = 'op.create_index("ix_users_name", "users", ["name"])'


@dataclass(frozen=True)
class Said:
    code: int
    text: str


@dataclass(frozen=True)
class AlembicProject:
    """A folder with an Alembic project of one of Alembic's own templates."""

    root: Path
    template: str

    @property
    def database(self) -> Path:
        return self.root / "shop.db"

    def alembic(self, *words: str) -> Said:
        """Type `alembic`."""
        done = subprocess.run(
            [sys.executable, "-m", "alembic", *words],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            check=False,
        )
        return Said(done.returncode, done.stdout + done.stderr)

    def ok(self, *words: str) -> str:
        said = self.alembic(*words)
        assert said.code == 0, said.text
        return said.text

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def script(self, id: str, down: str | None, up: str, back: str) -> None:
        text = SCRIPT.format(id=id, down=down, up=up, down_body=back, message=f"revision {id}")
        (self.root / f"alembic/versions/{id}.py").write_text(dedent(text).lstrip())

    def contents(self) -> dict[str, bytes]:
        """Everything in the folder but the database and what Python compiled."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and path.suffix not in {".pyc", ".db"}
        }

    def tables(self) -> list[tuple[str, str]]:
        with closing(connect(self.database)) as connection:
            return connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
            ).fetchall()

    def version(self) -> list[str]:
        with closing(connect(self.database)) as connection:
            return [row[0] for row in connection.execute("SELECT * FROM alembic_version")]


def made(root: Path, template: str) -> AlembicProject:
    project = AlembicProject(root, template)
    project.ok("init", "-t", template, "alembic")
    if template == "multidb":
        return project
    driver = "+aiosqlite" if "async" in template else ""
    ini = root / "alembic.ini"
    ini.write_text(
        ini.read_text().replace(
            "driver://user:pass@localhost/dbname", f"sqlite{driver}:///%(here)s/shop.db"
        )
    )
    Project(root).write("app/__init__.py", "")
    Project(root).write("app/models.py", MODELS)
    project.replace(
        "alembic/env.py",
        "target_metadata = None",
        "from app.models import Base\ntarget_metadata = Base.metadata",
    )
    project.script("a1", None, USERS, 'op.drop_table("users")')
    project.script("b2", "a1", INDEX, 'op.drop_index("ix_users_name", "users")')
    return project


@pytest.fixture(params=ONE_DATABASE)
def alembic(request: pytest.FixtureRequest, project: Project) -> AlembicProject:
    """A project of each of Alembic's templates for one database, with two revisions."""
    return made(project.root, request.param)


@pytest.fixture
def generic(project: Project) -> AlembicProject:
    return made(project.root, "generic")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A folder without anything in it."""
    project = Project(tmp_path / "project")
    project.root.mkdir()
    return project


@pytest.fixture(autouse=True)
def unloaded() -> Iterator[None]:
    """Every test has an application of its own, called `app`."""
    yield
    unload()


def unload() -> None:
    """Forget the application's modules, as a new process would."""
    for name in [each for each in sys.modules if each == "app" or each.startswith("app.")]:
        del sys.modules[name]


@pytest.fixture
def typed(alembic: AlembicProject, amigrate: Terminal) -> Terminal:
    """`amigrate`, typed in that project."""
    return amigrate


@pytest.fixture
def type_(generic: AlembicProject, amigrate: Terminal) -> Terminal:
    """`amigrate`, typed in the generic project."""
    return amigrate


# --- without any conversion ------------------------------------------------------------------


def test_a_plain_project_of_each_template_runs_as_it_is(
    alembic: AlembicProject, typed: Terminal
) -> None:
    before = alembic.contents()

    typed.ok("upgrade", "head")

    assert alembic.contents() == before
    assert "b2 (head)" in alembic.ok("current")
    assert "No new upgrade operations" in alembic.ok("check")
    typed.ok("check")


def test_check_answers_as_alembics_does_until_the_project_is_converted(
    generic: AlembicProject, type_: Terminal
) -> None:
    generic.replace("alembic/versions/a1.py", "nullable=False", "nullable=False, server_default=''")
    type_.ok("upgrade", "head")

    as_it_is = type_("check")
    generic.replace(
        "alembic/env.py", "target_metadata=", "compare_server_default=True, target_metadata="
    )
    with_defaults = type_("check")
    generic.replace("alembic/env.py", "compare_server_default=True, ", "")
    converted = type_("init", "--from-alembic")

    assert as_it_is.code == 0
    assert (
        "not compared: ~ column users.name (default: '' → none): Alembic does not look for it"
        in (as_it_is.err)
    )
    assert "No new upgrade operations" in generic.ok("check")
    assert (with_defaults.code, "~ column users.name" in with_defaults.out) == (3, True)
    assert "but for check: it does not compare all that is compared here" in converted.out
    assert type_("check").code == 3


def test_both_tools_take_turns(generic: AlembicProject, type_: Terminal) -> None:
    generic.ok("upgrade", "head")
    expected = generic.tables()
    type_.ok("downgrade", "-1")
    generic.ok("downgrade", "base")
    type_.ok("upgrade", "a1")
    generic.ok("upgrade", "head")

    assert generic.tables() == expected
    assert generic.version() == ["b2"]
    assert type_.json("status")["is_up_to_date"] is True


def test_the_ini_is_named_and_a_url_beats_it(generic: AlembicProject, type_: Terminal) -> None:
    type_.ok("-c", "alembic.ini", "--url", "sqlite:///other.db", "upgrade", "head")

    assert (generic.root / "other.db").exists()
    assert not generic.database.exists()


def test_a_section_is_chosen_with_n(generic: AlembicProject, type_: Terminal) -> None:
    section = "[prod]\nscript_location = alembic\nsqlalchemy.url = sqlite:///prod.db\n"
    (generic.root / "alembic.ini").write_text((generic.root / "alembic.ini").read_text() + section)

    type_.ok("-n", "prod", "upgrade", "head")

    assert (generic.root / "prod.db").exists()


def test_verbose_says_that_settings_come_from_the_ini(
    generic: AlembicProject, type_: Terminal
) -> None:
    said = type_("-v", "heads").err

    assert "script_location = alembic" in said
    assert "alembic.ini)" in said


def test_what_env_py_does_besides_is_said_in_one_line(
    generic: AlembicProject, type_: Terminal
) -> None:
    generic.replace(
        "alembic/env.py",
        "    with connectable.connect() as connection:\n",
        "    with connectable.connect() as connection:\n"
        "      for number in (3,):\n"
        "        connection.exec_driver_sql(f'PRAGMA user_version = {number}')\n",
    )

    said = [line for line in type_("upgrade", "head").err.splitlines() if "note: not" in line]

    assert len(said) == 1
    assert "PRAGMA user_version" in said[0]
    assert "env.py:" in said[0]


def test_what_env_py_tells_its_connection_is_told_ours(
    generic: AlembicProject, type_: Terminal
) -> None:
    generic.replace(
        "alembic/env.py",
        "    with connectable.connect() as connection:\n",
        "    with connectable.connect() as connection:\n"
        "        connection.exec_driver_sql('PRAGMA user_version = 3')\n",
    )

    assert "note: not" not in type_("upgrade", "head").err

    with closing(connect(generic.database)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)


def test_a_new_revision_is_one_that_alembic_runs(generic: AlembicProject, type_: Terminal) -> None:
    type_.ok("revision", "-m", "empty", "--rev-id", "c3")

    text = next((generic.root / "alembic/versions").glob("c3*")).read_text()
    assert "from alembic import op" in text
    assert "asyncmigrate" not in text
    generic.ok("upgrade", "head")
    assert generic.version() == ["c3"]


def test_a_template_that_somebody_changed_is_used(generic: AlembicProject, type_: Terminal) -> None:
    generic.replace("alembic/script.py.mako", "import sqlalchemy as sa", "import sqlalchemy as sql")

    type_.ok("revision", "-m", "empty", "--rev-id", "c3")

    text = next((generic.root / "alembic/versions").glob("c3*")).read_text()
    assert "import sqlalchemy as sql" in text
    assert 'down_revision: Union[str, Sequence[str], None] = "b2"' in text


def test_the_url_of_a_settings_object_is_used(generic: AlembicProject, type_: Terminal) -> None:
    Project(generic.root).write("app/config.py", 'URL = "sqlite:///from_python.db"\n')
    generic.replace(
        "alembic/env.py",
        "config = context.config\n",
        "config = context.config\nfrom app.config import URL\n"
        'config.set_main_option("sqlalchemy.url", URL)\n',
    )

    type_.ok("upgrade", "head")

    assert (generic.root / "from_python.db").exists()


def test_the_version_table_of_env_py_is_used(generic: AlembicProject, type_: Terminal) -> None:
    generic.replace(
        "alembic/env.py",
        "connection=connection, target_metadata=target_metadata",
        "connection=connection, target_metadata=target_metadata, version_table='ours'",
    )
    generic.ok("upgrade", "a1")

    assert type_.json("status")["current"] == ["a1"]


def test_an_env_py_that_is_not_python_is_named(generic: AlembicProject, type_: Terminal) -> None:
    (generic.root / "alembic/env.py").write_text("def (:")

    typed = type_("heads")

    assert (typed.code, "env.py cannot be read" in typed.err) == (2, True)


# --- init --from-alembic ---------------------------------------------------------------------


def test_each_template_is_taken_over_and_alembic_says_the_same(
    alembic: AlembicProject, typed: Terminal
) -> None:
    alembic.ok("upgrade", "head")
    before = alembic.contents()

    out = typed.ok("init", "--from-alembic")

    after = alembic.contents()
    is_toml = alembic.template.startswith("pyproject")
    settings = "pyproject.toml" if is_toml else "asyncmigrate.toml"
    assert "Alembic says the same: heads, history, current, check." in out
    assert {*after} - {*before} == ({*()} if is_toml else {settings})
    assert [name for name in before if after[name] != before[name]] == (
        [settings] if is_toml else []
    )
    assert after[settings].startswith(before.get(settings, b""))
    assert typed.json("status")["is_up_to_date"] is True


def test_the_table_says_what_became_of_each_setting(
    generic: AlembicProject, type_: Terminal
) -> None:
    out = type_.ok("init", "--from-alembic", "alembic.ini")

    taken, _, rest = out.partition("Written for you")
    assert "script_location" in taken
    assert "target_metadata (env.py:" in taken
    assert "alembic_compatible = true" in rest
    assert "Wrote asyncmigrate.toml. Nothing of Alembic's was changed." in rest


def test_the_settings_are_those_of_alembic(generic: AlembicProject, type_: Terminal) -> None:
    type_.ok("init", "--from-alembic")

    text = (generic.root / "asyncmigrate.toml").read_text()
    assert tomllib.loads(text) == {
        "url": "sqlite:///shop.db",
        "script_location": "alembic",
        "env_py": "",
        "metadata": "app.models:Base",
        "history_table": "",
        "alembic_compatible": True,
    }


def test_json_has_the_table_and_the_verdict(generic: AlembicProject, type_: Terminal) -> None:
    generic.ok("upgrade", "a1")

    found = type_.json("init", "--from-alembic")

    assert found["agrees"] is True
    assert found["needs_you"] == []
    assert {each["what"]: each["amigrate"] for each in found["verdict"]} == {
        "heads": "b2",
        "history": "2 revisions",
        "current": "a1",
        "plan": "1 to run",
        "check": "the database is behind the history",
    }


def test_hooks_of_env_py_are_written_into_an_env_py_of_ours(
    generic: AlembicProject, type_: Terminal
) -> None:
    generic.replace(
        "alembic/env.py",
        "target_metadata = Base.metadata\n",
        "target_metadata = Base.metadata\n"
        'THEIRS = {"spatial_ref_sys"}\n'
        "def include_object(object, name, type_, reflected, compare_to):\n"
        "    return name not in THEIRS\n",
    )
    generic.replace(
        "alembic/env.py",
        "connection=connection, target_metadata=target_metadata",
        "connection=connection, target_metadata=target_metadata, include_object=include_object",
    )
    generic.ok("upgrade", "head")
    with closing(connect(generic.database)) as connection:
        connection.execute("CREATE TABLE spatial_ref_sys (id INTEGER)")

    out = type_.ok("init", "--from-alembic")

    assert "include_object (env.py:" in out
    assert "amigrate_env.py" in out
    assert "✓ check     equal" in out
    assert type_("check").code == 0
    assert "No new upgrade operations" in generic.ok("check")


def test_what_needs_a_person_has_its_lines(generic: AlembicProject, type_: Terminal) -> None:
    generic.replace(
        "alembic/env.py",
        "target_metadata = Base.metadata\n",
        "from app.models import fill\ntarget_metadata = fill(config)\n",
    )
    Project(generic.root).write(
        "app/models.py", MODELS + "\n    def fill(config):\n        return Base.metadata\n"
    )

    found = type_.json("init", "--from-alembic")

    assert [each["what"] for each in found["needs_you"]] == ["target_metadata"]
    assert len(found["needs_you"][0]["lines"]) == 2


def test_environments_of_several_databases_are_written(
    project: Project, amigrate: Terminal
) -> None:
    alembic = made(project.root, "multidb")
    for name in ("", "2"):
        alembic.replace(
            "alembic.ini",
            f"driver://user:pass@localhost/dbname{name}\n",
            f"sqlite:///engine{name}.db\n",
        )

    out = amigrate.ok("init", "--from-alembic")

    found = tomllib.loads((project.root / "asyncmigrate.toml").read_text())
    assert found["environments"] == {
        "engine1": {
            "url": "sqlite:///engine.db",
            "script_arguments": {"engine_name": "engine1"},
        },
        "engine2": {
            "url": "sqlite:///engine2.db",
            "script_arguments": {"engine_name": "engine2"},
        },
    }
    assert "databases = engine1, engine2" in out


@pytest.mark.parametrize("settings", [(), ("-c", "alembic.ini")])
def test_the_scripts_of_several_databases_are_handed_the_name_of_theirs(
    project: Project, amigrate: Terminal, settings: tuple[str, ...]
) -> None:
    alembic = made(project.root, "multidb")
    for name in ("", "2"):
        alembic.replace(
            "alembic.ini",
            f"driver://user:pass@localhost/dbname{name}\n",
            f"sqlite:///engine{name}.db\n",
        )
    alembic.ok("revision", "-m", "both")
    (script,) = (project.root / "alembic/versions").glob("*.py")
    text = script.read_text()
    for name in ("engine1", "engine2"):
        text = text.replace(
            f"def upgrade_{name}() -> None:\n",
            f"def upgrade_{name}() -> None:\n"
            f'    op.create_table("of_{name}", sa.Column("id", sa.Integer))\n',
        )
    script.write_text(text)
    if not settings:
        amigrate.ok("init", "--from-alembic")

    for name in ("engine1", "engine2"):
        amigrate.ok(*settings, "-n", name, "upgrade", "head")

    for file, table in (("engine.db", "of_engine1"), ("engine2.db", "of_engine2")):
        with closing(connect(project.root / file)) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'of_%'")
            assert rows.fetchall() == [(table,)]
    amigrate.ok(*settings, "-n", "engine2", "downgrade", "base")


def test_a_project_with_settings_of_ours_is_refused(
    generic: AlembicProject, type_: Terminal
) -> None:
    (generic.root / "asyncmigrate.toml").write_text('script_location = "alembic"\n')
    before = generic.contents()

    typed = type_("init", "--from-alembic")

    assert (typed.code, "already" in typed.err) == (2, True)
    assert generic.contents() == before


def test_a_folder_without_alembic_is_refused(amigrate: Terminal) -> None:
    typed = amigrate("init", "--from-alembic")

    assert (typed.code, "neither an alembic.ini" in typed.err) == (2, True)


def test_nothing_is_overwritten(generic: AlembicProject, type_: Terminal) -> None:
    generic.replace("alembic/script.py.mako", "import sqlalchemy as sa", "import sqlalchemy as sql")
    (generic.root / "alembic/script.py.tmpl").write_text("mine")
    before = generic.contents()

    typed = type_("init", "--from-alembic")

    assert (typed.code, "script.py.tmpl exists already" in typed.err) == (2, True)
    assert generic.contents() == before


def test_a_database_that_is_not_there_is_no_error(generic: AlembicProject, type_: Terminal) -> None:
    generic.replace("alembic.ini", "sqlite:///%(here)s/shop.db", "postgresql://127.0.0.1:1/x")

    out = type_.ok("init", "--from-alembic")

    assert "database  not reached" in out
    assert "Alembic says the same: heads, history." in out


def test_with_a_url_of_its_own_alembic_is_not_asked_about_another_database(
    generic: AlembicProject, type_: Terminal
) -> None:
    type_.ok("-c", "alembic.ini", "--url", "sqlite:///other.db", "upgrade", "head")

    out = type_.ok("init", "--from-alembic", "--url", "sqlite:///other.db")

    assert "Alembic was not asked: it goes where env.py says, not where --url says." in out
    assert "Alembic says the same: heads, history." in out


def test_a_history_that_alembic_reads_otherwise_is_exit_3(
    generic: AlembicProject, type_: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = generic.root / "other.ini"
    other.write_text((generic.root / "alembic.ini").read_text())
    monkeypatch.setattr(
        "asyncmigrate.migrator.agreement.Alembic.ask",
        lambda self, *words: (True, "zz (head)\n" if words == ("heads",) else ""),
    )

    typed = type_("init", "--from-alembic", "other.ini")

    assert typed.code == 3
    assert "Alembic says something else: heads, history" in typed.out


def test_the_section_that_is_named_is_the_one_that_is_compared(
    generic: AlembicProject, type_: Terminal
) -> None:
    ini = generic.root / "alembic.ini"
    options = ini.read_text().replace("[alembic]", "[alembic]\n\n[tenant]", 1)
    ini.write_text(options)
    generic.ok("-n", "tenant", "upgrade", "a1")

    found = type_.json("-n", "tenant", "init", "--from-alembic")

    assert found["agrees"] is True
    assert {each["what"]: each["alembic"] for each in found["verdict"]}["current"] == "a1"


def test_what_the_application_prints_is_no_answer_of_alembics(
    generic: AlembicProject, type_: Terminal
) -> None:
    generic.ok("upgrade", "a1")
    env = generic.root / "alembic/env.py"
    says = 'print("Starting")\nimport warnings\nwarnings.warn("see\\nhttps://example.org/old")\n'
    env.write_text(says + env.read_text())

    found = type_.json("init", "--from-alembic")

    current = next(each for each in found["verdict"] if each["what"] == "current")
    assert (current["alembic"], current["agrees"]) == ("a1", True)


def test_without_alembic_installed_nothing_is_compared(
    generic: AlembicProject, type_: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asyncmigrate.migrator.agreement.is_installed", lambda: False)

    out = type_.ok("init", "--from-alembic")

    assert "Alembic is not installed here" in out


# --- and back --------------------------------------------------------------------------------

CHANGED = """
    import sqlalchemy as sa
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "users"
        __table_args__ = (sa.UniqueConstraint("email", name="uq_users_email"),)
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sa.String(60), index=True)
        email: Mapped[str | None] = mapped_column(sa.String(60))

    class Post(Base):
        __tablename__ = "posts"
        id: Mapped[int] = mapped_column(primary_key=True)
        author: Mapped[int] = mapped_column(sa.ForeignKey("users.id", name="fk_posts_author"))
    """


def test_a_generated_revision_on_sqlite_is_a_batch_that_alembic_runs(
    generic: AlembicProject, type_: Terminal
) -> None:
    type_.ok("upgrade", "head")
    Project(generic.root).write("app/models.py", CHANGED)
    unload()

    type_.ok("revision", "--autogenerate", "-m", "more", "--rev-id", "c3")

    text = next((generic.root / "alembic/versions").glob("c3*")).read_text()
    assert 'with op.batch_alter_table("users") as batch_op:' in text
    assert "asyncmigrate" not in text
    generic.ok("upgrade", "head")
    assert "No new upgrade operations" in generic.ok("check")
    generic.ok("downgrade", "b2")
    type_.ok("upgrade", "head")
    assert type_("check").code == 0
    type_.ok("downgrade", "base")


def test_the_flag_does_it_for_one_revision(project: Project, amigrate: Terminal) -> None:
    project.versions.mkdir(parents=True)

    first = amigrate.json("revision", "-m", "one", "--alembic-compatible")
    second = amigrate.json("revision", "-m", "two")
    amigrate.ok("revision", "-m", "other", "--head", "base")
    third = amigrate.json("merge", "heads", "-m", "three", "--alembic-compatible")

    texts = [Path(each["path"]).read_text() for each in (first, second, third)]
    assert ["from alembic import op" in text for text in texts] == [True, False, True]


def test_a_history_that_cannot_be_read_is_said_after_the_table(
    generic: AlembicProject, type_: Terminal
) -> None:
    (generic.root / "alembic/versions/bad.py").write_text("revision = (")

    out = type_.ok("init", "--from-alembic")

    assert "Wrote asyncmigrate.toml" in out
    assert "history   not read" in out
    assert "bad.py" in out
    assert "Nothing could be compared with Alembic." in out


def test_flasks_folder_is_taken_over(project: Project, amigrate: Terminal) -> None:
    alembic = made(project.root, "generic")
    (project.root / "alembic.ini").replace(project.root / "alembic/alembic.ini")
    alembic.replace("alembic/alembic.ini", "script_location = %(here)s/alembic\n", "")
    alembic.replace("alembic/alembic.ini", "%(here)s/shop.db", "%(here)s/../shop.db")

    amigrate("init", "--from-alembic", "alembic/alembic.ini")

    text = (project.root / "alembic/asyncmigrate.toml").read_text()
    assert tomllib.loads(text)["script_location"] == "."
    amigrate.ok("-c", "alembic/asyncmigrate.toml", "upgrade", "head")
    assert alembic.version() == ["b2"]


def test_a_plain_init_says_that_there_is_a_project_of_alembics(
    generic: AlembicProject, type_: Terminal
) -> None:
    assert "--from-alembic" in type_("init").err
