"""Finding one revision by what a person typed: an id, the start of one, or a branch label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmigrate.errors import AmbiguousRevisionError, UnknownRevisionError
from asyncmigrate.history.validate import with_prefix

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from asyncmigrate.history.graph import RevisionGraph

_SHOWN = 12


def find(graph: RevisionGraph, name: str, *, among: Collection[str] | None = None) -> str:
    """Give the id of the one revision that `name` means.

    A whole id or label comes before a prefix; `among` narrows what a prefix may fit. A label
    names the revision that declares it.

    Raises:
        UnknownRevisionError: nothing has this name.
        AmbiguousRevisionError: it is the start of several names.
    """
    if name in graph:
        return name
    if name in graph.label_owners:
        return graph.label_owners[name]
    fits = with_prefix(graph, graph.label_owners, name)
    if among is not None:
        fits = tuple(id for id in fits if id in among)
    if len(fits) == 1:
        return fits[0]
    raise _ambiguous(graph, name, fits) if fits else _unknown(graph, name)


def find_branch(graph: RevisionGraph, name: str) -> str:
    """Give the revision that stands for the branch in `name@…`: a label's owner, or an id.

    Raises:
        UnknownRevisionError: no label and no revision has this name; says which labels exist.
        AmbiguousRevisionError: it is the start of several names.
    """
    try:
        return find(graph, name)
    except UnknownRevisionError as error:
        labels = listing(graph.label_owners) or "none"
        raise UnknownRevisionError(
            f"No branch is called {name!r}. Branch labels of this history: {labels}.",
            next=error.next,
        ) from None


def lineage(graph: RevisionGraph, id: str) -> set[str]:
    """Give what is above and below a revision on its branch, itself included."""
    up = graph.descendants([id], include_dependencies=False)
    return up | graph.ancestors([id], include_dependencies=False)


def listing(names: Iterable[str]) -> str:
    """Join names for a sentence, cutting a long list.

    >>> listing(["a", "b"])
    'a, b'
    """
    given = list(names)
    more = f" and {len(given) - _SHOWN} more" if len(given) > _SHOWN else ""
    return ", ".join(given[:_SHOWN]) + more


def described(graph: RevisionGraph, ids: Iterable[str]) -> str:
    """Join ids for a sentence, each with its message where it has one."""
    return listing(
        f"{id} ({graph[id].message})" if id in graph and graph[id].message else id for id in ids
    )


def _ambiguous(graph: RevisionGraph, name: str, fits: tuple[str, ...]) -> AmbiguousRevisionError:
    return AmbiguousRevisionError(
        f"{name!r} fits {len(fits)} revisions: {described(graph, fits)}.",
        candidates=fits,
        next="Type more characters.",
    )


def _unknown(graph: RevisionGraph, name: str) -> UnknownRevisionError:
    from difflib import get_close_matches  # only a mistake needs it

    known = [*graph, *graph.label_owners, "head", "heads", "base"]
    close = get_close_matches(name, known, n=3, cutoff=0.6) if len(name) < 100 else []
    hint = f"Did you mean {' or '.join(close)}?" if close else "`amigrate history` lists them all."
    return UnknownRevisionError(f"No revision or branch label is called {name!r}.", next=hint)
