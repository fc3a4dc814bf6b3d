"""The tile map of a region: a small file that puts every municipality on a square.

Belongs here: reading `tiles.toml` of a region's folder and its mart. Does not belong here: drawing.

The file is optional. It holds one table, `[tiles]`, of CBS code to `[column, row]`, both from 1,
counted from the left and from the top.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from models.errors import UsageError
from models.params import Region
from models.registry import nearest
from pipelines.marts import empty_mart
from pipelines.regions import TILES, read_text

MOST = 30
"""Most columns and rows of a map."""

Tiles = Mapping[str, tuple[int, int]]


def read_tiles(folder: Path, region: Region) -> Tiles:
    """Read where each municipality stands on the region's map; nothing where there is no file.

    Raises:
        UsageError: A municipality of the region is missing, unknown, or shares its square; or a
            place is none.
    """
    file = folder / TILES
    if not file.is_file():
        return {}
    where = f"{folder.name}/{TILES}"
    try:
        content = tomllib.loads(read_text(file, where))
    except tomllib.TOMLDecodeError as error:
        raise UsageError("this is not valid TOML", where=where, found=str(error)) from error
    listed = content.get("tiles")
    if set(content) != {"tiles"} or not isinstance(listed, dict):
        raise UsageError(
            "the map holds one table", where=where, found=", ".join(content), expected="[tiles]"
        )
    known = [item.code for item in region.municipalities]
    for code in sorted({*listed, *known}):
        if code not in known:
            raise UsageError(
                f"municipality {code!r} is not one of the region's",
                where=where,
                todo=nearest(code, known),
            )
        if code not in listed or not _is_place(listed[code]):
            raise UsageError(
                "a municipality has no place on the map",
                where=f"{where}, {code}",
                found=repr(listed.get(code)),
                expected=f"[column, row], each 1 to {MOST}",
            )
    places = [tuple(place) for place in listed.values()]
    if len(set(places)) < len(places):
        raise UsageError("two municipalities share a square of the map", where=where)
    return {code: (int(listed[code][0]), int(listed[code][1])) for code in sorted(listed)}


def tile_table(region: Region, tiles: Tiles) -> pl.DataFrame:
    """Make `mart_municipality__tile`; without a map it has no rows."""
    names = {item.code: item.name for item in region.municipalities}
    rows = [
        {"region_id": region.id, "municipality_code": code, "municipality_name": names[code]}
        | {"column": column, "row": row}
        for code, (column, row) in tiles.items()
    ]
    return pl.DataFrame(rows, schema=empty_mart("mart_municipality__tile").schema)


def _is_place(place: object) -> bool:
    return (
        isinstance(place, list)
        and len(place) == 2
        and all(type(number) is int and 1 <= number <= MOST for number in place)
    )
