"""What undoes the directives about what stands beside tables; see `inverses`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from asyncmigrate.scripts.inverses import UnknownBeforeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from asyncmigrate.scripts.inverses import Arguments, Around, Undo


def _dropped_by(directive: str, *handed_on: str) -> Callable[[Around, Arguments], Undo]:
    """Return what drops, by another directive, the thing that was created."""

    def undo(_: Around, given: Arguments) -> Undo:
        if given.get("or_replace"):
            raise UnknownBeforeError("to know what was there before (or_replace)")
        return directive, (given["name"],), {name: given[name] for name in handed_on}

    return undo


def _renamed_back(directive: str, old: str, new: str, *rest: str) -> Any:
    def undo(_: Around, given: Arguments) -> Undo:
        keywords = {name: given[name] for name in rest}
        return directive, (given[new], given[old]), keywords

    return undo


def _rename_constraint(_: Around, given: Arguments) -> Undo:
    names = (given["new_constraint_name"], given["old_constraint_name"])
    keywords = {"type_": given["type_"], "schema": given["schema"]}
    return "rename_constraint", (given["table_name"], *names), keywords


def _rename_enum(_: Around, given: Arguments) -> Undo:
    old = given["old_name"]
    name = old if isinstance(old, str) else old.name
    schema = given["schema"] or (None if isinstance(old, str) else old.schema)
    return "rename_enum", (given["new_name"], name), {"schema": schema}


def _replace_enum(_: Around, given: Arguments) -> Undo:
    former = given["existing_values"]
    if not former:
        raise UnknownBeforeError("existing_values= to be undone", add="existing_values=[…]")
    enum = given["name"]
    values = given["values"] or enum.enums
    back = {new: old for old, new in (given["mapping"] or {}).items() if new not in former}
    keywords = {"existing_values": tuple(values), "mapping": back, "schema": given["schema"]}
    return "replace_enum", (enum, *former), keywords


def _drop_schema(_: Around, given: Arguments) -> Undo:
    if given["cascade"]:
        raise UnknownBeforeError("to know what was in it (cascade)")
    _refuse_if_exists(given)
    return "create_schema", (given["name"],), {}


def _drop_view(_: Around, given: Arguments) -> Undo:
    _refuse_if_exists(given)
    definition = _said(given, "definition", None)
    keywords = {"schema": given["schema"], "materialized": given["materialized"]}
    return "create_view", (given["name"], definition), keywords


def _replace_view(_: Around, given: Arguments) -> Undo:
    former = _said(given, "existing_definition", None)
    keywords = {name: given[name] for name in ("schema", "materialized", "with_data")}
    keywords["existing_definition"] = given["definition"]
    return "replace_view", (given["name"], former), keywords


def _alter_sequence(_: Around, given: Arguments) -> Undo:
    back: dict[str, Any] = {"schema": given["schema"]}
    for option in ("start", "increment", "minvalue", "maxvalue", "cycle", "cache", "data_type"):
        unsaid = False if option in ("minvalue", "maxvalue") else None
        if given[option] is not unsaid:
            back[option] = _said(given, f"existing_{option}", unsaid)
            back[f"existing_{option}"] = given[option]
    return "alter_sequence", (given["name"],), back


def _alter_domain(_: Around, given: Arguments) -> Undo:
    back: dict[str, Any] = {"schema": given["schema"]}
    if given["nullable"] is not None:
        back["nullable"] = _said(given, "existing_nullable", None)
        back["existing_nullable"] = given["nullable"]
    if given["server_default"] is not False:
        back["server_default"] = _said(given, "existing_server_default", False)
        back["existing_server_default"] = given["server_default"]
    if any(check.name is None for check in given["add_checks"]):
        raise UnknownBeforeError("a name for every check to be undone", add="name=")
    back["drop_checks"] = tuple(given["add_checks"])
    back["add_checks"] = _whole(given["drop_checks"], sa.CheckConstraint, "drop_checks")
    return "alter_domain", (given["name"],), back


def _alter_composite_type(_: Around, given: Arguments) -> Undo:
    before = {attribute.name: attribute for attribute in given["existing"]}
    missing = [a.name for a in given["alter"] if a.name not in before]
    if missing:
        raise UnknownBeforeError(f"existing= with {', '.join(missing)}", add="existing=[…]")
    back = {
        "add": _whole(given["drop"], sa.Column, "drop"),
        "drop": tuple(given["add"]),
        "alter": tuple(before[attribute.name] for attribute in given["alter"]),
        "existing": tuple(given["alter"]),
        "schema": given["schema"],
    }
    return "alter_composite_type", (given["name"],), back


def _whole(dropped: Any, kind: type, argument: str) -> tuple[Any, ...]:
    if not all(isinstance(each, kind) for each in dropped):
        raise UnknownBeforeError(
            f"{argument}= with more than names to be undone",
            add=f"{argument}=[sa.{kind.__name__}(…)]",
        )
    return tuple(dropped)


def _said(given: Arguments, name: str, unsaid: object) -> Any:
    if given[name] is unsaid:
        raise UnknownBeforeError(f"{name}= to be undone", add=f"{name}=…")
    return given[name]


def _refuse_if_exists(given: Arguments) -> None:
    if given["if_exists"]:
        raise UnknownBeforeError("to know whether it did anything (if_exists)")


def _backfill(_: Around, given: Arguments) -> None:
    del given  # which rows had NULL is not known any more


OBJECT_INVERSES: Mapping[str, Callable[[Around, Arguments], Undo | None]] = MappingProxyType(
    {
        "create_schema": _dropped_by("drop_schema"),
        "drop_schema": _drop_schema,
        "create_sequence": _dropped_by("drop_sequence", "schema"),
        "alter_sequence": _alter_sequence,
        "create_view": _dropped_by("drop_view", "schema", "materialized"),
        "replace_view": _replace_view,
        "drop_view": _drop_view,
        "create_domain": _dropped_by("drop_domain", "schema"),
        "alter_domain": _alter_domain,
        "create_composite_type": _dropped_by("drop_composite_type", "schema"),
        "alter_composite_type": _alter_composite_type,
        "replace_enum": _replace_enum,
        "rename_enum": _rename_enum,
        "rename_index": _renamed_back(
            "rename_index", "old_index_name", "new_index_name", "table_name", "schema"
        ),
        "rename_constraint": _rename_constraint,
        "rename_sequence": _renamed_back("rename_sequence", "old_name", "new_name", "schema"),
        "rename_view": _renamed_back(
            "rename_view", "old_name", "new_name", "schema", "materialized"
        ),
        "backfill": _backfill,
    }
)
