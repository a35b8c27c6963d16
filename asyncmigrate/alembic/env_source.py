"""What an Alembic env.py says, read from its source: nothing of it is run or imported.

Names, URLs and metadata that settings can hold become settings; filters, comparators and whatever
needs Python become the text of an env.py of ours, cut out with the imports that they need. What is
left is listed with its lines, for a person.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from asyncmigrate.alembic.env_source_connect import NAME, prepared
from asyncmigrate.alembic.env_source_found import EnvSource, Finding
from asyncmigrate.alembic.env_source_options import (
    configured,
    defined,
    followed,
    is_constant,
    run_arguments,
    short,
)
from asyncmigrate.alembic.env_source_plugs import (
    names_bound,
    plugged,
    registered,
    uses_plug_ins,
)
from asyncmigrate.alembic.env_source_rest import (
    ALWAYS,
    NOT_NEEDED,
    effects,
    empties_only,
    leftovers,
    limits,
)
from asyncmigrate.alembic.env_source_slice import Function, Slice, Source, free_names, span
from asyncmigrate.alembic.env_source_text import Declaration, env_text, given_by
from asyncmigrate.alembic.env_source_url import as_setting, driver_options, url_sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncmigrate.alembic.env_source_found import Lines
    from asyncmigrate.alembic.env_source_slice import Scope
    from asyncmigrate.alembic.env_source_url import UrlSource

FindSource = Callable[[str], str | None]
"""Gives the source of a module of the project by its dotted name; None if it has none."""

_HOOKS = (
    "include_object", "include_name", "compare_type", "compare_server_default", "render_item",
    "user_module_prefix", "process_revision_directives", "on_version_apply",
)  # fmt: skip
_NAMES = ("version_table", "version_table_schema")
_KNOWN_OTHERWISE = {"connection", "url", "target_metadata", "engine", "script_location"}
"""What the settings say, and what Alembic itself passes over."""
OPTIONS = "context_options"
_STANDARD = {"alembic_module_prefix": "op.", "sqlalchemy_module_prefix": "sa."}


def read_env(text: str, options: Mapping[str, str], source_of: FindSource) -> EnvSource:
    """Read an env.py. Raises SyntaxError, or ValueError, if it is not Python."""
    return _Reader(Source.of(text, options), source_of).read()


class _Reader:
    def __init__(self, source: Source, source_of: FindSource) -> None:
        self.source = source
        self.source_of = source_of
        self.module = Slice(source)
        self.declarations: list[Declaration] = []
        self.found = EnvSource()
        self.options = configured(source)
        self.own: dict[str, ast.expr] = {}
        self.effects = _known_effects(source)

    def read(self) -> EnvSource:
        self._url()
        for name, node in self.options.items():
            self._option(name, node)
        for trial in self.effects.values():
            self.module.kept |= trial.kept
        self._own_options()
        self._plug_ins()
        self._metadata()
        for name, seconds, lines in limits(self.source):
            self.found.settings[name] = seconds
            self._take(name, f"{name} in the settings", lines)
        first = prepared(self.source, self.module)
        if first is not None:
            self._declare(NAME, first.declaration, "what the connection is told first", first.lines)
        given = self._script_arguments()
        for what, became, lines in leftovers(self.source):
            if given and what.startswith("arguments of"):
                continue
            if first is not None and first.covers(lines, self.source):
                continue
            if became.startswith(NOT_NEEDED):
                self._take(what, became, lines)
            else:
                self.found.needs.append(Finding(what, became, lines, matters=True))
        self.found.python = env_text(self.declarations, self.module, self.found.imports)
        return self.found

    # --- the database ---------------------------------------------------------------------------

    def _url(self) -> None:
        sources = url_sources(self.source)
        if not sources:
            return
        first = sources[0]
        scope = self.source.scope_around(first.node)
        if first.is_engine:
            self._engine(first, scope)
            return
        if first.keywords and first.is_async and self._engine_made(first):
            return
        for each in first.keywords:
            for what, became in driver_options(each):
                if became.startswith(NOT_NEEDED):
                    self._take(f"{what} of the engine", became, span(each))
                else:
                    self._need(f"{what} of the engine", became, each)
        value = first.chosen or first.node
        setting = as_setting(value, scope, Slice(self.source))
        if setting and all(_is_path(each) for each in self.effects):
            self.found.settings["url"] = setting
            self._take("the database's URL", "url in the settings", first.lines)
            return
        declaration = given_by(self.source, "url", first.node, self.module, made=first.chosen)
        if declaration is None and not self.source.options.get("sqlalchemy.url"):
            declaration = given_by(self.source, "url", first.node, self.module)
        self._declare("url", declaration, "the database's URL", first.lines)

    def _engine(self, first: UrlSource, scope: Scope) -> None:
        """Declare the application's own engine, or the URL of one that cannot be awaited."""
        what = f"the engine {short(first.node)}"
        if first.is_async or self._is_async(first.node):
            declaration = given_by(self.source, "engine", first.node, self.module)
            self._declare("engine", declaration, what, first.lines)
            return
        shown = "{}.url.render_as_string(hide_password=False)"
        declaration = given_by(self.source, "url", first.node, self.module, shown)
        self._declare("url", declaration, what, first.lines)

    def _engine_made(self, first: UrlSource) -> bool:
        """Declare an async engine with the options that it is made with, if they are known."""
        call = first.call
        assert call is not None
        made = ast.Call(
            ast.Name("create_async_engine", ast.Load()), [first.node], [*first.keywords]
        )
        made = ast.copy_location(ast.fix_missing_locations(made), call)
        declaration = given_by(self.source, "engine", call, self.module, made=made)
        if declaration is None:
            return False
        self.found.imports.append("from sqlalchemy.ext.asyncio import create_async_engine")
        self._declare("engine", declaration, "the engine, with its options", first.lines)
        return True

    def _is_async(self, node: ast.expr) -> bool:
        name = ast.unparse(node).rpartition(".")[2]
        for each in self.source.tree.body:
            if isinstance(each, ast.ImportFrom) and name in [
                a.asname or a.name for a in each.names
            ]:
                text = self.source_of(each.module or "") or ""
                return "create_async_engine" in text and "create_engine" not in text.replace(
                    "create_async_engine", ""
                )
        return False

    # --- what configure() was told --------------------------------------------------------------

    def _option(self, name: str, node: ast.expr) -> None:
        if name in _NAMES:
            self._name(name, node)
        elif name in _HOOKS:
            self._hook(name, node)
        elif name == "render_as_batch":
            if not is_constant(node, False):
                self.found.settings["render_as_batch"] = True
                self._take(name, "render_as_batch in the settings", span(node))
        elif name in _STANDARD:
            if not is_constant(node, _STANDARD[name]):
                self._need(name, f"new scripts say `{_STANDARD[name]}`", node)
        elif name in ALWAYS:
            self._take(f"{name}={short(node)}", ALWAYS[name], span(node))
        elif name in _ELSEWHERE:
            self._need(f"{name}={short(node)}", _ELSEWHERE[name], node)
        elif name not in _KNOWN_OTHERWISE:
            self._own_option(name, node)

    def _own_options(self) -> None:
        if not self.own:
            return
        first = next(iter(self.own.values()))
        names: list[ast.expr | None] = [ast.Constant(name) for name in self.own]
        made = ast.copy_location(ast.Dict(names, [*self.own.values()]), first)
        made = ast.fix_missing_locations(made)
        text = given_by(self.source, OPTIONS, first, self.module, made=made)
        self._declare(OPTIONS, text, ", ".join(self.own), span(first))

    def _own_option(self, name: str, node: ast.expr) -> None:
        """Keep an option that is not Alembic's: scripts ask for it in the context's `opts`."""
        text = given_by(self.source, OPTIONS, node, Slice(self.source))
        if text is None or text.is_function:
            became = f"write it into `{OPTIONS}` of env_py, if scripts ask for it"
            self._need(f"{name}={short(node)}", became, node)
            return
        self.own[name] = node

    def _script_arguments(self) -> bool:
        """Declare what `run_migrations()` hands to scripts, if env.py says it outside of a run."""
        found = run_arguments(self.source)
        if found is None or "databases" in self.source.options:
            return False
        call, made = found
        name = "script_arguments"
        text = given_by(self.source, name, call, self.module, made=made) if made.keys else None
        if text is not None:
            self._declare(name, text, name, span(call))
        return text is not None or not made.keys

    def _name(self, name: str, node: ast.expr) -> None:
        if is_constant(node, None):
            return
        setting = as_setting(node, self.source.scope_around(node), Slice(self.source))
        if setting:
            self.found.settings[name] = setting
            self._take(name, f"{name} in the settings", span(node))
            return
        declaration = given_by(self.source, name, node, self.module)
        if declaration is not None:
            self._declare(name, declaration, name, span(node))
        else:
            self._need(f"{name}={short(node)}", f"set `{name}` in the settings", node)

    def _hook(self, name: str, node: ast.expr) -> None:
        if isinstance(node, ast.Constant) and node.value in (None, True):
            if node.value and name.startswith("compare"):
                self._take(f"{name}=True", "always", span(node))
            return
        if name == "process_revision_directives" and self._is_needless(node):
            return
        scope = self.source.scope_around(node)
        cut, answered = self._cut(node, scope, as_it_is=False)
        if cut.asks_x or not cut.is_known(answered):
            cut, answered = self._cut(node, scope, as_it_is=True)
        lines = defined(node, scope)
        if not cut.is_known(answered):
            words = ", ".join(sorted({each for each, _ in cut.blocked})) or "what only a run knows"
            self.found.needs.append(
                Finding(name, f"it uses {words}: write it into env_py without", lines)
            )
            return
        self.module.kept |= cut.kept
        self._keep_registered(cut)
        self._declare(name, Declaration(name, ast.unparse(answered)), name, lines)

    def _cut(self, node: ast.expr, scope: Scope, *, as_it_is: bool) -> tuple[Slice, ast.AST]:
        cut = Slice(self.source, as_it_is=as_it_is)
        answered = cut.answered(node)
        cut.need(answered, scope)
        return cut, answered

    def _keep_registered(self, cut: Slice) -> None:
        """Keep what is registered with something that is kept: the functions of a Rewriter."""
        bound = set().union(*(names_bound(each) for each, _ in cut.kept.values()))
        for each in registered(self.source, bound - self.source.context):
            added = Slice(self.source, as_it_is=True)
            added.keep(each)
            if added.is_known():
                self.module.kept |= added.kept

    def _plug_ins(self) -> None:
        """Keep what plugs into Alembic: comparators, renderers, operations, and their settings."""
        for each in plugged(self.source):
            cut = Slice(self.source, as_it_is=True)
            cut.keep(each) if each in self.source.tree.body else cut.keep_moved(each)
            what, lines = f"what plugs into Alembic: {short(each)}", span(each)
            if cut.is_known():
                self.module.kept |= cut.kept
                self._take(what, "it plugs into ours in env_py", lines)
            else:
                words = ", ".join(sorted({name for name, _ in cut.blocked}))
                became = f"it uses {words}: write it into env_py without"
                self.found.needs.append(Finding(what, became, lines, matters=True))
        schemas = self.options.get("include_schemas")
        if schemas is not None and is_constant(schemas, True) and uses_plug_ins(self.source):
            text = Declaration("include_schemas", "True")
            self._declare("include_schemas", text, "include_schemas", span(schemas))

    def _is_needless(self, node: ast.expr) -> bool:
        """Return whether a hook only keeps empty revisions from being made."""
        scope: Scope | None = self.source.scope_around(node)
        lines = defined(node, scope)
        while scope is not None and isinstance(node, ast.Name) and not scope.binders(node.id):
            scope = scope.outer
        found = scope.binders(node.id) if scope is not None and isinstance(node, ast.Name) else []
        function = found[-1] if found and isinstance(found[-1], Function) else None
        if function is None or not empties_only(function):
            return False
        self._take("process_revision_directives", "an empty revision is never written", lines)
        return True

    # --- the models -----------------------------------------------------------------------------

    def _metadata(self) -> None:
        from asyncmigrate.alembic.env_source_metadata import metadata_paths, model_imports

        node = self.options.get("target_metadata")
        value = followed(self.source, node)
        if (
            value is None
            or is_constant(value, None)
            or (isinstance(value, ast.Dict) and not value.keys)
        ):
            became = "none is compared by Alembic, either: set `metadata` to your models"
            self._need("target_metadata", became, node)
            return
        beside = model_imports(self.source, self.module)
        if isinstance(value, ast.Dict):
            self._metadata_by_name(value)
            return
        paths = metadata_paths(self.source, value, self.source_of)
        trial = Slice(self.source)
        scope = self.source.scope_around(value)
        answered = trial.answered(value)
        trial.need(answered, scope)
        used = {id(statement) for statement, _ in trial.kept.values()}
        if paths and not [each for each in beside if id(each) not in used]:
            self.found.settings["metadata"] = paths[0] if len(paths) == 1 else list(paths)
            self._take("target_metadata", "metadata in the settings", span(value))
            return
        if not trial.is_known(answered):
            self._need("target_metadata", "it needs the running application: set `metadata`", value)
            return
        for statement in beside:
            self.module.keep(statement)
        self.module.kept |= trial.kept
        text = Declaration("target_metadata", ast.unparse(answered))
        self._declare(
            "target_metadata", text, "target_metadata, with the imports of models", span(value)
        )

    def _metadata_by_name(self, value: ast.Dict) -> None:
        from asyncmigrate.alembic.env_source_metadata import metadata_paths

        for key, each in zip(value.keys, value.values, strict=True):
            paths = metadata_paths(self.source, each, self.source_of)
            if isinstance(key, ast.Constant) and paths:
                self.found.environments[str(key.value)] = {"metadata": list(paths)}
        self._take("target_metadata", "metadata of each environment", span(value))

    # --- the report -----------------------------------------------------------------------------

    def _declare(self, name: str, text: Declaration | None, what: str, lines: Lines) -> None:
        if text is None:
            became = "it is known only while the application runs: set `url`, or pass --url"
            self.found.needs.append(Finding(what, became, lines))
            return
        self.declarations.append(text)
        self.found.declares[name] = lines

    def _take(self, what: str, became: str, lines: Lines) -> None:
        self.found.taken.append(Finding(what, became, lines))

    def _need(self, what: str, became: str, node: ast.AST | None) -> None:
        lines = span(node) if node is not None and hasattr(node, "lineno") else None
        self.found.needs.append(Finding(what, became, lines))


_ELSEWHERE = {
    "autogenerate_plugins": "kinds of objects are added another way: docs/how-to/objects.md",
    "include_symbol": "write it as include_name",
    "upgrade_token": "each database is an environment of its own: docs/how-to/many-databases.md",
    "downgrade_token": "each database is an environment of its own: docs/how-to/many-databases.md",
    "template_args": "script.py.tmpl takes no names of your own",
}


def _known_effects(source: Source) -> dict[ast.stmt, Slice]:
    """Return what env.py does as it is imported, with what that needs."""
    made = {each: Slice(source) for each in effects(source)}
    for each, cut in made.items():
        cut.keep(each)
    return {each: cut for each, cut in made.items() if cut.is_known() and not cut.asks_x}


def _is_path(node: ast.stmt) -> bool:
    """Return whether a statement only makes modules importable; others may set variables."""
    return "sys" in free_names(node)
