"""What undoes each directive that can be undone.

Each function is given the directive's arguments by name, and returns the name, the arguments and
the keywords of the directive that undoes it, or None if nothing has to be done. What the directive
does not tell raises `UnknownBeforeError`, which names the argument that would have told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.types import to_instance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.engine.interfaces import Dialect

    from asyncmigrate.scripts.elements import Elements

    Arguments = dict[str, Any]
    Undo = tuple[str, tuple[Any, ...], dict[str, Any]]


class UnknownBeforeError(Exception):
    """The directive does not hold what is needed to undo it; the text names what is missing.

    `add` is the argument that would tell, as it is typed, if there is one.
    """

    def __init__(self, missing: str, *, add: str = "") -> None:
        super().__init__(missing)
        self.add = add


@dataclass(frozen=True, slots=True)
class Around:
    """What a directive stands in: the database, and what the script did before."""

    dialect: Dialect
    elements: Elements
    created: set[tuple[str | None, str]] = field(default_factory=set)
    """The tables (schema, name) that the same script created."""


def _create_table(around: Around, given: Arguments) -> Undo:
    around.created.add((given["schema"], given["table_name"]))
    # With them go the types that were made for them, unless something else uses these.
    columns = [column for column in given["columns"] if isinstance(column, sa.Column)]
    return "drop_table", (given["table_name"], *columns), {"schema": given["schema"]}


def _rename_table(_: Around, given: Arguments) -> Undo:
    names = (given["new_table_name"], given["old_table_name"])
    return "rename_table", names, {"schema": given["schema"]}


def _add_column(_: Around, given: Arguments) -> Undo:
    return "drop_column", (given["table_name"], given["column"].name), {"schema": given["schema"]}


def _alter_column(around: Around, given: Arguments) -> Undo:
    back: dict[str, Any] = {"schema": given["schema"]}
    name = given["column_name"]
    if given["new_column_name"] is not None:
        name, back["new_column_name"] = given["new_column_name"], given["column_name"]
    if given["type_"] is not None:
        back |= _type_back(around, given)
    if given["nullable"] is not None:
        back["nullable"] = _known(given, "existing_nullable", unknown=None)
        back["existing_nullable"] = given["nullable"]
    if given["server_default"] is not False:
        back["server_default"] = _known(given, "existing_server_default", unknown=False)
        back["existing_server_default"] = given["server_default"]
    if given["comment"] is not False:
        back["comment"] = _known(given, "existing_comment", unknown=False)
        back["existing_comment"] = given["comment"]
    return "alter_column", (given["table_name"], name), _with_rest(back, given)


def _type_back(around: Around, given: Arguments) -> dict[str, Any]:
    former = _known(given, "existing_type", unknown=None)
    back = {"type_": former, "existing_type": given["type_"]}
    if given["postgresql_using"] is not None:
        preparer = around.dialect.identifier_preparer
        text = to_instance(former).compile(dialect=around.dialect)
        current = given["new_column_name"] or given["column_name"]
        back["postgresql_using"] = f"{preparer.quote(current)}::{text}"
    return back


def _with_rest(back: dict[str, Any], given: Arguments) -> dict[str, Any]:
    """Hand on what the directive was told about the column and did not change."""
    if given["autoincrement"] is not None:
        back["autoincrement"] = _known(given, "existing_autoincrement", unknown=None)
        back["existing_autoincrement"] = given["autoincrement"]
    for name, unknown in _EXISTING.items():
        if given[name] is not unknown:
            back.setdefault(name, given[name])
    return back


_EXISTING = {
    "existing_type": None,
    "existing_nullable": None,
    "existing_autoincrement": None,
    "existing_server_default": False,
    "existing_comment": False,
}
"""What an argument is if nothing was said."""


def _known(given: Arguments, name: str, *, unknown: object) -> Any:
    if given[name] is unknown:
        raise UnknownBeforeError(f"{name}= to be undone", add=f"{name}=…")
    return given[name]


def _create_index(around: Around, given: Arguments) -> Undo:
    table = around.elements.bare(given["table_name"], given["schema"])
    index = around.elements.index(given["index_name"], table, given["columns"])
    concurrently = {
        name: value
        for name, value in given["dialect_options"].items()
        if name.endswith("_concurrently")
    }
    arguments = (_name(index), given["table_name"])
    return "drop_index", arguments, {"schema": given["schema"], **concurrently}


def _constraint(kind: str, table_argument: str, schema_argument: str) -> Any:
    def undo(around: Around, given: Arguments) -> Undo:
        table = given[table_argument]
        name = _constraint_name(around, kind, given, table)
        keywords = {"type_": kind, "schema": given[schema_argument]}
        return "drop_constraint", (name, table), keywords

    return undo


def _constraint_name(around: Around, kind: str, given: Arguments, table: str) -> str:
    named = given["constraint_name"]
    columns = given.get("columns") or given.get("local_cols") or ()
    bare = around.elements.bare(table, None, columns)
    constraint: Any
    match kind:
        case "unique":
            constraint = sa.UniqueConstraint(*columns, name=named)
        case "primary":
            constraint = sa.PrimaryKeyConstraint(*columns, name=named)
        case "check":
            constraint = sa.CheckConstraint(given["condition"], name=named)
        case _:
            referent = (given["referent_table"], given["referent_schema"])
            return _name(
                around.elements.foreign_key(
                    bare, referent, (given["local_cols"], given["remote_cols"]), name=named
                )
            )
    return _name(around.elements.attached(constraint, bare))


def _name(element: Any) -> str:
    if element.name is None or not isinstance(element.name, str):
        raise UnknownBeforeError("a name to be undone", add="a name")
    return element.name


def _table_comment(_: Around, given: Arguments) -> Undo:
    former = given["existing_comment"]
    keywords = {"existing_comment": given.get("comment"), "schema": given["schema"]}
    return "create_table_comment", (given["table_name"], former), keywords


def _drop_table_comment(_: Around, given: Arguments) -> Undo:
    former = _known(given, "existing_comment", unknown=None)
    return "create_table_comment", (given["table_name"], former), {"schema": given["schema"]}


def _bulk_insert(around: Around, given: Arguments) -> None:
    table = given["table"]
    if (getattr(table, "schema", None), table.name) not in around.created:
        raise UnknownBeforeError("to know which rows were there before")


def _execute(_: Around, given: Arguments) -> Undo | None:
    undo = given.get("undo")
    if undo is None:
        raise UnknownBeforeError(
            "undo= to be undone",
            add='undo="…", the SQL that undoes it (undo="" if there is nothing to undo)',
        )
    return ("execute", (undo,), {}) if undo else None


def _create_enum(_: Around, given: Arguments) -> Undo:
    # The undoing of the last table that used the type has dropped it already.
    return "drop_enum", (given["name"],), {"schema": given["schema"], "if_exists": True}


def _rename_enum_value(_: Around, given: Arguments) -> Undo:
    arguments = (given["name"], given["new"], given["old"])
    return "rename_enum_value", arguments, {"schema": given["schema"]}


def _create_exclude_constraint(_: Around, given: Arguments) -> Undo:
    if given["constraint_name"] is None:
        raise UnknownBeforeError("a name to be undone", add="a name")
    arguments = (given["constraint_name"], given["table_name"])
    return "drop_constraint", arguments, {"schema": given["schema"]}


def _validate_constraint(_: Around, given: Arguments) -> None:
    del given  # validated stays validated: there is nothing to take back


INVERSES: Mapping[str, Callable[[Around, Arguments], Undo | None]] = MappingProxyType(
    {
        "create_table": _create_table,
        "rename_table": _rename_table,
        "add_column": _add_column,
        "alter_column": _alter_column,
        "create_index": _create_index,
        "create_foreign_key": _constraint("foreignkey", "source_table", "source_schema"),
        "create_unique_constraint": _constraint("unique", "table_name", "schema"),
        "create_check_constraint": _constraint("check", "table_name", "schema"),
        "create_primary_key": _constraint("primary", "table_name", "schema"),
        "create_exclude_constraint": _create_exclude_constraint,
        "validate_constraint": _validate_constraint,
        "create_table_comment": _table_comment,
        "drop_table_comment": _drop_table_comment,
        "create_enum": _create_enum,
        "rename_enum_value": _rename_enum_value,
        "bulk_insert": _bulk_insert,
        "execute": _execute,
    }
)
