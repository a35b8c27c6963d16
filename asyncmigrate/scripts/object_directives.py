"""The directives about what stands beside tables, of which Alembic has none.

Many projects have registered operations of their own under these names, so that a project's own
takes the place of ours: see `CustomDirectives.register_operation`.
"""

from __future__ import annotations

from typing import ClassVar

from asyncmigrate.scripts.backfill_directives import BackfillDirectives
from asyncmigrate.scripts.rename_directives import RenameDirectives
from asyncmigrate.scripts.schema_directives import SchemaDirectives
from asyncmigrate.scripts.sequence_directives import SequenceDirectives
from asyncmigrate.scripts.type_directives import TypeDirectives
from asyncmigrate.scripts.view_directives import ViewDirectives

_PARTS = (
    SchemaDirectives,
    SequenceDirectives,
    ViewDirectives,
    TypeDirectives,
    RenameDirectives,
    BackfillDirectives,
)


class ObjectDirectives(
    SchemaDirectives,
    SequenceDirectives,
    ViewDirectives,
    TypeDirectives,
    RenameDirectives,
    BackfillDirectives,
):
    """Schemas, sequences, views, domains, composite types; other names; values for rows."""

    _replaceable: ClassVar[frozenset[str]] = frozenset(
        name for part in _PARTS for name in vars(part) if not name.startswith("_")
    )
    """The directives that an operation of the project's own may take the place of."""
