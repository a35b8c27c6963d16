"""Headers that are kept are those of files that were not changed since, and of nothing else."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from asyncmigrate.errors import ScriptError
from asyncmigrate.scripts import headers, kept_headers
from asyncmigrate.scripts.headers import read_revisions

if TYPE_CHECKING:
    from pathlib import Path

    from asyncmigrate.history.revision import Revision

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no ctime: nothing is kept")

HEADER = '"""{doc}"""\n\nrevision = "{id}"\ndown_revision = {down!r}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two scripts, for which headers are kept at once."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(headers, "MANY", 2)
    monkeypatch.setattr(kept_headers, "_SETTLED", -3_600_000_000_000)
    found = tmp_path / "versions"
    found.mkdir()
    (found / "a.py").write_text(HEADER.format(doc="one", id="a", down=None))
    (found / "b.py").write_text(HEADER.format(doc="two", id="b", down="a"))
    return found


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose headers are parsed, as it happens."""
    names: list[str] = []
    real = headers._read

    def noted(path: str) -> tuple[Revision, bool]:
        names.append(os.path.basename(path))
        return real(path)

    monkeypatch.setattr(headers, "_read", noted)
    return names


def read(folder: Path) -> list[tuple[str, tuple[str, ...], str]]:
    found = read_revisions([folder], cache=True)
    return [(each.id, each.parents, each.doc) for each in found]


def rewrite(file: Path, text: str) -> None:
    """Change a file in place until the file system's clock shows it."""
    former = file.stat().st_ctime_ns
    while file.stat().st_ctime_ns == former:
        file.write_text(text)


def test_headers_that_were_read_once_are_not_parsed_again(folder: Path, parsed: list[str]) -> None:
    first = read(folder)
    parsed.clear()

    assert read(folder) == first == [("a", (), "one"), ("b", ("a",), "two")]
    assert parsed == []


def test_a_script_that_was_edited_is_read_again(folder: Path, parsed: list[str]) -> None:
    read(folder)
    parsed.clear()
    rewrite(folder / "b.py", HEADER.format(doc="three", id="b", down="a"))

    assert read(folder)[1] == ("b", ("a",), "three")
    assert parsed == ["b.py"]


def test_an_edit_that_hides_in_size_and_time_is_seen(folder: Path) -> None:
    read(folder)
    file = folder / "b.py"
    former = file.stat()
    rewrite(file, HEADER.format(doc="owt", id="b", down="a"))
    os.utime(file, ns=(former.st_atime_ns, former.st_mtime_ns))

    assert (file.stat().st_size, file.stat().st_mtime_ns) == (former.st_size, former.st_mtime_ns)
    assert read(folder)[1] == ("b", ("a",), "owt")


def test_a_script_that_was_replaced_added_or_removed_is_seen(folder: Path) -> None:
    read(folder)
    (folder / "new").write_text(HEADER.format(doc="2nd", id="b", down="a"))
    os.replace(folder / "new", folder / "b.py")
    (folder / "c.py").write_text(HEADER.format(doc="add", id="c", down="b"))
    (folder / "a.py").unlink()

    assert read(folder) == [("b", ("a",), "2nd"), ("c", ("b",), "add")]


def test_a_script_that_was_written_a_moment_ago_is_not_kept(
    folder: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_headers, "_SETTLED", 3_600_000_000_000)
    read(folder)
    parsed.clear()

    read(folder)

    assert parsed == ["a.py", "b.py"]


def test_a_header_that_is_computed_is_not_kept(folder: Path, parsed: list[str]) -> None:
    (folder / "b.py").write_text('revision = "".join("b")\ndown_revision = "a"\n')
    read(folder)
    parsed.clear()

    assert read(folder)[1] == ("b", ("a",), "")
    assert parsed == ["b.py"]


def test_nothing_is_kept_unless_it_is_asked_for(folder: Path, tmp_path: Path) -> None:
    read_revisions([folder])

    assert not (tmp_path / "cache").exists()


def test_nothing_is_kept_of_a_small_history(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headers, "MANY", 3)

    read(folder)

    assert not (tmp_path / "cache").exists()


def test_a_link_to_nothing_is_an_error_as_ever(folder: Path) -> None:
    read(folder)
    (folder / "c.py").symlink_to(folder / "nothing")

    with pytest.raises(ScriptError, match=r"c\.py does not exist"):
        read(folder)
