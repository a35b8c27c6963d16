"""Plug-ins of Alembic's and hooks of env.py, between a comparison and its script.

What plug-ins compare needs a connection, and our operations to look at: where a project has any,
the database is visited once more after the comparison, in a transaction that is rolled back.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmigrate.errors import ConfigError, MigrateError, UnsupportedOperationError
from asyncmigrate.events import Noted
from asyncmigrate.migrator import autogenerate
from asyncmigrate.schema.describe import Difference
from asyncmigrate.schema.operations import Alter, Drop
from asyncmigrate.scripts.declared_hooks import guarded
from asyncmigrate.scripts.environment import imports_of_env
from asyncmigrate.scripts.surroundings import surrounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import sqlalchemy as sa

    from asyncmigrate.config import Config
    from asyncmigrate.migrator.answers import Answers, CheckResult
    from asyncmigrate.migrator.commands import Commands
    from asyncmigrate.migrator.directive import Directive, Plugged
    from asyncmigrate.migrator.reading import Compared
    from asyncmigrate.render.script import Line, ScriptBodies
    from asyncmigrate.schema.compare import Comparison
    from asyncmigrate.schema.operations import Operation
    from asyncmigrate.scripts.authoring import RevisionRequest

    Lines = tuple[Sequence[Line], Sequence[Line]]


def home_of(migrator: Commands) -> str:
    """Return whose plug-ins count; empty if the project's env.py has imported none."""
    import sys

    migrator.declared()
    if "asyncmigrate.alembic.autogenerate.compare" not in sys.modules:
        return ""  # nothing can have been registered
    from asyncmigrate.alembic.autogenerate.plugged import is_plugged

    scope = imports_of_env(migrator.config.script_folder)
    if not is_plugged(scope.name):
        return ""
    if scope.torn:
        said = ", ".join(sorted(scope.torn))
        migrator.observer(
            Noted(
                f"not compared: what {said} hands to a plug-in of Alembic's, because models are "
                "declared there; put it into a module of its own"
            )
        )
    return scope.name


def left_to_plug_ins(comparison: Comparison, home: str) -> Comparison:
    """Return a comparison without what a plug-in of the project's compares itself.

    These are the ENUM types, if it has anything to do with them; and views that no model declares.
    """
    from asyncmigrate.alembic.autogenerate.plugged import covers, leaves_enums

    no_enums, no_values = leaves_enums(home)
    kept = tuple(
        each
        for each in comparison.changes
        if not (each.key.kind == "enum" and (no_enums or (no_values and isinstance(each, Alter))))
        and not (each.key.kind == "view" and isinstance(each, Drop))
    )
    left_out = tuple(each for each in comparison.not_compared if not covers(home, each))
    return replace(comparison, changes=kept, not_compared=left_out)


async def plugged(place: Commands, comparison: Comparison, answers: Answers, home: str) -> Plugged:
    """Call the comparators of plug-ins. Reads only, if they do.

    Raises:
        ConfigError: one of them failed.
    """
    from asyncmigrate.alembic.autogenerate.drafting import operations_of
    from asyncmigrate.migrator.directive import Plugged

    ours = tuple(autogenerate.ordered(comparison))
    up, down = _as_far_as_known(comparison, ours, answers)
    metadata = _models(place)
    given = operations_of(up, down, models=metadata)
    graph = await place.read_graph()
    async with place.open_database() as database:
        with surrounded(place.surroundings(graph, ())):
            context, made = await database.run(
                _compare, metadata, _options(place), home, given, joined=database.joined
            )
    return Plugged(context, ours, tuple(down), made)


def _models(migrator: Commands) -> Any:
    found = migrator.metadatas()
    return found[0] if len(found) == 1 else list(found)


def _as_far_as_known(comparison: Comparison, ours: Sequence[Operation], answers: Answers) -> Lines:
    """Return our lines; none if something is missing, which is said when they are written."""
    try:
        return _lines(comparison, ours, answers, alembics=True)
    except MigrateError:
        return (), ()


def _options(migrator: Commands) -> dict[str, Any]:
    declared, settings = guarded(migrator.declared()), migrator.config.settings
    return {
        "include_object": declared.include_object,
        "include_name": declared.include_name,
        "include_schemas": bool(declared.include_schemas),
        "render_item": declared.render_item,
        "user_module_prefix": declared.user_module_prefix,
        "compare_type": True if declared.compare_type is None else declared.compare_type,
        "compare_server_default": declared.compare_server_default,
        "render_as_batch": settings.render_as_batch,
        "version_table": settings.version_table,
        "version_table_schema": settings.version_table_schema,
    }


def _compare(
    connection: sa.Connection,
    metadata: Any,
    options: dict[str, Any],
    home: str,
    ours: Sequence[Any],
    *,
    joined: bool,
) -> tuple[Any, list[Any]]:
    from asyncmigrate.alembic.autogenerate.api import AutogenContext
    from asyncmigrate.alembic.autogenerate.plugged import run_comparators
    from asyncmigrate.alembic.runtime.migration import MigrationContext

    options = {**options, "target_metadata": metadata}
    context = AutogenContext(
        MigrationContext.configure(connection, opts=options), opts=options, home=home
    )
    outer = connection.begin_nested() if joined else connection.begin()
    try:
        return context, run_comparators(context, ours).ops
    except MigrateError:
        raise
    except Exception as error:
        from asyncmigrate.scripts.declared_hooks import place_of

        raise ConfigError(
            f"A comparator of a plug-in failed: {type(error).__name__}: {error} "
            f"(at {place_of(error)}).",
            next="Mend it, or take its import out of env.py.",
        ) from error
    finally:
        if outer.is_active:
            outer.rollback()
        context.__dict__.pop("inspector", None)  # it keeps the connection


def _lines(
    comparison: Comparison,
    operations: Sequence[Operation],
    answers: Answers,
    *,
    alembics: bool,
) -> Lines:
    up, down = autogenerate.calls_of(comparison, operations, answers)
    return (
        autogenerate.in_words(up, comparison, alembics=alembics),
        autogenerate.in_words(down, comparison, alembics=alembics, undoes=True),
    )


def drafted(
    migrator: Commands, found: Compared, answers: Answers, message: str
) -> Directive | None:
    """Return the revision as the project's hook leaves it; None if it leaves none."""
    from asyncmigrate.alembic.autogenerate.api import AutogenContext
    from asyncmigrate.alembic.runtime.migration import MigrationContext
    from asyncmigrate.migrator.directive import Directive, HookContext

    comparison, declared = found.comparison, guarded(migrator.declared())
    dialect = comparison.forms.dialect
    if found.plugged is not None:
        context = found.plugged.context
    else:
        options = {**_options(migrator), "target_metadata": _models(migrator)}
        made = MigrationContext.configure(dialect=dialect, opts=options)
        context = AutogenContext(made, opts=options, home=_home(migrator))

    def write(operations: Sequence[Operation], alembics: bool) -> Lines:
        alembics = alembics or migrator.config.settings.alembic_compatible
        return _lines(comparison, operations, answers, alembics=alembics)

    ordered = autogenerate.ordered(comparison)
    draft = Directive(message, ordered, write, context, found.plugged)
    if declared.process_revision_directives is None:
        return draft
    directives = [draft]
    given = HookContext(dialect, dict(migrator.x), opts=context.opts)
    hook: Callable[..., None] = declared.process_revision_directives
    hook(given, (), directives)
    left: Directive | None = autogenerate.usable(directives)
    return left


def _home(migrator: Commands) -> str:
    return imports_of_env(migrator.config.script_folder).name


def body_of(migrator: Commands, comparison: Comparison, draft: Directive) -> ScriptBodies:
    """Return the text of a draft: what `upgrade()` and `downgrade()` do, and what they import.

    Raises:
        MissingValueError, UnsupportedOperationError, UsageError: see `calls_of`; also if something
            has no text in Python.
    """
    from asyncmigrate.render.script import Spelling, script
    from asyncmigrate.render.values import UnwritableError

    declared, settings = guarded(migrator.declared()), migrator.config.settings
    alembics = settings.alembic_compatible or draft.is_alembics
    spelling = Spelling(
        render_item=declared.render_item,
        user_module_prefix=declared.user_module_prefix,
        dialect=comparison.forms.dialect,
        without_ours=alembics,
    )
    sqlite = comparison.forms.dialect.name == "sqlite"
    try:
        up, down = draft.lines()
        if settings.render_as_batch or (alembics and sqlite):
            from asyncmigrate.scripts.alembic_calls import batched

            up, down = batched(up), batched(down)
        return script(up, down, spelling, draft.imports)
    except UnwritableError as error:
        raise UnsupportedOperationError(
            f"This cannot be written into a script: {error}.",
            next="Say how with `render_item` of env.py.",
        ) from error


def placed(request: RevisionRequest, draft: Directive) -> RevisionRequest:
    """Return where a revision goes, with what its hook has said about that."""
    said = {
        ours: made(given)
        for theirs, (ours, made) in _PLACES.items()
        if (given := getattr(draft, theirs)) is not None
    }
    return replace(request, message=draft.message or "", **said)


def _several(given: Any) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


_PLACES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "rev_id": ("rev_id", str),
    "head": ("head", _several),
    "splice": ("splice", bool),
    "branch_label": ("branch_labels", _several),
    "version_path": ("version_path", Path),
    "depends_on": ("depends_on", _several),
}
"""By Alembic's name of what a hook may say: our name, and what makes our value of it."""


def as_written(config: Config, draft: Directive) -> Config:
    """Return the settings with which a draft is written: a plug-in's directives are Alembic's."""
    if not draft.is_alembics or config.settings.alembic_compatible:
        return config
    return replace(config, settings=replace(config.settings, alembic_compatible=True))


def and_plugged(result: CheckResult, found: Plugged) -> CheckResult:
    """Return what differs with what plug-ins have found."""
    from asyncmigrate.alembic.autogenerate.plugged import theirs

    added = described(theirs(found.operations))
    note = "".join(f"-- By a plug-in: {each}\n" for each in added)
    return replace(result, differences=(*result.differences, *added), sql=result.sql + note)


_CHANGES = {"create": "create", "add": "create", "drop": "drop", "remove": "drop"}


def described(operations: Iterable[Any]) -> tuple[Difference, ...]:
    """Describe operations of plug-ins by what Alembic would list."""
    return tuple(map(_described, operations))


def _described(operation: Any) -> Difference:
    try:
        what, *rest = operation.to_diff_tuple()
    except (NotImplementedError, ValueError):
        what, rest = type(operation).__name__, []
    verb, _, noun = str(what).partition("_")
    plain = [each for each in rest if isinstance(each, str | int)] or rest
    path = next((said for each in plain if (said := " ".join(str(each).split()))), "")
    change = _CHANGES.get(verb, "alter")
    kind = noun if verb in _CHANGES else str(what)
    return Difference(change, kind.replace("_", " ") or verb, path)
