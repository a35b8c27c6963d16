"""What models declare, as a snapshot: one pass over the metadata, no connection.

Whatever SQLAlchemy would not send to this database (a constraint with `ddl_if`, the CHECK of a
native boolean) is not declared for it; names are those that its compiler would write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from asyncmigrate.errors import MetadataError
from asyncmigrate.schema.declared_parts import Parts
from asyncmigrate.schema.declared_types import NamedTypes
from asyncmigrate.schema.kinds import kinds
from asyncmigrate.schema.kinds.namespace import Namespace
from asyncmigrate.schema.match import UNNAMED
from asyncmigrate.schema.views import declared_views, is_view

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

    from asyncmigrate.schema.forms import Forms
    from asyncmigrate.schema.snapshot import Key, Object


def declared(metadatas: Sequence[sa.MetaData], forms: Forms) -> dict[Key, Object]:
    """Return the objects that models declare, as this database would print them.

    Pure: neither the models nor anything else is changed. Constraints without a name have "".

    Raises:
        MetadataError: two objects have one name; something cannot be compiled for this database,
            or refers to a table that the models do not have.
    """
    found: dict[Key, Object] = {}
    for metadata in dict.fromkeys(metadatas):
        for each in _objects(metadata, forms):
            _add(found, each, forms)
    if forms.keeps("namespace"):
        for schema in sorted({key.schema for key in found} - {""}):
            _add(found, Namespace(schema), forms)
    return found


def tables_of(metadatas: Sequence[sa.MetaData], forms: Forms) -> set[tuple[str, str]]:
    """Return schema and name of each table that models declare; at next to no cost."""
    return {
        (forms.schema(table.schema), forms.name(str(table.name)))
        for metadata in metadatas
        for table in metadata.tables.values()
        if not is_view(table) and not _is_temporary(table)
    }


def _add(found: dict[Key, Object], each: Object, forms: Forms) -> None:
    key = each.key
    while key in found and _is_another(found[key], each, forms):
        key = key._replace(name=f"{key.name} again")
    there = found.setdefault(key, each)
    # A type or a sequence is written down wherever it is used; a table is so only once.
    if there is not each and (each.key.kind == "table" or there != each):
        raise MetadataError(
            f"The models declare the {each.key.kind.replace('_', ' ')} {each.key.path!r} twice"
            + ("." if there == each else ", and not in the same way."),
            next="Remove one of the two, or give it another name or schema.",
        )


def _is_another(there: Any, each: Any, forms: Forms) -> bool:
    """Return whether two constraints without a name are equal, and yet two in the database."""
    kind = each.key.kind
    counts = kind in UNNAMED and kind not in {"primary_key", *forms.merged}
    return counts and not each.name and there.element is not each.element


def _objects(metadata: sa.MetaData, forms: Forms) -> Iterator[Object]:
    parts, types = Parts(forms), NamedTypes(forms)
    yield from types.of_metadata(metadata)
    if forms.keeps("sequence"):
        yield from _sequences(metadata, parts)
    for table in metadata.tables.values():
        if not is_view(table) and not _is_temporary(table):
            yield from types.of_table(table)
            yield from _of_table(table, parts)
    if forms.keeps("view"):
        yield from _views(metadata, parts)
    for kind in kinds().values():
        yield from kind.declared(metadata, forms)


def _of_table(table: sa.Table, parts: Parts) -> Iterator[Object]:
    try:
        yield from parts.of(table)
    except SQLAlchemyError as error:
        raise MetadataError(
            f"The table {table.fullname!r} cannot be declared for"
            f" {parts.forms.dialect.name}: {error}.",
            next="Correct the model.",
        ) from error


def _is_temporary(table: sa.Table) -> bool:
    return any("TEMP" in prefix.upper() for prefix in table._prefixes)


def _sequences(metadata: sa.MetaData, parts: Parts) -> Iterator[Object]:
    """Give the sequences, also those of columns, unless SERIAL makes one in their place."""
    dialect = parts.forms.dialect
    for sequence in metadata._sequences.values():
        replaced = dialect.sequences_optional and sequence.optional
        if not replaced and dialect.supports_sequences:
            yield parts.sequence(sequence)


def _views(metadata: sa.MetaData, parts: Parts) -> Iterator[Object]:
    for view, table in declared_views(metadata, parts.forms):
        yield view
        yield from parts.indexes(table, view.schema, view.name)
