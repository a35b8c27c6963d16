"""From two sides to an answer (`check`) or a script (`revision --autogenerate`).

The database is read once. Everything after that is values, so a person can be asked as often as
need be while no connection is open.
"""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from asyncmigrate.errors import (
    ConfigError,
    MetadataError,
    MigrateError,
    MissingValueError,
    RenameQuestionError,
    UnsupportedOperationError,
    UnwantedDropError,
    UsageError,
)
from asyncmigrate.migrator.answers import Answers, CheckResult, Explanation
from asyncmigrate.schema.compare import Comparison, Decisions, Sides, compare
from asyncmigrate.schema.describe import Difference, differences_of, explained, fields_of
from asyncmigrate.schema.draft import Draft
from asyncmigrate.schema.fold import fold
from asyncmigrate.schema.guard import suspicious_drops
from asyncmigrate.schema.kinds import kind_of
from asyncmigrate.schema.kinds.base import Around
from asyncmigrate.schema.needs import NeedsAnswerError
from asyncmigrate.schema.operations import Alter, Create, Drop, Execute, Rename
from asyncmigrate.schema.order import order
from asyncmigrate.schema.undoing import undone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import sqlalchemy as sa

    from asyncmigrate.render.script import Line
    from asyncmigrate.schema.call import Call
    from asyncmigrate.schema.needs import NeedsValue
    from asyncmigrate.schema.operations import Change, Operation
    from asyncmigrate.schema.renames import Question
    from asyncmigrate.schema.snapshot import Key


def explanation(comparison: Comparison, path: str) -> Explanation:
    """Return both sides of the object with this path; of several, the table before its parts.

    Raises:
        UsageError: neither side has such an object.
    """
    found = {**comparison.live, **comparison.declared}
    keys = [key for key in found if path in (key.path, f"{key.kind} {key.path}")]
    if not keys:
        near = get_close_matches(path, [key.path for key in found], 3)
        raise UsageError(
            f"--explain {path}: neither the database nor the models have it.",
            next=f"Did you mean {' or '.join(near)}?" if near else "Write it as `table.column`.",
        )
    key = min(keys, key=lambda each: each.kind != "table")
    before, after = comparison.live.get(key), comparison.declared.get(key)
    return Explanation(
        kind_of(key.kind).title,
        key.path,
        None if before is None else fields_of(before),
        None if after is None else fields_of(after),
        tuple(explained(before, after)),
    )


def decided(
    sides: Sides, answers: Answers, takes: Callable[[Change], bool] | None = None
) -> Comparison:
    """Compare, and have every question about renames answered.

    Raises:
        RenameQuestionError: there is a question and nobody to answer it.
        UsageError: an answer names something that does not exist.
    """
    decisions = Decisions(answers.renames, no_renames=answers.no_renames)
    while True:
        try:
            comparison = compare(sides, decisions, takes)
        except ValueError as error:
            raise UsageError(
                f"--rename: {error}.", next="Write it as --rename users.name=users.full_name."
            ) from None
        if not comparison.questions:
            return comparison
        if answers.ask_rename is None:
            raise _unanswered(comparison.questions)
        question = comparison.questions[0]
        answer = answers.ask_rename(question)
        old = question.before.key.path
        decisions = (
            decisions.and_not_renamed(old) if answer is None else decisions.and_renamed(old, answer)
        )


def _unanswered(questions: Sequence[Question]) -> RenameQuestionError:
    candidates = {q.before.key.path: [each.key.path for each in q.candidates] for q in questions}
    first, names = next(iter(candidates.items()))
    return RenameQuestionError(
        f"Renamed, or dropped and created? {' '.join(str(each) for each in questions)}",
        questions=candidates,
        next=f"Say it: --rename {first}={names[0]}, or --no-renames if nothing was renamed "
        '(in a model: info={"was": "old name"}).',
    )


def guarded(comparison: Comparison, answers: Answers, sources: Sequence[str]) -> None:
    """Refuse a comparison that looks as if the models had not been imported.

    Raises:
        UnwantedDropError: most of the database's tables would go, and nobody said so.
        MetadataError: there is nothing to compare at all.
    """
    declared = any(key.kind == "table" for key in comparison.declared)
    _refuse_empty_tables(comparison)
    drops = suspicious_drops(comparison.changes, comparison.live, comparison.declared)
    if drops and not answers.allow_drop:
        tables = [key.path for key in drops]
        count = sum(key.kind == "table" for key in comparison.declared)
        raise UnwantedDropError(
            f"The models declare {count} table{'' if count == 1 else 's'}, and "
            f"{len(tables)} that the database has would be dropped: {', '.join(tables)}. "
            f"Were your models imported? Looked in: {', '.join(sources) or 'no module'}.",
            tables=tables,
            next="Name every module that defines models in the setting `metadata` (or import them "
            "there); say --allow-drop if the tables shall go.",
        )
    if not declared and not comparison.changes and not comparison.live:
        raise MetadataError(
            f"The models declare no table. Looked in: {', '.join(sources) or 'no module'}.",
            next="Set `metadata` to your models, for example `app.models:Base`.",
        )


def _refuse_empty_tables(comparison: Comparison) -> None:
    name = comparison.forms.dialect.name
    for each in comparison.changes if name != "postgresql" else ():
        element = getattr(each.obj, "element", None) if isinstance(each, Create) else None
        if each.key.kind == "table" and element is not None and not element.columns:
            raise MetadataError(
                f"The table {each.key.path} has no column, which {name} does not allow.",
                next="Give it a column, or leave it out of the metadata.",
            )


def loaded_beside(paths: Iterable[str]) -> list[str]:
    """Return the modules that are loaded from the packages of `package.module:attribute` paths."""
    packages = {path.partition(":")[0].partition(".")[0] for path in paths}
    return sorted(name for name in sys.modules if name.partition(".")[0] in packages)


def calls_of(
    comparison: Comparison, operations: Sequence[Operation], answers: Answers
) -> tuple[list[Call], list[Call]]:
    """Return the calls of `upgrade()` and `downgrade()`; values for rows are asked for.

    Raises:
        MissingValueError: a column needs a value for the rows that exist, and none is known.
        UnsupportedOperationError: no directive can make such a change.
        UsageError: `backfill` names a column that does not exist.
    """
    live, declared, forms = comparison.live, comparison.declared, comparison.forms
    up, down = Around[Any](live, declared, forms), Around[Any](declared, live, forms)
    fills = _fills(comparison, answers)
    while True:
        try:
            upgrades = fold(operations, up, fills=fills)
            break
        except NeedsAnswerError as needs:
            fills |= _asked(needs, answers)
    back = order(undone(operations), declared, forms)
    try:
        return upgrades, fold(back, down)
    except NeedsAnswerError as needs:
        raise _impossible(needs) from None


def _fills(comparison: Comparison, answers: Answers) -> dict[Key, str]:
    if not answers.backfill:
        return {}
    columns = {key.path: key for key in comparison.declared if key.kind == "column"}
    changed = {each.key for each in comparison.changes if not isinstance(each, Drop)}
    for path in answers.backfill:
        if path not in columns:
            raise UsageError(
                f"--backfill {path}: the models have no such column.",
                next="Write it as --backfill users.email=\"''\".",
            )
        if columns[path] not in changed:
            raise UsageError(
                f"--backfill {path}: this column does not change, its rows need no value.",
                next="Leave it out.",
            )
    return {columns[path]: sql for path, sql in answers.backfill.items()}


def _asked(needs: NeedsAnswerError, answers: Answers) -> dict[Key, str]:
    if needs.hands:
        raise _impossible(needs) from None
    found: dict[Key, str] = {}
    for each in needs.values:
        answer = answers.ask_value(each) if answers.ask_value is not None else None
        if answer is not None:
            found[each.key] = answer
    missing = [each for each in needs.values if each.key not in found]
    if missing:
        raise _no_value(missing) from None
    return found


def _no_value(missing: Sequence[NeedsValue]) -> MissingValueError:
    columns = [f"{each.key.path} ({each.type})" for each in missing]
    return MissingValueError(
        f"NOT NULL, and no default for the rows that exist: {', '.join(columns)}.",
        columns=[each.key.path for each in missing],
        next=f"Say what they shall hold, as SQL: --backfill {missing[0].key.path}=\"''\"; or give "
        "the column a server_default or a default, or make it nullable.",
    )


def _impossible(needs: NeedsAnswerError) -> UnsupportedOperationError:
    return UnsupportedOperationError(
        " ".join(each.reason for each in needs.hands),
        next="Write this change by hand: amigrate revision -m ...",
    )


def ordered(comparison: Comparison, extra: Iterable[Operation] = ()) -> list[Operation]:
    """Return the changes of a comparison in an order in which a database can make them."""
    return order([*comparison.changes, *extra], comparison.live, comparison.forms)


def described(operations: Iterable[Operation]) -> tuple[Difference, ...]:
    """Describe operations; SQL that a hook has put in is not a difference."""
    return differences_of([each for each in operations if not isinstance(each, Execute)])


def checked(
    name: str, comparison: Comparison, answers: Answers, metadata: sa.MetaData | None
) -> CheckResult:
    """Return what differs, with the statements that would end it.

    Raises:
        UsageError: `backfill` names a column that does not exist.
    """
    fills = _fills(comparison, answers)
    if not comparison.changes:
        return CheckResult(name, (), comparison.not_compared)
    from asyncmigrate.scripts.making import sql_of  # what makes SQL is much to import for nothing

    operations = ordered(comparison)
    around = Around[Any](comparison.live, comparison.declared, comparison.forms)
    try:
        sql = sql_of(
            fold(operations, around, fills=fills),
            comparison.forms.dialect,
            structure=comparison.structure,
            metadata=metadata,
        )
    except NeedsAnswerError as needs:
        said = f'. Say it: --backfill {needs.values[0].key.path}="…"' if needs.values else ""
        sql = _comment(f"{needs}{said}")
    except MigrateError as error:
        sql = _comment(str(error))
    return CheckResult(name, differences_of(comparison.changes), comparison.not_compared, sql)


def _comment(reason: str) -> str:
    return f"-- Not all of it can be written: {' '.join(reason.split())}\n"


def usable(directives: Sequence[Any]) -> Any:
    """Return what a hook has left, if it is what a hook may leave; None if it left nothing.

    Raises:
        ConfigError: it is something else.
    """
    strangers = [each for each in directives[:1] if not isinstance(each, Draft)] or [
        each
        for draft in directives[:1]
        for each in draft.operations
        if not isinstance(each, Create | Drop | Alter | Rename | Execute)
    ]
    if strangers or len(directives) > 1:
        left = f"{type(strangers[0]).__name__} {strangers[0]!r}" if strangers else "several drafts"
        raise ConfigError(
            f"process_revision_directives of env.py left {left}.",
            next="Leave one Draft with operations (asyncmigrate.schema.operations), or an empty "
            "list.",
        )
    return directives[0] if directives else None


def in_words(
    calls: Sequence[Call], comparison: Comparison, *, alembics: bool, undoes: bool = False
) -> Sequence[Line]:
    """Return calls as Alembic has them, if they are to be Alembic's."""
    if not alembics:
        return calls
    from asyncmigrate.scripts.alembic_calls import for_alembic

    dialect = comparison.forms.dialect

    def sql(call: Call) -> str:
        from asyncmigrate.scripts.making import statements_of

        return statements_of(call, dialect, comparison.structure)

    return for_alembic(calls, sql, undoes=undoes)
