"""What a run and a check read of a region: the key, the periods, the municipalities."""

import json
from datetime import date
from pathlib import Path

import pytest

from models.errors import RefusedError
from pipelines.delivered import (
    declared_periods,
    find_key,
    last_month,
    municipality_frame,
    recorded_key_id,
)
from pipelines.paths import DataRoot
from pipelines.regions import read_region_folder
from pipelines.sources.keys import is_example_key, key_id, new_key
from tests.invented import REGION_ID, build_data_root

pytestmark = pytest.mark.unit


@pytest.fixture
def root(tmp_path: Path) -> DataRoot:
    return DataRoot(build_data_root(tmp_path / "data"))


def make_real(root: DataRoot) -> None:
    for envelope in root.region(REGION_ID).rglob("*.csv.toml"):
        envelope.write_text(envelope.read_text().replace("synthetic = true", "synthetic = false"))


def record_key(root: DataRoot, fingerprint: str, *, synthetic: bool) -> None:
    edition = root.editions(REGION_ID) / ("0" * 16)
    edition.mkdir(parents=True)
    manifest = {"tables": {}, "key_id": fingerprint, "synthetic": synthetic}
    (edition / "manifest.json").write_text(json.dumps(manifest))
    (edition.parent / "current").symlink_to(edition.name)


def test_synthetic_deliveries_are_read_with_the_openly_known_key(root: DataRoot) -> None:
    assert is_example_key(find_key(root, REGION_ID))


def test_real_deliveries_need_a_key_of_their_own(
    root: DataRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_real(root)
    monkeypatch.delenv("UITSTROOM_KEY_FILE", raising=False)
    with pytest.raises(RefusedError, match="need a key of their own"):
        find_key(root, REGION_ID)


def test_another_key_than_the_one_on_record_is_refused(
    root: DataRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_real(root)
    fingerprint = new_key(tmp_path / "first")
    new_key(tmp_path / "second")
    record_key(root, fingerprint, synthetic=False)
    monkeypatch.setenv("UITSTROOM_KEY_FILE", str(tmp_path / "first"))
    assert key_id(find_key(root, REGION_ID)) == fingerprint
    monkeypatch.setenv("UITSTROOM_KEY_FILE", str(tmp_path / "second"))
    with pytest.raises(RefusedError, match="not the one on record"):
        find_key(root, REGION_ID)


def test_a_synthetic_edition_puts_no_key_on_record(root: DataRoot) -> None:
    assert recorded_key_id(root.editions(REGION_ID)) is None
    record_key(root, "k", synthetic=True)
    assert recorded_key_id(root.editions(REGION_ID)) is None


def test_periods_are_those_of_the_envelopes(root: DataRoot) -> None:
    periods = declared_periods(read_region_folder(root.region(REGION_ID)))
    assert periods.first_days["intake"] == [date(2018, 1, 1)]
    assert set(periods.last_days) == {date(2025, 6, 30)}
    assert len(periods.last_days) == 4


def test_the_deliveries_reach_as_far_as_their_envelopes_say(root: DataRoot) -> None:
    assert last_month(read_region_folder(root.region(REGION_ID)), {}) == 2025 * 12 + 5


def test_municipalities_carry_the_figures_of_the_key(root: DataRoot) -> None:
    frame = municipality_frame(root, read_region_folder(root.region(REGION_ID)))
    assert frame["municipality_code"].to_list() == ["GM0375", "GM0396"]
    assert frame["households"].min() > 10_000


def test_a_municipality_outside_the_quota_has_a_name_and_no_figures(root: DataRoot) -> None:
    file = root.region(REGION_ID) / "region.toml"
    care = 'purpose = "care"\nvalid_from = "2012-01"\nmunicipalities = ["GM0375", "GM0396"'
    file.write_text(file.read_text().replace(care, f'{care}, "GM0394"'))
    frame = municipality_frame(root, read_region_folder(root.region(REGION_ID)))
    row = frame.row(0, named=True) | frame.filter(municipality_code="GM0394").row(0, named=True)
    assert row["municipality_name"] == "Haarlemmermeer"
    assert row["households"] is None


def test_a_region_without_a_key_needs_no_figures(root: DataRoot) -> None:
    folder = read_region_folder(root.region(REGION_ID))
    region = folder.region.model_copy(update={"keys": ()})
    frame = municipality_frame(root, type(folder)(folder.folder, folder.national, region))
    assert frame["households"].null_count() == 2
