"""Checking a region: what is told, what refuses, and that nothing is changed."""

from pathlib import Path

import pytest

from models.errors import RefusedError, UitstroomError, UsageError
from pipelines.checks import RegionCheck, check_region
from pipelines.paths import DataRoot
from pipelines.storage import digest_folder
from tests.invented import REGION_ID, build_data_root, spoil_delivery

pytestmark = pytest.mark.unit


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    return DataRoot(build_data_root(tmp_path))


def edit(root: DataRoot, name: str, old: str, new: str) -> None:
    file = root.region(REGION_ID) / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_a_region_in_order_is_told_file_by_file(root: DataRoot) -> None:
    found = check_region(root, REGION_ID)
    assert found.faults == []
    counts = "270 rows in, 270 accepted, 0 quarantined, 0 no data: accepted"
    assert f"deliveries/intake/intake.csv: {counts}" in found.lines
    assert "the deliveries reach up to and including 2025-06" in found.lines
    assert "scenarios/longer-stays.toml: in order" in found.lines


def test_a_check_changes_nothing(root: DataRoot) -> None:
    before = digest_folder(root.path)
    check_region(root, REGION_ID)
    assert digest_folder(root.path) == before
    assert not root.marts.exists()


def test_a_row_set_apart_is_told_with_line_column_found_and_expected(root: DataRoot) -> None:
    edit(root, "deliveries/intake/intake.csv", "shelter,2018-01-03", "sheltre,2018-01-03")
    found = check_region(root, REGION_ID)
    assert found.faults == []
    (line,) = [line for line in found.lines if line.startswith("  line 2, target_group: found")]
    assert "sheltre" in line
    assert "expected one of" in line
    assert any("269 accepted, 1 quarantined" in line for line in found.lines)


def test_a_refused_delivery_is_a_fault(root: DataRoot) -> None:
    spoil_delivery(root.region(REGION_ID))
    found = check_region(root, REGION_ID)
    assert found.faults
    with pytest.raises(UitstroomError) as raised:
        found.raise_if_any()
    assert raised.value.exit_code == 3
    assert any("deliveries/intake/intake.csv" in line for line in found.lines)


def test_a_misspelt_scenario_is_told_and_the_deliveries_are_read_all_the_same(
    root: DataRoot,
) -> None:
    edit(root, "scenarios/longer-stays.toml", "factor", "facter")
    found = check_region(root, REGION_ID)
    (fault,) = found.faults
    assert fault.exit_code == 2
    assert "Did you mean 'factor'" in str(fault)
    assert any("deliveries/stays/stays.csv" in line for line in found.lines)


def test_a_default_scenario_that_is_not_there_is_a_fault(root: DataRoot) -> None:
    edit(root, "region.toml", 'default_scenario = "baseline"', 'default_scenario = "base"')
    (fault,) = check_region(root, REGION_ID).faults
    assert "Did you mean 'baseline'" in str(fault)


def test_a_region_file_with_a_fault_ends_the_check(root: DataRoot) -> None:
    edit(root, "region.toml", "[calendar]", "[calender]")
    found = check_region(root, REGION_ID)
    assert "Did you mean 'calendar'" in str(found.faults[0])
    assert found.lines == []


def test_deliveries_that_a_run_would_refuse_are_refused_by_the_check(root: DataRoot) -> None:
    """A home let in a municipality that the region does not have."""
    file = "deliveries/capacity_plan/capacity_plan.csv"
    edit(root, file, "F1,", "F9,")
    found = check_region(root, REGION_ID)
    with pytest.raises(RefusedError):
        found.raise_if_any()


def test_an_unknown_region_is_wrong_usage(root: DataRoot) -> None:
    with pytest.raises(UsageError, match=f"Did you mean '{REGION_ID}'"):
        check_region(root, "proeftuyn").raise_if_any()


def test_the_gravest_fault_gives_the_code() -> None:
    found = RegionCheck(faults=[UsageError("a"), RefusedError("b")])
    with pytest.raises(UitstroomError) as raised:
        found.raise_if_any()
    assert raised.value.exit_code == 3


def test_what_waits_for_a_person_is_told_with_what_to_do_and_stops_a_run(root: DataRoot) -> None:
    """Six quarters are missing: more than two of twelve."""
    file = root.region(REGION_ID) / "deliveries" / "capacity" / "capacity.csv"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:4], *lines[10:]]) + "\n")
    edit(root, "deliveries/capacity/capacity.csv.toml", "rows = 30", "rows = 24")
    found = check_region(root, REGION_ID)
    (fault,) = found.faults
    assert fault.exit_code == 3
    (line,) = [line for line in found.lines if line.startswith("  waits: ")]
    assert "2018K4, 2019K1, 2019K2" in line
    assert "at most 2 missing of any twelve (periods_missing)" in line
    assert "Ask the sender" in line
    assert any("capacity.csv" in line and line.endswith(": waiting") for line in found.lines)


def test_a_warning_is_told_and_stops_nothing(root: DataRoot) -> None:
    file = root.region(REGION_ID) / "deliveries" / "capacity" / "capacity.csv"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:4], *lines[5:]]) + "\n")
    edit(root, "deliveries/capacity/capacity.csv.toml", "rows = 30", "rows = 29")
    found = check_region(root, REGION_ID)
    assert found.faults == []
    assert any(line.startswith("  warning: ") and "2018K4" in line for line in found.lines)
