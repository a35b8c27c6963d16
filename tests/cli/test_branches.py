"""Branches, labels, merges and splices, typed on real files and a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project
    from tests.terminal import Terminal


def test_head_is_refused_when_there_are_several(amigrate: Terminal, branched: Project) -> None:
    typed = amigrate("upgrade", "head", "--json")

    assert typed.code == 2
    assert typed.json["error"]["type"] == "MultipleHeadsError"
    assert "merge" in typed.json["error"]["next"]
    assert "heads" in typed.json["error"]["next"]


def test_heads_reaches_all_of_them(amigrate: Terminal, branched: Project) -> None:
    found = amigrate.json("upgrade", "heads")

    assert found["after"] == ["b1", "s2"]
    assert amigrate.json("status")["is_up_to_date"] is True


def test_a_label_reaches_one_branch_and_what_it_needs(
    amigrate: Terminal, branched: Project
) -> None:
    found = amigrate.json("upgrade", "blog@head")

    assert [each["revision"] for each in found["steps"]] == ["a1", "s1", "b1"]


def test_one_branch_is_undone_alone(amigrate: Terminal, branched: Project) -> None:
    amigrate.ok("upgrade", "heads")

    found = amigrate.json("downgrade", "shop@-1")

    assert [each["revision"] for each in found["steps"]] == ["s2"]
    assert amigrate.json("status")["pending"] == [{"revision": "s2", "message": "s2"}]


def test_a_merge_joins_the_heads(amigrate: Terminal, branched: Project) -> None:
    amigrate.ok("upgrade", "heads")

    written = amigrate.json("merge", "heads", "-m", "join", "--rev-id", "m1")
    found = amigrate.json("upgrade")

    assert sorted(written["down_revision"]) == ["b1", "s2"]
    assert found["after"] == ["m1"]
    assert [each["revision"] for each in amigrate.json("heads")["revisions"]] == ["m1"]


def test_a_merge_of_named_revisions(amigrate: Terminal, branched: Project) -> None:
    written = amigrate.json("merge", "s2", "b1")

    assert sorted(written["down_revision"]) == ["b1", "s2"]


def test_a_new_branch_starts_at_base_with_a_label(amigrate: Terminal, shop: Project) -> None:
    written = amigrate.json(
        "revision", "-m", "billing", "--head", "base", "--branch-label", "billing"
    )
    amigrate.ok("revision", "-m", "invoices", "--head", "billing@head", "--rev-id", "i1")

    assert written["down_revision"] == []
    assert amigrate.json("show", "billing@head")["revisions"][0]["revision"] == "i1"


def test_a_revision_follows_an_older_one_only_with_splice(
    amigrate: Terminal, shop: Project
) -> None:
    refused = amigrate("revision", "-m", "side", "--head", "a1")
    written = amigrate.json("revision", "-m", "side", "--head", "a1", "--splice")

    assert refused.code == 2
    assert "--splice" in refused.err
    assert written["down_revision"] == ["a1"]


def test_a_merge_may_join_what_is_no_head_with_splice(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("revision", "-m", "side", "--head", "a1", "--splice", "--rev-id", "s1")
    amigrate.ok("revision", "-m", "end", "--head", "s1", "--rev-id", "s2")

    refused = amigrate("merge", "s1", "b2")
    written = amigrate.json("merge", "s1", "b2", "--splice")

    assert refused.code == 2
    assert "--splice" in refused.err
    assert written["down_revision"] == ["s1", "b2"]


def test_a_revision_depends_on_another_branch(amigrate: Terminal, shop: Project) -> None:
    amigrate.ok("revision", "--head", "base", "--rev-id", "d1", "--depends-on", "b2")

    found = amigrate.json("upgrade", "d1")

    assert [each["revision"] for each in found["steps"]] == ["a1", "b2", "d1"]


def test_head_only_moves_the_stamp_and_nothing_else(amigrate: Terminal, shop: Project) -> None:
    written = amigrate.json("revision", "--head-only", "-m", "released", "--rev-id", "v1")
    found = amigrate.json("upgrade")

    assert written["revision"] == "v1"
    assert found["after"] == ["v1"]


def test_several_targets_are_reached_in_one_run(amigrate: Terminal, branched: Project) -> None:
    assert amigrate.json("upgrade", "s2", "b1")["after"] == ["b1", "s2"]


def test_a_stamp_may_name_several(amigrate: Terminal, branched: Project) -> None:
    assert amigrate.json("stamp", "s2", "b1")["after"] == ["b1", "s2"]


@pytest.mark.parametrize(
    ("target", "ids"),
    [("shop@head", ["s2"]), ("s1+1", ["s2"]), ("blog", ["b1"]), ("s2-1", ["s1"])],
)
def test_show_understands_every_kind_of_target(
    amigrate: Terminal, branched: Project, target: str, ids: list[str]
) -> None:
    found = amigrate.json("show", target)

    assert [each["revision"] for each in found["revisions"]] == ids


def test_heads_leaves_out_what_others_depend_on_when_asked(
    amigrate: Terminal, branched: Project
) -> None:
    branched.revision("x1", "b1", depends_on="s2")

    every = amigrate.json("heads")["revisions"]
    real = amigrate.json("heads", "--resolve-dependencies")["revisions"]

    assert sorted(each["revision"] for each in every) == ["s2", "x1"]
    assert [each["revision"] for each in real] == ["x1"]
