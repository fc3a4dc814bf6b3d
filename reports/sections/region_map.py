"""The region as a tile map: this year's homes per municipality, roughly where each one lies.

Belongs here: the section on the map. Does not belong here: the squares' places (the region's file),
the split (`quota.py`).
"""

import polars as pl

from reports.blocks import Chart, Column, Form, Picture, Section, Table
from reports.charts.tiles import Tile, draw_tiles
from reports.figures import EVERY_ROW
from reports.labels import Labels
from reports.sections import base, quota

TABLES = ("mart_municipality__tile", "mart_quota__yearly_municipality", "mart_agreement")


def build_region_map(tables: base.Tables, facts: base.Facts, words: Labels) -> Section | None:
    """Build the section on the map; one municipality needs none."""
    tiles = tables.frame("mart_municipality__tile")
    quotas = tables.frame("mart_quota__yearly_municipality")
    if tiles.is_empty() or quotas.is_empty():
        return base.missing_section("region_map", words)
    year = quota.quota_year(quotas, facts)
    shown = tiles.join(
        quotas.filter(pl.col("year") == year).select("municipality_code", "quota", "at_most"),
        on="municipality_code",
        how="left",
        validate="1:1",
        maintain_order="left",
    ).sort("row", "column")
    if shown.height < 2:
        return None
    finding = map_finding(shown, year, words)
    columns = (
        Column("municipality_name", words.text("column.municipality")),
        Column("quota", words.text("region_map.column"), Form.WHOLE, words.text("region_map.none")),
    )
    chart = Chart(
        "region-map",
        finding,
        words.text("region_map.subtitle", year=year),
        words.text("region_map.alternative", finding=finding),
        Picture(
            (draw_tiles([_tile(row, words) for row in shown.to_dicts()]),), Table(shown, columns)
        ),
        base.model_source(facts, words),
        (words.text("region_map.note"),),
    )
    return Section("region_map", words.text("region_map.heading"), finding, (), (chart,))


def map_finding(shown: pl.DataFrame, year: int, words: Labels) -> str:
    """Say which municipalities together take more than half of the year's homes."""
    known = shown.drop_nulls("quota").sort(["quota", "municipality_code"], descending=[True, False])
    total = int(known["quota"].sum())
    if total == 0:
        return words.text("region_map.zero", year=year)
    names, homes = [], 0
    for row in known.to_dicts():
        names.append(row["municipality_name"])
        homes += row["quota"]
        if 2 * homes > total:
            break
    return base.finding(
        words,
        "region_map.most_one" if len(names) == 1 else "region_map.most",
        count=len(names),
        names=words.numbers.join(names),
        homes=base.from_rows(
            words.numbers.whole(homes),
            "mart_quota__yearly_municipality",
            [
                {"year": year, "municipality_code": code}
                for code in known["municipality_code"][: len(names)]
            ],
            "quota",
        ),
        total=base.from_cell(
            words.numbers.whole(total),
            "mart_quota__yearly_municipality",
            {"year": year, "municipality_code": EVERY_ROW},
            "quota",
        ),
        year=year,
    )


def _tile(row: base.Row, words: Labels) -> Tile:
    value = row["quota"]
    text = words.text("region_map.none") if value is None else words.numbers.whole(value)
    hover = words.text("region_map.hover", municipality=row["municipality_name"], value=text)
    return Tile(row["municipality_name"], text, value, row["column"], row["row"], hover)
