"""The pytest plugin: fixtures that give a test a migrated database of its own.

pytest loads it in every run, so importing it costs nothing and changes nothing: servers, SQLAlchemy
and event loops come with the first test that asks for one of the fixtures.
"""

from __future__ import annotations

import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from asyncmigrate.testing import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

    from asyncmigrate.config import Config
    from asyncmigrate.migrator import Migrator
    from asyncmigrate.testing.broker import Broker
    from asyncmigrate.testing.cases import DataCase
    from asyncmigrate.testing.fresh import Given
    from asyncmigrate.testing.recipe import Seed
    from asyncmigrate.testing.settings import TestingSettings
    from asyncmigrate.testing.suite import Suite, SuiteServer

    DatabaseFactory = Callable[..., str]

_SUITE: pytest.StashKey[Suite] = pytest.StashKey()
_BROKER: pytest.StashKey[Broker] = pytest.StashKey()
_RUN: pytest.StashKey[running.Run] = pytest.StashKey()
_PLACE = "asyncmigrate_broker"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("asyncmigrate", "databases for tests (asyncmigrate)")
    group.addoption(
        "--amigrate-url",
        metavar="URL",
        help="Make the tests' databases on this server instead of one that is started.",
    )
    group.addoption(
        "--amigrate-server",
        metavar="KIND",
        help="postgresql, mariadb or sqlite, instead of the kind of the project's url.",
    )
    parser.addini("amigrate_config", "The settings file of asyncmigrate.", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Add the ready-made tests to a run that names no files, where the settings say so."""
    _begin(config)
    if config.args_source is pytest.Config.ArgsSource.ARGS or hasattr(config, "workerinput"):
        return
    if _says(config, "ready"):
        config.args.append(str(Path(__file__).with_name("ready.py")))


def _begin(config: pytest.Config) -> None:
    """Let `migration_case` find this run."""

    def given(history: Migrator) -> Given:
        return _server(config, history).given(history)

    config.stash[_RUN] = running.Run(lambda: _migrator(config), given)
    running.RUNS.append(config.stash[_RUN])


def pytest_pycollect_makeitem(name: str, obj: object, collector: Any) -> list[Any] | None:
    """Leave out the ready-made tests with rows, where the settings do not ask for them."""
    if name not in _WITH_ROWS or getattr(obj, "__module__", "") != "asyncmigrate.testing.ready":
        return None
    return None if _says(collector.config, "fuzz") else []


_WITH_ROWS = (
    "test_every_revision_can_be_applied_where_there_are_rows",
    "test_every_revision_can_be_undone_where_there_are_rows",
    "test_rows_are_what_they_were_after_upgrade_and_downgrade",
)


def _says(config: pytest.Config, setting: str) -> bool:
    """Look into the settings, which are nobody's concern as long as nobody asks for a database."""
    named = config.getini("amigrate_config")
    for name in [named] if named else ["asyncmigrate.toml", "pyproject.toml"]:
        file = config.rootpath / name
        if not file.is_file() or setting.encode() not in (text := file.read_bytes()):
            continue
        import tomllib

        try:
            table = tomllib.loads(text.decode())
        except ValueError:  # whoever uses the file will say so
            continue
        if file.name == "pyproject.toml":
            table = table.get("tool", {}).get("asyncmigrate", {})
        if table.get("testing", {}).get(setting) is True:
            return True
    return False


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist whom to ask for a server."""
    from asyncmigrate.testing import broker

    stash = node.config.stash
    if _BROKER not in stash:
        stash[_BROKER] = broker.Broker()
    node.workerinput[_PLACE] = stash[_BROKER].place


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    if _RUN in config.stash:
        running.RUNS.remove(config.stash[_RUN])
        del config.stash[_RUN]
    if _SUITE in config.stash:
        config.stash[_SUITE].close()
        del config.stash[_SUITE]
    if _BROKER in config.stash:
        config.stash[_BROKER].close()
        del config.stash[_BROKER]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say which server the tests had, and who left connections open."""
    lines = config.stash[_SUITE].report() if _SUITE in config.stash else []
    if _BROKER in config.stash:
        found = config.stash[_BROKER].found.values()
        lines = [f"databases of tests: {each.source}" for each in found]
    for line in lines:
        terminalreporter.write_line(f"asyncmigrate: {line}")


@pytest.hookimpl(tryfirst=True, wrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Any:
    """Let `amigrate_session` run in the loop of the test that asks for it, whoever runs that.

    pytest-asyncio takes an async fixture that is marked for it, and its loop from the mark; anyio's
    plugin takes one that is not.
    """
    function = fixturedef.func
    if function is not _session:
        return (yield)
    fixturedef.func = _for_the_loop_of(request)
    try:
        return (yield)
    finally:
        fixturedef.func = function


def _for_the_loop_of(request: Any) -> Any:
    code, names = _session.__code__, _session.__globals__
    function: Any = types.FunctionType(code, names, _session.__name__)
    if "anyio_backend" not in request.fixturenames:
        marker = request.node.get_closest_marker("asyncio")
        function._force_asyncio_fixture = True
        function._loop_scope = marker.kwargs.get("loop_scope") if marker else None
        if request.config.pluginmanager.has_plugin("asyncio"):
            default = request.config.getini("asyncio_default_test_loop_scope")
            function._loop_scope = function._loop_scope or default
    return function


# --- fixtures ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def amigrate_migrator(pytestconfig: pytest.Config) -> Migrator:
    """The project's history, from its settings; override it to use another.

    The settings are those of the ini option `amigrate_config`, or found from pytest's rootdir.
    """
    return _migrator(pytestconfig)


@pytest.fixture(scope="session")
def amigrate_seed(pytestconfig: pytest.Config, amigrate_migrator: Migrator) -> Seed | None:
    """What fills each database after its migration: None, or what the settings name.

    Override it with a coroutine function that takes an AsyncConnection.
    """
    from asyncmigrate.testing.settings import seed_of

    return seed_of(_settings(pytestconfig, amigrate_migrator.config))


@pytest.fixture(scope="session")
def amigrate_server(pytestconfig: pytest.Config, amigrate_migrator: Migrator) -> SuiteServer:
    """The server of this run: `.url(database)`, `.source`. Started once, gone at the end."""
    return _server(pytestconfig, amigrate_migrator)


@pytest.fixture
def amigrate_databases(
    request: pytest.FixtureRequest,
    amigrate_server: SuiteServer,
    amigrate_migrator: Migrator,
    amigrate_seed: Seed | None,
) -> Iterator[DatabaseFactory]:
    """Make databases: `amigrate_databases()`, `amigrate_databases("ae10")` at a revision.

    Each call gives the URL of a new one. `migrator=` and `seed=` are used instead of the fixtures
    of those names. All of them are dropped after the test.
    """
    made = []

    def make(
        *targets: str,
        migrator: Migrator | None = amigrate_migrator,
        seed: Seed | None = amigrate_seed,
    ) -> str:
        at_head = targets in ((), ("head",), ("heads",))
        filled = seed if at_head or seed is not amigrate_seed else None
        made.append(amigrate_server.make(migrator, targets, filled if migrator else None))
        return made[-1].url

    yield make
    for each in made:
        amigrate_server.drop(each, request.node.nodeid)


@pytest.fixture
def amigrate_database(amigrate_databases: DatabaseFactory) -> str:
    """The URL of a migrated database of the test's own."""
    return amigrate_databases()


@pytest.fixture
def amigrate_engine(amigrate_database: str) -> AsyncEngine:
    """An AsyncEngine of `amigrate_database`.

    It keeps no connection open between two uses, so it belongs to no event loop and needs no
    `dispose()`: an application in a thread of its own can use it, too.
    """
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    return create_async_engine(amigrate_database, poolclass=NullPool)


@pytest.fixture(scope="session")
def amigrate_shared_database(
    amigrate_server: SuiteServer, amigrate_migrator: Migrator, amigrate_seed: Seed | None
) -> Iterator[str]:
    """The URL of a migrated database that the tests of this process share: roll back."""
    made = amigrate_server.make(amigrate_migrator, (), amigrate_seed)
    yield made.url
    amigrate_server.drop(made, "amigrate_shared_database")


async def _session(request: pytest.FixtureRequest) -> AsyncIterator[AsyncSession]:
    """An AsyncSession in a transaction that is rolled back, whatever the test commits.

    A test that asks for `amigrate_database` or `amigrate_engine`, too, has it on that database.
    Without them it is on one that is shared, which takes no time at all (SQLite: a copy).
    """
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from sqlalchemy.pool import NullPool

    url = _url_for_session(request)
    async with create_async_engine(url, poolclass=NullPool).connect() as connection:
        transaction = await connection.begin()
        async with AsyncSession(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            yield session
        await transaction.rollback()


_session._force_asyncio_fixture = True  # type: ignore[attr-defined]
amigrate_session = pytest.fixture(name="amigrate_session")(_session)


def _url_for_session(request: pytest.FixtureRequest) -> str:
    own = "amigrate_database" in request.fixturenames
    server: SuiteServer = request.getfixturevalue("amigrate_server")
    own = own or server.source.startswith("SQLite")
    url: str = request.getfixturevalue("amigrate_database" if own else "amigrate_shared_database")
    return url


# --- the history itself -----------------------------------------------------------------------


@pytest.fixture
def amigrate_ready(
    request: pytest.FixtureRequest, amigrate_migrator: Migrator
) -> Callable[[str], None]:
    """Run one of the ready-made tests: see `asyncmigrate.testing.ready`."""
    from asyncmigrate.testing.checks import NotApplicableError
    from asyncmigrate.testing.fuzz import named_checks

    settings = _settings(request.config, amigrate_migrator.config)

    def run(name: str) -> None:
        check = named_checks(settings)[name]
        if name in settings.skip:
            pytest.skip("left out in the settings (testing.skip)")
        try:
            if check.of_files is not None:
                found = check.of_files(amigrate_migrator)
            else:
                found = request.getfixturevalue("amigrate_server").run(check, amigrate_migrator)
        except NotApplicableError as reason:
            pytest.skip(str(reason))
        if found:
            pytest.fail(check.described(found), pytrace=False)

    return run


@pytest.fixture
def amigrate_case(
    amigrate_server: SuiteServer, amigrate_migrator: Migrator
) -> Callable[[str | DataCase], Any]:
    """Test what one revision does to data.

    `async with amigrate_case("ae10") as case:` is a `migration_case` of this suite's history and
    server; `await amigrate_case(DataCase(…))` runs a case that is written down as a value.
    """
    from asyncmigrate.testing.cases import DataCase, migration_case

    given = amigrate_server.given(amigrate_migrator)

    def make(case: str | DataCase) -> Any:
        if isinstance(case, DataCase):
            return case.check(migrator=amigrate_migrator, given=given)
        return migration_case(case, migrator=amigrate_migrator, given=given)

    return make


# --- settings ---------------------------------------------------------------------------------


def _migrator(config: pytest.Config) -> Migrator:
    from asyncmigrate.migrator import Migrator

    return Migrator.from_config(_config(config))


def _server(config: pytest.Config, migrator: Migrator) -> SuiteServer:
    from asyncmigrate.testing import suite

    stash = config.stash
    if _SUITE not in stash:
        stash[_SUITE] = suite.Suite(getattr(config, "workerinput", {}).get(_PLACE))
    return stash[_SUITE].server(_settings(config, migrator.config))


def _config(config: pytest.Config) -> Config:
    from asyncmigrate.config import import_path, load

    named = config.getini("amigrate_config")
    found = load(config.rootpath / named if named else None, folder=config.rootpath)
    import_path.prepend(found)
    return found


def _settings(config: pytest.Config, project: Config) -> TestingSettings:
    from asyncmigrate.testing.settings import settings

    return settings(
        project,
        url=config.getoption("amigrate_url"),
        server=config.getoption("amigrate_server"),
    )
