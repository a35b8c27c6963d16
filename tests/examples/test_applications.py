"""The examples of applications are served; what those of deployments say is typed."""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.asgi_client import ask, served, until
from tests.examples.test_examples import EXAMPLES, module, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.asgi_client import Answer
    from tests.project import Project
    from tests.servers.available import Server

PROBED = {"/livez", "/readyz"}


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a new file, as the applications' environment has it."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'app.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.mark.usefixtures("database")
async def test_the_fastapi_application_migrates_before_it_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES / "fastapi_lifespan"))
    app = module("fastapi_lifespan/app.py").app

    async with served(app):
        added = await ask(app, "/users/ada@example.com", method="POST")
        users = await ask(app, "/users")
        health = await ask(app, "/health")

    assert added.status == 201
    assert json.loads(users.body) == ["ada@example.com"]
    assert (health.status, health.json["current"]) == (200, ["7d1c0a52b9e4"])


@pytest.mark.usefixtures("database")
async def test_two_fastapi_applications_that_start_at_once_migrate_once() -> None:
    sys.modules["models"] = module("fastapi_lifespan/models.py")
    apps = [module("fastapi_lifespan/app.py").app for _ in range(2)]
    del sys.modules["models"]

    async with served(apps[0]), served(apps[1]):
        answers = [await ask(app, "/health") for app in apps]

    assert [each.status for each in answers] == [200, 200]


@pytest.mark.usefixtures("database")
async def test_the_background_application_answers_its_probes_while_it_migrates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PAUSE", "0.01")
    app = module("fastapi_background/app.py").app

    def in_the_middle(answer: Answer) -> bool:
        return bool(answer.json["step"] == "2/3")

    async with served(app):
        ready = await until(app, "/readyz", in_the_middle)
        alive, refused = await ask(app, "/livez"), await ask(app, "/orders")
        orders = await until(app, "/orders", lambda answer: answer.status == 200)

    assert (ready.status, ready.json["revision"]) == (503, "a002")
    assert (alive.status, refused.status) == (200, 503)
    assert refused.headers["retry-after"] == "5"
    assert orders.json == {"orders": 1200, "with a currency": 1200}


def test_the_background_applications_history_runs_on_the_command_line_too(
    database: str, tmp_path: Path
) -> None:
    scripts = EXAMPLES / "fastapi_background" / "migrations"

    done = run(
        "amigrate", "--url", database, "--script-location", str(scripts), "upgrade", folder=tmp_path
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("database")
async def test_the_litestar_application_serves_behind_its_gate() -> None:
    app = module("litestar/app.py").app

    async with served(app):
        await until(app, "/readyz", lambda answer: answer.status == 200)
        notes = await ask(app, "/notes")

    assert json.loads(notes.body) == ["milk"]


def one_table(project: Project, url: str) -> None:
    """Write a project whose models and history agree."""
    project.revision(
        "a1",
        message="users",
        upgrade='op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))',
        downgrade='op.drop_table("users")',
    )
    project.write(
        "shop_models.py",
        """
        import sqlalchemy as sa

        metadata = sa.MetaData()
        sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True))
        """,
    )
    project.write("asyncmigrate.toml", f'url = "{url}"\nmetadata = "shop_models:metadata"\n')


def typed(project: Project, commands: list[str]) -> list[tuple[str, int, str]]:
    """Run each of the commands that are ours; give it with its exit code and its complaint."""
    ours = [shlex.split(each) for each in commands if each.startswith("amigrate ")]
    ended = [(words, run(*words, folder=project.root)) for words in ours]
    return [(" ".join(words), done.returncode, done.stderr) for words, done in ended]


def loaded(path: str) -> Any:
    return yaml.safe_load((EXAMPLES / path).read_text(encoding="utf-8"))


def test_the_commands_of_both_ci_files_are_the_same_and_go_through(
    project: Project, postgres_server: Server, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_table(project, postgres_url)
    monkeypatch.setenv("ASYNCMIGRATE_TEST_URL", postgres_server.url())
    steps = loaded("ci/github-actions.yml")["jobs"]["migrations"]["steps"]
    github = [step["run"] for step in steps if step.get("run", "").startswith("amigrate")]
    gitlab = loaded("ci/gitlab-ci.yml")["migrations"]["script"]

    done = typed(project, gitlab)

    assert github == gitlab
    assert len(done) == 4
    assert [code for _, code, _ in done] == [0] * 4, done[0][2]


def test_the_job_migrates_and_the_init_container_sees_it(
    project: Project, postgres_url: str
) -> None:
    one_table(project, postgres_url)
    pod = loaded("kubernetes/deployment.yaml")["spec"]["template"]["spec"]
    looking = pod["initContainers"][0]["command"][-1]
    job = loaded("kubernetes/job.yaml")["spec"]["template"]["spec"]["containers"][0]["command"]

    before = typed(project, ["amigrate status --check"])
    done = typed(project, [shlex.join(job)])
    waited = run("sh", "-c", looking, folder=project.root)

    assert (before[0][1], done[0][1], waited.returncode) == (3, 0, 0), done
    assert "amigrate status --check" in looking


def test_the_probes_of_the_deployment_are_those_of_the_gate() -> None:
    container = loaded("kubernetes/deployment.yaml")["spec"]["template"]["spec"]["containers"][0]

    asked = {container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("liveness", "readiness")}

    assert asked == PROBED
