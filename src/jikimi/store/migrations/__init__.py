"""Alembic's environment, run from code so that a wheel carries it. Revisions are SQL files; none is ever edited."""

import contextlib
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

_LOCK = 0x6A696B69


def _script() -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("version_path_separator", "os")
    return config, ScriptDirectory.from_config(config)


def migrate(url: str, upto: str = "head") -> str:
    """Bring the database at ``url`` (postgresql://) to ``upto``; returns the newest revision's name, waits for others."""
    config, script = _script()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with contextlib.ExitStack() as stack:
        stack.callback(engine.dispose)
        connection = stack.enter_context(engine.connect())
        with connection.begin():
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            with EnvironmentContext(config, script, fn=lambda rev, _: script._upgrade_revs(upto, rev)) as environment:  # noqa: SLF001 - alembic's own command does the same
                environment.configure(connection=connection, transactional_ddl=True)
                environment.run_migrations()
    return script.get_current_head() or ""
