"""Reading, compiling and importing one script file, without leaving anything beside it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from asyncmigrate.errors import ScriptError
from asyncmigrate.scripts.private_names import VERSIONS
from asyncmigrate.scripts.redirection import scope_of

if TYPE_CHECKING:
    from ast import Module
    from collections.abc import Callable, Iterator
    from types import CodeType, ModuleType, TracebackType


_BUFFER = 16 * 1024  # a larger buffer makes reading many small files slower


def read_bytes(path: str) -> bytes:
    """Return a file's content.

    Raises:
        ScriptError: it cannot be read.
    """
    try:
        # Not open(): this is called ten thousand times, and three system calls are enough.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            data = os.read(descriptor, _BUFFER)
            if len(data) == _BUFFER:
                while more := os.read(descriptor, _BUFFER):
                    data += more
        finally:
            os.close(descriptor)
    except OSError as error:
        raise unreadable(path, error) from error
    return data


def clean_docstring(doc: str) -> str:
    r"""Return the docstring without its indentation and outer blank lines.

    The same text comes out whether or not the compiler (3.13 does) cleaned it before.

    >>> clean_docstring("Add a table.\n\n    Indented.\n")
    'Add a table.\n\nIndented.'
    """
    if "\n " in doc or "\t" in doc:
        first, *rest = doc.expandtabs().split("\n")
        margins = (len(line) - len(line.lstrip(" ")) for line in rest if line.lstrip(" "))
        margin = min(margins, default=0)
        doc = "\n".join([first, *(line[margin:] for line in rest)])
    return doc.strip()


def compile_source(data: bytes, path: str) -> CodeType:
    """Compile a file's content.

    Raises:
        ScriptError: it is not Python.
    """
    with _told(path):
        return compile(data, path, "exec", dont_inherit=True)


def source_tree(data: bytes, path: str) -> Module:
    """Return the tree of a file's content. Raises as `compile_source` does."""
    from asyncmigrate.scripts.syntax import tree_of  # seldom needed, and it takes `ast` along

    with _told(path):
        return tree_of(data, path)


@contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except SyntaxError as error:
        where = f"{path}:{error.lineno}" if error.lineno else path
        text = f"{where}: this is not valid Python ({error.msg})."
        raise ScriptError(text, path=path, next="Correct the script.") from error
    except (ValueError, RecursionError, MemoryError) as error:  # NUL bytes; nested too deeply
        text = f"{path}:1: this cannot be read as Python ({error})."
        raise ScriptError(text, path=path, next="Correct the script.") from error


def import_source(
    data: bytes, path: str, compiled: Callable[[bytes, str], CodeType] = compile_source
) -> ModuleType:
    """Run a file's content as a module of its own, and return the module.

    `compiled` is `compile_source`, or what gives the same faster.

    The module stays in `sys.modules` (dataclasses and SQLAlchemy's annotations look there) under
    a private name that depends on the path alone, so a second import replaces the first. After
    a failure no entry is left. Nothing is written: no `.pyc` beside the script.

    Raises:
        ScriptError: it is not Python, or it raised.
    """
    name = _module_name(data, path)
    code = _bytecode(path, name) if path.endswith(".pyc") else compiled(data, path)
    return _run(code, path, name)


def _run(code: CodeType, path: str, name: str, *, package: str | None = None) -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location

    places = None if package is None else [package]
    spec = spec_from_file_location(name, path, submodule_search_locations=places)
    if spec is None:
        raise ScriptError(
            f"{path} is not named as a module of Python.",
            path=path,
            next="Give it a name that ends in .py.",
        )
    module = module_from_spec(spec)
    module.__dict__["__builtins__"] = scope_of(os.path.dirname(os.path.abspath(path))).builtins()
    sys.modules[name] = module
    try:
        exec(code, module.__dict__)
    except BaseException as error:
        sys.modules.pop(name, None)
        if isinstance(error, (Exception, SystemExit)):
            raise _failed(path, error) from error
        raise
    return module


def _bytecode(path: str, name: str) -> CodeType:
    from importlib.machinery import SourcelessFileLoader

    try:
        code = SourcelessFileLoader(name, path).get_code(name)
    except (ImportError, EOFError, ValueError, TypeError, OSError) as error:
        raise _failed(path, error) from error
    if code is None:
        raise ScriptError(f"{path} holds no code.", path=path, next="Compile it again.")
    return code


def _module_name(data: bytes, path: str) -> str:
    folder, file = os.path.split(os.path.abspath(path))
    stem = file.replace(".", "_")
    digest = _digest(folder)
    if b"from ." in data and os.path.isfile(init := os.path.join(folder, "__init__.py")):
        return f"{_package(init, folder, digest)}.{stem}"
    return f"_asyncmigrate_script_{digest}_{stem}"


@lru_cache(maxsize=16)
def _digest(folder: str) -> str:
    from hashlib import sha256

    return sha256(os.fsencode(folder)).hexdigest()[:12]


def _package(init: str, folder: str, digest: str) -> str:
    """Import the folder as a package, once, so that `from .names import x` works in a script."""
    name = f"{VERSIONS}{digest}"
    if name not in sys.modules:
        _run(compile_source(read_bytes(init), init), init, name, package=folder)
    return name


def _failed(path: str, error: BaseException) -> ScriptError:
    line = _line_in(path, error.__traceback__)
    where = f"{path}:{line}" if line else path
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return ScriptError(
        f"{where}: the script cannot be imported ({text}).", path=path, next=_remedy(error)
    )


def _remedy(error: BaseException) -> str:
    match error:
        case ImportError(name=str(name)) if name.partition(".")[0] == "alembic":
            return "Use what the sentence names, or take the import out."
        case ModuleNotFoundError(name=str(name)) if not name.startswith("_asyncmigrate"):
            return f"Install `{name}`, or add the folder that holds it to `prepend_sys_path`."
        case ImportError() if "relative import" in str(error):
            return "Relative imports need an `__init__.py` in the versions folder."
        case ImportError():
            return "Correct the script's imports."
    return "Correct the script."


def _line_in(path: str, traceback: TracebackType | None) -> int | None:
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == path:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def unreadable(path: str, error: OSError) -> ScriptError:
    """Return the error to raise for a script or a folder that cannot be read."""
    if os.path.isdir(path) and path.endswith(".py"):
        return ScriptError(
            f"{path} is a folder, although its name is that of a script.",
            path=path,
            next="Rename it, or move it out of the versions folder.",
        )
    what = "does not exist" if isinstance(error, FileNotFoundError) else "cannot be read"
    reason = "" if isinstance(error, FileNotFoundError) else f" ({error.strerror or error})"
    return ScriptError(
        f"{path} {what}{reason}.",
        path=path,
        next="Create it, or correct `script_location` and `version_locations`."
        if not path.endswith((".py", ".pyc"))
        else "Check the file and its permissions.",
    )
