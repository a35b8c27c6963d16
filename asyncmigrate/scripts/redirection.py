"""What `import` means inside a project's scripts: `alembic` is ours, and nobody else notices.

A module looks its `__import__` up in its own `__builtins__`. Scripts get builtins whose
`__import__` answers `alembic…` with `asyncmigrate.alembic…`, while they are imported and whenever
one of their functions imports later. Nothing is patched: the application's own `import alembic`,
in any module and any thread, goes on to mean what is installed.

A module that a script imports, and that itself needs Alembic's `op` (helpers beside the scripts,
alembic_utils, alembic_postgresql_enum), is loaded as a copy of its own for scripts, with the same
builtins. Everything else is imported as always: models must exist once.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from functools import lru_cache
from importlib import import_module
from importlib.util import module_from_spec, resolve_name, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from asyncmigrate.scripts.needs_of_alembic import declares_models, needs_op, siblings, uses_plug_in
from asyncmigrate.scripts.our_alembic import our_alembic
from asyncmigrate.scripts.private_names import PREFIX, VERSIONS, original_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec

_REAL = builtins.__import__
_PLAIN = frozenset({"asyncmigrate", "sqlalchemy", *sys.stdlib_module_names})
"""What never needs Alembic, and is not looked at."""


@lru_cache(maxsize=64)
def scope_of(folder: str) -> Scope:
    """Return the imports of the scripts in a folder, the same whenever it is asked for.

    Folders of one project share theirs: what a plug-in makes for a script in `versions/2025` is
    handed to an operation that one in `versions/2026` has registered.
    """
    home = _home(Path(folder))
    return _scope_at(home or Path(folder).parent, str(home or folder))


@lru_cache(maxsize=64)
def _scope_at(home: Path, key: str) -> Scope:
    return Scope(home, key)


def home_of(function: object) -> str:
    """Return which scope's imports a function was made with; empty if none's.

    What a plug-in registers counts for the project that imported it, and for no other one.
    """
    inner = getattr(function, "__wrapped__", function)
    globals = getattr(inner, "__globals__", None) or {}
    given = globals.get("__builtins__")
    found = given.get("__import__") if isinstance(given, dict) else None
    owner = getattr(found, "__self__", None)
    return owner.name if isinstance(owner, Scope) else ""


class Scope:
    """The imports of a project's scripts, and the copies that they made; `home` holds `env.py`."""

    def __init__(self, home: Path, key: str) -> None:
        from hashlib import sha256

        self._prefix = PREFIX + sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:12]
        self._home = home
        self._verdicts: dict[str, bool] = {}
        self.torn: set[str] = set()
        """The modules that use a plug-in, and cannot be copied because they declare models."""
        self._builtins: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """The name of the scope, which no other project's has."""
        return self._prefix

    def builtins(self) -> dict[str, Any]:
        """Return what a script's `__builtins__` shall be."""
        # What the application has added meanwhile (gettext's `_`) is there for scripts too.
        self._builtins.update(vars(builtins), __import__=self._import)
        return self._builtins

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if level == 0:
            top = name.partition(".")[0]
            if top == "alembic":
                return self._alembic(name, globals, fromlist or ())
            if name == "importlib":
                return _View(importlib, {"import_module": self._import_module})
            if top in _PLAIN:
                return _REAL(name, globals, locals, fromlist or (), level)
        elif not self._is_copy(package := _package_of(globals)):
            return _REAL(name, globals, locals, fromlist or (), level)
        else:
            name = original_name(resolve_name("." * level + name, package))
        return self._imported(name, fromlist or ())

    def _import_module(self, name: str, package: str | None = None) -> ModuleType:
        """Stand in for `importlib.import_module` in a script."""
        name = resolve_name(name, package) if name.startswith(".") else name
        if name.partition(".")[0] == "alembic":
            return our_alembic(name, ("*",))
        return self._copy(name) if self._is_private(name) else import_module(name)

    def _alembic(
        self, name: str, globals: Mapping[str, Any] | None, fromlist: Sequence[str]
    ) -> ModuleType:
        """Import `alembic…`: ours, or for an application what only the installed one has.

        Raises:
            ImportError: there is no such name.
        """
        try:
            return our_alembic(name, fromlist)
        except ImportError:
            if not _package_of(globals).startswith(self._prefix):
                raise
            try:
                return _REAL(name, None, None, fromlist, 0)
            except ImportError:
                pass
            raise

    def _imported(self, name: str, fromlist: Sequence[str]) -> ModuleType:
        wanted = [f"{name}.{each}" for each in fromlist if each != "*"]
        if not fromlist:
            return self._top(name)
        if self._is_private(name):
            module = self._copy(name)
            if hasattr(module, "__path__"):
                for each in wanted:
                    self._add(module, each)
            return module
        module = self._real(name, fromlist)
        copied = [each for each in wanted if hasattr(module, "__path__") and self._is_private(each)]
        if not copied:
            return module
        return _View(module, {each.rpartition(".")[2]: self._copy(each) for each in copied})

    def _add(self, package: ModuleType, name: str) -> None:
        """Make a module of a copied package known to it; a copy only if it has to be one."""
        stem = name.rpartition(".")[2]
        if hasattr(package, stem) or not self._spec(name):
            return
        if self._is_private(name):
            self._copy(name)
        else:
            setattr(package, stem, self._real(name, ("*",)))

    def _top(self, name: str) -> ModuleType:
        """Import `a.b.c` and return `a`, from which the rest is reached."""
        top, _, rest = name.partition(".")
        if self._is_private(top):
            self._copy(name)
            return self._copy(top)
        if not self._is_private(name):
            return self._real(name, ())
        path = rest.split(".")
        module: ModuleType = self._copy(name)
        for depth in range(len(path) - 1, -1, -1):
            parent = ".".join([top, *path[:depth]])
            module = _View(import_module(parent), {path[depth]: module})
        return module

    def _real(self, name: str, fromlist: Sequence[str]) -> ModuleType:
        try:
            return _REAL(name, None, None, fromlist, 0)
        except ModuleNotFoundError as error:
            # The application is one that needs Alembic, and it is not installed any more.
            if (error.name or "").partition(".")[0] != "alembic" or not self._spec(name):
                raise
        self._verdicts[name] = True
        return self._imported(name, fromlist)

    # --- which modules are copied ---------------------------------------------------------------

    def _is_private(self, name: str) -> bool:
        verdict = self._verdicts.get(name)
        if verdict is None:
            verdict = self._verdicts[name] = self._judge(name)
        return verdict

    def _judge(self, name: str) -> bool:
        top = name.partition(".")[0]
        if top.startswith(("alembic_", VERSIONS)):
            return True
        if top in _PLAIN or top == "alembic":
            return False
        spec = self._spec(name)
        if spec is None or not _is_source(spec):
            return False
        assert spec.origin is not None
        data = Path(spec.origin).read_bytes()
        if needs_op(data):
            return True
        if uses_plug_in(data):
            if not declares_models(data):
                return True
            self.torn.add(name)
        self._verdicts[name] = False  # for modules that import each other
        package = _package(name, spec)
        beside = siblings(package, data)
        if not self._is_beside(spec.origin):
            near = not declares_models(data)
            beside = [each for each in beside if near and each.rpartition(".")[0] == package]
        return any(self._is_private(each) for each in beside)

    def _is_beside(self, origin: str) -> bool:
        """Whether a file belongs to the scripts: it lies in the folder of their `env.py`."""
        return Path(origin).is_relative_to(self._home)

    def _spec(self, name: str) -> ModuleSpec | None:
        """Find a module without running it; its parents are imported."""
        path, sought = None, name
        parent = name.rpartition(".")[0]
        if parent:
            try:
                package = self._copy(parent) if self._is_private(parent) else import_module(parent)
            except ImportError:
                return None  # the import itself will say it
            path = getattr(package, "__path__", None)
            if path is None:
                return None
            sought = f"{package.__name__}.{name.rpartition('.')[2]}"
        for finder in sys.meta_path:
            found = getattr(finder, "find_spec", lambda *_: None)(sought, path)
            if found is not None:
                return found  # type: ignore[no-any-return]
        return None

    # --- copies -----------------------------------------------------------------------------------

    def _is_copy(self, package: str) -> bool:
        return package.startswith((self._prefix, VERSIONS))

    def _copy(self, name: str) -> ModuleType:
        private = name if name.startswith(VERSIONS) else f"{self._prefix}.{name}"
        found = sys.modules.get(private)
        if found is not None:
            return found
        parent, _, stem = name.rpartition(".")
        spec = self._spec(name)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if not _is_source(spec):
            module = self._empty(private, spec) if _is_folder(spec) else import_module(name)
        else:
            assert spec.origin is not None
            module = self._run(private, spec.origin, spec.submodule_search_locations)
        if parent and self._is_private(parent):
            setattr(self._copy(parent), stem, module)
        return module

    def _empty(self, private: str, spec: ModuleSpec) -> ModuleType:
        """Make a package that has no `__init__.py`."""
        module = ModuleType(private)
        module.__path__ = list(spec.submodule_search_locations or ())
        module.__package__ = private
        sys.modules[private] = module
        return module

    def _run(self, private: str, origin: str, places: list[str] | None) -> ModuleType:
        spec = spec_from_file_location(private, origin, submodule_search_locations=places)
        assert spec is not None
        module = module_from_spec(spec)
        module.__dict__["__builtins__"] = self.builtins()
        sys.modules[private] = module
        try:
            exec(compile(Path(origin).read_bytes(), origin, "exec"), module.__dict__)
        except BaseException:
            sys.modules.pop(private, None)
            raise
        if places is not None:
            # Plug-ins make the names of their modules of it: alembic_utils does.
            module.__name__ = original_name(private)
        return module


class _View(ModuleType):
    """A module as scripts see it: with copies in the place of some of its parts."""

    def __init__(self, module: ModuleType, copies: Mapping[str, Any]) -> None:
        super().__init__(module.__name__, module.__doc__)
        self.__dict__.update(copies)
        self.__dict__["_module"] = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_module"], name)


def _package_of(globals: Mapping[str, Any] | None) -> str:
    return str((globals or {}).get("__package__") or "")


def _is_source(spec: ModuleSpec) -> bool:
    return bool(spec.has_location and spec.origin and spec.origin.endswith(".py"))


def _is_folder(spec: ModuleSpec) -> bool:
    return spec.origin is None and spec.submodule_search_locations is not None


def _home(folder: Path) -> Path | None:
    """Return the folder of `env.py` above a folder of scripts, or the one above `versions`."""
    above = folder.parents[:3]
    known = [each for each in above if (each / "env.py").is_file()]
    known += [each.parent for each in (folder, *above) if each.name == "versions"]
    return next(iter(known), None)


def _package(name: str, spec: ModuleSpec) -> str:
    return name if spec.submodule_search_locations is not None else name.rpartition(".")[0]
