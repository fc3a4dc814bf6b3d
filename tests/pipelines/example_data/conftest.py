"""One world and one set of written files for all tests of the example data."""

from pathlib import Path

import pytest

from pipelines.example_data import DEFAULT_SEED, write_example_data
from pipelines.example_data.law import Law, read_law
from pipelines.example_data.rows import Deliveries, make_deliveries
from pipelines.example_data.world import World, make_world


@pytest.fixture(scope="session")
def law() -> Law:
    """The law of the example."""
    return read_law()


@pytest.fixture(scope="session")
def world(law: Law) -> World:
    """The world of the default seed."""
    return make_world(law, DEFAULT_SEED)


@pytest.fixture(scope="session")
def deliveries(world: World) -> Deliveries:
    """The rows of the default seed, planted faults included."""
    return make_deliveries(world, DEFAULT_SEED)


@pytest.fixture(scope="session")
def region_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A region's folder with the example deliveries written into it."""
    folder = tmp_path_factory.mktemp("example") / "zk-ijmond"
    write_example_data(folder)
    return folder
