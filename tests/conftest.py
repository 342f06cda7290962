"""What tests of several packages share."""

from collections.abc import Iterator

import pytest

from tests.postgres import Server, running_server, why_not


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server on loopback; tests that ask for it are skipped with a reason where it cannot run."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with running_server() as server:
        yield server
