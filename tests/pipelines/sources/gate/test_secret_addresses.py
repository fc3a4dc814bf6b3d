"""A secret address loses its location at the door, and nothing that comes out of it tells it."""

import pytest

from tests.pipelines.sources.conftest import Region, Row
from tests.pipelines.sources.gate.finder import Finder

pytestmark = pytest.mark.unit

SECRET, OPEN = "GM0453", "GM0392"


def quarters(region: Region, facility: str, code: str, *secret: bool) -> list[Row]:
    return [
        {
            **region.rows("capacity")[0],
            "locatie_id": facility,
            "kwartaal": f"2026K{at}",
            "gemeentecode": code,
            "geheim_adres": "ja" if is_secret else "nee",
        }
        for at, is_secret in enumerate(secret, start=1)
    ]


def test_the_location_is_cut_and_the_rest_stays(region: Region) -> None:
    rows = [*quarters(region, "K-1", OPEN, False), *quarters(region, "K-2", SECRET, True)]
    region.deliver("capacity", rows)
    found = region.read().accepted["capacity"].sort("facility_id")
    assert found["municipality_code"].to_list() == [OPEN, None]
    assert found["places"].to_list() == [24, 24]


def test_quarters_in_which_the_address_was_open_lose_their_location_too(region: Region) -> None:
    region.deliver("capacity", quarters(region, "K-2", SECRET, False, True, False))
    found = region.read().accepted["capacity"]
    assert found["municipality_code"].to_list() == [None, None, None]


def test_a_secret_in_one_file_holds_for_the_others(region: Region) -> None:
    region.deliver("capacity", quarters(region, "K-2", SECRET, False), file="een.csv")
    later = [{**row, "kwartaal": "2025K4"} for row in quarters(region, "K-2", SECRET, True)]
    region.deliver("capacity", later, file="twee.csv")
    found = region.read().accepted["capacity"]
    assert found["municipality_code"].null_count() == found.height == 2


def test_nothing_that_leaves_the_door_names_the_municipality(region: Region) -> None:
    rows = quarters(region, "K-2", "453", True, True, True)
    rows += [{**rows[0], "kwartaal": "2025K3", "plaatsen": "-"}]
    region.deliver("capacity", rows)
    found = region.read()
    tables = (*found.accepted.values(), found.quarantine, found.changes, found.files, found.notices)
    told = str([table.to_dicts() for table in tables]).encode()
    assert found.accepted["capacity"].height >= 3
    assert Finder([SECRET, "453 ->"]).in_bytes(told) == set()


def test_a_secret_address_outside_the_region_is_still_refused(region: Region) -> None:
    region.deliver("capacity", quarters(region, "K-2", "GM0363", True))
    assert region.reasons()[0] == "foreign_municipality"
