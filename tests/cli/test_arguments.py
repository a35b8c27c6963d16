"""Where the words of a command line may stand."""

from __future__ import annotations

import pytest

from asyncmigrate.cli.arguments import ordered
from asyncmigrate.errors import UsageError

GROUP = {
    "-c": True,
    "--config": True,
    "-n": True,
    "--name": True,
    "--url": True,
    "-x": True,
    "-q": False,
    "--quiet": False,
    "-v": False,
    "--version": False,
}
COMMANDS = {
    "upgrade": {"--sql": False, "--json": False},
    "downgrade": {"--json": False},
    "history": {"-r": True, "-i": False, "--json": False},
    "revision": {"-m": True, "--message": True, "--json": False},
    "status": {"--json": False},
}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        # relative targets
        (["downgrade", "-1"], ["downgrade", "--", "-1"]),
        (["downgrade", "-12", "--json"], ["downgrade", "--json", "--", "-12"]),
        (["upgrade", "--", "-1"], ["upgrade", "--", "-1"]),
        (["upgrade", "-q", "--", "-q"], ["-q", "upgrade", "--", "-q"]),
        (["upgrade", "+1"], ["upgrade", "--", "+1"]),
        (["upgrade", "shop@-1"], ["upgrade", "--", "shop@-1"]),
        # the group's options before the command, and after it
        (["-q", "upgrade", "head"], ["-q", "upgrade", "--", "head"]),
        (["upgrade", "head", "-q"], ["-q", "upgrade", "--", "head"]),
        (["upgrade", "--url", "u", "head"], ["--url", "u", "upgrade", "--", "head"]),
        (["upgrade", "--url=u", "head"], ["--url=u", "upgrade", "--", "head"]),
        (["upgrade", "--url=a=b"], ["--url=a=b", "upgrade"]),
        (["-q", "upgrade", "-n", "prod"], ["-q", "-n", "prod", "upgrade"]),
        # -x, in each of its spellings
        (["-x", "a=1", "-x", "b=2", "upgrade"], ["-x", "a=1", "-x", "b=2", "upgrade"]),
        (["upgrade", "-x", "a=1", "-x", "b=2"], ["-x", "a=1", "-x", "b=2", "upgrade"]),
        (["upgrade", "-xa=1"], ["-xa=1", "upgrade"]),
        (["upgrade", "-x", "--sql"], ["-x", "--sql", "upgrade"]),
        # values that look like something else
        (["revision", "-m", "-x"], ["revision", "-m", "-x"]),
        (["revision", "-m", "-1"], ["revision", "-m", "-1"]),
        (["revision", "-m", "--json"], ["revision", "-m", "--json"]),
        (["revision", "--message=-1"], ["revision", "--message=-1"]),
        (["revision", "-m-1"], ["revision", "-m-1"]),
        (["history", "-r", "-3:current"], ["history", "-r", "-3:current"]),
        (["history", "-r-3:current"], ["history", "-r-3:current"]),
        (["-n", "status", "status"], ["-n", "status", "status"]),
        (["-nstatus", "status"], ["-nstatus", "status"]),
        (["--name=status", "status"], ["--name=status", "status"]),
        (["status", "-n", "upgrade"], ["-n", "upgrade", "status"]),
        # joined short options
        (["status", "-qv"], ["-q", "-v", "status"]),
        (["-qv", "status"], ["-qv", "status"]),
        (["-qn", "prod", "status"], ["-qn", "prod", "status"]),
        (["-qnprod", "status"], ["-qnprod", "status"]),
        (["history", "-iv"], ["-v", "history", "-i"]),
        (["history", "-vir", "a:b"], ["-v", "history", "-i", "-r", "a:b"]),
        (["history", "-vra:b"], ["-v", "history", "-ra:b"]),
        (["upgrade", "-qxa=1"], ["-q", "-xa=1", "upgrade"]),
        # --json is every command's: it may stand in front as well
        (["--json", "status"], ["status", "--json"]),
        (["--json", "-q", "upgrade", "head"], ["-q", "upgrade", "--json", "--", "head"]),
        # what nobody knows stays, for the parser to complain about
        (["--nope", "status"], ["--nope", "status"]),
        (["status", "--nope"], ["status", "--nope"]),
        (["status", "-z"], ["status", "-z"]),
        (["nope", "-q"], ["-q", "nope"]),
        # no command at all
        ([], []),
        (["--version"], ["--version"]),
        (["--", "status"], ["status"]),
    ],
    ids=" ".join,
)
def test_a_word_goes_where_it_is_meant(typed: list[str], meant: list[str]) -> None:
    assert ordered(typed, GROUP, COMMANDS) == meant


@pytest.mark.parametrize("typed", [["status", "-x"], ["-n"], ["history", "-vr"]], ids=" ".join)
def test_an_option_without_its_value_is_named(typed: list[str]) -> None:
    with pytest.raises(UsageError, match=typed[-1]):
        ordered(typed, GROUP, COMMANDS)


def test_what_was_typed_is_not_changed() -> None:
    typed = ["upgrade", "head", "-q"]

    ordered(typed, GROUP, COMMANDS)

    assert typed == ["upgrade", "head", "-q"]
