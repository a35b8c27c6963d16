"""The planner beside Alembic's, on the same random histories, step by step.

Where the two may differ there is a function below whose docstring says why; everything else
must be equal: which revisions, in which order, and the rows of the version table after each.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from alembic.runtime.migration import HeadMaintainer, MigrationStep
from alembic.script import ScriptDirectory
from alembic.script.revision import MultipleHeads, RangeNotAncestorError, RevisionError, RevisionMap
from alembic.script.revision import Revision as AlembicRevision
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from asyncmigrate.errors import MigrateError
from asyncmigrate.history import plan as planning
from asyncmigrate.history.graph import RevisionGraph
from asyncmigrate.history.order import newest_first
from tests.laws.graphs import as_text, histories, states, targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from asyncmigrate.history.revision import Heads, Plan, Revision

law = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


# --- Alembic's side ---


def alembic_map(history: RevisionGraph) -> RevisionMap:
    return RevisionMap(lambda: [_alembic_revision(revision) for revision in history.values()])


def _alembic_revision(revision: Revision) -> AlembicRevision:
    made = AlembicRevision(
        revision.id, revision.parents or None, revision.requires or None, revision.labels or None
    )
    vars(made).update(module=SimpleNamespace(upgrade=None, downgrade=None), doc="")
    return made


class Rows(HeadMaintainer):
    """Alembic's bookkeeping of the version table, without a table."""

    def __init__(self, heads: Iterable[str]) -> None:
        self.heads = set(heads)

    def _insert_version(self, version: str) -> None:
        self.heads.add(version)

    def _delete_version(self, version: str) -> None:
        self.heads.remove(version)

    def _update_version(self, from_: str, to_: str) -> None:
        self.heads.remove(from_)
        self.heads.add(to_)


def alembic_upgrade(map_: RevisionMap, heads: Heads, target: str) -> list[Any]:
    found = map_.iterate_revisions(target, tuple(sorted(heads)), implicit_base=True)
    return [MigrationStep.upgrade_from_script(map_, each) for each in reversed(list(found))]


def alembic_downgrade(map_: RevisionMap, heads: Heads, target: str) -> list[Any]:
    found = map_.iterate_revisions(tuple(sorted(heads)), target, select_for_downgrade=True)
    return [MigrationStep.downgrade_from_script(map_, each) for each in found]


def rows_after_each(heads: Heads, steps: Iterable[Any]) -> Iterator[Heads]:
    """Alembic's rows after each step, for as long as it can keep them."""
    rows = Rows(heads)
    with contextlib.suppress(KeyError, AssertionError, IndexError):
        for step in steps:
            rows.update_to_step(step)
            yield frozenset(rows.heads)


def _rows(plan: Plan) -> list[Heads]:
    return [step.after for step in plan.steps]


def without_dependencies(history: RevisionGraph) -> RevisionGraph:
    return RevisionGraph(replace(revision, requires=()) for revision in history.values())


def alembic_stamp(map_: RevisionMap, heads: Heads, target: str) -> list[str]:
    directory = SimpleNamespace(
        get_revisions=map_.get_revisions,
        revision_map=map_,
        _catch_revision_errors=lambda **_: contextlib.nullcontext(),
    )
    rows = Rows(heads)
    for step in ScriptDirectory._stamp_revs(directory, target, tuple(sorted(heads))):
        rows.update_to_step(step)
    return sorted(rows.heads)


def script_directory(folder: Path, history: RevisionGraph) -> ScriptDirectory:
    (folder / "versions").mkdir()
    for revision in history.values():
        (folder / "versions" / revision.file).write_text(
            f"revision = {revision.id!r}\n"
            f"down_revision = {revision.parents or None!r}\n"
            f"depends_on = {revision.requires or None!r}\n"
            f"branch_labels = {revision.labels or None!r}\n"
            "def upgrade(): pass\n"
            "def downgrade(): pass\n"
        )
    return ScriptDirectory(folder)


def range_starts(history: RevisionGraph) -> st.SearchStrategy[str]:
    names = st.sampled_from([*history, *history.label_owners])
    return st.one_of(
        st.just(""),
        st.just("base"),
        names,
        names,
        names.map("{}@base".format),
        st.sampled_from(["-1", "-2", "-30"]),
    )


def range_ends(history: RevisionGraph) -> st.SearchStrategy[str]:
    names = st.sampled_from([*history, *history.label_owners])
    return st.one_of(
        st.just(""),
        st.just("heads"),
        names,
        names.map("{}@head".format),
        names.map("{}@heads".format),
        names.map("{}-1".format),
        names.map("{}+1".format),
        st.just("+1"),
    )


def stamp_targets(history: RevisionGraph) -> st.SearchStrategy[str]:
    names = st.sampled_from([*history, *history.label_owners])
    return st.one_of(
        st.sampled_from(["head", "heads", "base"]),
        names,
        names,
        names.map("{}@head".format),
        names.map("{}@base".format),
    )


# --- both sides of one question ---


@dataclass(frozen=True)
class Case:
    """One question and both answers: a list of ids, or an error."""

    history: RevisionGraph
    current: Heads
    target: str
    ours: list[str] | MigrateError
    theirs: list[str] | Exception

    @property
    def branch(self) -> str:
        return self.target.rpartition("@")[0]

    @property
    def place(self) -> str:
        return re.sub(r"[+-]\d+$", "", self.target.rpartition("@")[2])

    @property
    def steps(self) -> int:
        counted = re.search(r"[+-]\d+$", self.target)
        return int(counted[0]) if counted else 0

    def they_refuse(self, *kinds: type[Exception], saying: str = "") -> bool:
        return (
            isinstance(self.ours, list)
            and isinstance(self.theirs, kinds)
            and saying in str(self.theirs)
        )

    def we_refuse(self, *, saying: str) -> bool:
        return (
            isinstance(self.theirs, list)
            and isinstance(self.ours, MigrateError)
            and saying in self.ours.message
        )

    def agrees(self) -> bool:
        if isinstance(self.ours, list) and isinstance(self.theirs, list):
            return self.ours == self.theirs
        return isinstance(self.ours, Exception) and isinstance(self.theirs, Exception)


def answer(call: Callable[[], list[str]], *errors: type[Exception]) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "downgrade -1 from multiple heads is ambiguous"
            return call()
    except errors as error:
        return error


def ask(
    history: RevisionGraph,
    current: Heads,
    target: str,
    *,
    ours: Callable[[], Iterable[str]],
    theirs: Callable[[], Iterable[str]],
) -> Case:
    case = Case(
        history,
        current,
        target,
        answer(lambda: list(ours()), MigrateError),
        answer(lambda: list(theirs()), RevisionError, AssertionError),
    )
    note(f"{as_text(history)} | rows {sorted(current)} | {target}")
    note(f"ours {case.ours!r}")
    note(f"theirs {case.theirs!r}")
    return case


def ids(plan: Plan) -> list[str]:
    return [step.revision.id for step in plan.steps if step.revision]


# --- where the two may differ ---


def order_is_undetermined(case: Case) -> bool:
    """Alembic keeps several dependencies of one revision in a set, whose order is no order."""
    return (
        isinstance(case.ours, list)
        and isinstance(case.theirs, list)
        and set(case.ours) == set(case.theirs)
        and len(case.ours) == len(case.theirs)
        and any(len(requires) > 1 for requires in case.history.requirements.values())
    )


def counting_down_to_base(case: Case) -> bool:
    """An upgrade to `first-1` is an upgrade to base, nothing to do; Alembic asserts."""
    return case.ours == [] and case.steps < 0 and case.they_refuse(AssertionError)


def the_branch_decides_at_a_merge(case: Case) -> bool:
    """`label@merge-1` has one meaning when one parent is on the branch; Alembic finds none."""
    return bool(case.branch) and case.steps < 0 and case.they_refuse(RevisionError, saying="walk")


def the_branch_is_forgotten(case: Case) -> bool:
    """Alembic looks up the place of `label@head+1`, or of a downgrade, without the label."""
    return bool(case.branch) and (
        case.they_refuse(MultipleHeads)
        or case.they_refuse(RevisionError, saying="Multiple revisions start")
    )


def the_place_is_not_on_the_branch(case: Case) -> bool:
    """Alembic forgets to check that the revision of `label@revision` is on the branch."""
    return bool(case.branch) and case.we_refuse(saying="not on the branch")


def heads_of_a_branch_overlap(case: Case) -> bool:
    """`label@heads` may name a head that another one depends on; Alembic says they overlap."""
    return case.target.endswith("@heads") and case.they_refuse(RevisionError, saying="overlaps")


def counting_down_from_base(case: Case) -> bool:
    """There is nothing below base; Alembic starts again at the head."""
    return case.place == "base" and case.steps < 0 and case.we_refuse(saying="goes too far")


def several_rows_to_count_from(case: Case) -> bool:
    """Alembic warns and takes the row that happens to come first."""
    return case.place == "" and len(case.current) > 1 and case.we_refuse(saying="counts from")


def the_target_is_above_the_label(case: Case) -> bool:
    """Alembic looks for what to undo only below the revision that declares the label."""
    return bool(case.branch) and case.they_refuse(RevisionError, saying="Not a valid downgrade")


def the_target_stands_without_a_row(case: Case) -> bool:
    """The newest of its branch, kept by a dependency: nothing to undo, not an error."""
    return case.ours == [] and case.they_refuse(RangeNotAncestorError)


UPGRADE = (
    order_is_undetermined,
    counting_down_to_base,
    the_branch_decides_at_a_merge,
    the_branch_is_forgotten,
    the_place_is_not_on_the_branch,
    heads_of_a_branch_overlap,
    counting_down_from_base,
)
DOWNGRADE = (
    order_is_undetermined,
    the_branch_decides_at_a_merge,
    the_branch_is_forgotten,
    the_place_is_not_on_the_branch,
    counting_down_from_base,
    several_rows_to_count_from,
    the_target_is_above_the_label,
    the_target_stands_without_a_row,
)


def a_path_leaves_the_branch(case: Case) -> bool:
    """`history -r x:` where a later one reaches x through a dependency too: Alembic asserts."""
    return case.they_refuse(AssertionError)


def the_branch_alone_is_listed(case: Case) -> bool:
    """`label@base:` is documented as what a downgrade of the branch would show.

    Alembic 1.20 lists what other branches gave to it too, and nothing at all for a branch
    whose head is only needed by another one.
    """
    return "@base:" in case.target and isinstance(case.theirs, list)


def counting_back_from_the_end(case: Case) -> bool:
    """`-N:end` counts from the end of the range; Alembic from the heads of the history.

    It also cannot stop at the first revision, and overlaps its own starts.
    """
    return case.target.startswith("-")


RANGE = (
    order_is_undetermined,
    a_path_leaves_the_branch,
    the_branch_alone_is_listed,
    counting_back_from_the_end,
    heads_of_a_branch_overlap,
)


def rows_of_other_targets_stay(case: Case) -> bool:
    """With several rows or targets Alembic takes rows away that have nothing to do with a target.

    `stamp b c` at a head of each used to lose one of them.
    """
    return (
        isinstance(case.ours, list)
        and isinstance(case.theirs, list)
        and set(case.theirs) < set(case.ours)
        and set(case.ours) - set(case.theirs) <= case.current
    )


STAMP = (rows_of_other_targets_stay,)


# --- the laws ---


@law
@given(st.data())
def test_an_upgrade_runs_what_alembic_runs_in_the_same_order(data: st.DataObject) -> None:
    history = data.draw(histories())
    current, target = data.draw(states(history)), data.draw(targets(history))
    map_ = alembic_map(history)

    case = ask(
        history,
        current,
        target,
        ours=lambda: ids(planning.upgrade(history, current, [target])),
        theirs=lambda: [step.revision.revision for step in alembic_upgrade(map_, current, target)],
    )

    assert case.agrees() or any(excuse(case) for excuse in UPGRADE)


@law
@given(st.data())
def test_a_downgrade_undoes_what_alembic_undoes_in_the_same_order(data: st.DataObject) -> None:
    history = data.draw(histories())
    current, target = data.draw(states(history)), data.draw(targets(history))
    map_ = alembic_map(history)

    case = ask(
        history,
        current,
        target,
        ours=lambda: ids(planning.downgrade(history, current, target)),
        theirs=lambda: [
            step.revision.revision for step in alembic_downgrade(map_, current, target)
        ],
    )

    assert case.agrees() or any(excuse(case) for excuse in DOWNGRADE)


@law
@given(st.data())
def test_the_whole_history_is_listed_in_alembics_order(data: st.DataObject) -> None:
    history = data.draw(histories())
    map_ = alembic_map(history)

    case = ask(
        history,
        frozenset(),
        "heads",
        ours=lambda: newest_first(history, set(history)),
        theirs=lambda: [each.revision for each in map_.iterate_revisions("heads", "base")],
    )

    assert case.agrees() or order_is_undetermined(case)


@law
@given(st.data())
def test_the_rows_after_each_step_are_alembics(data: st.DataObject) -> None:
    """Alembic may keep a row that another row implies, and then loses count: compared to there."""
    history = data.draw(histories())
    current = data.draw(states(history))
    map_ = alembic_map(history)
    assume(not any(len(requires) > 1 for requires in history.requirements.values()))

    up = planning.upgrade(history, current, ["heads"])
    down = planning.downgrade(history, current, "base")
    theirs_up = list(rows_after_each(current, alembic_upgrade(map_, current, "heads")))
    theirs_down = list(rows_after_each(current, alembic_downgrade(map_, current, "base")))

    note(as_text(history))
    assert _rows(up)[: len(theirs_up)] == [history.tips(each) for each in theirs_up]
    assert _rows(down)[: len(theirs_down)] == [history.tips(each) for each in theirs_down]


@law
@given(st.data())
def test_the_rows_without_dependencies_are_alembics_to_the_last_step(data: st.DataObject) -> None:
    """All but one thing: a merge of a revision with its own ancestor gives that ancestor a row."""
    history = data.draw(histories().map(without_dependencies))
    current = data.draw(states(history))
    map_ = alembic_map(history)

    up = planning.upgrade(history, current, ["heads"])
    down = planning.downgrade(history, up.after, "base")
    theirs_up = list(rows_after_each(current, alembic_upgrade(map_, current, "heads")))
    theirs_down = list(rows_after_each(up.after, alembic_downgrade(map_, up.after, "base")))

    note(as_text(history))
    assert _rows(up) == [history.tips(each) for each in theirs_up]
    assert _rows(down) == [history.tips(each) for each in theirs_down]


@law
@given(st.data())
def test_rows_are_always_the_tips_of_what_is_applied(data: st.DataObject) -> None:
    history = data.draw(histories())
    current = data.draw(states(history))
    up = planning.upgrade(history, current, [data.draw(st.sampled_from(list(history)))])
    down = planning.downgrade(history, up.after, "base")
    applied = history.ancestors(current)

    for step in (*up.steps, *down.steps):
        applied ^= {step.revision.id}
        assert step.after == {id for id in applied if not applied & set(history.children(id))}
    assert not applied


@law
@given(st.data())
def test_upgrading_to_heads_runs_exactly_what_is_pending_and_then_nothing(
    data: st.DataObject,
) -> None:
    history = data.draw(histories())
    current = data.draw(states(history))

    plan = planning.upgrade(history, current, ["heads"])

    assert ids(plan) == [revision.id for revision in planning.pending(history, current)]
    assert plan.after == set(history.real_heads)
    assert planning.pending(history, plan.after) == ()
    assert {*ids(plan), *history.ancestors(current)} == set(history)


@law
@given(st.data())
def test_what_is_current_with_what_dependencies_imply_is_alembics(data: st.DataObject) -> None:
    history = data.draw(histories())
    current = data.draw(states(history))

    ours = {revision.id for revision in planning.all_current(history, current)}

    theirs = alembic_map(history)._get_all_current(tuple(current))
    assert ours == {revision.revision for revision in theirs}


@law
@given(histories())
def test_heads_bases_and_points_are_alembics(history: RevisionGraph) -> None:
    map_ = alembic_map(history)

    assert (history.heads, history.real_heads) == (map_.heads, map_._real_heads)
    assert history.bases == map_.bases
    for id in history:
        theirs = map_.get_revision(id)
        assert set(history.next(id)) == theirs.nextrev
        assert set(history.children(id)) == theirs._all_nextrev
        assert history.is_head(id) == theirs.is_head
        assert history.is_real_head(id) == theirs._is_real_head
        assert history.is_base(id) == theirs.is_base
        assert history.is_branch_point(id) == theirs.is_branch_point
        assert history.is_merge_point(id) == theirs.is_merge_point
        # Alembic walks down from whichever descendant it saw last, so it may stop too early.
        assert set(history.labels(id)) >= theirs.branch_labels


@law
@given(st.data())
def test_a_range_lists_what_alembic_lists(data: st.DataObject) -> None:
    history = data.draw(histories())
    start, end = data.draw(range_starts(history)), data.draw(range_ends(history))
    map_ = alembic_map(history)

    case = ask(
        history,
        frozenset(),
        f"{start}:{end}",
        ours=lambda: [revision.id for revision in planning.history(history, start, end)],
        theirs=lambda: [
            each.revision
            for each in map_.iterate_revisions(
                end or "heads", start or "base", inclusive=True, assert_relative_length=False
            )
        ],
    )

    assert case.agrees() or any(excuse(case) for excuse in RANGE)


@law
@given(st.data())
def test_a_stamp_leaves_the_rows_that_alembic_leaves(data: st.DataObject) -> None:
    history = data.draw(histories())
    current, target = data.draw(states(history)), data.draw(stamp_targets(history))
    map_ = alembic_map(history)

    case = ask(
        history,
        current,
        target,
        ours=lambda: sorted(planning.stamp(history, current, [target]).after),
        theirs=lambda: alembic_stamp(map_, current, target),
    )

    assert case.agrees() or any(excuse(case) for excuse in STAMP)


@settings(law, max_examples=15)
@given(st.data())
def test_script_directory_plans_the_same_on_real_files(
    tmp_path_factory: Any, data: st.DataObject
) -> None:
    history = data.draw(histories(most=12))
    directory = script_directory(tmp_path_factory.mktemp("scripts"), history)
    current, target = data.draw(states(history)), data.draw(st.sampled_from(list(history)))

    case = ask(
        history,
        current,
        target,
        ours=lambda: ids(planning.upgrade(history, current, [target])),
        theirs=lambda: [
            step.revision.revision
            for step in directory._upgrade_revs(target, tuple(sorted(current)))
        ],
    )
    back = ask(
        history,
        current,
        "base",
        ours=lambda: ids(planning.downgrade(history, current, "base")),
        theirs=lambda: [
            step.revision.revision
            for step in directory._downgrade_revs("base", tuple(sorted(current)))
        ],
    )

    assert case.agrees() or order_is_undetermined(case)
    assert back.agrees() or order_is_undetermined(back)
