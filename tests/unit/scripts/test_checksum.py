"""Checksums of scripts: what matters, and what does not."""

from __future__ import annotations

from hashlib import sha256

import pytest

from asyncmigrate.scripts.checksum import agrees, checksum_of, file_checksum

SCRIPT = '''\
"""create users

Revision ID: a1
"""

import sqlalchemy as sa

from asyncmigrate import op


def upgrade() -> None:
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def upgrade", "# why\ndef upgrade"),
        ('"users"', "'users'"),
        ("create users", "create the users"),
        ("\n", "\r\n"),
        ("    op.create", '    """Create users."""\n    op.create'),
        ('op.create_table("users", ', 'op.create_table(\n        "users",\n        '),
        ("primary_key=True))", "primary_key=True,),)"),
        ('"users"', '("users")'),
        ('"users"', '"us" "ers"'),
    ],
)
def test_comments_docstrings_and_formatting_do_not_matter(old: str, new: str) -> None:
    edited = SCRIPT.replace(old, new)

    assert edited != SCRIPT
    assert checksum_of(edited.encode()) == checksum_of(SCRIPT.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"users"', '"user"'),
        ("primary_key=True", "primary_key=False"),
        ("primary_key", "unique"),
        ("sa.Integer", "sa.BigInteger"),
        ("-> None:\n", "-> None:\n    op.drop_table('users')\n"),
        ("True))", "True), schema='shop')"),
        ("\nimport sqlalchemy", "\nrevision = 'a2'\nimport sqlalchemy"),
        (
            "(",
            "[",
        ),
    ],
)
def test_whatever_a_script_says_matters(old: str, new: str) -> None:
    edited = SCRIPT.replace(old, new)

    assert checksum_of(edited.encode()) != checksum_of(SCRIPT.encode())


def test_a_checksum_fits_into_the_column_that_was_made_for_the_first_ones() -> None:
    found = checksum_of(SCRIPT.encode())

    assert len(found) == 64
    assert found.startswith("a1:")


def test_a_checksum_is_the_same_in_every_version_of_python() -> None:
    assert checksum_of(SCRIPT.encode()) == (
        "a1:f839871491f8b610269a731041974c66b7efd25db890a4e1f161ec3002e63"
    )


def test_checksums_of_earlier_versions_are_compared_as_what_they_are() -> None:
    recorded = sha256(SCRIPT.encode()).hexdigest()

    assert recorded == file_checksum(SCRIPT.encode())
    assert agrees(recorded, SCRIPT.replace("\n", "\r\n").encode())
    assert not agrees(recorded, SCRIPT.replace("create users", "create the users").encode())


def test_where_no_checksum_was_recorded_nothing_was_edited() -> None:
    assert agrees("", SCRIPT.encode())


def test_what_is_not_python_has_the_checksum_of_its_bytes() -> None:
    assert checksum_of(b"\x00\xff") == sha256(b"\x00\xff").hexdigest()
