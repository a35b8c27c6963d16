"""A Flask-Migrate project: its env.py asks the application, found as Flask finds it."""

from __future__ import annotations

import sys
from importlib import import_module, resources
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project import Project
    from tests.terminal import Terminal

APP = """
    from flask import Flask
    from flask_migrate import Migrate
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()


    class User(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(30))


    def create_app():
        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///{root}/shop.db"
        db.init_app(app)
        Migrate(app, db, render_as_batch=True)
        return app
    """


@pytest.fixture
def flask_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """What `flask db init` makes."""
    pytest.importorskip("flask_migrate", reason="Flask-Migrate is not installed.")
    pytest.importorskip("flask_sqlalchemy", reason="Flask-SQLAlchemy is not installed.")
    monkeypatch.delenv("FLASK_APP", raising=False)
    folder = resources.files(import_module("flask_migrate")) / "templates" / "flask"
    project.write("wsgi.py", APP.replace("{root}", str(project.root)))
    project.write("migrations/env.py", (folder / "env.py").read_text())
    project.write("migrations/script.py.mako", (folder / "script.py.mako").read_text())
    ini = (folder / "alembic.ini.mako").read_text()
    project.write("migrations/alembic.ini", ini)
    yield project
    sys.modules.pop("wsgi", None)


@pytest.mark.filterwarnings("ignore:.get_engine. is deprecated")  # Flask-Migrate asks for it
def test_a_flask_migrate_project_runs_and_is_taken_over_without_a_person(
    flask_project: Project, amigrate: Terminal
) -> None:
    flags = ("-c", "migrations/alembic.ini")
    amigrate.ok(*flags, "revision", "--autogenerate", "-m", "users")
    amigrate.ok(*flags, "upgrade")

    assert amigrate(*flags, "check").code == 0
    assert (flask_project.root / "shop.db").exists()
    taken = amigrate("init", "--from-alembic", "migrations/alembic.ini")
    assert "Needs you" not in taken.out, taken.everything
    assert "_application.app_context()" in (
        flask_project.root / "migrations/amigrate_env.py"
    ).read_text(encoding="utf-8")


@pytest.mark.filterwarnings("ignore:.get_engine. is deprecated")
def test_where_flask_db_is_typed_its_settings_are_found(
    flask_project: Project, amigrate: Terminal
) -> None:
    before = amigrate.ok("status")
    taken = amigrate("init", "--from-alembic")
    after = amigrate.ok("status")

    assert "shop.db" in before
    assert (taken.code, "Wrote migrations/asyncmigrate.toml" in taken.out) == (0, True)
    assert after == before
