"""The application: global options, and what every command gets from them."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from asyncmigrate._version import __version__
from asyncmigrate.cli.arguments import AnyOrder
from asyncmigrate.cli.hidden import import_before_hidden
from asyncmigrate.cli.log_settings import configure
from asyncmigrate.cli.output import Output
from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.models import CommandInfo

    from asyncmigrate.cli.run_view import RunView
    from asyncmigrate.config import Config
    from asyncmigrate.events import Event
    from asyncmigrate.migrator import Migrator

HELP = """Database migrations for SQLAlchemy's async engines.

\b
  amigrate init                     make a migrations folder
  amigrate revision -m "add users"  write a new migration script
  amigrate upgrade head             run what is pending
  amigrate status                   where is the database?
  amigrate downgrade -1             undo the last one

Options may stand before or after the command. Settings are read from [tool.asyncmigrate] of
pyproject.toml, or from asyncmigrate.toml. Results go to standard output, everything else to
standard error; with --json, standard output holds one JSON object, also for an error.

\b
Exit codes: 0 done or nothing to do, 1 failed while running, 2 usage or configuration,
3 there is a difference, 4 lock not obtained, 5 refused: a human must decide,
130/143 interrupted and rolled back.
"""

_HELP = ("-h", "--help")

app = typer.Typer(
    cls=AnyOrder,
    help=HELP,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": list(_HELP), "max_content_width": 100},
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(slots=True)
class Options:
    """The global options, as every command finds them in its context."""

    config_file: str | None = None
    environment: str | None = None
    flags: dict[str, object] = field(default_factory=dict)
    driver: str | None = None
    x: dict[str, str] = field(default_factory=dict)
    quiet: bool = False
    verbose: bool = False
    traceback: bool = False

    def output(self, *, json: bool) -> Output:
        """Return how this command speaks."""
        return Output(json=json, quiet=self.quiet, traceback=self.traceback)

    def config(self) -> Config:
        """Read the settings, make the project's modules importable, and log as it is wanted."""
        from asyncmigrate.config import import_path, load

        config = load(self.config_file, environment=self.environment, flags=self.flags)
        import_before_hidden(config)
        import_path.prepend(config)
        configure(config)
        return config if self.driver is None else self._driven(config, self.driver)

    def _driven(self, config: Config, driver: str) -> Config:
        """Return the settings with the same database, and another driver."""
        from dataclasses import replace

        from asyncmigrate.engine.urls import with_driver

        url = with_driver(config.database_url(), driver)
        settings = replace(config.settings, url=url.replace("${", "$${"), migrations_url=None)
        sources = {**config.sources, "url": "--driver"}
        return replace(config, settings=settings, sources=sources)

    def migrator(self, output: Output) -> Migrator:
        """Return the migrator that the settings and options describe."""
        from asyncmigrate.migrator import Migrator

        config = self.config()
        if self.verbose:
            output.note(f"settings  {config.file or 'none found; defaults'}")
            for name, value, source in config.described():
                output.note(f"  {name} = {value}  ({source})")
        return Migrator.from_config(config, x=self.x, observer=_shown_on(output))


def _shown_on(output: Output) -> Callable[[Event], None]:
    """Return an observer that shows a run; what it needs is loaded when there is one."""
    views: list[RunView] = []

    def observe(event: Event) -> None:
        if not views:
            from asyncmigrate.cli.run_view import RunView

            views.append(RunView(output))
        views[0].observe(event)

    return observe


def _version(context: typer.Context, wanted: bool) -> None:
    if not wanted:
        return
    if context.meta.get(AnyOrder.JSON):
        Output().emit({"version": __version__})
    else:
        Output().say(f"amigrate {__version__}")
    raise typer.Exit


def _mapping(arguments: list[str]) -> dict[str, str]:
    """Return `-x` arguments by their keys: `key=value`, or `key` alone; the last one counts.

    >>> _mapping(["tenant=a", "url=b=c", "verbose"])
    {'tenant': 'a', 'url': 'b=c', 'verbose': ''}
    """
    found: dict[str, str] = {}
    for argument in arguments:
        key, _, value = argument.partition("=")
        if not key:
            raise UsageError(f"-x {argument} has no key.", next="Write -x key=value.")
        found[key] = value
    return found


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        str | None, typer.Option("-c", "--config", metavar="FILE", help="The settings file.")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("-n", "--name", metavar="ENV", help="A named environment of the settings."),
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The database, instead of `url`.")
    ] = None,
    driver: Annotated[
        str | None,
        typer.Option("--driver", metavar="NAME", help="Another async driver for the same URL."),
    ] = None,
    script_location: Annotated[
        str | None,
        typer.Option("--script-location", metavar="DIR", help="The folder of the scripts."),
    ] = None,
    lock_timeout: Annotated[
        float | None,
        typer.Option("--lock-timeout", metavar="SECONDS", help="Wait this long for the lock."),
    ] = None,
    lock: Annotated[
        str | None,
        typer.Option("--lock", metavar="WORD", help="auto, session, lease or off."),
    ] = None,
    x: Annotated[
        list[str] | None,
        typer.Option("-x", metavar="KEY=VALUE", help="An argument for scripts and env.py."),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print results only.")] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Say more, and where settings come from.")
    ] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show Python's traceback with an error.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the global options."""
    flags: dict[str, Any] = {
        "url": url,
        "script_location": script_location and str(Path(script_location).absolute()),
        "lock_timeout": lock_timeout,
        "lock": lock,
    }
    context.obj = Options(config, name, flags, driver, _mapping(x or []), quiet, verbose, traceback)


def app_for(arguments: list[str]) -> typer.Typer:
    """Return the application, without the commands that these arguments do not even mention.

    typer reads the signatures of all commands before it runs one. What lists the commands (help,
    completion, the answer to a name that is none) gets them all.
    """
    first = next((word for word in arguments if not word.startswith("-")), None)
    mentioned = {_name(each): each for each in app.registered_commands if _name(each) in arguments}
    if first not in mentioned or not {*_HELP}.isdisjoint(arguments):
        return app
    made = copy(app)
    made.registered_commands = list(mentioned.values())
    return made


def _name(command: CommandInfo) -> str | None:
    return command.name or getattr(command.callback, "__name__", None)
