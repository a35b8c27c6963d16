"""Scripts that are about to run: imported, checked, and called.

All scripts of a plan are loaded before the first one runs, so that a script that cannot run
is found while nothing has changed yet.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeAlias

from asyncmigrate.errors import RunError, ScriptError
from asyncmigrate.history.revision import Direction
from asyncmigrate.scripts.checksum import checksum_of
from asyncmigrate.scripts.kept import kept
from asyncmigrate.scripts.needs_of_alembic import imports_alembic
from asyncmigrate.scripts.source import compile_source, import_source, read_bytes
from asyncmigrate.scripts.surroundings import surroundings

if TYPE_CHECKING:
    from types import CodeType, ModuleType

    from asyncmigrate.history.revision import Plan, Revision

_RUNS_LATER = (
    inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ITERABLE_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
)
"""The flags of functions whose call does not run their body."""

ScriptFunction: TypeAlias = Callable[..., object]
"""A script's `upgrade` or `downgrade`: sync, with no required parameter or with one (`op`)."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script that was imported and can be run."""

    revision: str
    path: Path
    checksum: str
    """Of what the script says; comments and formatting do not matter: see `checksum`."""
    upgrade: ScriptFunction
    downgrade: ScriptFunction | None
    """None if the script has none: see `reversal`."""
    module: ModuleType
    is_alembics: bool = False
    """It was written for Alembic: it imports `alembic`."""


@dataclass(frozen=True, slots=True)
class Making:
    """What makes code and a checksum of a script's content: these, or what does it faster."""

    code: Callable[[bytes, str], CodeType] = compile_source
    checksum: Callable[[bytes, str], str] = checksum_of


_ANEW = Making()


def load_script(revision: Revision, making: Making = _ANEW) -> Script:
    """Import one revision's file and return what it offers.

    The file runs under a private module name; nothing is written beside it.

    Raises:
        ScriptError: it cannot be read or imported, or its functions cannot be called.
    """
    if not revision.file:
        raise ScriptError(f"Revision {revision.id} has no script file.", path="")
    return script_from(read_bytes(revision.file), revision, making)


def script_from(data: bytes, revision: Revision, making: Making = _ANEW) -> Script:
    """Import `data`, the content (to be) of the revision's file. See `load_script`."""
    module = import_source(data, revision.file, making.code)
    upgrade = _function(module, "upgrade", revision.file)
    if upgrade is None:
        raise ScriptError(
            f"{revision.file}: the script has no `upgrade` function.",
            path=revision.file,
            next="Add `def upgrade() -> None:`, with `pass` if there is nothing to do.",
        )
    return Script(
        revision=revision.id,
        path=Path(revision.file),
        checksum=making.checksum(data, revision.file),
        upgrade=upgrade,
        downgrade=_function(module, "downgrade", revision.file),
        module=module,
        is_alembics=imports_alembic(data),
    )


def load_scripts(plan: Plan, *, cache: bool = False) -> dict[str, Script]:
    """Import every script that the plan will run, by revision id. Runs none of them.

    A script without a `downgrade` is loaded all the same: `reversal` may find its way back.
    With `cache`, the code and the checksums of many are kept for the next time.

    Raises:
        ScriptError: see `load_script`.
    """
    revisions = {
        step.revision.id: step.revision
        for step in plan.steps
        if step.revision is not None and step.direction is not Direction.STAMP
    }
    files = [each.file for each in revisions.values()]
    with (
        kept("code", files, compile_source, cache=cache) as code,
        kept("checksums", files, checksum_of, cache=cache) as checksum,
    ):
        making = Making(code, checksum)
        return {id: load_script(each, making) for id, each in revisions.items()}


def call(function: ScriptFunction, op: object) -> None:
    """Run a script's function, handing it what its parameters name, and `op` if one is left.

    Raises:
        ScriptError: what it returned shows that its body never ran (a coroutine).
        RunError: it wanted to end the process, which would have looked like success.
    """
    try:
        arguments, keywords = _given(function, op)
        result = function(*arguments, **keywords)
    except SystemExit as error:
        given = "" if error.code is None else repr(error.code)
        raise RunError(
            f"The script called sys.exit({given}).",
            state="",
            next="Raise an exception instead, or return.",
        ) from error
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()  # or Python warns that it was never awaited
        code = getattr(inspect.unwrap(function), "__code__", None)
        path = code.co_filename if code else ""
        raise _not_sync(path, getattr(function, "__name__", "upgrade"))


def _function(module: ModuleType, name: str, path: str) -> ScriptFunction | None:
    function = getattr(module, name, None)
    if function is None:
        return None
    if _is_plain(function):
        return function  # type: ignore[no-any-return]
    if not callable(function):
        raise _unusable(path, f"`{name}` is not a function but {function!r}")
    body = inspect.unwrap(function)
    where = f"{path}:{code.co_firstlineno}" if (code := getattr(body, "__code__", None)) else path
    if inspect.iscoroutinefunction(body) or inspect.isasyncgenfunction(body):
        raise _not_sync(path, name, where)
    if inspect.isgeneratorfunction(body):
        raise _unusable(path, f"`{name}` contains `yield`, so calling it runs nothing", where)
    unknown = _unknown(function)
    if len(unknown) > 1:
        listed = ", ".join(each.name for each in unknown)
        raise _unusable(path, f"`{name}` takes more than one parameter ({listed})", where)
    if any(each.kind is each.KEYWORD_ONLY for each in unknown):
        raise _unusable(path, f"`{name}` requires a keyword argument")
    return function  # type: ignore[no-any-return]


def _is_plain(function: object) -> bool:
    """Return whether it is a `def` without parameters, as nearly all are: there is less to ask."""
    if not isinstance(function, FunctionType) or vars(function):
        return False
    code = function.__code__
    asked = _RUNS_LATER | inspect.CO_VARKEYWORDS
    return not (code.co_argcount or code.co_kwonlyargcount or code.co_flags & asked)


def _given(function: ScriptFunction, op: object) -> tuple[tuple[object, ...], dict[str, Any]]:
    """Return what a function is called with."""
    if _is_plain(function):
        return (), {}
    named = surroundings().arguments
    parameters = _parameters(function)
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        keywords = {**named}
    else:
        keywords = {each.name: named[each.name] for each in parameters if each.name in named}
    left = _unknown(function)
    if left and left[0].name != parameters[0].name:
        return (), {**keywords, left[0].name: op}
    return (op,) if left else (), keywords


def _parameters(function: ScriptFunction) -> tuple[inspect.Parameter, ...]:
    try:
        return tuple(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):
        return ()  # written in C: call it and see


def _unknown(function: ScriptFunction) -> list[inspect.Parameter]:
    """Return the parameters that must be given, and that `script_arguments` does not name."""
    named = surroundings().arguments
    return [
        parameter
        for parameter in _parameters(function)
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and parameter.name not in named
    ]


def _not_sync(path: str, name: str, where: str = "") -> ScriptError:
    return ScriptError(
        f"{where or path}: `{name}` is asynchronous, and migration scripts are synchronous.",
        path=path,
        next=f"Write `def {name}()` and take the `await`s out: the run is asynchronous around it.",
    )


def _unusable(path: str, what: str, where: str = "") -> ScriptError:
    return ScriptError(
        f"{where or path}: {what}.",
        path=path,
        next="Write `def upgrade() -> None:`, or `def upgrade(op) -> None:`; what else it is to be "
        "handed is named in the setting script_arguments.",
    )
