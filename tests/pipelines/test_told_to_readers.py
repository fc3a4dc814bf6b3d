"""What an edition tells its readers beside the tables, from the region's file and the names."""

from pathlib import Path

import pytest

from models.contact import Contact
from models.params import Region
from pipelines.paths import DataRoot
from pipelines.region_run import told_to_readers
from pipelines.regions import read_region_folder

pytestmark = pytest.mark.unit

ROOT = DataRoot(Path(__file__).parents[2] / "data")


@pytest.fixture(scope="module")
def region() -> Region:
    return read_region_folder(ROOT.region("zk-ijmond")).region


def test_a_municipality_of_the_care_region_alone_has_its_public_name(region: Region) -> None:
    assert "GM0394" not in {item.code for item in region.municipalities}
    assert told_to_readers(ROOT, region, "2026-10")["places"]["GM0394"] == "Haarlemmermeer"


def test_the_next_edition_follows_from_the_calendar_in_the_file(region: Region) -> None:
    told = told_to_readers(ROOT, region, "2026-10")["next_edition"]
    assert told["as_of"] == "2027-04"
    assert told["day"].startswith("2027-05-")
    fields = {name: getattr(region, name) for name in region.model_fields_set - {"calendar"}}
    assert "next_edition" not in told_to_readers(ROOT, Region(**fields), "2026-10")


def test_whom_to_ask_is_told_only_where_the_file_says_so(region: Region) -> None:
    assert "contact" not in told_to_readers(ROOT, region, "2026-10")
    asked = region.model_copy(update={"contact": Contact(office="Bureau Uitstroom")})
    assert told_to_readers(ROOT, asked, "2026-10")["contact"] == {"office": "Bureau Uitstroom"}
