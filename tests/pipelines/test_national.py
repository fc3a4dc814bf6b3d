"""A region that was sent nothing: how far its run reaches, and that nothing is called delivered."""

from pathlib import Path

import polars as pl
import pytest

from models.errors import RefusedError
from models.months import month_of
from pipelines.national import has_nothing, inhabitants
from pipelines.new_region import new_region
from pipelines.paths import DataRoot
from pipelines.regions import RegionFolder, read_region_folder
from pipelines.sources.open_data import municipal_facts

pytestmark = pytest.mark.unit


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    return DataRoot(tmp_path)


def folder_of(root: DataRoot, *municipalities: str) -> RegionFolder:
    """Make a region and read its folder."""
    new_region(root, "proefregio", "Proefregio", municipalities)
    return read_region_folder(root.region("proefregio"))


def test_inhabitants_are_those_of_every_municipality_in_the_newest_year(root: DataRoot) -> None:
    people, month = inhabitants(root, folder_of(root, "Utrecht", "Zeist"))
    counted = municipal_facts(root.open_data).filter(
        pl.col("municipality_code").is_in(["GM0344", "GM0355"]), measure="population"
    )
    newest = counted.filter(pl.col("year") == counted["year"].max())
    assert newest.height == 2
    assert people == newest["value"].sum()
    assert month == month_of(int(newest["year"][0]) - 1, 12)


def test_a_year_in_which_a_municipality_has_no_figure_is_passed_over(root: DataRoot) -> None:
    folder = folder_of(root, "Utrecht")
    file = folder.folder / "region.toml"
    file.write_text(file.read_text().replace("GM0344", "GM0398"))  # merged in 2022
    _, month = inhabitants(root, read_region_folder(folder.folder))
    assert month == month_of(2020, 12)


def test_municipalities_that_never_stood_side_by_side_are_refused(root: DataRoot) -> None:
    folder = folder_of(root, "Utrecht", "Zeist")
    file = folder.folder / "region.toml"
    file.write_text(file.read_text().replace("GM0344", "GM0398").replace("GM0355", "GM1980"))
    with pytest.raises(RefusedError, match="inhabitants are not known"):
        inhabitants(root, read_region_folder(folder.folder))


def test_one_accepted_row_is_enough_to_leave_national_rates() -> None:
    nothing = pl.DataFrame(schema={"stay_id": pl.String})
    assert has_nothing({"stays": nothing, "intake": nothing})
    assert not has_nothing({"stays": nothing, "intake": pl.DataFrame({"stay_id": ["a"]})})
