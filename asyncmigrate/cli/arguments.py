"""Where options may stand: anywhere.

Alembic takes its global options only before the command, and trips over `downgrade -1`. Here
`amigrate upgrade head --url …` and `amigrate --url … upgrade head` are the same, short options may
be joined (`-qv`, `-xa=1`), and a relative target is never taken for an option.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

from asyncmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_RELATIVE = re.compile(r"-\d+\Z")

TakesValue = dict[str, bool]
"""Each spelling of an option, and whether a value follows it."""


class AnyOrder(TyperGroup):
    """A command group that takes its own options after the command, too."""

    JSON = "asyncmigrate.json"
    """Where the context tells the group's own callbacks that --json was given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the group's options in front of the command, then parse as usual.

        Raises:
            UsageError: an option is the last word, and needs a value.
        """
        if ctx.resilient_parsing:  # a shell asks how an unfinished line may go on
            return super().parse_args(ctx, args)
        ctx.meta[self.JSON] = "--json" in args
        commands = {name: _takes_value(each.params) for name, each in self.commands.items()}
        return super().parse_args(ctx, ordered(args, _takes_value(self.params), commands))


def ordered(args: Sequence[str], mine: TakesValue, commands: Mapping[str, TakesValue]) -> list[str]:
    """Return the words with the group's options before the command, and its targets last.

    `mine` are the group's options, `commands` those of each command; where both have an option,
    the command's is meant. A word that nobody knows is left where a parser will complain.

    >>> ordered(["downgrade", "-1", "-q", "--url=x"], {"-q": False, "--url": True},
    ...         {"downgrade": {"--json": False}})
    ['-q', '--url=x', 'downgrade', '--', '-1']
    """
    words = list(args)
    before: list[str] = []
    late: list[str] = []
    while words and words[0].startswith("-"):
        option = _next_option(words, mine)
        if option == ["--json"]:  # every command has it, the group has not
            late += option
        elif option != ["--"]:
            before += option
    if not words:
        return before
    command = words.pop(0)
    theirs = commands.get(command, {})
    first, rest, targets = _sorted([*late, *words], mine, theirs)
    return [*before, *first, command, *rest, *(["--", *targets] if targets else [])]


def _takes_value(parameters: Any) -> TakesValue:
    return {
        spelling: not getattr(parameter, "is_flag", False)
        for parameter in parameters
        if getattr(parameter, "param_type_name", "") == "option"
        for spelling in (*parameter.opts, *parameter.secondary_opts)
    }


def _sorted(
    words: list[str], mine: TakesValue, theirs: TakesValue
) -> tuple[list[str], list[str], list[str]]:
    """Split a command's words into the group's options, its own, and its targets."""
    first: list[str] = []
    rest: list[str] = []
    targets: list[str] = []
    while words:
        word = words[0]
        if word == "--":
            targets += words[1:]
            break
        if not word.startswith("-") or word == "-" or _RELATIVE.match(word):
            targets.append(words.pop(0))
            continue
        for option in _options(_next_option(words, {**mine, **theirs}), {**mine, **theirs}):
            name = _name(option[0], {**mine, **theirs})
            (first if name in mine and name not in theirs else rest).extend(option)
    return first, rest, targets


def _next_option(words: list[str], options: TakesValue) -> list[str]:
    """Take the option at the front of `words` away, with the value that follows it if one does."""
    word = words.pop(0)
    waits = options.get(word, False) or _joined(word, options)[-1:] in _waiting(options)
    if waits and not words:
        raise UsageError(f"The option {word} needs a value.", next="`--help` shows what it takes.")
    return [word, words.pop(0)] if waits else [word]


def _waiting(options: TakesValue) -> list[list[str]]:
    return [[name] for name, takes_value in options.items() if takes_value]


def _options(option: list[str], options: TakesValue) -> list[list[str]]:
    """Take joined short options apart, the value with the last of them."""
    letters = _joined(option[0], options)
    if not letters:
        return [option]
    return [*([each] for each in letters[:-1]), [letters[-1], *option[1:]]]


def _joined(word: str, options: TakesValue) -> list[str]:
    """Return the options that `-abc` joins, a value in the word with its own; [] if it is not so.

    >>> _joined("-qxa=1", {"-q": False, "-x": True}), _joined("--quiet", {"-q": False})
    (['-q', '-xa=1'], [])
    """
    if word in options or word.startswith("--"):
        return []
    found: list[str] = []
    for place, letter in enumerate(word[1:], 1):
        name = f"-{letter}"
        if name not in options:
            return []
        if options[name]:
            return [*found, name + word[place + 1 :]]
        found.append(name)
    return found


def _name(word: str, options: TakesValue) -> str:
    """Return the option that a word spells: `--url` of `--url=x`, `-x` of `-xa=1`."""
    if word in options:
        return word
    return word.partition("=")[0] if word.startswith("--") else word[:2]
