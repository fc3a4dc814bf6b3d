"""The tile map of a region: every municipality on a square of its own, or a sentence why not."""

from pathlib import Path

import pytest

from models.errors import UsageError
from models.registry import load_national, load_region
from models.tables import shape_table
from pipelines.paths import DataRoot
from pipelines.provenance import region_texts
from pipelines.regions import TILES, read_region_folder
from pipelines.tiles import read_tiles, tile_table
from tests.invented import build_region

pytestmark = pytest.mark.unit

REGIONS = sorted((Path(__file__).parents[2] / "data" / "raw" / "regions").glob("*/region.toml"))
GOOD = "[tiles]\nGM0375 = [1, 1]\nGM0396 = [1, 2]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build_region(tmp_path / "proeftuin")


def test_a_region_without_the_file_has_no_map(folder: Path) -> None:
    region = read_region_folder(folder).region
    assert read_tiles(folder, region) == {}
    assert shape_table("mart_municipality__tile", tile_table(region, {})).height == 0


def test_every_municipality_stands_where_the_file_says(folder: Path) -> None:
    (folder / TILES).write_text(GOOD, encoding="utf-8")
    region = read_region_folder(folder).region
    tiles = read_tiles(folder, region)
    assert tiles == {"GM0375": (1, 1), "GM0396": (1, 2)}
    table = shape_table("mart_municipality__tile", tile_table(region, tiles))
    assert table["municipality_name"].to_list() == ["Beverwijk", "Heemskerk"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tiles]\nGM0375 = [1, 1]\n", "has no place"),
        (GOOD + "GM0392 = [2, 2]\n", "'GM0392' is not one of"),
        (GOOD.replace("[1, 2]", "[1, 1]"), "share a square"),
        (GOOD.replace("[1, 2]", "[0, 2]"), "has no place"),
        (GOOD.replace("[1, 2]", "[1, 31]"), "has no place"),
        (GOOD.replace("[1, 2]", "[1]"), "has no place"),
        (GOOD.replace("[1, 2]", "[1.0, 2]"), "has no place"),
        (GOOD.replace("[1, 2]", "[true, 2]"), "has no place"),
        (GOOD.replace("[1, 2]", '"1, 2"'), "has no place"),
        ("GM0375 = [1, 1]\n", "one table"),
        ("tiles = 3\n", "one table"),
        ("[tiles\n", "not valid TOML"),
    ],
)
def test_a_map_with_a_fault_is_refused_in_a_sentence(folder: Path, text: str, said: str) -> None:
    (folder / TILES).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_tiles(folder, read_region_folder(folder).region)


def test_the_map_is_an_input_of_the_run(folder: Path) -> None:
    before = region_texts(folder, ["baseline"])
    (folder / TILES).write_text(GOOD, encoding="utf-8")
    assert set(region_texts(folder, ["baseline"])) - set(before) == {TILES}


@pytest.mark.parametrize("path", REGIONS, ids=lambda path: path.parent.name)
def test_every_shipped_region_has_a_map_and_laws(path: Path) -> None:
    region = load_region(path.read_text(encoding="utf-8"), path.name, load_national())
    assert set(read_tiles(path.parent, region)) == {item.code for item in region.municipalities}
    assert DataRoot(path.parents[3]).region(region.id) == path.parent
