"""What an Alembic env.py does besides: kept for its effect, needed no more, or for a person."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from asyncmigrate.alembic.env_source_slice import Function, blocks, free_names, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.alembic.env_source_slice import Source

ALWAYS = {
    "transaction_per_migration": "always one transaction per revision; --atomic for one around all",
    "transactional_ddl": "each database's own way",
    "literal_binds": "always, with --sql",
    "dialect_opts": "not needed: percent signs stay as they are",
    "dialect_name": "the URL says it",
    "paramstyle": "not needed",
    "include_schemas": "always: the schemas that the models use are compared",
    "version_table_pk": "a version table that is there is used as it is",
    "output_encoding": "always UTF-8, with --sql",
    "output_buffer": "standard output, with --sql",
    "starting_rev": "FROM:TO, with --sql",
    "tag": "use -x key=value",
    "as_sql": "--sql",
    "mssql_batch_separator": "GO, with --sql",
    "oracle_batch_separator": "/, with --sql",
    "compare_nullable": "always",
}
"""Options of `context.configure` that need no setting, and why."""

_SILENT = {
    "logging", "logger", "log", "fileConfig", "dictConfig", "asyncio", "warnings", "nest_asyncio",
    "print",
}  # fmt: skip
_GOODBYES = ("close", "commit", "rollback", "dispose")
"""What is done to connections and engines at the end: ours have an end of their own."""
SENDS = ("execute", "exec_driver_sql", "scalar", "scalars")
_LOCKS = ("advisory_lock", "advisory_unlock", "GET_LOCK", "LOCK TABLE")
_HANDLED = ("PRAGMA FOREIGN_KEYS", "BEGIN", "COMMIT", "END", "ROLLBACK")
NOT_NEEDED = "not needed: "


def effects(source: Source) -> Iterator[ast.stmt]:
    """Give the statements of the module that are there for what they do: `load_dotenv()`."""
    for each in source.tree.body:
        if _is_effect(each) and not _runs(source, each):
            yield each


def _is_effect(node: ast.stmt) -> bool:
    """Return whether a statement does something; to log, or only to raise, is nothing here."""
    match node:
        case ast.Expr(value=ast.Call() as call):
            return _root(call) not in _SILENT and _called(call) not in _GOODBYES
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            return not any(isinstance(each, ast.Name | ast.Tuple) for each in targets)
        case ast.If() | ast.For() | ast.While() | ast.With() | ast.Try():
            return any(_is_effect(each) for each in blocks(node))
    return False


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _runs(source: Source, node: ast.AST) -> bool:
    """Return whether a statement calls a function of env.py that talks to Alembic or a database."""
    if source.is_theirs(node):
        return True
    functions = {each.name: each for each in source.tree.body if isinstance(each, Function)}
    called = [functions[name] for name in free_names(node) if name in functions]
    return any(_runs(source, each) for each in called if each is not node)


def leftovers(source: Source) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Give what runs around the migrations, and no setting says: what, what to do, which lines."""
    yield from _translations(source)
    for node in ast.walk(source.tree):
        match node:
            case ast.For() | ast.AsyncFor() if _has(node, "run_migrations", "configure"):
                yield _loop(source, node)
            case ast.Call(func=ast.Attribute(attr="run_migrations"), keywords=[_, *_]):
                if source.is_context(node.func):
                    yield _arguments(source, node)
            case ast.Call(func=ast.Attribute(attr=name)) if name in SENDS:
                if not _is_mapping(node):
                    yield sent(node)
            case ast.Call(func=ast.Attribute(attr="listens_for" | "listen")):
                yield ("a listener of SQLAlchemy", "declare `engine` in env_py with it", span(node))
            case ast.Assign(targets=[ast.Attribute() as target]) if "dialect" in ast.unparse(
                target
            ):
                yield (ast.unparse(target), "write it into `on_connect` of env_py", span(node))
            case ast.Call(func=ast.Attribute(attr="register"), args=[_, *_]) if "write_hooks" in (
                ast.unparse(node)
            ):
                yield ("a post-write hook of your own", "make it a command", span(node))


def _translations(source: Source) -> Iterator[tuple[str, str, tuple[int, int]]]:
    became = "declare `engine` in env_py, with .execution_options(schema_translate_map=…)"
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="execution_options"), keywords=given):
                if "schema_translate_map" in [each.arg for each in given]:
                    yield "schema_translate_map", became, span(node)


def _loop(source: Source, node: ast.For | ast.AsyncFor) -> tuple[str, str, tuple[int, int]]:
    what = f"migrations run in a loop over {_short(ast.unparse(node.iter))}"
    if "databases" in source.options:
        return what, f"{NOT_NEEDED}amigrate -n NAME, for each", span(node)
    return what, "one environment or Migrator for each: docs/how-to/many-databases.md", span(node)


def _arguments(source: Source, node: ast.Call) -> tuple[str, str, tuple[int, int]]:
    what = "arguments of run_migrations"
    if "databases" in source.options:
        return what, f"{NOT_NEEDED}scripts are handed the NAME of -n NAME", span(node)
    return what, "write them into `script_arguments` of env_py", span(node)


def sent(node: ast.Call) -> tuple[str, str, tuple[int, int]]:
    """Return what a call sends to the database, what becomes of it, and its lines."""
    text = " ".join(ast.unparse(each) for each in node.args)
    if any(each in text for each in _LOCKS):
        return ("a lock", f"{NOT_NEEDED}there is one by default", span(node))
    sql = sql_of(node)
    if sql.upper().startswith(_HANDLED):
        return (_short(text), f"{NOT_NEEDED}transactions and foreign keys are seen to", span(node))
    if _LIMIT.match(sql):
        return (_short(text), f"{NOT_NEEDED}it is in the settings", span(node))
    if "CREATE SCHEMA" in text.upper():
        became = "write it into `on_connect` of env_py, or create it with the database"
        return (f"SQL before the migrations: {_short(text)}", became, span(node))
    if "search_path" in text or "SET " in text.upper():
        became = "write it into `on_connect` of env_py"
        return (f"SQL before the migrations: {_short(text)}", became, span(node))
    return (f"SQL before the migrations: {_short(text)}", "put it into a revision", span(node))


def sql_of(node: ast.Call) -> str:
    """Return what a call sends, as far as it is written down there."""
    found = [each for arg in node.args for each in ast.walk(arg) if isinstance(each, ast.Constant)]
    texts = [each.value for each in found if isinstance(each.value, str)]
    return texts[0].strip() if texts else ""


_LIMIT = re.compile(
    r"SET\s+(?:SESSION\s+|LOCAL\s+)?(lock_timeout|statement_timeout)\s*(?:=|TO)\s*"
    r"'?\s*(\d+)\s*(ms|s|min)?\s*'?\s*;?$",
    re.IGNORECASE,
)
_SECONDS = {"": 0.001, "ms": 0.001, "s": 1.0, "min": 60.0}


def limits(source: Source) -> Iterator[tuple[str, float, tuple[int, int]]]:
    """Give the limits that are set before the migrations: the setting, seconds, which lines."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in SENDS:
            found = _LIMIT.match(sql_of(node))
            if found is not None:
                name = "table_lock_timeout" if found[1].lower()[0] == "l" else "statement_timeout"
                yield name, int(found[2]) * _SECONDS[(found[3] or "").lower()], span(node)


def _is_mapping(node: ast.Call) -> bool:
    """Return whether nothing is sent: `execute` of something that has no SQL in it."""
    return not node.args


def _short(text: str) -> str:
    return text if len(text) < 60 else f"{text[:57]}..."


def _has(node: ast.AST, *names: str) -> bool:
    return any(isinstance(each, ast.Attribute) and each.attr in names for each in ast.walk(node))


def empties_only(function: Function) -> bool:
    """Return whether a `process_revision_directives` only keeps empty revisions from being made."""
    if "is_empty" not in ast.unparse(function):
        return False
    for each in ast.walk(function):
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
            return False
        if isinstance(each, ast.Call) and _called(each) not in _HARMLESS:
            return False
    return True


_HARMLESS = {"is_empty", "info", "debug", "warning", "print", "getattr", "all", "any", "len"}


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))
