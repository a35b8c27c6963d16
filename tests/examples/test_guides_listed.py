"""Four guides to Alembic, line by line: which test runs what each of them shows.

Without this list something that a guide shows and no test runs would go unseen.
"""

from __future__ import annotations

import inspect
from shlex import split
from typing import TYPE_CHECKING

import pytest

from tests.examples import guide_project, test_guides, test_guides_snippets

if TYPE_CHECKING:
    from collections.abc import Callable

LISTED: dict[str, dict[str, str]] = {
    "a case study": {
        "alembic init alembic": "test_start_a_project",
        "env.py: load_dotenv, os.getenv, set_main_option": "test_the_url_from_a_dotenv_file",
        'alembic revision -m "create_users_table"': "test_write_apply_and_revert",
        "upgrade(): create_table users": "test_write_apply_and_revert",
        "alembic upgrade head": "test_write_apply_and_revert",
        'alembic revision -m "create_social_tables"': "test_several_tables_in_one_revision",
        "several tables in one file": "test_several_tables_in_one_revision",
        'alembic revision -m "message"': "test_write_apply_and_revert",
        "alembic downgrade -1": "test_write_apply_and_revert",
        "alembic current": "test_ask_where_the_database_is",
        "alembic history": "test_ask_where_the_database_is",
        "alembic stamp head": "test_mark_a_database_as_up_to_date",
        "error: can't locate revision": "test_a_lost_script_is_named_with_what_to_do",
        "its mend: a new revision, stamp": "test_a_lost_script_is_written_anew_and_stamped",
        "error: wrong URL": "test_a_wrong_url_is_named_without_its_password",
        "error: .env not loaded": (
            "test_a_dotenv_file_that_was_not_loaded_is_named_by_its_variable"
        ),
        "error: target metadata missing": (
            "test_models_that_were_not_imported_make_no_empty_revision"
        ),
    },
    "the long guide": {
        "alembic init alembic": "test_start_a_project",
        "sqlalchemy.url in alembic.ini": "test_write_apply_and_revert",
        "env.py: set_main_option of myproject.config": (
            "test_the_url_of_the_applications_settings"
        ),
        "env.py: target_metadata = Base.metadata": "test_generate_from_the_models",
        "models: User": "test_generate_from_the_models",
        'alembic revision -m "description"': "test_write_apply_and_revert",
        'alembic revision --autogenerate -m "description"': (
            "test_a_model_for_an_async_session_is_a_model"
        ),
        'alembic revision --head-only -m "description"': (
            "test_a_revision_that_only_moves_the_stamp"
        ),
        "alembic upgrade head": "test_write_apply_and_revert",
        "alembic upgrade +1": "test_write_apply_and_revert",
        "alembic downgrade -1": "test_write_apply_and_revert",
        "alembic downgrade base": "test_write_apply_and_revert",
        "alembic downgrade a1": "test_write_apply_and_revert",
        "alembic current": "test_ask_where_the_database_is",
        "alembic history": "test_ask_where_the_database_is",
        "alembic heads": "test_ask_where_the_database_is",
        "alembic show a1": "test_ask_where_the_database_is",
        "alembic stamp head": "test_mark_a_database_as_up_to_date",
        'alembic revision -m "create users table"': "test_write_apply_and_revert",
        "upgrade(), downgrade(): users with two indexes": "test_write_apply_and_revert",
        'alembic revision --autogenerate -m "add email column"': (
            "test_a_column_that_a_model_gets_is_generated"
        ),
        "the table of operations": "test_the_calls_of_the_table_of_operations",
        "the table of operations, on a table with rows": (
            "test_the_operations_of_the_table_of_operations"
        ),
        "the complex migration": "test_write_apply_and_revert",
        "async env.py": "test_an_async_env_py_works_even_where_it_would_not_with_alembic",
        "models: AsyncUser": "test_a_model_for_an_async_session_is_a_model",
        'alembic revision -m "feature branch" --branch-label feature': "test_branch_and_merge",
        'alembic merge -m "merge feature branch" --branch-label master feature': (
            "test_a_merge_of_one_branch_with_nothing_says_what_to_name"
        ),
        "alembic history --verbose": "test_ask_where_the_database_is",
        "alembic history -r -1:": "test_ask_where_the_database_is",
        "alembic history -r feature:": "test_branch_and_merge",
        "pytest: a connection in Config.attributes": (
            "test_a_tests_database_is_handed_over_as_a_connection"
        ),
        "pytest: a sync connection": "test_a_sync_connection_is_refused_with_the_way_to_do_it",
        "pytest: our way": "test_the_same_with_an_async_engine_and_no_config",
        "pytest: upgrade, current, downgrade": "test_up_and_down_from_a_test",
        "GitHub Actions, GitLab CI": "test_what_the_pipelines_type",
        "env.py: get_engine_for_environment": (
            "test_an_engine_that_a_function_chooses_gives_its_url"
        ),
        "our way: environments": "test_environments_in_the_settings_do_that_without_python",
        "config.py: get_database_config": "test_a_configuration_object_chooses_the_database",
        "upgrade(): look before you create": "test_a_script_may_look_before_it_creates",
        "upgrade(): if the table is not there": (
            "test_a_script_that_asks_whether_the_table_is_there"
        ),
        "error: target database is not up to date": (
            "test_a_database_that_is_behind_is_said_with_the_command"
        ),
        "alembic upgrade head --sql": "test_see_the_sql_first",
        "alembic upgrade a1": "test_a_problem_is_stepped_over_with_stamp",
        "alembic stamp b2": "test_a_problem_is_stepped_over_with_stamp",
        "alembic downgrade -3": "test_several_tables_in_one_revision",
        'alembic merge -m "merge conflicting branches" f1 m1': (
            "test_a_merge_of_two_revisions_by_their_ids"
        ),
        "run_migrations_with_logging": "test_a_function_that_logs_and_upgrades",
        "our way: a logger": "test_what_runs_is_logged_for_a_logger_of_your_own",
        "get_migration_status": "test_the_function_that_tells_the_status_as_it_stands",
        "our way: status": "test_a_function_that_tells_the_status",
        "warning: several processes": "test_two_processes_at_once_are_no_accident",
    },
    "a production set-up": {
        "alembic init alembic": "test_start_a_project",
        "env.py: from models import Base": (
            "test_models_beside_the_ini_and_a_url_of_their_database_module"
        ),
        'alembic revision --autogenerate -m "create users table"': (
            "test_a_column_that_a_model_gets_is_generated"
        ),
        "alembic upgrade head": "test_a_column_that_a_model_gets_is_generated",
        'alembic revision --autogenerate -m "add email column"': (
            "test_a_column_that_a_model_gets_is_generated"
        ),
        "alembic downgrade -1": "test_a_column_that_a_model_gets_is_generated",
        "alembic downgrade a1": "test_write_apply_and_revert",
        "rename, add, drop a column, an index, data": "test_the_calls_of_the_table_of_operations",
        "database.py: DATABASE_URL": (
            "test_models_beside_the_ini_and_a_url_of_their_database_module"
        ),
        "mistake: no downgrade": "test_a_downgrade_that_was_forgotten_is_found",
    },
    "a page of reference": {
        "env.py: models of several files": "test_models_in_several_files_are_all_compared",
        "alembic revision --autogenerate -m 'initial schema'": "test_generate_from_the_models",
        "alembic upgrade head": "test_generate_from_the_models",
        "alembic downgrade -1": "test_write_apply_and_revert",
        "alembic history": "test_ask_where_the_database_is",
        "alembic current": "test_ask_where_the_database_is",
        "quickstart": "test_generate_from_the_models",
        "warning: target_metadata = None": (
            "test_models_that_were_not_imported_make_no_empty_revision"
        ),
        "warning: not up to date": "test_a_database_that_is_behind_is_said_with_the_command",
        "warning: multiple heads": "test_two_heads_are_named_with_the_command_that_joins_them",
        "warning: the URL in the ini": "test_a_url_in_the_ini_is_beaten_by_the_environment",
    },
}
"""By guide: each command and snippet, and the test that runs it or what stands in its place."""
_ROWS = [(shown, name) for rows in LISTED.values() for shown, name in rows.items()]


_TESTS: dict[str, Callable[..., object]] = {
    name: each
    for module in (test_guides, test_guides_snippets)
    for name, each in vars(module).items()
    if name.startswith("test_") and callable(each)
}


@pytest.mark.parametrize(("shown", "name"), _ROWS)
def test_each_thing_that_a_guide_shows_has_its_test(shown: str, name: str) -> None:
    text = inspect.getsource(_TESTS[name])
    text += inspect.getsource(guide_project.with_two) if "two: Terminal" in text else ""

    assert [word for word in _typed(shown) if f'"{word}"' not in text] == []


def _typed(shown: str) -> list[str]:
    """The words of a command line, but for messages and folders, which are anybody's."""
    _, *words = split(shown) if shown.startswith("alembic ") else [shown]
    return [
        word
        for before, word in zip(["", *words], words, strict=False)
        if before not in ("-m", "init")
    ]


def test_each_test_of_the_guides_is_for_something_that_they_show() -> None:
    assert {name for _, name in _ROWS} == set(_TESTS)
