"""What is kept in the user's cache folder: whole, the user's own, or nothing."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

from asyncmigrate.places import cache_folder
from asyncmigrate.scripts.kept import kept, kept_file, read_kept, write_kept

if TYPE_CHECKING:
    from pathlib import Path

FOUND = {"a.py": ((1, 2), ("abc", (), "ä"))}
FILES = ["/versions/a.py", "/versions/b.py"]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the cache, in a user's cache folder that is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = kept_file("headers", "/versions")
    assert found is not None
    return found


def test_what_is_kept_is_found_again(file: Path) -> None:
    write_kept(file, FOUND)

    assert read_kept(file) == FOUND
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_where_nothing_was_kept_nothing_is_found(file: Path) -> None:
    assert read_kept(file) == {}


@pytest.mark.parametrize("damage", [b"", b"{}", b"\n", b"cut"])
def test_a_damaged_file_is_as_good_as_none(file: Path, damage: bytes) -> None:
    write_kept(file, FOUND)
    whole = file.read_bytes()
    file.write_bytes(whole[:-3] if damage == b"cut" else damage)

    assert read_kept(file) == {}


def test_a_value_that_was_changed_by_hand_is_not_believed(file: Path) -> None:
    write_kept(file, FOUND)
    file.write_bytes(file.read_bytes().replace(b"abc", b"abd"))

    assert read_kept(file) == {}


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
@pytest.mark.parametrize("which", ["the file", "the folder"])
def test_what_others_may_write_is_not_believed(file: Path, which: str) -> None:
    write_kept(file, FOUND)
    (file if which == "the file" else file.parent).chmod(0o777)

    assert read_kept(file) == {}


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
def test_nothing_is_written_into_a_folder_that_others_may_write(file: Path) -> None:
    file.parent.mkdir()
    file.parent.chmod(0o777)

    write_kept(file, FOUND)

    assert not list(file.parent.iterdir())


def test_a_place_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "taken"))
    file = kept_file("headers", "/versions")
    assert file is not None

    write_kept(file, FOUND)

    assert read_kept(file) == {}


def test_what_nobody_has_asked_for_in_months_goes(file: Path) -> None:
    file.parent.mkdir(mode=0o700)
    old, young = file.with_name("headers-old"), file.with_name("headers-young")
    old.touch()
    young.touch()
    os.utime(old, (0, 0))

    write_kept(file, FOUND)

    assert {each.name for each in file.parent.iterdir()} == {file.name, "headers-young"}


def test_a_machine_without_a_home_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("LOCALAPPDATA", "")
    monkeypatch.setattr("asyncmigrate.places.Path.home", homeless)

    assert cache_folder() is None
    assert kept_file("headers", "/versions") is None


def made(making: list[str], data: bytes, path: str) -> str:
    """Make something of a script, and note that it was made."""
    making.append(path)
    return f"{path}: {data.decode()}"


@pytest.mark.usefixtures("file")
def test_what_was_made_of_a_script_is_made_again_only_if_its_content_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("asyncmigrate.scripts.kept.MANY", 2)
    making: list[str] = []
    make = partial(made, making)
    with kept("code", FILES, make, cache=True) as first:
        found = [first(b"one", each) for each in FILES]
    making.clear()

    with kept("code", FILES, make, cache=True) as second:
        again = [second(b"one", FILES[0]), second(b"two", FILES[1])]

    assert again == [found[0], "/versions/b.py: two"]
    assert making == ["/versions/b.py"]


@pytest.mark.parametrize(("many", "cache"), [(3, True), (2, False)])
def test_nothing_is_kept_of_few_scripts_or_unasked(
    file: Path, monkeypatch: pytest.MonkeyPatch, many: int, cache: bool
) -> None:
    monkeypatch.setattr("asyncmigrate.scripts.kept.MANY", many)

    with kept("code", FILES, partial(made, []), cache=cache) as make:
        make(b"one", FILES[0])

    assert not file.parent.exists()


def test_nothing_is_kept_of_scripts_one_of_which_is_broken(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asyncmigrate.scripts.kept.MANY", 2)

    def broken(_: bytes, path: str) -> str:
        raise ValueError(path)

    with pytest.raises(ValueError, match="versions"), kept("c", FILES, broken, cache=True) as make:
        make(b"one", FILES[0])

    assert not file.parent.exists()
