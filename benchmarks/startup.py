"""How soon the command line answers on a small project, against Alembic and a bare typer app."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from histories import history
from measure import Bench, Row, row

if TYPE_CHECKING:
    from collections.abc import Iterator

_HELLO = """\
import typer

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def hello(name: str = "world") -> None:
    print(f"Hello {name}")


app()
"""


def rows(bench: Bench) -> Iterator[Row]:
    """Measure `--help` and `heads`."""
    root = history(bench.work, 3).root
    hello = bench.work / "bin" / "hello"
    hello.write_text(_HELLO, encoding="utf-8")
    for arguments, plain in ((["--help"], ["--help"]), (["heads"], [])):
        series = bench.compare(
            alembic=lambda arguments=arguments: bench.alembic(root, *arguments),
            amigrate=lambda arguments=arguments: bench.amigrate(root, *arguments),
            hello=lambda plain=plain: bench.run(root, [sys.executable, hello, *plain]),
        )
        name = f"{arguments[0]}, 3 revisions"
        yield row(name, series, target=0.6)
        yield row(name, series, target=1.4, against="hello")
