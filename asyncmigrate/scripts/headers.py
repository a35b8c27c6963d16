"""Which revisions the files on disk declare, read without running them.

Most files have the shape that `amigrate revision` (or Alembic) gave them. For these one regular
expression is enough, and it is about ten times faster than a parser. It accepts that shape and
nothing else, and only if the rest of the text cannot touch the header any more; whatever it does
not accept goes to Python's own parser (`header_syntax`), and what that cannot tell either is
imported. So the fast way may be slow, but it cannot be wrong.

What is trusted: that no *other* module reaches into a script to change its header.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from asyncmigrate.history.revision import Revision
from asyncmigrate.scripts.files import MANY, script_files
from asyncmigrate.scripts.source import clean_docstring, read_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_END = r"[ \t]*+(?:\#[^\n]*+)?\n"
_GAP = rf"(?:{_END})*+"  # blank lines and comments
_ATOM = r"[\w.]++(?:\[[\w., |]++(?:\[[\w., |]++\][\w., |]*+)*+\])?+"
_EQUALS = rf"(?:[ ]?:[ ]*+{_ATOM}(?:[ ]*+\|[ ]*+{_ATOM})*+)?[ ]*+=[ ]*+"
_STRING = r"(?:\"[^\"\\\n]++\"|'[^'\\\n]++')"
_TUPLE = rf"\([ \n]*+{_STRING}[ \n]*+(?:,[ \n]*+{_STRING}[ \n]*+)*+,?[ \n]*+\)"
_VALUE = rf"(None|{_STRING}|{_TUPLE})"
# The comments at the top could declare an encoding: only UTF-8 goes on.
_TOP = r"(?:[ \t]*+(?:\#(?![^\n]*coding(?![:=][ \t]*utf-8(?![-\w.])))[^\n]*+)?\n)*+(?![ \t]*\#)"

_HEADER = re.compile(
    _TOP
    # The docstring: no backslash, so that its text is its value.
    + r"(?:\"\"\"([^\"\\]*+(?:\"(?!\"\")[^\"\\]*+)*+)\"\"\"[ \t]*+\n)?"
    + _GAP
    # Imports; which names they bind is looked at afterwards. No star, no backslash.
    + rf"((?:(?:import|from)[ ][\w., ]*+(?:\([\w., \n]*+\))?{_END}|[ \t]*+\n)*+)"
    + _GAP
    + rf"revision{_EQUALS}({_STRING}){_END}{_GAP}"
    + rf"down_revision{_EQUALS}{_VALUE}{_END}{_GAP}"
    + rf"(?:branch_labels{_EQUALS}{_VALUE}{_END}{_GAP})?"
    + rf"(?:depends_on{_EQUALS}{_VALUE}{_END})?",
    re.ASCII,
)
_STRINGS = re.compile(r"\"([^\"]*)\"|'([^']*)'")

# Words that, anywhere after the header, might change it.
_TOUCHES = re.compile(
    r"\b(?:(?:down_)?revision|branch_labels|depends_on|globals|locals|vars|exec|eval|setattr"
    r"|delattr|builtins|_getframe|f_globals"
    r"|__(?:doc|dict|getattr|setattr|delattr|builtins|import)__)\b|\bimport[\s\\]*\*",
    re.ASCII,
)


def read_revisions(
    locations: Sequence[Path],
    *,
    recursive: bool = False,
    sourceless: bool = False,
    cache: bool = False,
) -> list[Revision]:
    """Return the revisions of all files, per location in the order of the files' names.

    Sub-folders follow the files of their folder, if `recursive`. A file that is reached twice
    (overlapping locations, links) counts once. With `sourceless`, compiled files count where
    their source is missing. Reads only; imports only files whose header is not literal. With
    `cache`, the headers of a large history are kept for the next time (`kept_headers`).

    Raises:
        ScriptError: a file or folder cannot be read, or its header cannot be told.
    """
    entries = script_files(locations, recursive=recursive, sourceless=sourceless)
    if cache and len(entries) >= MANY:
        from asyncmigrate.scripts.kept_headers import headers_of

        return headers_of(entries, locations, _read)
    return [_read(entry.path)[0] for entry in entries]


def _read(path: str) -> tuple[Revision, bool]:
    return _parsed(read_bytes(path), path)


def parse_header(data: bytes, path: str) -> Revision:
    """Return the revision that `data`, the content of the file `path`, declares.

    Raises:
        ScriptError: the header is missing, has the wrong types or cannot be told.
    """
    return _parsed(data, path)[0]


def _parsed(data: bytes, path: str) -> tuple[Revision, bool]:
    """Return the header, and whether the text alone has told it."""
    found = _by_pattern(data, path)
    return _by_syntax(data, path) if found is None else (found, True)


def _by_pattern(data: bytes, path: str) -> Revision | None:
    """Return the revision if the text has the usual shape; None says nothing about it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if "\r" in text:  # as the compiler does before anything else
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    match = _HEADER.match(text)
    if match is None or "\0" in text:
        return None
    doc, imports, rev_id, parents, labels, requires = match.groups()
    if _may_bind(imports) or _may_touch(text[match.end() :]):
        return None
    return Revision(
        rev_id[1:-1],
        _strings(parents),
        _strings(requires),
        _strings(labels),
        clean_docstring(doc) if doc else "",
        path,
    )


def _may_bind(imports: str) -> bool:
    return (
        "revision" in imports
        or "branch_labels" in imports
        or "depends_on" in imports
        or "__doc__" in imports
        or "__getattr__" in imports
    )


def _may_touch(rest: str) -> bool:
    if not rest.isascii():
        # Python reads identifiers in this form: U+FF52 "evision" is `revision` too.
        from unicodedata import normalize

        rest = normalize("NFKC", rest)
    # Parts of the words above, first: each of these searches costs next to nothing.
    return (
        "revision" in rest
        or "branch_labels" in rest
        or "depends_on" in rest
        or "import" in rest
        or "globals" in rest
        or "locals" in rest
        or "vars" in rest
        or "exec" in rest
        or "eval" in rest
        or "attr" in rest
        or "frame" in rest
        or "builtins" in rest
        or "_doc__" in rest
        or "_dict__" in rest
    ) and _TOUCHES.search(rest) is not None


def _strings(value: str | None) -> tuple[str, ...]:
    if value is None or value == "None":
        return ()
    if value[0] == "(":
        return tuple(dict.fromkeys(a or b for a, b in _STRINGS.findall(value)))
    return (value[1:-1],)


def _by_syntax(data: bytes, path: str) -> tuple[Revision, bool]:
    from asyncmigrate.scripts.header_syntax import header_of, revision_of

    header = header_of(data, path)
    return revision_of(header, path), header.is_literal
