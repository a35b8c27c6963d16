"""`alembic.runtime.environment`: the run that scripts and hooks belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncmigrate.alembic.runtime.project import OfProject
from asyncmigrate.alembic.util.exc import CommandError
from asyncmigrate.alembic.words import Offered, absent, missing
from asyncmigrate.op import in_script
from asyncmigrate.op import op as running
from asyncmigrate.scripts.context import listed
from asyncmigrate.scripts.surroundings import surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager


class EnvironmentContext(OfProject, Offered):
    """What `alembic.context` asks: always about the run of the calling task."""

    def is_offline_mode(self) -> bool:
        """Return whether SQL is only being written."""
        return self.get_context().as_sql if in_script() else surroundings().as_sql

    def get_context(self) -> Any:
        """Return the migration that runs. Raises UsageError outside of a migration."""
        return running.get_context()

    def get_bind(self) -> Any:
        """Return the connection of the migration that runs."""
        return running.get_bind()

    def get_impl(self) -> Any:
        """Return `get_context().impl`."""
        return self.get_context().impl

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run a statement in the migration that runs."""
        running.execute(sql, execution_options=execution_options)

    def static_output(self, text: str) -> None:
        """Write text into the SQL that is being written; online, do nothing."""
        self.get_impl().static_output(text)

    def begin_transaction(self) -> AbstractContextManager[Any]:
        """Return a block that does nothing in a script: its transaction is open."""
        made: AbstractContextManager[Any] = self.get_context().begin_transaction()
        return made

    def get_x_argument(self, as_dictionary: bool = False) -> Any:
        """Return the run's own arguments (`-x key=value`), as a list or as a dictionary."""
        if in_script():
            return self.get_context().get_x_argument(as_dictionary=as_dictionary)
        given = surroundings().x
        return dict(given) if as_dictionary else listed(given)

    def get_tag_argument(self) -> None:
        """Return None: there is no `--tag`; `-x` says what a run needs to know."""

    def get_head_revision(self) -> str | None:
        """Return the head of the history."""
        return self.script.get_current_head()

    def get_head_revisions(self) -> tuple[str, ...]:
        """Return the heads of the history."""
        return tuple(self.script.get_heads())

    def get_revision_argument(self) -> Any:
        """Return the target of the run."""
        targets = surroundings().targets
        return targets[0] if len(targets) == 1 else targets

    def get_starting_revision_argument(self) -> Any:
        """Return the revision before the first of the run."""
        return self.get_context().get_current_revision()

    def is_transactional_ddl(self) -> bool:
        """Return whether DDL can be rolled back."""
        return bool(self.get_impl().transactional_ddl)

    def requires_connection(self) -> bool:
        """Return whether a connection is needed."""
        return not self.is_offline_mode()

    def configure(self, *_: object, **options: Any) -> None:
        """Refuse: an env.py configures; here settings and `env.py`'s names do."""
        raise CommandError(missing("alembic.context", "configure"))

    def run_migrations(self, **_: Any) -> None:
        """Refuse: `amigrate upgrade` runs migrations."""
        raise CommandError(missing("alembic.context", "run_migrations"))


def __getattr__(name: str) -> Any:
    raise absent("alembic.runtime.environment", name)


__all__ = ["EnvironmentContext"]
