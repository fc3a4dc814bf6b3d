"""One world and one set of written files of one region, for the tests of the generator."""

from pathlib import Path

import pytest

from pipelines.example_data import write_example_data
from pipelines.example_data.law import Law, read_law
from pipelines.example_data.rows import Deliveries, make_deliveries
from pipelines.example_data.world import World, make_world


@pytest.fixture(scope="session")
def law() -> Law:
    """The law of Zuid-Kennemerland/IJmond."""
    return read_law("zk-ijmond")


@pytest.fixture(scope="session")
def world(law: Law) -> World:
    """The world of the default seed."""
    return make_world(law, law.seed)


@pytest.fixture(scope="session")
def deliveries(world: World) -> Deliveries:
    """The rows of the default seed, planted faults included."""
    return make_deliveries(world, world.law.seed)


@pytest.fixture(scope="session")
def region_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A region's folder with the example deliveries written into it."""
    folder = tmp_path_factory.mktemp("example") / "zk-ijmond"
    write_example_data(folder)
    return folder
