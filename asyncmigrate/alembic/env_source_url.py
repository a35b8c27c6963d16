"""Where an Alembic env.py takes its database's URL from, as a setting's text where possible.

`os.environ["DB"]`, `os.getenv("DB", "sqlite://")`, f-strings of them and functions that return
such a thing become `${DB}` and `${DB:-sqlite://}`. Anything else stays Python.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asyncmigrate.alembic.env_source_choice import chosen
from asyncmigrate.alembic.env_source_rest import NOT_NEEDED
from asyncmigrate.alembic.env_source_slice import Function, Slice, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncmigrate.alembic.env_source_slice import Scope, Source

URL_KEY = "sqlalchemy.url"
_ENGINES = ("create_async_engine", "create_engine")
_FROM_CONFIG = ("async_engine_from_config", "engine_from_config")
_IDLE = {
    "poolclass",
    "future",
    "echo",
    "pool_pre_ping",
    "pool_size",
    "max_overflow",
    "prefix",
    "url",
}
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class UrlSource:
    """An expression of env.py that gives the URL, or an engine."""

    node: ast.expr
    lines: tuple[int, int]
    is_engine: bool = False
    keywords: tuple[ast.keyword, ...] = ()
    """What else the engine was given."""
    is_async: bool = False
    call: ast.Call | None = None
    """The call that makes the engine."""
    chosen: ast.expr | None = None
    """What stands in place of `node`, and in its scope, if a condition chooses the URL."""


def url_sources(source: Source) -> list[UrlSource]:
    """Return where the URL comes from, what counts first in front; empty if it is the ini's."""
    sets = [*_set_options(source)]
    given = [each for _, each in sets]
    engines = list(_engine_calls(source))
    own = [each for each in engines if not _asks_config(source, each)]
    if len({ast.dump(each.node) for each in own}) > 1:  # a function chooses; its engine knows
        return [*_connected(source), *own]
    if own:
        return own
    extra = tuple(keyword for each in engines for keyword in each.keywords)
    if given:
        first = given[-1]
        is_async = any(each.is_async for each in engines)
        call = next((each.call for each in engines), None)
        value = chosen(source, [(node, each.node) for node, each in sets])
        return [UrlSource(first.node, first.lines, False, extra, is_async, call, value)]
    if engines:
        return []
    return [*_connected(source), *_offline(source)]


_DRIVERS_OWN = "a driver's own options: declare `engine` in env_py, with an async driver's"
_OF_A_DRIVER = {
    "check_same_thread": f"{NOT_NEEDED}aiosqlite sees to its thread",
    "connect_timeout": f"{NOT_NEEDED}async drivers have a limit of their own",
    "application_name": f"{NOT_NEEDED}a name for people",
    "options": "say it in `on_connect` of env_py: SET search_path TO …",
    "sslmode": "put it into the URL, ?sslmode=…: every driver gets it as it has it",
}
"""What `connect_args` of sync drivers say, and what becomes of it here."""


def driver_options(keyword: ast.keyword) -> Iterator[tuple[str, str]]:
    """Give what an engine's own option is, and what becomes of it; those of `connect_args` each."""
    names = _names_in(keyword.value) if keyword.arg == "connect_args" else None
    if names is None:
        yield f"{keyword.arg or '**'}=…", _DRIVERS_OWN
        return
    for name in names:
        yield f"{name}, in connect_args", _OF_A_DRIVER.get(name, _DRIVERS_OWN)


def _names_in(node: ast.expr) -> list[str] | None:
    """Return the keys of a dictionary that is written down; None if it is not."""
    match node:
        case ast.Dict(keys=keys) if all(isinstance(each, ast.Constant) for each in keys):
            return [str(each.value) for each in keys if isinstance(each, ast.Constant)]
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
            names = [each.arg for each in keywords]
            return [each for each in names if each] if None not in names else None
    return None


def _called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return getattr(function, "attr", getattr(function, "id", ""))


def _engine_calls(source: Source) -> Iterator[UrlSource]:
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or _called(node) not in (*_ENGINES, *_FROM_CONFIG):
            continue
        urls = [each.value for each in node.keywords if each.arg == "url"]
        if _called(node) in _ENGINES:
            urls += node.args[:1]
        keywords = tuple(each for each in node.keywords if each.arg not in _IDLE)
        first = urls[0] if urls else ast.Constant(None)
        yield UrlSource(first, span(node), False, keywords, "async" in _called(node), node)


def _asks_config(source: Source, found: UrlSource) -> bool:
    """Return whether an engine's URL is the ini's, which env.py may have set before."""
    node = found.node
    if isinstance(node, ast.Constant):
        return node.value is None
    if isinstance(node, ast.Name):
        values = [_value(each) for each in source.scope_around(node).binders(node.id)]
        return bool(values) and all(
            value is not None and _is_option(source, value) for value in values
        )
    return _is_option(source, node)


def _value(statement: ast.stmt) -> ast.expr | None:
    return statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None


def _is_option(source: Source, node: ast.expr) -> bool:
    return any(
        source.is_config(each.func.value)
        and _called(each) in ("get_main_option", "get_section_option")
        for each in ast.walk(node)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)
    ) or any(isinstance(each, ast.Constant) and each.value == URL_KEY for each in ast.walk(node))


def _set_options(source: Source) -> Iterator[tuple[ast.AST, UrlSource]]:
    """Give what puts a URL into the config, and the URL."""
    keys = _url_keys(source)
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(args=[*_, ast.Constant(value="sqlalchemy.url"), value]) if _called(
                node
            ) in (
                "set_main_option",
                "set_section_option",
            ):
                yield node, UrlSource(value, span(node))
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str(key)))]) if (
                key in keys
            ):
                yield node, UrlSource(node.value, span(node))
            case ast.Dict():
                for each, value in zip(node.keys, node.values, strict=True):
                    if isinstance(each, ast.Constant) and each.value in keys:
                        yield node, UrlSource(value, span(value))


def _url_keys(source: Source) -> set[str]:
    """Return what the URL is called in the sections that engines are made from."""
    calls = [each for each in ast.walk(source.tree) if isinstance(each, ast.Call)]
    given = [
        str(keyword.value.value)
        for call in calls
        if _called(call) in _FROM_CONFIG
        for keyword in call.keywords
        if keyword.arg == "prefix" and isinstance(keyword.value, ast.Constant)
    ]
    return {URL_KEY, *(f"{prefix}url" for prefix in given)}


def _connected(source: Source) -> Iterator[UrlSource]:
    """Give an engine that is not made here, but connected: the application's own."""
    for opening, is_async in _opened(source):
        match opening:
            case ast.Call(func=ast.Attribute(attr="connect" | "begin", value=engine)):
                found = _resolved(source, engine)
                if not source.is_theirs(found):
                    yield UrlSource(found, span(opening), True, (), is_async)
                return


def _opened(source: Source) -> Iterator[tuple[ast.expr, bool]]:
    """Give what a connection may come from, and whether it is awaited: in a `with`, or assigned."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                yield item.context_expr, isinstance(node, ast.AsyncWith)
        elif isinstance(node, ast.Assign):
            is_async = isinstance(node.value, ast.Await)
            value = node.value.value if isinstance(node.value, ast.Await) else node.value
            if _called(value) == "connect":
                yield value, is_async


def _resolved(source: Source, node: ast.expr) -> ast.expr:
    """Follow `connectable = engine` within a function."""
    if isinstance(node, ast.Name):
        found = [_value(each) for each in source.scope_around(node).binders(node.id)]
        values = [each for each in found if each is not None and not source.is_theirs(each)]
        if values:
            return _resolved(source, values[-1])
    return node


def _offline(source: Source) -> Iterator[UrlSource]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and _called(node) == "configure":
            for each in node.keywords:
                if each.arg == "url" and not _asks_config(source, UrlSource(each.value, (0, 0))):
                    yield UrlSource(each.value, span(each.value))


def as_setting(node: ast.AST, scope: Scope, cut: Slice, depth: int = 0) -> str | None:
    """Return an expression as the text of a setting, `${NAME}` included; None if it is not one.

    `None` and an empty value count as unset in both.
    """
    if depth > _DEEPEST:
        return None
    node = cut.answered(node) if depth == 0 else node
    match node:
        case ast.Constant(value=str(text)):
            return text.replace("${", "$${")
        case ast.JoinedStr(values=values):
            return _joined([as_setting(each, scope, cut, depth + 1) for each in values])
        case ast.FormattedValue(value=value, conversion=-1 | 115, format_spec=None):
            return as_setting(value, scope, cut, depth + 1)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([as_setting(each, scope, cut, depth + 1) for each in (left, right)])
        case ast.BoolOp() | ast.IfExp():
            return _of_choice(node, scope, cut, depth)
        case ast.Name(id=name):
            return _of_name(name, scope, cut, depth)
        case ast.Subscript(slice=ast.Constant(value=str(name)), value=value):
            return _variable(name) if _is_environ(value) else None
        case ast.Call():
            return _of_call(node, scope, cut, depth)
    return None


def _of_choice(node: ast.BoolOp | ast.IfExp, scope: Scope, cut: Slice, depth: int) -> str | None:
    """Return `X or Y` and `X if X else Y` as `${X:-Y}`; nothing else can be a setting."""
    match node:
        case ast.IfExp(test=test, body=body, orelse=orelse):
            pass
        case ast.BoolOp(op=ast.Or(), values=[body, orelse]):
            test = body
        case _:
            return None
    if isinstance(test, ast.Constant):
        return as_setting(body if test.value else orelse, scope, cut, depth + 1)
    text = as_setting(body, scope, cut, depth + 1)
    match test:
        case ast.Compare(left=ast.Constant(value=str(name)), ops=[ast.In()], comparators=[of]):
            tested = _variable(name) if _is_environ(of) else None
        case _:
            tested = as_setting(test, scope, cut, depth + 1)
    if text is None or text != tested:
        return None
    if isinstance(orelse, ast.Constant) and orelse.value is None:
        return text
    return _with_default(text, as_setting(orelse, scope, cut, depth + 1))


def _joined(texts: list[str | None]) -> str | None:
    return None if None in texts else "".join(text for text in texts if text is not None)


def _with_default(text: str | None, default: str | None) -> str | None:
    if text is None or default is None or not text.startswith("${") or ":-" in text:
        return None
    return None if "}" in default or "{" in default else f"{text[:-1]}:-{default}}}"


def _variable(name: str) -> str:
    return "${" + name + "}"


def _is_environ(node: ast.expr) -> bool:
    return ast.unparse(node) in ("os.environ", "environ")


def _of_call(node: ast.Call, scope: Scope, cut: Slice, depth: int) -> str | None:
    called = ast.unparse(node.func)
    if called in ("os.environ.get", "environ.get", "os.getenv", "getenv") and node.args:
        name = node.args[0]
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            return None
        given = [*node.args[1:], *(each.value for each in node.keywords)]
        if not given:
            return _variable(name.value)
        return _with_default(_variable(name.value), as_setting(given[0], scope, cut, depth + 1))
    if called == "str" and len(node.args) == 1:
        return as_setting(node.args[0], scope, cut, depth + 1)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "replace":
        return _of_replace(node.func.value, node.args, scope, cut, depth)
    if isinstance(node.func, ast.Name) and not node.args and not node.keywords:
        return _of_function(node.func.id, scope, cut, depth)
    return None


def _of_replace(
    value: ast.expr, arguments: list[ast.expr], scope: Scope, cut: Slice, depth: int
) -> str | None:
    """A scheme that is replaced by another one names the same database: it is mapped anyway."""
    texts = [each.value for each in arguments if isinstance(each, ast.Constant)]
    schemes = ("postgres", "mysql", "sqlite", "mariadb", "+", "%")
    if len(texts) < 2 or not all(not t or str(t).startswith(schemes) for t in texts[:2]):
        return None
    return as_setting(value, scope, cut, depth + 1)


def _of_name(name: str, scope: Scope | None, cut: Slice, depth: int) -> str | None:
    while scope is not None:
        found = scope.binders(name)
        if found:
            value = _value(found[0]) if len(found) == 1 else None
            return None if value is None else as_setting(cut.answered(value), scope, cut, depth + 1)
        if name in scope.parameters:
            return None
        scope = scope.outer
    return None


def _of_function(name: str, scope: Scope | None, cut: Slice, depth: int) -> str | None:
    """Return what a function without arguments returns, if it does so in one way."""
    while scope is not None and not scope.binders(name):
        scope = scope.outer
    found = scope.binders(name) if scope is not None else []
    if len(found) != 1 or not isinstance(found[0], Function):
        return None
    returned = [each for each in ast.walk(found[0]) if isinstance(each, ast.Return)]
    inside = cut.source.scope_around(returned[0]) if returned else None
    simple = (ast.Assign, ast.AnnAssign, ast.Return, ast.Expr)
    is_straight = inside is not None and all(isinstance(each, simple) for each in inside.body)
    if len(returned) != 1 or returned[0].value is None or not is_straight or inside is None:
        return None
    return as_setting(cut.answered(returned[0].value), inside, cut, depth + 1)
