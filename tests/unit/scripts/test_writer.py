"""Writing scripts: names, places, texts, and nothing left behind when it goes wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncmigrate.errors import (
    ConfigError,
    DuplicateRevisionError,
    MigrateError,
    MissingRevisionError,
    ScriptError,
    UsageError,
)
from asyncmigrate.scripts import headers
from asyncmigrate.scripts.headers import parse_header, read_revisions
from asyncmigrate.scripts.naming import slug
from asyncmigrate.scripts.template import ScriptText, render
from asyncmigrate.scripts.writer import NewScript, ScriptFolder, init_folder, new_script

if TYPE_CHECKING:
    from asyncmigrate.history.revision import Revision


@pytest.fixture
def folder(tmp_path: Path) -> ScriptFolder:
    (tmp_path / "versions").mkdir()
    return ScriptFolder(folder=tmp_path)


def write(folder: ScriptFolder, *existing: Revision, **wanted: object) -> Revision:
    return new_script(folder, existing, NewScript(**wanted))  # type: ignore[arg-type]


def left_behind(folder: ScriptFolder) -> list[str]:
    return [path.name for path in folder.folder.rglob("*.*")]


# --- the text ------------------------------------------------------------------------------


def test_the_script_reads_back_as_what_was_asked_for(folder: ScriptFolder) -> None:
    first = write(folder, rev_id="a1", message="first", branch_labels=("web",))
    second = write(folder, first, rev_id="b2", message="x", parents=("a1",), depends_on=("web",))

    assert (second.parents, second.requires) == (("a1",), ("web",))
    assert read_revisions(folder.versions) == [first, second]
    assert Path(second.file).name == "b2_x.py"


def test_the_default_text_is_what_the_fast_reader_accepts(folder: ScriptFolder) -> None:
    data = Path(write(folder, message="add users").file).read_bytes()

    assert headers._by_pattern(data, "") == parse_header(data, "")


def test_the_text_in_full(tmp_path: Path) -> None:
    text = ScriptText(
        rev_id="ae1027a6acf0",
        message="merge three",
        date=datetime(2024, 5, 6, 7, 8, 9),
        parents=("111111111111", "222222222222", "333333333333"),
        depends_on=("one", "two"),
        imports="from app import Money",
        upgrades="if True:\n    op.execute('x')\n\nop.execute('y')",
    )

    assert (
        render(text, tmp_path)
        == '''\
"""merge three

Revision ID: ae1027a6acf0
Revises: 111111111111, 222222222222, 333333333333
Create Date: 2024-05-06 07:08:09

"""

from collections.abc import Sequence

from asyncmigrate import op

from app import Money

# Revision identifiers: plain values, so that they can be read without running this file.
revision: str = "ae1027a6acf0"
down_revision: str | Sequence[str] | None = (
    "111111111111",
    "222222222222",
    "333333333333",
)
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = ("one", "two")


def upgrade() -> None:
    """Upgrade the schema."""
    if True:
        op.execute('x')

    op.execute('y')


def downgrade() -> None:
    """Take the upgrade back."""
    pass
'''
    )


def test_a_head_only_revision_says_so(folder: ScriptFolder) -> None:
    text = Path(write(folder, head_only=True).file).read_text()

    assert text.count("    # Head only: this revision moves the stamp") == 2


@pytest.mark.parametrize(
    "message",
    [
        'say "hi"',
        '"""',
        '"start and end"',
        "C:\\new\\table\\",
        "two\nlines",
        "a\r\nb",
        "naïve ✓ 表",
        "$name ${other}",
        "%(rev)s",
        "import os; os.remove('/')",
        "\N{FULLWIDTH LATIN SMALL LETTER R}evision",
    ],
)
def test_any_message_is_safe(folder: ScriptFolder, message: str) -> None:
    revision = write(folder, message=message)

    assert revision.doc.startswith(message.replace("\r\n", "\n"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
@settings(max_examples=150, deadline=None)
def test_no_message_changes_the_header(message: str) -> None:
    text = ScriptText(rev_id="a1", message=message, date=datetime(2024, 1, 1))

    revision = parse_header(render(text, Path("nowhere")).encode(), "")

    assert (revision.id, revision.parents) == ("a1", ())
    assert "Revision ID: a1" in revision.doc


def test_an_empty_message_has_a_name(folder: ScriptFolder) -> None:
    revision = write(folder, rev_id="a1")

    assert revision.message == "empty message"
    assert Path(revision.file).name == "a1_.py"


def test_a_new_id_is_twelve_hexadecimal_digits(folder: ScriptFolder) -> None:
    assert re.fullmatch("[0-9a-f]{12}", write(folder).id)


def test_an_encoding_that_python_must_be_told_is_declared(folder: ScriptFolder) -> None:
    revision = write(replace(folder, output_encoding="latin-1"), message="é")

    assert revision.message == "é"
    assert Path(revision.file).read_bytes().startswith(b"# coding: iso8859-1\n")


# --- the project's own template ------------------------------------------------------------


def test_a_projects_own_template_is_used(folder: ScriptFolder) -> None:
    (folder.folder / "script.py.tmpl").write_text(
        '"""${message}"""\nrevision = "${up_revision}"\ndown_revision = ${down_revision}\n'
        "def upgrade():\n    ${upgrades}\n    price = '$$'\n"
    )

    text = Path(write(folder, message="m", upgrades="a = 1\nb = 2").file).read_text()

    assert text.endswith("def upgrade():\n    a = 1\n    b = 2\n    price = '$'\n")


@pytest.mark.parametrize(
    ("template", "error", "message"),
    [
        ("${nothing}", ConfigError, "uses ${nothing}, which does not exist"),
        ("cost: $", ConfigError, "cannot be used"),
        ("x = 1", ScriptError, "cannot tell the revision id"),
        ("revision = 'b'\ndown_revision = None\n", ScriptError, "would not hold the header"),
        ('revision = "${up_revision}"\ndown_revision = None\n', ScriptError, "no `upgrade`"),
        ('revision = "${up_revision}"\ndown_revision = None\n1/0', ScriptError, "ZeroDivision"),
        ('revision = "${up_revision}"\ndown_revision = None\ndef (', ScriptError, "not valid"),
    ],
)
def test_a_template_that_makes_no_script_leaves_nothing_on_disk(
    folder: ScriptFolder, template: str, error: type[MigrateError], message: str
) -> None:
    (folder.folder / "script.py.tmpl").write_text(template)

    with pytest.raises(error, match=re.escape(message)):
        write(folder)

    assert left_behind(folder) == ["script.py.tmpl"]


# --- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rev_id", ["", "a@b", "a-b", "a+b", "a:b", "a b", 'a"b', "a'b", "a/b", "a\\b", "a\nb", "a\0b"]
)
def test_an_id_that_could_not_be_typed_is_refused(folder: ScriptFolder, rev_id: str) -> None:
    with pytest.raises(UsageError, match="revision id"):
        write(folder, rev_id=rev_id)


@pytest.mark.parametrize("rev_id", ["head", "heads", "base", "current", "HEAD"])
def test_a_word_of_the_target_grammar_is_no_id(folder: ScriptFolder, rev_id: str) -> None:
    with pytest.raises(UsageError, match="meaning as a target"):
        write(folder, rev_id=rev_id)


def test_an_id_that_the_version_table_cannot_hold_is_refused(folder: ScriptFolder) -> None:
    assert write(folder, rev_id="a" * 32).id == "a" * 32
    with pytest.raises(UsageError, match="33 characters"):
        write(folder, rev_id="b" * 33)


@pytest.mark.parametrize("label", ["", "a@b", "head", "a b", "a-2"])
def test_a_label_that_could_not_be_typed_is_refused(folder: ScriptFolder, label: str) -> None:
    with pytest.raises(UsageError, match="branch label"):
        write(folder, branch_labels=(label,))


def test_a_long_message_is_cut_between_words() -> None:
    assert slug("one two three", 9) == "one_two_"
    assert slug("one two three", 13) == "one_two_three"
    assert slug("onetwothree", 3) == "one_"


def test_the_file_template_may_make_sub_folders_if_they_are_read(folder: ScriptFolder) -> None:
    dated = replace(folder, file_template="%(year)d/%(rev)s")

    with pytest.raises(ConfigError, match="sub-folders"):
        write(dated)
    revision = write(replace(dated, recursive=True), rev_id="a1")

    assert revision.file.endswith(f"{datetime.now().year}/a1.py")


@pytest.mark.parametrize("template", ["%(what)s", "%(rev)", "../%(rev)s", "/tmp/%(rev)s", "%d"])
def test_a_file_template_that_makes_no_name_is_refused(folder: ScriptFolder, template: str) -> None:
    with pytest.raises(ConfigError, match="file_template"):
        write(replace(folder, file_template=template, recursive=True))


@pytest.mark.parametrize("zone", ["UTC", "utc", "Europe/Zurich"])
def test_the_date_is_in_the_zone_of_the_settings(folder: ScriptFolder, zone: str) -> None:
    revision = write(replace(folder, timezone=zone))

    assert re.search(r"Create Date: .*\+0[0-2]:00$", revision.doc)


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../etc/passwd", "Europe", ""])
def test_an_unknown_time_zone_is_refused(folder: ScriptFolder, zone: str) -> None:
    with pytest.raises(ConfigError, match="no time zone"):
        write(replace(folder, timezone=zone))


@pytest.mark.parametrize(("encoding", "text"), [("no-such", "no encoding"), ("ascii", "in ascii")])
def test_an_unusable_encoding_is_refused(folder: ScriptFolder, encoding: str, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        write(replace(folder, output_encoding=encoding), message="é")


# --- the history ---------------------------------------------------------------------------


def test_a_taken_id_is_refused_and_nothing_is_written(folder: ScriptFolder) -> None:
    first = write(folder, rev_id="a1", message="one")

    with pytest.raises(DuplicateRevisionError):
        write(folder, first, rev_id="a1", message="two", parents=("a1",))

    assert left_behind(folder) == ["a1_one.py"]


def test_a_parent_that_no_script_has_is_refused_and_nothing_is_written(
    folder: ScriptFolder,
) -> None:
    with pytest.raises(MissingRevisionError):
        write(folder, parents=("gone",))

    assert left_behind(folder) == []


def test_an_existing_file_is_never_overwritten(folder: ScriptFolder) -> None:
    file = folder.versions[0] / "a1_x.py"
    file.write_text("mine")

    with pytest.raises(UsageError, match="exists already"):
        write(folder, rev_id="a1", message="x")

    assert file.read_text() == "mine"


def test_a_missing_versions_folder_is_made(tmp_path: Path) -> None:
    revision = write(ScriptFolder(folder=tmp_path / "new"), rev_id="a1")

    assert Path(revision.file) == tmp_path / "new/versions/a1_.py"


# --- several locations ---------------------------------------------------------------------


@pytest.fixture
def two(tmp_path: Path) -> ScriptFolder:
    return ScriptFolder(folder=tmp_path, locations=(tmp_path / "one", tmp_path / "two"))


def test_a_script_goes_beside_its_parent(two: ScriptFolder) -> None:
    first = write(two, rev_id="a1", version_path=two.folder / "two")

    assert Path(write(two, first, parents=("a1",)).file).parent == two.folder / "two"


def test_a_script_without_parent_needs_to_be_told_the_location(two: ScriptFolder) -> None:
    with pytest.raises(UsageError, match=r"several version locations: .*one, .*two") as caught:
        write(two)

    assert "--version-path" in caught.value.next


def test_a_location_that_is_not_in_the_settings_is_refused(two: ScriptFolder) -> None:
    with pytest.raises(UsageError, match="is not one of the version locations"):
        write(two, version_path=two.folder / "three")

    assert list(two.folder.iterdir()) == []


# --- the folder itself ---------------------------------------------------------------------


def test_a_new_folder_holds_a_readme_and_versions(tmp_path: Path) -> None:
    made = init_folder(tmp_path / "migrations")

    assert made == (
        tmp_path / "migrations/README.md",
        tmp_path / "migrations/versions/.gitkeep",
    )
    assert read_revisions([tmp_path / "migrations/versions"]) == []


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert len(init_folder(tmp_path)) == 2


def test_a_folder_with_anything_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()

    with pytest.raises(UsageError, match="not an empty folder"):
        init_folder(tmp_path)
    with pytest.raises(UsageError, match="not an empty folder"):
        init_folder(tmp_path / "notes.txt")

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_what_a_script_does_not_use_is_not_imported(tmp_path: Path) -> None:
    def imports(**bodies: str) -> list[str]:
        date = datetime(2024, 5, 6)
        text = render(ScriptText(rev_id="a1", message="", date=date, **bodies), tmp_path)
        return [line for line in text.splitlines() if line.startswith(("import ", "from "))][1:]

    everything = ["import sqlalchemy as sa", "from asyncmigrate import op"]
    dialect = "from sqlalchemy.dialects import postgresql"

    assert imports() == everything
    assert imports(upgrades="op.drop_table('t')") == everything[1:]
    assert imports(upgrades="op.f()", downgrades="sa.text()", imports=dialect) == [
        *everything,
        dialect,
    ]
