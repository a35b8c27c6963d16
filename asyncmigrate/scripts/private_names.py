"""How the modules are called that scripts have for themselves: copies, and folders of scripts."""

from __future__ import annotations

import re

PREFIX = "_asyncmigrate_private_"
"""How the names of copies in `sys.modules` begin."""
VERSIONS = "_asyncmigrate_versions_"
"""How the name of a folder begins whose scripts import each other relatively."""
_MARK = re.compile(rf"\b{PREFIX}[0-9a-f]+\.")


def without_marks(text: str) -> str:
    """Return a text in which the names of copies are those of the modules.

    >>> without_marks("from _asyncmigrate_private_0a1b.alembic_utils.pg_view import PGView")
    'from alembic_utils.pg_view import PGView'
    """
    return _MARK.sub("", text)


def original_name(name: str) -> str:
    """Return a module's name without what marks a copy.

    >>> original_name("_asyncmigrate_private_0a1b.alembic_utils.pg_view")
    'alembic_utils.pg_view'
    """
    return name.partition(".")[2] if name.startswith(PREFIX) else name
