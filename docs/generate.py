"""The reference pages that the code itself can tell: `python docs/generate.py` writes them anew.

A test compares them with what is on disk, so a new option, setting or error cannot stay
undocumented.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

import asyncmigrate
import asyncmigrate.testing as tests
from asyncmigrate import Difference, Migrator, Rewriter, View, asgi, config, errors, events
from asyncmigrate.cli.commands import app
from asyncmigrate.engine import results
from asyncmigrate.engine.holder import Holder
from asyncmigrate.engine.ledger import Applied
from asyncmigrate.engine.listed import RevisionInfo
from asyncmigrate.history import revision as revisions
from asyncmigrate.migrator import answers, standing
from asyncmigrate.schema import draft, operations
from asyncmigrate.scripts import authoring
from asyncmigrate.scripts.context import MigrationContext
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.testing.settings import TestingSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

REFERENCE = Path(__file__).parent / "reference"
NOTE = (
    "<!-- Written by docs/generate.py: change the code, then run `python docs/generate.py`. -->\n"
)
WIDTH = 92


def pages() -> dict[str, str]:
    """Return every generated page by its file name."""
    made = {
        "commands.md": commands(),
        "settings.md": settings(),
        "api.md": api(),
        "op.md": directives(),
        "errors.md": error_table(),
    }
    return {name: f"{NOTE}\n{text.rstrip()}\n" for name, text in made.items()}


# --- the command line -------------------------------------------------------------------------

GROUPS = {
    "Run migrations": ("upgrade", "downgrade", "stamp", "plan"),
    "After something went wrong": ("lock", "repair"),
    "Look": ("status", "current", "history", "heads", "branches", "show"),
    "Compare with the models": ("check", "diff"),
    "Write migrations": ("init", "revision", "merge", "edit"),
    "Other": ("ensure_version",),
}


def commands() -> str:
    """Return the page of the command line."""
    group: Any = typer.main.get_command(app)
    grouped = {name for names in GROUPS.values() for name in names}
    sections = GROUPS | {"Other": (*GROUPS["Other"], *sorted(set(group.commands) - grouped))}
    lines = [
        "# Commands",
        "",
        _help(group.help),
        "",
        "Without a terminal there are no colours and no progress lines; `NO_COLOR` switches",
        "colours off, `FORCE_COLOR` on.",
        "",
        "## Options of every command",
        "",
        *_options(group),
        "",
        "`--install-completion` sets up completion for your shell, `--show-completion` prints it.",
        "",
        "`python -m asyncmigrate` is the same as `amigrate`.",
    ]
    for title, names in sections.items():
        lines += ["", f"## {title}"]
        for name in names:
            lines += ["", *_command(name, group.commands[name])]
    return "\n".join(lines)


def _command(name: str, command: Any) -> Iterator[str]:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    usage = " ".join(_placeholder(each) for each in arguments)
    yield f"### amigrate {name}"
    yield ""
    yield f"`amigrate {name} {usage}`".replace(" `", "`")
    yield ""
    yield _help(command.help)
    if _listed(command):
        yield ""
        yield from _options(command)


def _placeholder(argument: Any) -> str:
    metavar = argument.metavar or argument.name.upper()
    return metavar if argument.required else f"[{metavar.strip('[]')}]"


def _listed(command: Any) -> list[Any]:
    hidden = {"install_completion", "show_completion", "help"}
    return [
        each
        for each in command.params
        if each.param_type_name == "option" and each.name not in hidden
    ]


def _options(command: Any) -> Iterator[str]:
    yield "| option | |"
    yield "|---|---|"
    for option in _listed(command):
        value = "" if option.is_flag else f" {option.metavar or 'TEXT'}"
        repeated = " May be given several times." if option.multiple else ""
        yield f"| `{', '.join(option.opts)}{value}` | {_cell(option.help)}{repeated} |"


def _help(text: str) -> str:
    r"""Return a help text as Markdown: what follows \b is an example, word for word."""
    parts = []
    for block in inspect.cleandoc(text).split("\n\n"):
        if block.startswith("\b"):
            example = inspect.cleandoc(block.removeprefix("\b\n"))
            words = "amigrate" not in example
            parts.append(example if words else f"```text\n{example}\n```")
        else:
            parts.append(block)
    return "\n\n".join(parts)


# --- settings -----------------------------------------------------------------------------------


def settings() -> str:
    """Return the page of the settings."""
    said = _field_docs(sys.modules[config.Settings.__module__])["Settings"]
    bare = config.Settings()
    rows = [
        f"| `{item.name}` | {_value(getattr(bare, item.name))} | {_cell(said.get(item.name, ''))} |"
        for item in fields(config.Settings)
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "In `[tool.asyncmigrate]` of `pyproject.toml`, or at the top level of",
            "`asyncmigrate.toml`. The working folder and the folders above it are searched;",
            "`-c FILE` or `AMIGRATE_CONFIG` names the file. Paths are relative to that file.",
            "Where there is none of ours, Alembic's `alembic.ini` and `[tool.alembic]` are read,",
            "and last what Flask-Migrate has in `migrations/`.",
            "",
            "| setting | default | |",
            "|---|---|---|",
            *rows,
            "",
            _SETTINGS_NOTES.strip().replace("{hooks}", _hooks()),
            "",
            *_of_tests(),
        ]
    )


def _of_tests() -> Iterator[str]:
    """Give the settings of tests."""
    said = _field_docs(sys.modules[TestingSettings.__module__])[TestingSettings.__name__]
    yield "## Settings of tests"
    yield ""
    yield "In `[tool.asyncmigrate.testing]` (in `asyncmigrate.toml`: `[testing]`), for the pytest"
    yield "plugin and `amigrate test`: see [Test with migrations](../how-to/tests.md)."
    yield ""
    yield "| setting | default | |"
    yield "|---|---|---|"
    for item in fields(TestingSettings):
        yield f"| `{item.name}` | {_value(item.default)} | {_cell(said.get(item.name, ''))} |"


_SETTINGS_NOTES = """
## Which value counts

From weak to strong:

1. the default;
2. the file;
3. the chosen environment, `[tool.asyncmigrate.environments.NAME]` (in `asyncmigrate.toml`:
   `[environments.NAME]`), chosen with `-n NAME`, with `AMIGRATE_ENV`, or by the setting
   `environment`;
4. a variable: `AMIGRATE_` and the setting's name in capitals, for example `AMIGRATE_URL`; an empty
   one counts as unset, but says "none" for `history_table` and `env_py`;
5. a flag: `--url`, `--script-location`, `--lock`, `--lock-timeout`.

`amigrate -v status` says where each value came from. A setting with a wrong name or type is an
error, never ignored.

## Variables

`${NAME}` is taken from the environment, then from the files of `env_file`. `${NAME:-default}` has
a default. `$${` is a literal `${`. A variable that is not set is an error when the value is needed:
`amigrate heads` needs no database and no password. `%` is an ordinary character everywhere.

## URLs

`@`, `:`, `#` and `%` may stand in a password as they are; `/` and `?` are written `%2F` and `%3F`.
`postgresql://`, `sqlite://`, `mysql://` and `mariadb://`, and sync drivers of theirs, get an async
driver that is installed, and the run says so. Passwords are never printed.

## env.py

A file `env.py` beside `versions/` may hold what TOML cannot. It only declares names; it runs
nothing. The setting `env_py` may name another file there, and an empty string none: an `env.py` of
Alembic's is then left alone. With an `__all__`, only the names in it count:

| name | |
|---|---|
| `target_metadata` | a `MetaData`, or anything with `.metadata`, or a list of them |
| `engine` | an `AsyncEngine`, or a function that returns one |
| `url` | a database URL |
| `version_table`, `version_table_schema`, `script_arguments` | settings that are computed |
| `context_options` | a dictionary: scripts find it in `op.get_context().opts` |
| `on_connect(connection)` | called once on each connection of a command, first of all |

All but `target_metadata` may be functions, and may have a parameter `x`: the `-x` arguments, a
dictionary. `on_connect` is for `SET ROLE`, `SET search_path` and the like
([how](../how-to/environments.md#before-the-first-statement)).

For `check`, `diff` and `revision --autogenerate` also these, with Alembic's parameters;
[what they are for](../how-to/autogenerate.md#what-envpy-may-say):

{hooks}

`on_version_apply(ctx, step, heads, run_args)`, or a list of such functions, is called after each
revision, in its transaction: `ctx.connection` is the migration's own, and what it raises fails it.

A flag or an `AMIGRATE_` variable is stronger than `env.py`, and `env.py` is stronger than the file.
"""


_HOOKS = {
    "include_object(object, name, type_, reflected, compare_to)": (
        "False: this difference does not count"
    ),
    "include_name(name, type_, parent_names)": (
        "False: this object of the database is not looked at"
    ),
    "compare_type(context, before, after, before_type, after_type)": (
        "True: they differ; False: they are equal; None: decide yourself. "
        "`False` in place of the function: types are not compared"
    ),
    "compare_server_default(context, before, after, before_default, after_default, rendered)": (
        "the same for defaults; the last parameter may be left out"
    ),
    "render_item(type_, obj, context)": (
        "the text of a type or another part of a script; False: write it yourself. "
        "Imports go to `context.imports`"
    ),
    "user_module_prefix": 'what stands before the project\'s own types in scripts: `"models."`',
    "process_revision_directives(context, revision, directives)": (
        "changes the revision before it is written, or empties the list; "
        "may be a [`Rewriter`](api.md#autogenerate)"
    ),
    "include_schemas": (
        "what comparators of [plug-ins](../coming-from-alembic.md#plug-ins-of-alembics) are told"
    ),
}


def _hooks() -> str:
    rows = [f"| `{name}` | {meaning} |" for name, meaning in _HOOKS.items()]
    return "\n".join(["| name | |", "|---|---|", *rows])


# --- Python ---------------------------------------------------------------------------------------

COMMANDS_THAT_CHANGE = (
    *("upgrade", "downgrade", "stamp", "ensure_version", "upgrade_events"),
    *("repair", "release_lock"),
)
COMMANDS_THAT_READ = (
    *("status", "current", "plan", "rows", "read_rows", "ledger", "lock_holder"),
    *("check", "explain"),
)
FILES = ("graph", "heads", "branches", "history", "show", "sql")
WRITING = ("revision", "autogenerate", "merge")
OF_ITS_SETUP = ("on", "declared", "metadata", "metadatas")


def api() -> str:
    """Return the page of the Python API."""
    lines = [
        "# Python API",
        "",
        "`from asyncmigrate import Migrator, op, MigrateError`. Public are "
        + ", ".join(f"`{name}`" for name in asyncmigrate.__all__)
        + ", the errors in `asyncmigrate.errors` and the events in `asyncmigrate.events`.",
        "",
        "`Operations` is the type of [`op`](op.md), for `def upgrade(op: Operations)`, and",
        "`BatchOperations` of what `op.batch_alter_table` gives. `except MigrateError` catches",
        "[every error](errors.md) of this package. `__version__` is its version, a string.",
        "",
        "## Migrator",
        "",
        _markdown(Migrator),
        "",
        *_method("Migrator", Migrator.__init__),
        "",
        *_method("Migrator.from_config", Migrator.from_config),
    ]
    groups = {
        "Change the database": COMMANDS_THAT_CHANGE,
        "Read the database": COMMANDS_THAT_READ,
        "The scripts": FILES,
        "New scripts": WRITING,
        "Also": OF_ITS_SETUP,
    }
    for title, names in groups.items():
        lines += ["", f"### {title}"]
        for name in names:
            lines += ["", f"#### {name}", "", *_method(name, getattr(Migrator, name))]
    lines += ["", *_applications()]
    lines += ["", *_testing()]
    lines += ["", "## Results"]
    beside = (
        *(RevisionInfo, revisions.Revision, authoring.ScriptWritten, Difference),
        *(standing.Standing, Applied, Holder),
    )
    for cls in (*_public_dataclasses(results), *beside):
        lines += ["", *_dataclass(cls)]
    lines += ["", *_autogenerate()]
    lines += ["", "## Events", "", _markdown(events)]
    for cls in _public_dataclasses(events):
        lines += ["", *_dataclass(cls)]
    lines += ["", "## View", "", _markdown(View), "", *_method("View", View.__init__)]
    lines += ["", "## Config", "", _markdown(config.Config), ""]
    lines += ["`asyncmigrate.config.load()` reads it; the settings are in [Settings](settings.md)."]
    return "\n".join(lines)


def _applications() -> Iterator[str]:
    """Give the section of what an application uses at its start."""
    yield "## In an application"
    yield ""
    yield "### ensure_current"
    yield ""
    yield from _method("ensure_current", standing.ensure_current)
    yield ""
    yield "### asyncmigrate.asgi"
    yield ""
    yield _markdown(asgi)
    yield ""
    yield from _method("lifespan", asgi.lifespan)
    yield ""
    yield _markdown(asgi.Lifespan)
    yield ""
    yield from _method("Lifespan.wrap", asgi.Lifespan.wrap)
    yield ""
    yield "#### MigrationGate"
    yield ""
    yield from _method("MigrationGate", asgi.MigrationGate.__init__)
    yield ""
    yield _markdown(asgi.MigrationGate)


def _testing() -> Iterator[str]:
    """Give the section of what test suites use; the fixtures are in the how-to."""
    yield "## Tests"
    yield ""
    yield "`asyncmigrate.testing`: what a suite uses beside the [fixtures](../how-to/tests.md)."
    for name in ("ephemeral_postgres", "ephemeral_mariadb", "ephemeral_sqlite"):
        yield from _titled(name, _method(name, getattr(tests, name)))
    yield from _titled("DatabaseServer", [_markdown(tests.DatabaseServer)])
    for name in ("url", "database"):
        yield ""
        yield from _method(f"DatabaseServer.{name}", getattr(tests.DatabaseServer, name))
    yield from _titled("migration_case", _method("migration_case", tests.migration_case))
    yield ""
    yield from _dataclass(tests.MigrationCase)
    for name in ("insert", "fill", "rows", "table", "upgrade", "downgrade"):
        yield ""
        yield from _method(f"MigrationCase.{name}", getattr(tests.MigrationCase, name))
    yield ""
    yield from _dataclass(tests.DataCase)
    yield ""
    yield from _method("DataCase.check", tests.DataCase.check)
    yield from _titled("rows", _method("rows", tests.rows))
    yield from _titled("What goes wrong", ["| | |", "|---|---|"])
    for wrong in (
        *(tests.ServerUnavailableError, tests.ServerStartError),
        *(tests.UnfilledTablesError, tests.LeakedConnectionsWarning),
    ):
        yield f"| `{wrong.__name__}` | {_cell(_paragraphs(wrong)[0])} |"


def _titled(name: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield f"### {name}"
    yield ""
    yield from lines


def _autogenerate() -> Iterator[str]:
    """Give the section of what is handed to `check` and `autogenerate`, and to their hooks."""
    yield "## Autogenerate"
    yield ""
    yield "What is said to `check` and `autogenerate`, and what comes of it:"
    for cls in (*_public_dataclasses(answers), authoring.RevisionRequest):
        yield ""
        yield from _dataclass(cls)
    yield ""
    yield "What `process_revision_directives` of env.py works on; the verbs are in"
    yield "`asyncmigrate.schema.operations`, the objects that they hold are frozen values with a"
    yield "`key` (`kind`, `schema`, `table`, `name`)."
    for cls in (draft.Draft, draft.DraftContext, *_public_dataclasses(operations)):
        yield ""
        yield from _dataclass(cls)
    yield ""
    yield "### Rewriter"
    yield ""
    yield _markdown(Rewriter)
    for name in ("rewrites", "chain"):
        yield ""
        yield from _method(f"Rewriter.{name}", getattr(Rewriter, name))


def directives() -> str:
    """Return the page of `op`."""
    lines = [
        "# op",
        "",
        "What a migration script can do. `from asyncmigrate import op` in the script, or a",
        "parameter: `def upgrade(op)`. What Alembic has too is called and written as there. Where",
        "the database cannot do what was asked, the directive is refused before anything is sent.",
        "",
        "What SQLite cannot do with ALTER TABLE is done by making the table anew: see",
        "[Change tables on SQLite](../how-to/sqlite.md).",
    ]
    for name, value in _directives().items():
        lines += ["", f"## {name}", "", *_directive(name, value)]
    lines += ["", "## What get_context() returns", "", *_class(MigrationContext)]
    return "\n".join(lines)


def _directive(name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, property):
        yield from _method(f"op.{name}", value)
        return
    yield f"`op.{name}`"
    yield ""
    yield _markdown(value)


def _directives() -> dict[str, Any]:
    """Return the methods of `op`, those of its parts first."""
    parts = [*Operations.__mro__[1:-1], Operations]
    found = {name: value for part in parts for name, value in vars(part).items()}
    return {name: value for name, value in found.items() if not name.startswith("_")}


def error_table() -> str:
    """Return the page of the errors."""
    lines = [
        "# Errors and exit codes",
        "",
        _markdown(errors),
        "",
        "| exit code | meaning |",
        "|---|---|",
        "| 0 | done, or nothing to do |",
        "| 1 | failed while running |",
        "| 2 | usage or configuration |",
        "| 3 | there is a difference: `check`, `status --check`, `current --check-heads` |",
        "| 4 | the lock was not obtained |",
        "| 5 | refused: a human must decide |",
        "| 130, 143 | interrupted by Ctrl-C or SIGTERM, and rolled back |",
        "",
        "An error that is indented belongs to the one above it: `except ConfigError` catches",
        "`UrlError`, too.",
        "",
        "| error | exit code | meaning | fields |",
        "|---|---|---|---|",
        *_error_rows(errors.MigrateError, 0),
        "",
        "Every error has `message`, `state` and `next`.",
    ]
    return "\n".join(lines)


def _error_rows(cls: type[errors.MigrateError], depth: int) -> Iterator[str]:
    indent = "&nbsp;" * 4 * depth
    meaning = _cell(_paragraphs(cls)[0])
    extra = sorted(
        set(inspect.signature(cls).parameters)
        - set(inspect.signature(errors.MigrateError).parameters)
    )
    listed = ", ".join(f"`{name}`" for name in extra)
    yield f"| {indent}`{cls.__name__}` | {cls.exit_code} | {meaning} | {listed} |"
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _error_rows(child, depth + 1)


# --- docstrings and signatures as Markdown ----------------------------------------------------


def _method(name: str, method: Callable[..., Any]) -> Iterator[str]:
    yield "```python"
    yield _signature(name, method)
    yield "```"
    if method.__name__ != "__init__":
        yield ""
        yield _markdown(method)


def _signature(name: str, method: Any) -> str:
    function = inspect.unwrap(getattr(method, "__func__", method))
    found = inspect.signature(function)
    parts: list[str] = []
    starred = False
    for parameter in found.parameters.values():
        if parameter.name in ("self", "cls"):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
        starred = starred or parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        parts.append(_parameter(parameter))
    prefix = "await " if inspect.iscoroutinefunction(function) else ""
    prefix = "async with " if inspect.isasyncgenfunction(function) else prefix
    returns = found.return_annotation
    arrow = "" if returns is found.empty or method.__name__ == "__init__" else f" -> {returns}"
    line = f"{prefix}{name}({', '.join(parts)}){arrow}"
    if len(line) <= WIDTH:
        return line
    return f"{prefix}{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){arrow}"


def _parameter(parameter: inspect.Parameter) -> str:
    star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    text = f"{star}{parameter.name}: {parameter.annotation}"
    return text if parameter.default is parameter.empty else f"{text} = {parameter.default!r}"


def _public_dataclasses(module: Any) -> list[type]:
    return [
        value
        for value in vars(module).values()
        if is_dataclass(value) and isinstance(value, type) and value.__module__ == module.__name__
    ]


def _dataclass(cls: type) -> Iterator[str]:
    said = _field_docs(sys.modules[cls.__module__])[cls.__name__]
    yield f"### {cls.__name__}"
    yield ""
    yield _markdown(cls)
    yield ""
    yield "| field | type | |"
    yield "|---|---|---|"
    for item in fields(cls):  # type: ignore[arg-type]
        yield f"| `{item.name}` | `{_cell(str(item.type))}` | {_cell(said.get(item.name, ''))} |"
    for name, value in vars(cls).items():
        if isinstance(value, property) and not name.startswith("_"):
            returns = inspect.signature(value.fget).return_annotation  # type: ignore[arg-type]
            yield f"| `{name}` | `{_cell(str(returns))}` | {_cell(_paragraphs(value)[0])} |"


def _class(cls: type) -> Iterator[str]:
    yield _markdown(cls)
    yield ""
    yield "| | |"
    yield "|---|---|"
    for name, value in vars(cls).items():
        if not name.startswith("_") and (isinstance(value, property) or callable(value)):
            call = "" if isinstance(value, property) else "()"
            yield f"| `{name}{call}` | {_cell(_paragraphs(value)[0])} |"


def _field_docs(module: Any) -> dict[str, dict[str, str]]:
    """Return the text that stands below each field of each class, which Python forgets."""
    tree = ast.parse(inspect.getsource(module))
    found: dict[str, dict[str, str]] = {}
    for cls in tree.body:
        if isinstance(cls, ast.ClassDef):
            found[cls.name] = {
                item.target.id: inspect.cleandoc(below.value.value)
                for item, below in zip(cls.body, cls.body[1:], strict=False)
                if isinstance(item, ast.AnnAssign)
                and isinstance(item.target, ast.Name)
                and isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
                and isinstance(below.value.value, str)
            }
    return found


def _paragraphs(thing: Any) -> list[str]:
    return inspect.cleandoc(thing.__doc__ or "").split("\n\n")


def _markdown(thing: Any) -> str:
    """Return a docstring as Markdown: raised errors as a list, examples as code."""
    blocks = []
    for block in _paragraphs(thing):
        title, _, rest = block.partition("\n")
        if title == "Raises:":
            blocks.append("Raises:\n\n" + "\n".join(_raised(inspect.cleandoc(rest))))
        elif title == "Example:":
            blocks.append(f"```python\n{_example(inspect.cleandoc(rest))}\n```")
        elif block.startswith(">>> "):
            continue  # a doctest is for those who change the code
        else:
            blocks.append(block)
    return "\n\n".join(blocks)


def _raised(text: str) -> Iterator[str]:
    for entry in re.split(r"\n(?=[A-Z]\w+(?:, [A-Z]\w+)*: )", text):
        names, _, meaning = " ".join(entry.split()).partition(": ")
        yield f"- {', '.join(f'`{name}`' for name in names.split(', '))}: {meaning}"


def _example(text: str) -> str:
    lines = (re.sub(r"^(>>>|\.\.\.) ?", "", line) for line in text.split("\n"))
    return "\n".join(re.sub(r"\s*# doctest:.*", "", line) for line in lines)


def _value(value: object) -> str:
    shown = {None: "not set", True: "`true`", False: "`false`", (): "`[]`"}
    if isinstance(value, int | float) and not isinstance(value, bool):  # 0 is no False
        return f"`{value}`"
    if value == {}:
        return "`{}`"
    try:
        return shown[value]  # type: ignore[index]
    except KeyError:
        pass
    if isinstance(value, tuple):
        return f"`[{', '.join(map(_quoted, value))}]`"
    return f"`{_quoted(value)}`"


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    for file, content in pages().items():
        (REFERENCE / file).write_text(content, encoding="utf-8")
        sys.stdout.write(f"docs/reference/{file}\n")
