"""What env.py may say about a comparison, and about the script that is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project
    from tests.terminal import Terminal

    Declare = Callable[..., None]

BEGIN = """
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)), sa.Column("age", sa.Integer, server_default="1"))
sa.Table("tags", metadata, sa.Column("id", sa.Integer, primary_key=True))
sa.Table("labels", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""
CHANGED = """
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(60)), sa.Column("age", sa.Integer, server_default="2"))
sa.Table("labels", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text))
"""
WORDS = """
class Words(sa.types.UserDefinedType):
    cache_ok = True

    def get_col_spec(self):
        return "TEXT"
"""
NAME = "~ column users.name (type: VARCHAR(50) → VARCHAR(60))"
AGE = "~ column users.age (default: '1' → '2')"
TAGS = "- table tags"
TEXT = "+ column labels.text"


@pytest.fixture
def changed(drawn: Project, declare: Declare, amigrate: Terminal) -> Project:
    """A project whose models differ from the database in four ways."""
    declare(BEGIN)
    amigrate.ok("revision", "--autogenerate", "-m", "begin", "--rev-id", "a1")
    amigrate.ok("upgrade")
    declare(CHANGED)
    return drawn


def hooked(project: Project, text: str) -> None:
    project.write("migrations/env.py", text)


def script(project: Project, amigrate: Terminal) -> str:
    amigrate.ok("revision", "--autogenerate", "-m", "x", "--rev-id", "b2")
    return (project.versions / "b2_x.py").read_text(encoding="utf-8")


def test_without_hooks_all_four_differ(changed: Project, amigrate: Terminal) -> None:
    assert sorted(amigrate("check").out.splitlines()) == sorted([NAME, AGE, TAGS, TEXT])


@pytest.mark.parametrize(
    ("hook", "lines"),
    [
        (
            """\
            def include_object(object, name, type_, reflected, compare_to):
                return not (type_ == "table" and reflected and compare_to is None)
            """,
            [NAME, AGE, TEXT],
        ),
        (
            """\
            def include_object(object, name, type_, reflected, compare_to):
                return type_ == "table" or object.table.name != "users"
            """,
            [TAGS, TEXT],
        ),
        (
            """\
            def include_name(name, type_, parent_names):
                return type_ != "table" or name != "tags"
            """,
            [NAME, AGE, TEXT],
        ),
        ("compare_type = False\n", [AGE, TAGS, TEXT]),
        (
            """\
            def compare_type(context, before, after, before_type, after_type):
                assert context.dialect.name == "sqlite"
                return None if before.name == "id" else False
            """,
            [AGE, TAGS, TEXT],
        ),
        ("compare_server_default = False\n", [NAME, TAGS, TEXT]),
        (
            """\
            def compare_server_default(context, before, after, old, new, rendered):
                return False if (before.name, old) == ("age", "'1'") else None
            """,
            [NAME, TAGS, TEXT],
        ),
    ],
    ids=["new drops", "of a table", "names", "types off", "types", "defaults off", "defaults"],
)
def test_a_hook_leaves_differences_out(
    changed: Project, amigrate: Terminal, hook: str, lines: list[str]
) -> None:
    hooked(changed, hook)

    assert sorted(amigrate("check").out.splitlines()) == sorted(lines)


@pytest.mark.parametrize("name", ["connection", "bind"])
def test_a_comparator_may_ask_its_connection_for_the_dialect(
    changed: Project, amigrate: Terminal, name: str
) -> None:
    hooked(
        changed,
        f"""\
        def compare_server_default(context, before, after, old, new, rendered):
            return False if context.{name}.dialect.name == "sqlite" else None
        """,
    )

    assert sorted(amigrate("check").out.splitlines()) == sorted([NAME, TAGS, TEXT])


def test_a_comparator_that_wants_more_of_its_connection_is_told_what_there_is(
    changed: Project, amigrate: Terminal
) -> None:
    hooked(
        changed,
        """\
        def compare_type(context, before, after, before_type, after_type):
            return context.connection.execute("SELECT 1").scalar()
        """,
    )

    typed = amigrate("check")

    assert typed.code == 2
    assert "its connection has only `dialect`" in typed.err


def test_a_comparator_may_see_a_difference_where_we_see_none(
    changed: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(BEGIN)
    hooked(
        changed,
        """\
        def compare_type(context, before, after, before_type, after_type):
            return before.name == "name"
        """,
    )

    typed = amigrate("check")

    assert typed.out.startswith("~ column users.name (type: VARCHAR(50) → VARCHAR(50)")


@pytest.mark.parametrize("default", ['"1"', 'sa.text("1 + 1")'], ids=["a value", "an expression"])
def test_a_comparator_may_see_another_default_where_we_see_none(
    drawn: Project, amigrate: Terminal, declare: Declare, default: str
) -> None:
    declare(f"""
        sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("age", sa.Integer, server_default={default}))
        """)
    amigrate.ok("revision", "--autogenerate", "-m", "begin", "--rev-id", "a1")
    amigrate.ok("upgrade")
    hooked(
        drawn,
        """\
        def compare_server_default(context, before, after, old, new, rendered):
            return True
        """,
    )

    typed = amigrate("check")
    text = script(drawn, amigrate)

    assert typed.out.startswith("~ column users.age (default: ")
    assert "server_default=" in text
    amigrate.ok("upgrade")


def test_items_are_rendered_as_the_project_wants(changed: Project, amigrate: Terminal) -> None:
    hooked(
        changed,
        """\
        import sqlalchemy as sa

        def render_item(type_, obj, context):
            if type_ == "type" and isinstance(obj, sa.Text):
                context.imports.add("import sqlalchemy.types as words")
                return "words.Text()"
            return False
        """,
    )

    text = script(changed, amigrate)

    assert 'sa.Column("text", words.Text()' in text
    assert "import sqlalchemy.types as words\n" in text


def test_types_of_the_project_get_its_prefix(
    changed: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(WORDS + CHANGED.replace("sa.Text", "Words()"))
    hooked(
        changed,
        """\
        user_module_prefix = "models."

        def process_revision_directives(context, revision, directives):
            directives[0].imports.add("from app import models")
        """,
    )

    text = script(changed, amigrate)

    assert 'sa.Column("text", models.Words()' in text
    assert "from app import models\n" in text


def test_a_revision_may_be_changed_before_it_is_written(
    changed: Project, amigrate: Terminal
) -> None:
    hooked(
        changed,
        """\
        from asyncmigrate.schema.operations import Drop, Execute

        def process_revision_directives(context, revision, directives):
            (draft,) = directives
            draft.message = f"{draft.message} for {context.x['who']}"
            draft.operations = [
                each for each in draft.operations if not isinstance(each, Drop)
            ] + [Execute("SELECT 1", "SELECT 2")]
        """,
    )

    out = amigrate.ok("-x", "who=ada", "revision", "--autogenerate", "-m", "x", "--rev-id", "b2")

    text = (changed.versions / "b2_x_for_ada.py").read_text(encoding="utf-8")
    assert sorted(out.splitlines()[:-1]) == sorted([NAME, AGE, TEXT])
    assert "drop_table" not in text
    assert 'op.execute("SELECT 1"' in text
    assert 'op.execute("SELECT 2"' in text


@pytest.mark.parametrize("emptying", ["directives[:] = []", "directives[0].operations = []"])
def test_a_revision_may_be_left_out(changed: Project, amigrate: Terminal, emptying: str) -> None:
    hooked(
        changed,
        f"""\
        def process_revision_directives(context, revision, directives):
            {emptying}
        """,
    )

    amigrate.ok("revision", "--autogenerate", "-m", "x")

    assert [each.name for each in changed.versions.glob("*.py")] == ["a1_begin.py"]


def test_a_rewriter_changes_single_operations(changed: Project, amigrate: Terminal) -> None:
    hooked(
        changed,
        """\
        from asyncmigrate import Rewriter
        from asyncmigrate.schema.operations import Alter, Create, Drop, Execute

        rewriter = Rewriter()

        @rewriter.rewrites(Drop, kind="table")
        def keep_tables(context, revision, operation):
            return None

        @rewriter.rewrites(Create, kind="column")
        def tell(context, revision, operation):
            return [Execute("SELECT 'before'", ""), operation]

        other = Rewriter()

        @other.rewrites(Alter)
        def no_changes(context, revision, operation):
            return None

        process_revision_directives = rewriter.chain(other)
        """,
    )

    text = script(changed, amigrate)

    upgrade = text.partition("def upgrade")[2].partition("def downgrade")[0]
    assert "drop_table" not in upgrade
    assert "alter_column" not in upgrade
    assert upgrade.index("SELECT 'before'") < upgrade.index("add_column")


def test_what_was_renamed_is_asked_about_under_its_new_name(
    changed: Project, amigrate: Terminal, declare: Declare
) -> None:
    declare(BEGIN.replace('"tags"', '"marks"').replace('"name", sa.String(50)', '"nick", sa.Text'))
    hooked(
        changed,
        """\
        def include_object(object, name, type_, reflected, compare_to):
            return name != "tags"
        """,
    )
    renames = ["--rename", "tags=marks", "--rename", "users.name=users.nick"]

    assert amigrate("check", *renames).out.splitlines() == [
        "~ table tags → marks",
        "~ column users.name → users.nick",
        "~ column users.nick (type: VARCHAR(50) → TEXT)",
    ]


@pytest.mark.parametrize("source", ["database", "history"])
def test_hooks_of_an_environment_count_from_wherever(
    changed: Project, amigrate: Terminal, source: str
) -> None:
    hooked(changed, "compare_type = False\ncompare_server_default = False\n")

    assert sorted(amigrate("check", "--from", source).out.splitlines()) == sorted([TAGS, TEXT])
