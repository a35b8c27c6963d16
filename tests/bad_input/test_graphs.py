"""Scripts that do not make a history, and requests that would break one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bad_input.refused import Refused, case

if TYPE_CHECKING:
    from tests.project import Project
    from tests.terminal import Terminal


def chain_of(*revisions: tuple[str, str | tuple[str, ...] | None]) -> object:
    """Return an arrangement that writes revisions with their parents."""

    def arrange(project: Project) -> None:
        for id, down in revisions:
            project.revision(id, down)

    return arrange


def one(id: str, down: str | None = "b2", **more: str) -> object:
    """Return an arrangement that writes one revision to the file x.py."""

    def arrange(project: Project) -> None:
        file = project.revision(id.replace("/", "_"), down, **more)  # type: ignore[arg-type]
        text = file.read_text(encoding="utf-8").replace(
            f"revision = {id.replace('/', '_')!r}", f"revision = {id!r}", 1
        )
        file.unlink()
        (project.versions / "x.py").write_text(text, encoding="utf-8")

    return arrange


@pytest.mark.parametrize(
    "refused",
    [
        case("missing parent", "upgrade", 2, "MissingRevisionError", ["c3", "gone"],
             one("c3", "gone")),
        case("missing dependency", "upgrade", 2, "MissingRevisionError", ["c3", "gone"],
             one("c3", depends_on="gone")),
        case("a cycle of two", "upgrade", 2, "CycleError", ["x1", "x2"],
             chain_of(("x1", "x2"), ("x2", "x1"))),
        case("a cycle with a way in", "upgrade", 2, "CycleError", ["x1", "x3"],
             chain_of(("x1", ("b2", "x3")), ("x2", "x1"), ("x3", "x2"))),
        case("its own parent", "upgrade", 2, "CycleError", "x1", chain_of(("x1", "x1"))),
        case("its own dependency", "upgrade", 2, "CycleError", "c3", one("c3", depends_on="c3")),
        case("an id twice", "upgrade", 2, "DuplicateRevisionError", ["b2", "b2.py", "x.py"],
             lambda project: project.write("migrations/versions/x.py", (
                 project.versions / "b2.py").read_text(encoding="utf-8"))),
        case("a label twice", "upgrade", 2, "DuplicateRevisionError", ["shop"],
             lambda project: (project.revision("c3", "b2", labels="shop"),
                              project.revision("d4", None, labels="shop"))),
        case("a label that is an id", "upgrade", 2, "DuplicateRevisionError", ["a1"],
             one("c3", labels="a1")),
        case("several heads", "upgrade head", 2, "MultipleHeadsError",
             ["c3", "d4", "merge", "heads"], chain_of(("c3", "b2"), ("d4", "b2"))),
        case("several heads for a revision", "revision -m x", 2, "MultipleHeadsError",
             ["c3", "d4", "--head"], chain_of(("c3", "b2"), ("d4", "b2"))),
        case("several heads to go down to", "downgrade heads", 2, "MultipleHeadsError",
             ["c3", "d4"], chain_of(("c3", "b2"), ("d4", "b2"))),
        case("merging a revision with its ancestor", "merge a1 b2", 2, "TargetError",
             ["a1", "b2"]),
        case("merging one revision", "merge b2", 2, "TargetError", "b2"),
        case("merging the only head", "merge heads", 2, "TargetError", "b2"),
        case("merging with itself", "merge b2 b2", 2, "TargetError", "b2"),
        case("merging what is unknown", "merge b2 nope", 2, "UnknownRevisionError", "nope"),
        case("following what is no head", "revision --head a1", 2, "TargetError",
             ["a1", "--splice"]),
        case("following what is unknown", "revision --head nope", 2, "UnknownRevisionError",
             "nope"),
        case("an id that is taken", "revision --rev-id a1 -m x", 2, "DuplicateRevisionError",
             "a1"),
        case("an id with an at sign", "revision --rev-id a@b", 2, "UsageError", "a@b"),
        case("an id with a plus", "revision --rev-id a+1", 2, "UsageError", "a+1"),
        case("an id with a colon", "revision --rev-id a:b", 2, "UsageError", "a:b"),
        case("an id with a slash", "revision --rev-id ../a", 2, "UsageError", "../a"),
        case("an id that is a word of the grammar", "revision --rev-id head", 2, "UsageError",
             "head"),
        case("an empty id", ["revision", "--rev-id", ""], 2, "UsageError", "id"),
        case("an id with a quote", ["revision", "--rev-id", "a'b"], 2, "UsageError", "a'b"),
        case("an id that is too long", ["revision", "--rev-id", "a" * 33], 2, "UsageError", "32"),
        case("a label that is a word of the grammar", "revision --branch-label head", 2,
             "UsageError", "head"),
        case("a label with an at sign", "revision --branch-label a@b", 2, "UsageError", "a@b"),
        case("a label that is taken", "revision --branch-label b2", 2, "DuplicateRevisionError",
             "b2"),
        case("depending on what is unknown", "revision --depends-on nope", 2,
             "UnknownRevisionError", "nope"),
        case("depending on several", "revision --head b2 --depends-on heads", 2,
             "UsageError", "--depends-on", chain_of(("c3", None))),
        case("depending on what it follows anyway is refused or harmless",
             "revision --depends-on nope@head", 2, "UnknownRevisionError", "nope"),
        case("a path that is no version location", "revision --version-path elsewhere", 2,
             "UsageError", "elsewhere"),
        case("no scripts at all", ["heads", "--script-location", "elsewhere"], 2, "ConfigError",
             ["elsewhere", "amigrate init"]),
    ],
)  # fmt: skip
def test_a_history_that_cannot_be_is_refused(
    amigrate: Terminal, shop: Project, refused: Refused
) -> None:
    refused.check(amigrate, shop)


@pytest.mark.parametrize("id", ["a@b", "a+1", "head", "a:b", "a b"])
def test_a_script_with_an_id_that_cannot_be_typed_is_refused(
    amigrate: Terminal, shop: Project, id: str
) -> None:
    Refused(["heads"], 2, "ScriptError", ["x.py", "id"], one(id)).check(amigrate, shop)  # type: ignore[arg-type]
