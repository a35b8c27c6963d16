"""Which server it is, and how its catalog's texts become those of snapshots.

The same expression has four texts: in the catalog and in SHOW CREATE TABLE, on MySQL and on
MariaDB. Here they become one for each server: without parentheses around the whole, without the
database's own name, and without the character set that MySQL puts before each literal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from asyncmigrate.schema.parentheses import unwrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlalchemy as sa

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TO_ESCAPE = re.compile(r"[\\']")
_INTRODUCER = re.compile(r"\b_utf8(?:mb[34])?\s?(?=')")
_ON_UPDATE = re.compile(r"\bon update (\S+)", re.IGNORECASE)
_MOMENT = re.compile(r"CURRENT_TIMESTAMP(\(\d*\))?", re.IGNORECASE)
_BITS = re.compile(r"b'[01]*'")
_HEXADECIMAL = re.compile(r"0x[0-9A-Fa-f]*")


@dataclass(frozen=True, slots=True)
class MySQLServer:
    """One MySQL or MariaDB server, seen from a connection to one of its databases."""

    mariadb: bool
    database: str
    """The connection's default database; "" if it has none."""
    prefix: str
    """Of dialect keywords: `mysql_`, or `mariadb_` where the URL says so."""
    collations: Mapping[str, str] = field(default_factory=dict)
    """The default collation of each character set."""
    usual: Mapping[str, str] = field(default_factory=dict)
    """The options of a table that nobody has told any, by SQLAlchemy's names without a prefix."""

    def schema(self, database: str) -> str:
        """Return a database's name as snapshots have it: "" for the default one."""
        return "" if database == self.database else database

    def expression(self, text: str, *, escaped: bool = False) -> str:
        r"""Return a condition or a computed value; MySQL's catalog has it escaped once more.

        >>> server = MySQLServer(False, "app", "mysql_")
        >>> server.expression(r"(`a` <> _utf8mb4\'x\')", escaped=True)
        "`a` <> 'x'"
        >>> server.expression("(`a` in (_utf8mb3'x',_utf8mb4'y'))")
        "`a` in ('x','y')"
        """
        if self.mariadb:
            return unwrapped(self.local(text), escapes=True)
        plain = _ESCAPED.sub(r"\1", _decoded(text)) if escaped else text
        return unwrapped(_INTRODUCER.sub("", self.local(plain)), escapes=True)

    def in_catalog(self, text: str) -> str:
        r"""Return an expression of SHOW CREATE TABLE as the catalog has it.

        >>> MySQLServer(False, "app", "mysql_").in_catalog("lower('X')")
        "lower(\\'X\\')"
        """
        return text if self.mariadb else _encoded(_TO_ESCAPE.sub(r"\\\g<0>", text))

    def local(self, text: str) -> str:
        """Return a text without the default database's name before other names."""
        return text.replace(f"{quoted(self.database)}.", "") if self.database else text

    def default(self, type_: str, text: str | None, extra: str) -> str | None:
        """Return a column's default with its ON UPDATE, as `text` and EXTRA of the catalog say.

        >>> MySQLServer(True, "", "mysql_").default("int(11)", "NULL", "")
        >>> MySQLServer(False, "", "mysql_").default("varchar(9)", "it's", "")
        "'it''s'"
        >>> MySQLServer(False, "", "mysql_").default("varchar(9)", "uuid()", "DEFAULT_GENERATED")
        '(uuid())'
        """
        found = self._default(type_, text, generated="DEFAULT_GENERATED" in extra)
        on_update = _ON_UPDATE.search(extra)
        return found if on_update is None else f"{found or 'NULL'} ON UPDATE {on_update[1]}"

    def _default(self, type_: str, text: str | None, *, generated: bool) -> str | None:
        if text is None or (self.mariadb and text.upper() == "NULL"):
            return None
        if self.mariadb:
            return self.local(text)
        if _MOMENT.fullmatch(text):
            return text
        if generated:
            return f"({self.expression(text, escaped=True)})"
        if (type_.startswith("bit") and _BITS.fullmatch(text)) or (
            "binary" in type_ and _HEXADECIMAL.fullmatch(text)
        ):
            return text
        # SQLAlchemy makes an expression of a number with a point or a sign, but not of a literal.
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _encoded(text: str) -> str:
    r"""Return an expression as MySQL's catalog has it: its UTF-8, taken for latin-1.

    >>> _encoded("größe")
    'grÃ¶Ã\x9fe'
    """
    return text.encode().decode("latin-1")


def _decoded(text: str) -> str:
    """Undo that. A text that cannot have come about so is left as it is.

    >>> _decoded(_encoded("größe")), _decoded("größe"), _decoded("имя")
    ('größe', 'größe', 'имя')
    """
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def server_of(connection: sa.Connection) -> MySQLServer:
    """Ask the connection's server what it is, in two queries."""
    database, collation, engine = map(
        plain,
        connection.exec_driver_sql(
            "SELECT DATABASE(), @@collation_database, @@default_storage_engine"
        ).one(),
    )
    rows = connection.exec_driver_sql(
        "SELECT CHARACTER_SET_NAME, DEFAULT_COLLATE_NAME FROM information_schema.CHARACTER_SETS"
    )
    dialect: Any = connection.dialect
    return MySQLServer(
        bool(dialect.is_mariadb),
        database or "",
        f"{dialect.name}_",
        {str(plain(charset)): str(plain(default)) for charset, default in rows},
        {"engine": engine, "charset": charset_of(collation) or "", "collate": collation},
    )


def plain(value: Any) -> Any:
    """Return text as text; drivers give some of MySQL's catalog as bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else value


def charset_of(collation: str | None) -> str | None:
    """Return the character set that a collation is of.

    >>> charset_of("utf8mb4_general_ci")
    'utf8mb4'
    """
    return None if collation is None else collation.partition("_")[0]


def quoted(name: str) -> str:
    """Return a name in backticks.

    >>> quoted("a`b")
    '`a``b`'
    """
    return "`" + name.replace("`", "``") + "`"
