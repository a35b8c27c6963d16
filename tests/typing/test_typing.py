from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("script", ["api.py", "operations.py"])
def test_mypy_checks_the_arguments_of_op_in_users_scripts(script: str) -> None:
    api = pytest.importorskip("mypy.api", reason="mypy is not installed")

    output, errors, status = api.run(
        ["--strict", "--no-incremental", "--follow-imports=silent", str(HERE / script)]
    )

    assert status == 0, output + errors
