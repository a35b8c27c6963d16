"""The way of two models through one database: made, compared, migrated, compared, and back."""

from __future__ import annotations

import linecache
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.dialects.catalog import catalog_of
from asyncmigrate.engine.transaction import Transaction
from asyncmigrate.errors import TableChangeError
from asyncmigrate.migrator import autogenerate
from asyncmigrate.op import use
from asyncmigrate.render.script import Spelling
from asyncmigrate.render.script import script as written
from asyncmigrate.schema.describe import differences_of
from asyncmigrate.schema.diff import diff
from asyncmigrate.schema.scope import Scope
from asyncmigrate.schema.views import is_view
from asyncmigrate.scripts.comparing import read_sides
from asyncmigrate.scripts.directives import to_the_end
from asyncmigrate.scripts.operations import Operations
from asyncmigrate.scripts.sink import LiveSink
from asyncmigrate.scripts.template import ScriptText, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from asyncmigrate.schema.snapshot import Key, Object, Snapshot

FILLS = (
    *(("bool", "false"), ("int4range", "'empty'"), ("interval", "'1 day'"), ("int", "0")),
    *(("json", "'{}'"), ("char", "''"), ("text", "''"), ("timestamp", "'2020-01-01'")),
    *(("datetime", "'2020-01-01'"), ("date", "'2020-01-01'"), ("time", "'12:30'")),
    *(("uuid", "'00000000-0000-0000-0000-000000000000'"), ("[]", "'{}'"), ("bit", "'101'")),
    *(("inet", "'127.0.0.1'"), ("bytea", "''"), ("tsvector", "''")),
)
"""What fills a column of a type with such a word in it, first come first served."""


def value_for(type_: str) -> str:
    """Return SQL for the rows of a column."""
    if type_.endswith("[]"):
        return "'{}'"
    return next((sql for word, sql in FILLS if word in type_.lower()), "0")


@dataclass(frozen=True, slots=True)
class Models:
    """What is declared; metadata is made anew each time, as each process of a project makes it."""

    make: Callable[[], sa.MetaData]
    schemas: frozenset[str] = frozenset()


class LawError(AssertionError):
    """A law does not hold: which one, and on what."""


class ImpossibleError(Exception):
    """The database itself refuses the models."""


@dataclass(slots=True)
class Trip:
    """One connection to a database that nobody else uses."""

    connection: sa.Connection
    dialect: Any
    schemas: frozenset[str] = frozenset()
    log: list[str] = field(default_factory=list)
    home: str = "public"
    """The default schema on PostgreSQL; the search path of the connection says so."""

    @property
    def name(self) -> str:
        name: str = self.connection.dialect.name
        return "mysql" if name == "mariadb" else name

    # --- steps ---------------------------------------------------------------------------------

    @contextmanager
    def transaction(self, *, commit: bool = True) -> Iterator[Transaction]:
        made = Transaction(self.connection, self.dialect)
        made.begin()
        try:
            yield made
            made.commit() if commit else made.rollback()
        except BaseException:
            made.rollback()
            raise

    def wipe(self) -> None:
        """Leave nothing in the database."""
        with self.transaction():
            for statement in getattr(self, f"_wipe_{self.name}")():
                self.connection.execute(sa.text(statement.replace(":", r"\:")))

    def _wipe_postgresql(self) -> list[str]:
        found = self.connection.exec_driver_sql(
            "SELECT quote_ident(nspname) FROM pg_namespace "
            "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
        ).scalars()
        gone = [f"DROP SCHEMA {name} CASCADE" for name in found]
        return [*gone, f'CREATE SCHEMA "{self.home}"']

    def _wipe_mysql(self) -> list[str]:
        name = self.connection.scalar(sa.text("SELECT DATABASE()"))
        return [f"DROP DATABASE {name}", f"CREATE DATABASE {name}", f"USE {name}"]

    def _wipe_sqlite(self) -> list[str]:
        found = self.connection.exec_driver_sql(
            "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' "
            "AND type IN ('table', 'view') ORDER BY type DESC"
        ).all()
        quoted = self.connection.dialect.identifier_preparer.quote_identifier
        return [f"DROP {kind} {quoted(name)}" for kind, name in found]

    def create_all(self, models: Models) -> None:
        metadata = models.make()
        with self.transaction():
            for schema in sorted(models.schemas):
                self.connection.execute(sa.schema.CreateSchema(schema))
            try:
                metadata.create_all(self.connection)
            except sa.exc.DBAPIError as error:
                raise ImpossibleError(str(error)) from error

    def read(self, schemas: frozenset[str]) -> Snapshot:
        with self.transaction(commit=False):
            return catalog_of(self.name).read(self.connection, Scope(schemas=schemas | {""}))

    def compared(self, models: Models, *, renames: bool) -> Any:
        scope = Scope(schemas=self.schemas | {""})
        with self.transaction(commit=False):
            sides = read_sides(self.connection, [models.make()], scope)
        answers = autogenerate.Answers(
            no_renames=not renames, ask_rename=lambda question: question.candidates[0].key.path
        )
        return autogenerate.decided(sides, answers)

    def script(self, comparison: Any) -> str:
        answers = autogenerate.Answers(ask_value=lambda needs: value_for(needs.type))
        calls = autogenerate.calls_of(comparison, autogenerate.ordered(comparison), answers)
        bodies = written(*calls, Spelling(dialect=comparison.forms.dialect))
        text = ScriptText(
            rev_id="1",
            message="a law",
            date=None,  # type: ignore[arg-type]
            imports=bodies.imports,
            upgrades=bodies.upgrades,
            downgrades=bodies.downgrades,
        )
        return render(text, Path("/nonexistent"))

    def run(self, script: dict[str, Any], direction: str) -> None:
        with self.transaction() as transaction:
            sink = LiveSink(self.connection, transaction, None)
            operations = Operations(sink)
            with use(operations), to_the_end(operations):
                script[direction]()

    def beside(self, first: Models, second: Models) -> None:
        """Make what models do not have: partitions, and children of the tables that stay."""
        if self.name != "postgresql":
            return
        preparer = self.connection.dialect.identifier_preparer
        with self.transaction():
            for place, sql in enumerate(_others(first, second, preparer.format_table)):
                self.connection.execute(sa.text(f"CREATE TABLE other_{place} {sql}"))

    def fill(self, snapshot: Snapshot) -> None:
        """Put a row into each table that takes one."""
        quote = self.connection.dialect.identifier_preparer.quote
        for key in snapshot:
            columns = [
                each
                for other, each in snapshot.items()
                if other.kind == "column" and other.owner == key
            ]
            if key.kind == "table" and columns:
                with suppress(sa.exc.DBAPIError), self.transaction():
                    names, values = _row(columns, quote)
                    table = ".".join(quote(name) for name in (key.schema, key.name) if name)
                    sql = f"INSERT INTO {table} ({names}) VALUES ({values})".replace("%%", "%")
                    self.connection.execute(sa.text(sql.replace(":", r"\:")))

    # --- the laws ------------------------------------------------------------------------------

    def go(
        self, first: Models, second: Models, *, renames: bool = False, rows: bool = False
    ) -> None:
        """Raise a LawError if a law does not hold for this pair."""
        self.schemas = both = first.schemas | second.schemas
        self.wipe()
        self.create_all(second)
        wanted = self.read(both)
        self.wipe()
        self.create_all(first)
        former = self.read(both)
        self.must_be_equal("create_all leaves a difference", self.compared(first, renames=False))
        if rows:
            self.beside(first, second)
            self.fill(former)
        comparison = self.compared(second, renames=renames)
        if not comparison.changes:
            return
        source = self.script(comparison)
        self.log += ["\n".join(str(each) for each in comparison.changes), source]
        script = executed(source)
        try:
            self.run(script, "upgrade")
        except (sa.exc.DBAPIError, TableChangeError) as error:
            if rows and _is_about_rows(error):
                return  # they cannot be what is asked for
            raise
        self.must_be_equal("upgrade leaves a difference", self.compared(second, renames=False))
        self.same("upgrade is not create_all", self.read(both), wanted, first)
        try:
            self.run(script, "downgrade")
        except (sa.exc.DBAPIError, TableChangeError) as error:
            if rows and _is_about_rows(error):
                return
            raise
        self.same("downgrade does not restore", self.read(both), former, None)

    def must_be_equal(self, law: str, comparison: Any) -> None:
        if comparison.changes:
            raise LawError(f"{law}: {_told(comparison.changes)}")

    def same(self, law: str, found: Snapshot, wanted: Snapshot, first: Models | None) -> None:
        if found == wanted:
            return
        if first is not None:
            # CREATE TABLE of PostgreSQL takes NOT VALID for said: there are no rows.
            found, wanted = _validated(found), _validated(wanted)
            # SQLite gives no names; elsewhere what was there keeps the number that it got.
            named = {key.table for key in found} if self.name == "sqlite" else set()
            before = named | {table.name for table in first.make().tables.values()}
            found, wanted = _anonymous(found, before), _anonymous(wanted, before)
        if self.name == "mysql":
            found, wanted = _without_implied(found), _without_implied(wanted)
        changes = diff(found, wanted)
        if changes:
            raise LawError(f"{law}: {_told(changes)}")


def _others(first: Models, second: Models, quoted: Callable[[sa.Table], str]) -> Iterator[str]:
    stay = {table.key for table in second.make().tables.values()}
    for table in first.make().tables.values():
        name = quoted(table).replace(":", r"\:")
        if table.dialect_options["postgresql"]["partition_by"]:
            yield f"PARTITION OF {name} FOR VALUES WITH (MODULUS 1, REMAINDER 0)"
        elif table.key in stay and not is_view(table):
            yield f"() INHERITS ({name})"


_ABOUT_ROWS = ("22", "23", "21")
"""Classes of SQLSTATE: data, integrity."""


def _is_about_rows(error: sa.exc.DBAPIError | TableChangeError) -> bool:
    if isinstance(error, TableChangeError):
        return True  # SQLite copies rows, and says what no row can be
    if "has child tables" in str(error.orig):
        return True  # no identity can be added to a table with children
    state = str(getattr(error.orig, "sqlstate", "") or "")
    kinds = (sa.exc.IntegrityError, sa.exc.DataError)
    return isinstance(error, kinds) or state[:2] in _ABOUT_ROWS or "1265" in str(error.orig)


def _row(columns: Iterable[Any], quote: Callable[[str], str]) -> tuple[str, str]:
    given = [each for each in columns if each.computed is None and each.identity is None]
    names = ", ".join(quote(each.name) for each in given)
    return names, ", ".join("NULL" if each.nullable else value_for(each.type) for each in given)


def _told(changes: Any) -> str:
    lines = [str(each) for each in differences_of(changes)]
    return "\n  ".join(["", *lines, *(repr(each) for each in changes)])


_COUNTED = re.compile(r"_ibfk_\d+$")
"""MySQL counts foreign keys in the order of their making, which a circle of tables changes."""


def _anonymous(snapshot: Snapshot, tables: set[str]) -> dict[Key, Object]:
    """Return a snapshot without the names of constraints of tables that were there before.

    What nobody named keeps the number that it was given when others were there.
    """
    found: dict[Key, Object] = {}
    for key, obj in snapshot.items():
        constraint = key.kind in {"unique", "check", "foreign_key", "primary_key", "exclude"}
        if constraint and (key.table in tables or _COUNTED.search(key.name)):
            bare: Any = replace(obj, name="")  # type: ignore[type-var]
            place = 0
            while (
                new := bare.key._replace(name=f"{place} {replace(bare, element=None)}")
            ) in found:
                place += 1
            found[new] = bare
        else:
            found[key] = obj
    return found


def _validated(snapshot: Snapshot) -> dict[Key, Object]:
    """Return a snapshot whose foreign keys are all valid."""
    return {
        key: replace(obj, validated=True) if key.kind == "foreign_key" else obj  # type: ignore[type-var]
        for key, obj in snapshot.items()
    }


def _without_implied(snapshot: Snapshot) -> dict[Key, Object]:
    """Return a snapshot without the indexes that foreign keys need, whatever they are called."""
    keys: list[Any] = [each for each in snapshot.values() if each.key.kind == "foreign_key"]
    return {
        key: each
        for key, each in snapshot.items()
        if not any(key.owner == of.key.owner and _serves(each, of.columns) for of in keys)
    }


def _serves(obj: Any, columns: tuple[str, ...]) -> bool:
    if obj.key.kind != "index":
        return False
    return tuple(part.text for part in obj.columns)[: len(columns)] == columns


def executed(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "law"}
    linecache.cache["law.py"] = (len(source), None, source.splitlines(keepends=True), "law.py")
    exec(compile(source, "law.py", "exec"), names)
    return names
