"""Plug-ins of Alembic's: what they compare is called, counted, written, run and taken back."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project
    from tests.terminal import Terminal

PLUG_IN = '''
    """Notes, which are rows of the table `notes`: objects that only this plug-in knows."""
    import sqlalchemy as sa
    from alembic.autogenerate import comparators, renderers
    from alembic.operations import MigrateOperation, Operations, ops
    from alembic.util import DispatchPriority, PriorityDispatchResult

    CALLS = []


    @Operations.register_operation("add_note")
    class AddNoteOp(MigrateOperation):
        def __init__(self, text):
            self.text = text

        @classmethod
        def add_note(cls, operations, text):
            return operations.invoke(cls(text))

        def reverse(self):
            return DropNoteOp(self.text)

        def to_diff_tuple(self):
            return ("add_note", self.text)


    @Operations.register_operation("drop_note")
    class DropNoteOp(AddNoteOp):
        @classmethod
        def drop_note(cls, operations, text):
            return operations.invoke(cls(text))

        def reverse(self):
            return AddNoteOp(self.text)

        def to_diff_tuple(self):
            return ("drop_note", self.text)


    @Operations.implementation_for(AddNoteOp)
    def add_note(operations, operation):
        operations.execute(f"INSERT INTO notes (text) VALUES ('{operation.text}')")


    @Operations.implementation_for(DropNoteOp)
    def drop_note(operations, operation):
        operations.execute(f"DELETE FROM notes WHERE text = '{operation.text}'")


    @renderers.dispatch_for(AddNoteOp)
    def render_add(autogen_context, op):
        autogen_context.imports.add("from textwrap import dedent")
        return f"op.add_note(dedent({op.text!r}))"


    @renderers.dispatch_for(DropNoteOp)
    def render_drop(autogen_context, op):
        return ["# a note goes", f"op.drop_note({op.text!r})"]


    @comparators.dispatch_for("schema")
    def compare_notes(autogen_context, upgrade_ops, schemas):
        assert isinstance(schemas, set) and schemas == {None}
        assert autogen_context.dialect.name == "sqlite"
        assert autogen_context.opts["target_metadata"] is autogen_context.metadata
        assert autogen_context.migration_context.bind is autogen_context.connection
        if not autogen_context.inspector.has_table("notes"):
            return
        found = set(autogen_context.connection.scalars(sa.text("SELECT text FROM notes")))
        wanted = autogen_context.metadata.info.get("notes", set())
        for text in sorted(wanted - found):
            if autogen_context.run_object_filters(text, text, "note", False, None):
                upgrade_ops.ops.append(AddNoteOp(text))
        for text in sorted(found - wanted):
            upgrade_ops.ops.append(DropNoteOp(text))
    '''
BOTH_SIDES = """

    @comparators.dispatch_for("schema", priority=DispatchPriority.FIRST)
    def first(autogen_context, upgrade_ops, schemas):
        CALLS.append(("first", [type(each).__name__ for each in upgrade_ops.ops]))


    @comparators.dispatch_for("schema", priority=DispatchPriority.LAST)
    def last(autogen_context, upgrade_ops, schemas):
        CALLS.append(("last", [type(each).__name__ for each in upgrade_ops.ops]))
        return PriorityDispatchResult.STOP


    @comparators.dispatch_for("table")
    def table(autogen_context, modify_ops, schema, name, before, after):
        if before is None or after is None:
            return
        CALLS.append(("table", name, sorted(before.c.keys()), sorted(after.c.keys())))
        if name == "notes":
            modify_ops.ops.append(ops.ExecuteSQLOp("SELECT 1 /* notes */"))


    @comparators.dispatch_for("column")
    def column(autogen_context, alter_op, schema, table, name, before, after):
        CALLS.append(("column", table, name, before.name == after.name))


    @renderers.dispatch_for(ops.ExecuteSQLOp)
    def sql(autogen_context, op):
        return f"op.execute({op.sqltext!r})"


    ops.ExecuteSQLOp.reverse = lambda self: self
    """
MODELS = """
    import sqlalchemy as sa

    metadata = sa.MetaData()
    sa.Table("notes", metadata, sa.Column("text", sa.String(50), primary_key=True))
    """
NOTES = MODELS + 'metadata.info["notes"] = {"one", "two"}\n    '


@pytest.fixture
def plugged(project: Project, amigrate: Terminal) -> Project:
    """A project whose env.py imports a plug-in; the database has the table `notes`."""
    settings = 'url = "sqlite:///shop.db"\nmetadata = "models:metadata"\nhistory_table = ""\n'
    project.write("asyncmigrate.toml", settings)
    project.write("alembic_notes.py", PLUG_IN)
    project.write("migrations/env.py", "import alembic_notes\n")
    project.write("models.py", MODELS)
    amigrate.ok("revision", "--autogenerate", "-m", "begin", "--rev-id", "a1")
    amigrate.ok("upgrade")
    rewrite(project, "models.py", NOTES)
    return project


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a test has imported is not there for the next one."""
    yield
    forget()


def forget() -> None:
    for name in [each for each in sys.modules if each.endswith(("models", "alembic_notes"))]:
        if name in ("models", "alembic_notes") or name.startswith("_asyncmigrate_private_"):
            del sys.modules[name]


def rewrite(project: Project, path: str, text: str) -> None:
    project.write(path, text)
    forget()


def script(project: Project, id: str) -> str:
    return next(project.versions.glob(f"{id}_*.py")).read_text(encoding="utf-8")


def test_check_counts_what_a_plug_in_has_found(plugged: Project, amigrate: Terminal) -> None:
    found = amigrate("check")

    assert found.code == 3
    assert "+ note one" in found.out
    assert "+ note two" in found.out


def test_a_plug_ins_operations_are_written_by_its_renderers_with_their_imports(
    plugged: Project, amigrate: Terminal
) -> None:
    amigrate.ok("revision", "--autogenerate", "-m", "x", "--rev-id", "b2")

    text = script(plugged, "b2")
    up, _, down = text.partition("def downgrade")
    assert "from textwrap import dedent" in up
    assert "from alembic import op" in up
    assert up.index('op.add_note(dedent("one"))') < up.index('op.add_note(dedent("two"))')
    assert down.index('op.drop_note("two")') < down.index('op.drop_note("one")')
    assert "# a note goes" in down


def test_what_a_plug_in_wrote_runs_in_both_directions_and_leaves_no_difference(
    plugged: Project, amigrate: Terminal
) -> None:
    amigrate.ok("revision", "--autogenerate", "-m", "x", "--rev-id", "b2")
    amigrate.ok("upgrade")
    assert amigrate("check").code == 0
    amigrate.ok("downgrade", "a1")
    assert amigrate("check", "--from", "database").code != 0
    amigrate.ok("upgrade")
    assert amigrate("check").code == 3 if amigrate("upgrade").code else True
    rewrite(plugged, "models.py", MODELS)
    assert "- note one" in amigrate("check").out


def test_include_object_is_asked_for_a_plug_ins_objects(
    plugged: Project, amigrate: Terminal
) -> None:
    text = "import alembic_notes\ninclude_object = lambda o, name, kind, *_: name != 'one'\n"
    plugged.write("migrations/env.py", text)

    found = amigrate("check")

    assert "note two" in found.out
    assert "note one" not in found.out


def test_comparators_are_called_in_the_order_of_their_priorities_with_our_operations_between(
    plugged: Project, amigrate: Terminal
) -> None:
    rewrite(plugged, "alembic_notes.py", PLUG_IN + BOTH_SIDES.lstrip(" \n"))
    text = NOTES + 'sa.Table("more", metadata, sa.Column("id", sa.Integer, primary_key=True))\n'
    rewrite(plugged, "models.py", text)

    amigrate.ok("revision", "--autogenerate", "-m", "x", "--rev-id", "b2")

    copies = [each for name, each in sys.modules.items() if name.endswith(".alembic_notes")]
    (first, *rest) = copies[-1].CALLS
    assert first == ("first", [])
    assert rest[0] == ("table", "notes", ["text"], ["text"])
    assert ("column", "notes", "text", True) in rest
    assert rest[-1][0] == "last"
    assert rest[-1][1][0] == "CreateTableOp"
    assert 'op.execute("SELECT 1 /* notes */")' in script(plugged, "b2")


def test_an_operation_that_nobody_can_write_is_named_with_what_to_register(
    plugged: Project, amigrate: Terminal
) -> None:
    text = PLUG_IN.replace("@renderers.dispatch_for(AddNoteOp)", "").replace(
        "@renderers.dispatch_for(DropNoteOp)", ""
    )
    text = text.replace("AddNoteOp", "SayOp")  # what was registered stays so in a process
    rewrite(plugged, "alembic_notes.py", text)

    found = amigrate("revision", "--autogenerate", "-m", "x")

    assert found.code == 1, found.everything
    assert "Nothing says how alembic_notes.SayOp is written" in found.err
    assert "@renderers.dispatch_for(SayOp)" in found.err


def test_a_comparator_that_fails_is_told_with_its_line_and_changes_nothing(
    plugged: Project, amigrate: Terminal
) -> None:
    plugged.write(
        "alembic_notes.py", PLUG_IN.replace("if not autogen", "1 / 0\n        if not autogen")
    )

    found = amigrate("check")

    assert found.code == 2
    assert "A comparator of a plug-in failed: ZeroDivisionError" in found.err
    assert "alembic_notes.py:" in found.err


def test_a_plug_in_of_one_project_is_not_asked_in_another(
    plugged: Project, amigrate: Terminal
) -> None:
    assert amigrate("check").code == 3
    plugged.write("migrations/env.py", "")
    other = plugged.write("elsewhere/migrations/versions/.keep", "").parents[2]
    settings = f'url = "sqlite:///{plugged.root}/shop.db"\nmetadata = "models:metadata"\n'
    (other / "asyncmigrate.toml").write_text(settings)
    shared = next(plugged.versions.glob("a1_*.py"))
    (other / "migrations/versions/a1.py").write_text(shared.read_text())

    found = amigrate("-c", "elsewhere/asyncmigrate.toml", "check")

    assert found.code == 0, found.everything


ENV = """
    from sqlalchemy import engine_from_config, pool
    from alembic import context
    import alembic_notes
    from models import metadata

    target_metadata = metadata
    config = context.config

    def run():
        section = config.get_section(config.config_ini_section)
        connectable = engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)
        with connectable.connect() as connection:
            context.configure(
                connection=connection, target_metadata=target_metadata, render_as_batch=True
            )
            with context.begin_transaction():
                context.run_migrations()

    run()
    """


def test_an_alembic_project_gets_from_its_plug_in_what_alembic_writes(
    plugged: Project, amigrate: Terminal
) -> None:
    pytest.importorskip("alembic", reason="Alembic is not installed, which is the judge here.")
    (plugged.root / "asyncmigrate.toml").unlink()
    plugged.write(
        "alembic.ini",
        "[alembic]\nscript_location = migrations\nprepend_sys_path = .\n"
        "sqlalchemy.url = sqlite:///shop.db\n",
    )
    plugged.write("migrations/env.py", ENV)
    template = (
        "${imports}\\nrevision = ${repr(up_revision)}\\ndown_revision = ${repr(down_revision)}\\n"
    )
    template += "def upgrade():\\n    ${upgrades}\\ndef downgrade():\\n    ${downgrades}\\n"
    plugged.write("migrations/script.py.mako", template.replace("\\n", "\n"))
    amigrate.ok("revision", "--autogenerate", "-m", "x", "--rev-id", "b2")
    ours = _notes(script(plugged, "b2"))
    next(plugged.versions.glob("b2_*.py")).unlink()

    words = ["-m", "alembic", "revision", "--autogenerate", "-m", "x", "--rev-id", "b3"]
    done = subprocess.run(
        [sys.executable, *words], cwd=plugged.root, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert ours == _notes(script(plugged, "b3"))


def _notes(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if "_note(" in line]


REWRITING = """
    from alembic.autogenerate import rewriter
    from alembic.operations import ops
    from alembic.script import ScriptDirectory
    import sqlalchemy as sa

    writer = rewriter.Rewriter()

    @writer.rewrites(ops.CreateTableOp)
    def stamped(context, revision, op):
        op.columns.append(sa.Column("made", sa.DateTime()))
        return op

    @writer.rewrites(ops.AddColumnOp)
    def in_two_steps(context, revision, op):
        op.column.nullable = True
        added = ops.ExecuteSQLOp(f"UPDATE {op.table_name} SET {op.column.name} = 'x'")
        return [op, added]

    def numbered(context, revision, directives):
        assert context.config.get_main_option("sqlalchemy.url").startswith("sqlite")
        head = ScriptDirectory.from_config(context.config).get_current_head()
        directives[0].rev_id = f"{int(head[1:]) + 1:04}"
        directives[0].imports.add("import textwrap")
        assert not directives[0].upgrade_ops.is_empty()
    """


def test_hooks_of_alembics_find_its_operations_and_what_they_change_is_written(
    plugged: Project, amigrate: Terminal
) -> None:
    (plugged.root / "asyncmigrate.toml").unlink()
    plugged.write(
        "alembic.ini",
        "[alembic]\nscript_location = migrations\nprepend_sys_path = .\n"
        "sqlalchemy.url = sqlite:///shop.db\n",
    )
    env = ENV.replace("import alembic_notes\n", REWRITING.strip() + "\n").replace(
        "render_as_batch=True", "process_revision_directives=writer.chain(numbered)"
    )
    plugged.write("migrations/env.py", env)
    more = 'sa.Table("more", metadata, sa.Column("id", sa.Integer, primary_key=True))\n    '
    body = "primary_key=True), sa.Column('body', sa.Text, nullable=False, server_default=''"
    rewrite(plugged, "models.py", MODELS.replace("primary_key=True", body) + more)

    amigrate.ok("revision", "--autogenerate", "-m", "x")

    text = script(plugged, "0002")
    assert 'sa.Column("made", sa.DateTime())' in text
    assert 'sa.Column("body", sa.Text(), server_default="", nullable=True)' in text
    assert "op.execute(\"UPDATE notes SET body = 'x'\")" in text
    assert "import textwrap" in text
    amigrate.ok("upgrade")
    amigrate.ok("downgrade", "a1")
