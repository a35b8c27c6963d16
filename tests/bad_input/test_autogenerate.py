"""Models, hooks, answers and databases that `revision --autogenerate` cannot do anything with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bad_input.refused import Refused, case

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project
    from tests.terminal import Terminal

    Declare = Callable[..., None]

USERS = """
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)))
"""
MORE = USERS.replace("sa.String(50)", 'sa.String(50)), sa.Column("email", sa.Text')
REQUIRED = USERS.replace("sa.String(50)", 'sa.String(50)), sa.Column("age", sa.Integer, nullable=0')
RENAMED = USERS.replace('"name"', '"full_name"')
AUTOGENERATE = ["revision", "--autogenerate", "-m", "x"]


@pytest.fixture
def equal(drawn: Project, declare: Declare, amigrate: Terminal) -> Project:
    """A project whose database is what its models say: one table."""
    declare(USERS)
    amigrate.ok("revision", "--autogenerate", "-m", "begin", "--rev-id", "a1")
    amigrate.ok("upgrade")
    return drawn


def declared(text: str) -> Callable[[Project], None]:
    """Return an arrangement that adds to the models of a project."""

    def arrange(project: Project) -> None:
        file = project.root / "app/models.py"
        file.write_text(f"import sqlalchemy as sa\n\nmetadata = sa.MetaData()\n{text}")

    return arrange


def written(text: str) -> Callable[[Project], None]:
    """Return an arrangement that writes the models anew."""

    def arrange(project: Project) -> None:
        project.write("app/models.py", text)

    return arrange


def env(text: str, models: str = MORE) -> Callable[[Project], None]:
    """Return an arrangement with an env.py, and models that differ from the database."""

    def arrange(project: Project) -> None:
        declared(models)(project)
        project.write("migrations/env.py", text)

    return arrange


def metadata(*paths: str) -> Callable[[Project], None]:
    """Return an arrangement that names other models."""

    def arrange(project: Project) -> None:
        project.write(
            "asyncmigrate.toml",
            f'url = "sqlite+aiosqlite:///shop.db"\nmetadata = {list(paths)!r}\n',
        )

    return arrange


def template(text: str) -> Callable[[Project], None]:
    """Return an arrangement with a template, and models that differ from the database."""

    def arrange(project: Project) -> None:
        declared(MORE)(project)
        project.write("migrations/script.py.tmpl", text)

    return arrange


def twice(project: Project) -> None:
    metadata("app.models:metadata", "app.other:metadata")(project)
    project.write("app/other.py", (project.root / "app/models.py").read_text())


HOOK = "def process_revision_directives(context, revision, directives):\n    {}\n"
HEADER = 'revision = "${up_revision}"\ndown_revision = ${down_revision}\n'


@pytest.mark.parametrize(
    "refused",
    [
        # the models
        case("a syntax error", AUTOGENERATE, 2, "MetadataError",
             ["app.models", "SyntaxError"], written("def\n")),
        case("an import that fails", AUTOGENERATE, 2, "MetadataError",
             ["app.models", "no_such_package"], written("import no_such_package\n")),
        case("a variable that is not set", AUTOGENERATE, 2, "MetadataError",
             ["app.models", "KeyError", "SECRET"],
             written('import os\nos.environ["SECRET_OF_THE_SHOP"]\n')),
        case("models that exit", AUTOGENERATE, 2, "MetadataError",
             ["app.models", "SystemExit"], written("raise SystemExit(0)\n")),
        case("a module that is missing", AUTOGENERATE, 2, "MetadataError", "app.gone",
             metadata("app.gone:Base")),
        case("an attribute that is missing", AUTOGENERATE, 2, "MetadataError", "Base",
             metadata("app.models:Base")),
        case("no metadata at all", AUTOGENERATE, 2, "MetadataError", ["app.models:sa", "module"],
             metadata("app.models:sa")),
        case("a table that two metadatas declare", AUTOGENERATE, 2, "MetadataError",
             ["users", "twice"], twice),
        case("a foreign key to a table that no model declares", AUTOGENERATE, 2, "MetadataError",
             ["teams", "users.name"],
             declared(USERS.replace("sa.String(50)", 'sa.ForeignKey("teams.id")'))),
        case("a type that the database has not", AUTOGENERATE, 2, "MetadataError",
             ["users.tags", "ARRAY"],
             declared(USERS.replace("sa.String(50)", 'sa.String(50)), sa.Column("tags", '
                                    "sa.ARRAY(sa.Integer)"))),
        case("a column without a type", AUTOGENERATE, 2, "MetadataError", ["users.what", "type"],
             declared(USERS.replace("sa.String(50)", 'sa.String(50)), sa.Column("what"'))),
        case("a table without columns", AUTOGENERATE, 2, "MetadataError", ["empty", "column"],
             declared(USERS + 'sa.Table("empty", metadata)\n')),
        # hooks
        case("a hook with another signature", AUTOGENERATE, 2, "ConfigError",
             ["include_object", "env.py"], env("def include_object(name):\n    return True\n")),
        case("a hook that raises", AUTOGENERATE, 2, "ConfigError",
             ["include_object", "ValueError: no idea", "env.py:2"],
             env('def include_object(*each):\n    raise ValueError("no idea")\n')),
        case("a hook that is no function", AUTOGENERATE, 2, "ConfigError",
             ["include_name", "3"], env("include_name = 3\n")),
        case("a comparator that raises", AUTOGENERATE, 2, "ConfigError",
             ["compare_type", "ZeroDivisionError", "env.py:2"],
             env("def compare_type(*each):\n    1 / 0\n")),
        case("a comparator of defaults that is no function", AUTOGENERATE, 2, "ConfigError",
             "compare_server_default", env('compare_server_default = "yes"\n')),
        case("a renderer that raises", AUTOGENERATE, 2, "ConfigError",
             ["render_item", "KeyError"], env("def render_item(*each):\n    {}['x']\n")),
        case("a renderer that gives no text", AUTOGENERATE, 2, "ConfigError",
             "render_item", env("def render_item(type_, obj, context):\n    return 3\n")),
        case("a renderer that gives no Python", AUTOGENERATE, 2, "ScriptError",
             "not valid Python", env("def render_item(type_, obj, context):\n    return 'x +'\n")),
        case("directives that raise", AUTOGENERATE, 2, "ConfigError",
             ["process_revision_directives", "TypeError", "env.py:2"], env(HOOK.format("1 + ''"))),
        case("directives that are none", AUTOGENERATE, 2, "ConfigError",
             ["process_revision_directives", "int"], env(HOOK.format("directives[:] = [3]"))),
        case("operations that are none", AUTOGENERATE, 2, "ConfigError",
             ["process_revision_directives", "str"],
             env(HOOK.format('directives[0].operations.append("DROP")'))),
        case("an import that cannot be made", AUTOGENERATE, 2, "ScriptError", "no_such_package",
             env(HOOK.format('directives[0].imports.add("import no_such_package")'))),
        case("a prefix that is no text", AUTOGENERATE, 2, "ConfigError", "user_module_prefix",
             env("user_module_prefix = 3\n")),
        # what a person says
        case("a rename of what is not there", [*AUTOGENERATE, "--rename", "gone=users"], 2,
             "UsageError", ["--rename", "gone"], declared(RENAMED)),
        case("a rename to what is not there", [*AUTOGENERATE, "--rename", "users.name=users.x"], 2,
             "UsageError", ["--rename", "users.x"], declared(RENAMED)),
        case("a rename into another table",
             [*AUTOGENERATE, "--rename", "users.name=tags.name"], 2, "UsageError",
             ["users.name", "tags.name"],
             declared(RENAMED + 'sa.Table("tags", metadata, sa.Column("name", sa.String(50)))\n')),
        case("a column that becomes a table", [*AUTOGENERATE, "--rename", "users.name=tags"], 2,
             "UsageError", ["--rename", "tags"], declared(RENAMED)),
        case("a rename without a new name", [*AUTOGENERATE, "--rename", "users.name="], 2,
             "UsageError", "--rename users.name=", declared(RENAMED)),
        case("a value for a column that is not there", [*AUTOGENERATE, "--backfill", "users.x=1"],
             2, "UsageError", ["--backfill", "users.x"], declared(REQUIRED)),
        case("a value for a column that needs none", [*AUTOGENERATE, "--backfill", "users.name=1"],
             2, "UsageError", ["--backfill", "users.name"], declared(MORE)),
        case("a value without SQL", [*AUTOGENERATE, "--backfill", "users.age="], 2, "UsageError",
             "--backfill users.age=", declared(REQUIRED)),
        case("an id that is taken", [*AUTOGENERATE, "--rev-id", "a1"], 2, "DuplicateRevisionError",
             "a1", declared(MORE)),
        case("a scratch database that cannot be",
             [*AUTOGENERATE, "--scratch", "oracle://localhost/x"], 2,
             "MissingDriverError", "oracle", declared(MORE)),
        case("a renderer that names what is not there", AUTOGENERATE, 2, "ScriptError",
             ["NameError", "nowhere"],
             env("def render_item(type_, obj, context):\n    return 'nowhere.x'\n")),
        case("a scratch server that does not answer",
             [*AUTOGENERATE, "--scratch", "postgresql+asyncpg://nobody@127.0.0.1:1/x"], 1,
             "DatabaseConnectionError", "127.0.0.1:1", declared(MORE)),
        # templates
        case("a template without upgrades", AUTOGENERATE, 2, "ConfigError",
             ["script.py.tmpl", "${upgrades}"],
             template(HEADER + "def upgrade():\n    pass\n\ndef downgrade():\n    pass\n")),
        case("a template without imports", AUTOGENERATE, 2, "ScriptError", "op",
             template(HEADER + "def upgrade():\n    ${upgrades}\n\n"
                      "def downgrade():\n    ${downgrades}\n")),
    ],
)  # fmt: skip
def test_nothing_is_written(
    amigrate: Terminal, equal: Project, declare: Declare, refused: Refused
) -> None:
    declare(USERS)

    refused.check(amigrate, equal)
