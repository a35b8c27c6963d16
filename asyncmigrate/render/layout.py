"""Python's expressions as text, laid out as formatters do: on one line if they fit.

What does not fit has each of its arguments on a line of its own, with a comma behind the last one.
Formatters leave that alone, so the text stays as it is under `ruff format` and `black`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterator

INDENT = "    "


@dataclass(frozen=True, slots=True)
class Atom:
    """What is never broken into lines."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Items between brackets: a call, a list, a tuple, a dictionary."""

    opening: str
    items: tuple[tuple[str, Node], ...]
    """Each with what stands before it: `name=`, or `"key": `."""
    closing: str = ")"
    needs_comma: bool = False
    """True for a tuple of one."""


@dataclass(frozen=True, slots=True)
class Chain:
    """An expression, and calls of methods on it."""

    head: Node
    links: tuple[Group, ...]
    """Each opens with `.method(`."""


Node: TypeAlias = Atom | Text | Group | Chain


def flat(node: Node) -> str:
    """Return a node on one line.

    >>> flat(Group("sa.String(", (("length=", Atom("9")),)))
    'sa.String(length=9)'
    """
    match node:
        case Atom(text):
            return text
        case Text(value):
            return quoted(value)
        case Chain(head, links):
            return "".join(map(flat, (head, *links)))
    inner = ", ".join(prefix + flat(item) for prefix, item in node.items)
    return f"{node.opening}{inner}{',' if node.needs_comma else ''}{node.closing}"


def laid_out(node: Node, width: int) -> str:
    """Return a node in as many lines as it needs."""
    return "\n".join(_lines(node, "", "", "", width))


def _lines(node: Node, indent: str, before: str, after: str, width: int) -> Iterator[str]:
    line = f"{indent}{before}{flat(node)}{after}"
    if columns(line) <= width:
        yield line
        return
    match node:
        case Group(opening, items, closing) if items:
            yield f"{indent}{before}{opening}"
            for prefix, item in items:
                yield from _lines(item, indent + INDENT, prefix, ",", width)
            yield f"{indent}{closing}{after}"
        case Chain():
            yield from _chain_lines(node, indent, before, after, width)
        case Text(value) if "\n" in value.rstrip("\n"):
            yield from _string_lines(value, indent, before, after)
        case _:
            yield line


def _chain_lines(chain: Chain, indent: str, before: str, after: str, width: int) -> Iterator[str]:
    """Give one call behind its expression, several each on a line of its own."""
    first, *others = chain.links
    beginning = f"{flat(chain.head)}{first.opening}"
    if not others and columns(f"{indent}{before}{beginning}") <= width:
        yield from _lines(Group(beginning, first.items), indent, before, after, width)
        return
    if not others:
        yield from _lines(chain.head, indent, before, f"{flat(first)}{after}", width)
        return
    yield from _lines(chain.head, indent, before, "", width)
    for link in (first, *others[:-1]):
        yield from _lines(link, indent, "", "", width)
    yield from _lines(others[-1], indent, "", after, width)


def _string_lines(value: str, indent: str, before: str, after: str) -> Iterator[str]:
    """Give a long string line by line."""
    *most, last = (quoted(line) for line in value.splitlines(keepends=True))
    inner = indent + INDENT if before else indent
    if before:
        yield f"{indent}{before}("
    yield from (f"{inner}{line}" for line in most)
    yield f"{inner}{last}" + ("" if before else after)
    if before:
        yield f"{indent}){after}"


def columns(line: str) -> int:
    """Return how wide a line is: letters of some scripts take two columns."""
    if line.isascii():
        return len(line)
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line)


def quoted(value: str) -> str:
    r"""Return a string as formatters write it: in double quotes, unless that needs more escapes.

    >>> print(quoted("it's"), quoted('"a" b'))
    "it's" '"a" b'
    """
    quote = "'" if value.count('"') > value.count("'") else '"'
    escaped = {"'": "'", '"': '"', quote: f"\\{quote}"}
    body = "".join(escaped.get(letter) or repr(letter)[1:-1] for letter in value)
    return f"{quote}{body}{quote}"
