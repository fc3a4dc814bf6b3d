"""Sixty files with five hundred planted items at the door: refused, and no message tells them.

That nothing of them is left after a run is shown where a whole run is: `tests/integration`.
"""

import pytest

from tests.pipelines.sources.conftest import Region
from tests.pipelines.sources.gate.clean import clean_files
from tests.pipelines.sources.gate.finder import Finder
from tests.pipelines.sources.gate.planted import (
    PlantedFile,
    deliver_all,
    items,
    needles,
    planted_files,
)

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def planted() -> list[PlantedFile]:
    return planted_files(items())


def test_all_sixty_files_are_refused_and_no_message_repeats_what_they_hold(
    region: Region, planted: list[PlantedFile]
) -> None:
    assert len(planted) == 60
    assert sum(len(file.items) for file in planted) == 500
    deliver_all(region, planted)
    found = region.read()
    assert found.files["verdict"].to_list() == ["refused"] * 60
    assert not any(frame.height for frame in found.accepted.values())
    assert not (found.quarantine.height or found.changes.height)
    said = "\n".join(str(one) for one in found.refusals) + str(found.files.to_dicts())
    assert Finder(needles(items())).in_bytes(said.encode()) == set()


def test_forty_clean_files_hold_nothing_personal(region: Region) -> None:
    for at, file in enumerate(clean_files()):
        name = file.name.replace(".", f" {at}.")
        region.deliver(file.contract, file.content, file=name, sheet="data", **file.envelope)
    refused = [str(one) for one in region.read().refusals
               if getattr(one, "reason", "") == "personal_data"]  # fmt: skip
    assert refused == []
