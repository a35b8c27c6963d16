"""What `import alembic` means in a script, and that it means nothing else anywhere else."""

from __future__ import annotations

import importlib
import sys
import threading
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

import asyncmigrate.alembic
from asyncmigrate.errors import ScriptError
from asyncmigrate.history.revision import Revision
from asyncmigrate.scripts.loader import load_script

if TYPE_CHECKING:
    from pathlib import Path

    from asyncmigrate.scripts.loader import Script

HEADER = "revision = 'a1'\ndown_revision = None\n"


def loaded(folder: Path, text: str) -> Script:
    file = folder / "a1.py"
    file.write_text(HEADER + dedent(text), encoding="utf-8")
    return load_script(Revision("a1", file=str(file)))


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ScriptError) as caught:
        loaded(folder, f"{text}\ndef upgrade():\n    pass\n")
    return caught.value.message


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.mark.parametrize(
    "statement",
    [
        "from alembic import op, context",
        "import alembic",
        "import alembic.op",
        "from alembic.op import add_column, f",
        "from alembic.operations import BatchOperations, MigrateOperation, Operations, ops",
        "from alembic.operations.base import Operations",
        "from alembic.operations.batch import BatchOperationsImpl",
        "from alembic.operations.ops import CreateTableOp, UpgradeOps",
        "from alembic.operations.schemaobj import SchemaObjects",
        "from alembic.runtime.migration import MigrationContext",
        "from alembic.runtime.environment import EnvironmentContext",
        "from alembic.script import ScriptDirectory",
        "from alembic.script.revision import ResolutionError",
        "from alembic.util import CommandError, rev_id",
        "from alembic.util.exc import CommandError",
        "from alembic.util.messaging import msg",
        "from alembic.config import Config",
        "from alembic.command import check, current, history, stamp",
        "from alembic.ddl.impl import DefaultImpl",
        "from alembic.ddl.postgresql import PostgresqlImpl",
        "from alembic.autogenerate import comparators, renderers, rewriter",
        "from alembic.autogenerate.api import AutogenContext",
        "from alembic.autogenerate.rewriter import Rewriter",
    ],
)
def test_what_scripts_import_of_alembic_is_there(tmp_path: Path, statement: str) -> None:
    script = loaded(tmp_path, f"{statement}\ndef upgrade():\n    {statement}\n")

    script.upgrade()

    assert script.is_alembics


def test_a_scripts_alembic_is_ours_and_the_applications_stays_what_it_is(tmp_path: Path) -> None:
    import alembic
    from alembic import op

    script = loaded(tmp_path, "import alembic\nfrom alembic import op\ndef upgrade():\n    pass\n")

    assert script.module.alembic is asyncmigrate.alembic
    assert script.module.op is asyncmigrate.alembic.op
    assert sys.modules["alembic"] is alembic
    assert sys.modules["alembic.op"] is op
    assert op.__name__ == "alembic.op"


def test_while_a_script_runs_others_get_the_alembic_that_is_installed(tmp_path: Path) -> None:
    text = """
        def upgrade(look):
            from alembic import op
            look(op)
    """
    script = loaded(tmp_path, text)
    seen: list[str] = []

    def look(op: object) -> None:
        seen.append(getattr(op, "__name__", ""))
        thread = threading.Thread(target=lambda: seen.append(__import__("alembic").__name__))
        thread.start()
        thread.join()

    script.upgrade(look)

    assert seen == ["asyncmigrate.alembic.op", "alembic"]


def test_a_helper_beside_the_scripts_gets_the_same_op(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "helpers.py").write_text("from alembic import op\n", encoding="utf-8")

    script = loaded(tmp_path, "from .helpers import op\ndef upgrade():\n    pass\n")

    assert script.module.op is asyncmigrate.alembic.op


def test_a_helper_of_the_application_is_copied_for_scripts_alone(
    tmp_path: Path, packages: Path
) -> None:
    (packages / "shop_a").mkdir()
    (packages / "shop_a" / "__init__.py").write_text("made = object()\n", encoding="utf-8")
    helpers = "from alembic import op\nfrom shop_a import made\n"
    (packages / "shop_a" / "helpers.py").write_text(helpers, encoding="utf-8")
    shop = __import__("shop_a.helpers")

    script = loaded(
        tmp_path,
        """
        import shop_a.helpers
        from shop_a import helpers, made

        def upgrade():
            pass
        """,
    )

    assert script.module.helpers.op is asyncmigrate.alembic.op
    assert script.module.shop_a.helpers is script.module.helpers
    assert shop.helpers.op.__name__ == "alembic.op"
    assert script.module.made is shop.made
    assert script.module.helpers.made is shop.made


def test_a_helper_that_needs_op_through_another_one_is_copied_too(
    tmp_path: Path, packages: Path
) -> None:
    (packages / "shop_b").mkdir()
    (packages / "shop_b" / "__init__.py").write_text("", encoding="utf-8")
    (packages / "shop_b" / "views.py").write_text("from . import deep\n", encoding="utf-8")
    (packages / "shop_b" / "deep.py").write_text("from alembic import op\n", encoding="utf-8")

    script = loaded(tmp_path, "from shop_b.views import deep\ndef upgrade():\n    pass\n")

    assert script.module.deep.op is asyncmigrate.alembic.op


def test_an_application_that_runs_alembic_at_start_is_not_copied(
    tmp_path: Path, packages: Path
) -> None:
    start = "from alembic import command\nfrom alembic.config import Config\nBase = object()\n"
    (packages / "shop_c.py").write_text(start, encoding="utf-8")
    real = __import__("shop_c")

    script = loaded(tmp_path, "from shop_c import Base\ndef upgrade():\n    pass\n")

    assert script.module.Base is real.Base


def test_an_application_that_needs_alembic_runs_where_it_is_not_installed(
    tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "alembic", None)
    (packages / "shop_d.py").write_text("from alembic import command\nx = 1\n", encoding="utf-8")

    script = loaded(tmp_path, "from shop_d import x\ndef upgrade():\n    pass\n")

    assert script.module.x == 1


def test_scripts_in_folders_of_years_share_the_classes_of_a_plug_in(
    tmp_path: Path, packages: Path
) -> None:
    (packages / "alembic_pets.py").write_text("class Pet: pass\n", encoding="utf-8")
    folders = [tmp_path / "migrations" / "versions" / year for year in ("2025", "2026")]
    for folder in folders:
        folder.mkdir(parents=True)

    first, second = (
        loaded(folder, "from alembic_pets import Pet\ndef upgrade():\n    pass\n")
        for folder in folders
    )

    assert first.module.Pet is second.module.Pet


def test_a_plug_in_of_alembics_is_a_copy_of_its_own(tmp_path: Path, packages: Path) -> None:
    folder = packages / "alembic_thing"
    (folder / "deep").mkdir(parents=True)  # without __init__.py
    (folder / "__init__.py").write_text("from .deep.ops import Do\n", encoding="utf-8")
    (folder / "deep" / "ops.py").write_text(
        "import alembic.operations.base\n"
        "from alembic.operations import MigrateOperation\n"
        "@alembic.operations.base.Operations.register_operation('do_thing')\n"
        "class Do(MigrateOperation):\n    pass\n",
        encoding="utf-8",
    )

    script = loaded(tmp_path, "from alembic_thing import Do\ndef upgrade():\n    pass\n")

    assert issubclass(script.module.Do, asyncmigrate.alembic.operations.MigrateOperation)
    assert "alembic_thing" not in sys.modules
    assert hasattr(asyncmigrate.alembic.operations.Operations, "do_thing")
    assert not hasattr(asyncmigrate.Operations, "do_thing")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("from alembic.config import CommandLine", ["alembic.config.CommandLine", "amigrate"]),
        ("from alembic import nothing", ["alembic.nothing"]),
        ("import alembic.testing", ["alembic.testing", "asyncmigrate.testing"]),
        ("from alembic.autogenerate import RevisionContext", ["Migrator.autogenerate()"]),
        ("import alembic.words", ["alembic.words"]),
        ("import alembic\nalembic.nothing", ["alembic.nothing"]),
        ("from alembic import op\nop.nothing", ["alembic.op.nothing"]),
    ],
)
def test_what_we_do_not_offer_is_named_with_the_nearest_thing(
    tmp_path: Path, statement: str, words: list[str]
) -> None:
    said = refused(tmp_path, statement)

    assert [word for word in words if word not in said] == []
    assert f"{tmp_path}" in said


def test_a_module_that_names_alembics_operations_for_a_type_checker_alone_is_not_copied(
    tmp_path: Path, packages: Path
) -> None:
    (packages / "shop_e.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from alembic.operations import Operations\n"
        "Base = object()\n",
        encoding="utf-8",
    )
    real = __import__("shop_e")

    script = loaded(tmp_path, "from shop_e import Base\ndef upgrade():\n    pass\n")

    assert script.module.Base is real.Base


def test_a_store_that_looks_where_its_database_stands_is_not_copied(
    tmp_path: Path, packages: Path
) -> None:
    (packages / "shop_f").mkdir()
    (packages / "shop_f" / "__init__.py").write_text("", encoding="utf-8")
    (packages / "shop_f" / "standing.py").write_text(
        "from alembic.runtime.migration import MigrationContext\n", encoding="utf-8"
    )
    (packages / "shop_f" / "store.py").write_text(
        "from shop_f.standing import MigrationContext\nclass Store:\n    pass\n", encoding="utf-8"
    )
    real = __import__("shop_f.store").store

    script = loaded(tmp_path, "from shop_f.store import Store\ndef upgrade():\n    pass\n")

    assert script.module.Store is real.Store


def test_models_beside_a_module_that_needs_op_exist_once(tmp_path: Path, packages: Path) -> None:
    (packages / "shop_g").mkdir()
    (packages / "shop_g" / "__init__.py").write_text("", encoding="utf-8")
    (packages / "shop_g" / "dropping.py").write_text("from alembic import op\n", encoding="utf-8")
    (packages / "shop_g" / "models.py").write_text(
        "from sqlalchemy import MetaData\nfrom shop_g.dropping import op\nmetadata = MetaData()\n",
        encoding="utf-8",
    )
    real = __import__("shop_g.models").models
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)

    script = loaded(versions, "from shop_g.models import metadata\ndef upgrade():\n    pass\n")

    assert script.module.metadata is real.metadata


def test_a_helper_in_the_folder_of_env_py_is_copied_with_all_that_it_reaches(
    tmp_path: Path, packages: Path
) -> None:
    home = packages / "shop_h" / "migrations"
    (home / "shared" / "deep").mkdir(parents=True)
    (home / "versions").mkdir()
    (home / "env.py").write_text("", encoding="utf-8")
    (home / "shared" / "deep" / "ops.py").write_text("from alembic import op\n", encoding="utf-8")
    (home / "shared" / "views.py").write_text(
        "from sqlalchemy import MetaData\nfrom shop_h.migrations.shared.deep.ops import op\n",
        encoding="utf-8",
    )

    script = loaded(
        home / "versions",
        "from shop_h.migrations.shared.views import op\ndef upgrade():\n    pass\n",
    )

    assert script.module.op is asyncmigrate.alembic.op


@pytest.mark.parametrize(
    "statement",
    [
        "from alembic import environment, migration",
        "from alembic.migration import MigrationContext",
        "import alembic.environment",
    ],
)
def test_the_former_names_of_alembics_modules_are_there(tmp_path: Path, statement: str) -> None:
    script = loaded(tmp_path, f"{statement}\ndef upgrade():\n    pass\n")

    assert callable(script.upgrade)


def test_a_helper_that_also_is_a_command_line_gets_what_only_alembic_has_from_alembic(
    tmp_path: Path, packages: Path
) -> None:
    (packages / "shop_i.py").write_text(
        "from alembic import op\nfrom alembic.config import CommandLine\n", encoding="utf-8"
    )

    script = loaded(tmp_path, "import shop_i\ndef upgrade():\n    pass\n")

    assert script.module.shop_i.op is asyncmigrate.alembic.op
    assert script.module.shop_i.CommandLine.__module__ == "alembic.config"


def test_what_a_script_imports_by_importlib_is_what_its_import_gives(
    tmp_path: Path, packages: Path
) -> None:
    (packages / "shop_j.py").write_text("from alembic import op\n", encoding="utf-8")

    script = loaded(
        tmp_path,
        """
        import importlib
        from importlib import import_module, resources
        op = import_module("alembic.op")
        helper = importlib.import_module("shop_j")
        json = importlib.import_module("json")

        def upgrade():
            pass
        """,
    )

    assert script.module.op is script.module.helper.op is asyncmigrate.alembic.op
    assert script.module.json is sys.modules["json"]
    assert importlib.import_module("shop_j").op.__name__ == "alembic.op"
