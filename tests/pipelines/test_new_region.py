"""A new region's folder: explained blanks that load at once, and clear faults."""

from pathlib import Path

import pytest

from models.errors import UitstroomError
from pipelines.new_region import new_region
from pipelines.paths import DataRoot
from pipelines.regions import read_region_folder
from pipelines.sources.contracts import CONTRACTS

pytestmark = pytest.mark.unit


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    return DataRoot(tmp_path)


def test_a_new_region_loads_and_has_agreed_nothing(root: DataRoot) -> None:
    new_region(root, "proefregio", 'Regio "Proef"'.replace('"', ""), ["Utrecht", "GM0355"])
    region = read_region_folder(root.region("proefregio")).region
    assert [item.name for item in region.municipalities] == ["Utrecht", "Zeist"]
    assert region.cap is None and region.promise is None
    assert not region.keys and not region.agreements and not region.eligibility


def test_every_contract_has_a_folder_to_drop_files_in(root: DataRoot) -> None:
    new_region(root, "proefregio", "Proefregio", ["Utrecht"])
    folders = {path.name for path in (root.region("proefregio") / "deliveries").iterdir()}
    assert folders == set(CONTRACTS)


def test_every_blank_that_is_filled_in_is_lawful(root: DataRoot) -> None:
    new_region(root, "proefregio", "Proefregio", ["Utrecht"])
    file = root.region("proefregio") / "region.toml"
    lines = file.read_text().split("\n")
    start = next(at for at, line in enumerate(lines) if line.startswith("# [[eligibility]]"))
    blank = [line.removeprefix("# ") for line in lines[start : start + 7]]
    file.write_text("\n".join([*lines, "", *blank, ""]))
    assert read_region_folder(file.parent).region.eligibility[0].id == "binding"


def test_every_fault_of_the_request_is_told_and_nothing_is_written(root: DataRoot) -> None:
    for region_id, name, code, expected in (
        ("Proef", "Proefregio", "Utrecht", "'Proef'"),
        ("../proef", "Proefregio", "Utrecht", "id of a region"),
        ("proef", "<b>", "Utrecht", "--name"),
        ("proef", "Proefregio", "Utrch", "Did you mean 'Utrecht'"),
        ("proef", "Proefregio", "GM0398", "not one of today's"),
    ):
        with pytest.raises(UitstroomError, match=expected):
            new_region(root, region_id, name, [code])
    assert not root.regions.exists()


def test_a_region_that_is_there_is_never_overwritten(root: DataRoot) -> None:
    new_region(root, "proefregio", "Proefregio", ["Utrecht"])
    with pytest.raises(UitstroomError, match="there already"):
        new_region(root, "proefregio", "Proefregio", ["Utrecht"])
