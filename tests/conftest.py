"""Real servers for every test that needs one: PostgreSQL and NATS as the product itself starts them."""

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from jikimi.kernel.process import unprivileged
from jikimi.store.custody import Custody
from jikimi.store.database import Database
from jikimi.store.embedded import Postgres
from jikimi.store.migrations import migrate
from jikimi.stream.client import connect, set_up
from jikimi.stream.embedded import Nats
from jikimi.vault import Vault

ROLES = ("operator", "intake", "detect", "respond", "desk")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session", autouse=True)
def usual_ports() -> Iterator[None]:
    """Two workers' demonstrations must not both want the usual ports: one keeps them taken, so that all look for others."""
    with socket.socket() as taken:
        if os.environ.get("PYTEST_XDIST_WORKER"):
            with suppress(OSError):
                taken.bind(("127.0.0.1", 8340))
                taken.listen()
        yield


@pytest.fixture(scope="session")
def workshop() -> Iterator[Path]:
    """A folder the servers' account can reach, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="jikimi-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(workshop: Path) -> Iterator[Postgres]:
    """One PostgreSQL for the session."""
    server = Postgres(workshop / "postgres", free_port(), uuid4().hex, unprivileged())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated(postgres: Postgres) -> str:
    """The name of a migrated database that nobody writes into, to make others of."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    migrate(postgres.url.rsplit("/", 1)[0] + "/" + name)
    return name


@pytest.fixture
def database_url(postgres: Postgres, migrated: str) -> Iterator[str]:
    """A fresh, migrated database."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')
    url = postgres.url.rsplit("/", 1)[0] + "/" + name
    yield url
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def nats_server(workshop: Path) -> Iterator[Nats]:
    """A fresh NATS with every stream set up."""
    folder = workshop / f"nats-{uuid4().hex[:8]}"
    server = Nats(folder, free_port(), {role: uuid4().hex for role in ROLES}, unprivileged(), uuid4().hex)
    server.start()
    asyncio.run(_set_up(server))
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def _set_up(server: Nats) -> None:
    client = await connect(server.url("operator"), "operator")
    await set_up(client)
    await client.close()


@pytest.fixture
def data(workshop: Path) -> Path:
    """The folder of an installation on the fresh database."""
    return workshop / f"data-{uuid4().hex[:8]}"


@pytest.fixture
def custody(data: Path) -> Custody:
    """The keys to what lies sealed in the fresh database."""
    return Vault(data).custody()


@pytest.fixture
async def service(database_url: str, custody: Custody) -> AsyncIterator[Database]:
    """The services' pool on a fresh database."""
    database = Database(database_url, "service", custody=custody)
    yield database
    await database.close()


@pytest.fixture
async def people(database_url: str, custody: Custody) -> AsyncIterator[Database]:
    """People's pool on the same fresh database."""
    database = Database(database_url, "people", custody=custody)
    yield database
    await database.close()
