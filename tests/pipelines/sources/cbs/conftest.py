"""The service for the tests of the connector; does not hold expectations."""

from collections.abc import Iterator

import pytest

from tests.pipelines.sources.cbs.server import Service, serving


@pytest.fixture
def service() -> Iterator[Service]:
    """Run the scripted service."""
    with serving() as running:
        yield running
