"""Where things lie: the data root, the ids that name folders, the pointer `current`."""

from pathlib import Path

import pytest

from models.errors import UsageError
from pipelines.paths import CHECKOUT, DATA_VARIABLE, DataRoot, current_folder, shown

pytestmark = pytest.mark.unit


def root_with(path: Path, *names: str) -> DataRoot:
    for name in names:
        (path / "raw" / "regions" / name).mkdir(parents=True)
        (path / "raw" / "regions" / name / "region.toml").touch()
    return DataRoot(path)


def test_without_a_variable_the_data_lie_in_the_checkout() -> None:
    assert DataRoot.from_environment({}).path == CHECKOUT / "data"
    assert DataRoot.from_environment({DATA_VARIABLE: " "}).is_of_checkout


def test_the_variable_moves_all_that_is_read_and_made(tmp_path: Path) -> None:
    root = DataRoot.from_environment({DATA_VARIABLE: str(tmp_path)})
    made = [root.editions("a"), root.releases("a"), root.reports("a"), root.private("a")]
    made += [root.warehouse, root.lock("a"), root.region("a")]
    assert all(path.is_relative_to(tmp_path) for path in made)
    assert not root.is_of_checkout


def test_a_data_root_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the data folder is not there"):
        DataRoot.from_environment({DATA_VARIABLE: str(tmp_path / "nowhere")})


def test_public_statistics_come_with_the_checkout_unless_the_root_has_its_own(
    tmp_path: Path,
) -> None:
    root = DataRoot(tmp_path)
    assert root.open_data == CHECKOUT / "data" / "raw" / "open"
    own = tmp_path / "raw" / "open"
    own.mkdir(parents=True)
    assert root.open_data == own


def test_regions_are_the_folders_with_a_region_file(tmp_path: Path) -> None:
    root = root_with(tmp_path, "zuid", "amsterdam", ".hidden")
    (tmp_path / "raw" / "regions" / "notes").mkdir()
    assert root.region_ids() == ["amsterdam", "zuid"]


def test_a_folder_with_an_unlawful_name_is_no_region_and_is_told(tmp_path: Path) -> None:
    root = root_with(tmp_path, "zuid", "Noord West")
    assert root.region_ids() == ["zuid"]
    assert root.misnamed_regions() == ["Noord West"]


def test_an_unknown_region_brings_the_nearest_one(tmp_path: Path) -> None:
    root = root_with(tmp_path, "zk-ijmond", "alkmaar")
    assert root.check_region("alkmaar") == "alkmaar"
    with pytest.raises(UsageError, match="Did you mean 'zk-ijmond'"):
        root.check_region("zk-ijmon")


def test_a_data_root_without_regions_has_none(tmp_path: Path) -> None:
    assert DataRoot(tmp_path).region_ids() == []
    with pytest.raises(UsageError, match="There is no region"):
        DataRoot(tmp_path).check_region("zuid")


def test_current_names_a_folder_only_while_that_folder_is_there(tmp_path: Path) -> None:
    assert current_folder(tmp_path) is None
    (tmp_path / "a").mkdir()
    (tmp_path / "current").symlink_to("a")
    assert current_folder(tmp_path) == tmp_path / "a"
    (tmp_path / "a").rmdir()
    assert current_folder(tmp_path) is None


def test_only_regions_with_an_edition_enter_the_warehouse(tmp_path: Path) -> None:
    root = root_with(tmp_path, "alkmaar", "zuid")
    edition = root.editions("zuid") / "0123456789abcdef"
    edition.mkdir(parents=True)
    (root.editions("zuid") / "current").symlink_to(edition.name)
    assert root.current_editions() == {"zuid": edition}


def test_paths_are_shown_relative_to_where_the_reader_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "data" / "marts") == "data/marts"
    assert shown(tmp_path.parent / "elsewhere") == str(tmp_path.parent / "elsewhere")
