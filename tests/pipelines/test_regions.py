"""Reading a region's folder: which scenarios a run gets, and what is told of faults."""

from pathlib import Path

import pytest

from models.errors import UitstroomError, UsageError
from pipelines.regions import read_region_folder
from tests.invented import build_region

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build_region(tmp_path / "proeftuin")


def test_a_run_always_holds_the_default_scenario_and_it_stands_first(folder: Path) -> None:
    region = read_region_folder(folder)
    assert region.asked_scenarios([]) == ["baseline"]
    assert region.asked_scenarios(["longer-stays"]) == ["baseline", "longer-stays"]
    assert list(region.resolve(["baseline", "longer-stays"])) == ["baseline", "longer-stays"]


def test_all_asks_for_every_shipped_scenario(folder: Path) -> None:
    region = read_region_folder(folder)
    assert region.asked_scenarios(["all"]) == ["baseline", "longer-stays"]


def test_an_unknown_scenario_brings_the_nearest(folder: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'longer-stays'"):
        read_region_folder(folder).asked_scenarios(["longer-stay"])


def test_a_broken_scenario_that_is_not_asked_for_stops_nothing(folder: Path) -> None:
    (folder / "scenarios" / "longer-stays.toml").write_text("no toml")
    region = read_region_folder(folder)
    assert list(region.resolve(["baseline"])) == ["baseline"]
    with pytest.raises(UitstroomError, match=r"longer-stays\.toml"):
        region.resolve(["longer-stays"])


def test_a_scenario_that_extends_a_missing_one_is_told_by_name(folder: Path) -> None:
    file = folder / "scenarios" / "longer-stays.toml"
    file.write_text(file.read_text().replace('extends = "baseline"', 'extends = "base"'))
    with pytest.raises(UsageError, match="Did you mean 'baseline'"):
        read_region_folder(folder).resolve(["longer-stays"])


def test_a_scenario_under_another_name_than_its_file_is_refused(folder: Path) -> None:
    file = folder / "scenarios" / "longer-stays.toml"
    file.rename(file.with_name("other.toml"))
    with pytest.raises(UsageError, match="not the name of its file"):
        read_region_folder(folder).resolve(["other"])


def test_a_region_under_another_name_than_its_folder_is_refused(folder: Path) -> None:
    moved = folder.rename(folder.with_name("alkmaar"))
    with pytest.raises(UsageError, match="not the name of its folder"):
        read_region_folder(moved)


def test_a_file_that_is_no_text_is_told_as_such(folder: Path) -> None:
    (folder / "region.toml").write_bytes(b"id = '\xff\xfe'")
    with pytest.raises(UitstroomError, match="not UTF-8"):
        read_region_folder(folder)


def test_a_missing_file_is_told_as_such(folder: Path) -> None:
    (folder / "region.toml").unlink()
    with pytest.raises(UitstroomError, match="cannot be read; found No such file"):
        read_region_folder(folder)


def test_municipalities_of_every_purpose_belong_to_the_region(folder: Path) -> None:
    file = folder / "region.toml"
    care = 'purpose = "care"\nvalid_from = "2012-01"\nmunicipalities = ["GM0375", "GM0396"'
    assert care in file.read_text()
    file.write_text(file.read_text().replace(care, f'{care}, "GM0394"'))
    codes = read_region_folder(folder).municipality_codes()
    assert codes == {"GM0375", "GM0396", "GM0394"}
