"""What statements in words do to named types, as far as SQL text can follow it."""

from __future__ import annotations

import pytest

from asyncmigrate.scripts.type_text import Key, types_after

HERE: frozenset[Key] = frozenset({(None, "level"), ("app", "kind")})


@pytest.mark.parametrize(
    ("sql", "left"),
    [
        ("ALTER TYPE level RENAME TO level_old", {(None, "level_old"), ("app", "kind")}),
        ('alter type "app".kind rename to "Kind"', {(None, "level"), ("app", "Kind")}),
        ("DROP TYPE IF EXISTS Level CASCADE", {("app", "kind")}),
        ("DROP TYPE app.kind", {(None, "level")}),
        ("CREATE TYPE mood AS ENUM ('a')", {*HERE, (None, "mood")}),
        ("ALTER TYPE level ADD VALUE 'x'", HERE),
        ("ALTER TYPE level RENAME VALUE 'x' TO 'y'", HERE),
        ("ALTER TABLE t ALTER COLUMN a TYPE level USING a::text::level", HERE),
        (
            "ALTER TYPE level RENAME TO old; CREATE TYPE level AS ENUM (); DROP TYPE old",
            {(None, "level"), ("app", "kind")},
        ),
    ],
)
def test_types_come_and_go(sql: str, left: set[Key]) -> None:
    assert types_after(sql, HERE) == frozenset(left)
