"""Homes that come free, by municipality and association, and households: what a region has.

Belongs here: the section on supply, and the households behind the key. Does not belong here: which
of these homes are for whom (`claims.py`, `quota.py`).
"""

from typing import Any

import polars as pl

from reports.blocks import Chart, Column, Form, Picture, Section, Table, TitledTable
from reports.charts.groups import draw_series
from reports.labels import Labels
from reports.numbers import Estimate
from reports.sections import base
from reports.told import Origin, tell

TABLES = (
    "mart_supply__yearly_municipality",
    "mart_forecast__households",
    "mart_demand__yearly_region",
    "mart_quota__key",
    "mart_quota__yearly_municipality",
    "mart_quota__override",
)

_SUPPLY = "mart_supply__yearly_municipality"
_ALL, _SUITABLE = "all", "suitable_relets"


def build_supply(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on homes that come free and households."""
    supply = tables.frame("mart_supply__yearly_municipality")
    households = tables.frame("mart_forecast__households")
    if supply.is_empty() and households.is_empty():
        return base.missing_section("supply", words)
    names = dict(facts.places) | base.municipality_names(
        tables.frame("mart_quota__override"),
        tables.frame("mart_quota__key"),
        tables.frame("mart_quota__yearly_municipality"),
    )
    region = supply.filter(
        (pl.col("municipality_code") == _ALL) & (pl.col("association") == _ALL)
    ).sort("year")
    charts = () if region.is_empty() else (_chart(region, facts, words),)
    finding = charts[0].title if charts else words.text("supply.no_region")
    return Section(
        "supply",
        words.text("supply.heading"),
        finding,
        claim_sentence(tables, region, words),
        charts,
        (
            *_places(supply, names, words),
            *_households(households, names, words),
        ),
    )


def supply_finding(region: pl.DataFrame, words: Labels) -> str:
    """Say how many suitable homes come free in the first forecast year, beside the last known."""
    numbers = words.numbers
    suitable = region.filter(pl.col("measure") == _SUITABLE)
    rows = suitable if suitable.height else region
    measure = words.code("supply_measure", rows["measure"][0])
    past, ahead = rows.filter(~pl.col("is_forecast")), rows.filter(pl.col("is_forecast"))
    if ahead.is_empty():
        last = past.row(-1, named=True)
        count = _told(numbers.whole(last["mean"]), last, "mean")
        return words.text("supply.finding_past", measure=measure, count=count, year=last["year"])
    last = ahead.row(-1, named=True)
    whole = Estimate(last["mean"], last["lo80"], last["hi80"])
    known = None if past.is_empty() else past.row(-1, named=True)
    if known is None:
        label = "supply.finding_ahead"
    elif numbers.whole(known["mean"]) == numbers.value(whole):
        label = "supply.finding_unclear"
    elif whole.low > known["mean"]:
        label = "supply.finding_up"
    elif whole.high < known["mean"]:
        label = "supply.finding_down"
    else:
        label = "supply.finding_unclear"
    return words.text(
        label,
        measure=measure,
        count=numbers.about(whole),
        span=numbers.span(whole),
        year=last["year"],
        known="" if known is None else _told(numbers.whole(known["mean"]), known, "mean"),
        known_year="" if known is None else known["year"],
    )


def _told(text: str, row: base.Row, column: str) -> str:
    return base.from_cell(text, _SUPPLY, row, column)


def claim_sentence(tables: base.Tables, region: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say which part of the suitable homes the demand of a year would take, on average."""
    demand = base.all_groups(tables.frame("mart_demand__yearly_region"))
    gross = base.full_years(demand.filter(pl.col("measure") == "gross"))
    free = region.filter((pl.col("measure") == _SUITABLE) & (pl.col("mean") > 0))
    both = gross.select("year", "mean").join(
        free.select("year", pl.col("mean").alias("free")), on="year", how="inner", validate="1:1"
    )
    if both.is_empty():
        return ()
    first = both.sort("year").row(0, named=True)
    year = first["year"]
    free_cell = Origin(_SUPPLY, f"{year}/{_ALL}/{_ALL}/{_SUITABLE}", "mean")
    needed_cell = Origin("mart_demand__yearly_region", f"{year}/{_ALL}/gross", "mean")
    return (
        words.text(
            "supply.claim",
            year=first["year"],
            free=tell(words.numbers.whole(first["free"], 10), free_cell),
            needed=tell(words.numbers.whole(first["mean"]), needed_cell),
            share=base.worked_out(
                words.numbers.share(first["mean"] / first["free"]),
                "share",
                needed_cell,
                of=(free_cell,),
            ),
        ),
    )


def _chart(region: pl.DataFrame, facts: base.Facts, words: Labels) -> Chart:
    finding = supply_finding(region, words)
    measures = [
        name for name in words.codes("supply_measure") if name in set(region["measure"].to_list())
    ]
    panels = tuple(
        draw_series(
            region.filter(pl.col("measure") == name), words.code("supply_measure", name), words
        )
        for name in measures
    )
    rows = base.order_by(region, "measure", measures)
    frame = rows.with_columns(
        pl.Series("name", [words.code("supply_measure", name) for name in rows["measure"]]),
        pl.Series("kind", _known(rows, words), dtype=pl.String),
    )
    columns = (
        Column("name", words.text("column.measure")),
        base.year_column(words),
        Column("kind", words.text("column.forecast")),
        *_range_columns(words),
    )
    return Chart(
        "supply",
        finding,
        words.text("supply.subtitle"),
        words.text("supply.alternative", finding=finding),
        Picture(panels, Table(frame, columns)),
        words.text("source_line.supply", month=words.numbers.month(facts.as_of)),
        (words.text("supply.competing"), words.text("inflow.scale")),
    )


def _places(supply: pl.DataFrame, names: dict[str, str], words: Labels) -> tuple[TitledTable, ...]:
    """Tabulate the homes that come free by municipality and association in the nearest year."""
    ahead = supply.filter(pl.col("is_forecast") & (pl.col("municipality_code") != _ALL))
    if ahead.is_empty():
        return ()
    year = ahead["year"].min()
    rows = ahead.filter(pl.col("year") == year)
    rows = base.order_by(
        rows.sort("municipality_code", "association"), "measure", words.codes("supply_measure")
    )
    frame = rows.with_columns(
        pl.Series(
            "place", [base.place_name(code, names, words) for code in rows["municipality_code"]]
        ),
        pl.Series("by", [_association(name, words) for name in rows["association"]]),
        pl.Series("name", [words.code("supply_measure", name) for name in rows["measure"]]),
    )
    columns = (
        Column("name", words.text("column.measure")),
        Column("place", words.text("column.municipality")),
        Column("by", words.text("column.association")),
        *_range_columns(words),
    )
    title = words.text("supply.places_title", year=year)
    return (TitledTable("supply-municipalities", title, Table(frame, columns), folded=True),)


def _households(
    households: pl.DataFrame, names: dict[str, str], words: Labels
) -> tuple[TitledTable, ...]:
    """Tabulate households by municipality: the last known year and the last forecast one."""
    if households.is_empty():
        return ()
    ends = households.sort("year").group_by("municipality_code", "is_forecast").last()
    rows = ends.sort("municipality_code", "is_forecast", "year")
    frame = rows.with_columns(
        pl.Series(
            "place", [base.place_name(code, names, words) for code in rows["municipality_code"]]
        ),
        pl.Series("kind", _known(rows, words), dtype=pl.String),
    )
    columns = (
        Column("place", words.text("column.municipality")),
        base.year_column(words),
        Column("kind", words.text("column.forecast")),
        *_range_columns(words),
    )
    title = words.text("supply.households_title")
    return (TitledTable("households", title, Table(frame, columns), folded=True),)


def _range_columns(words: Labels) -> tuple[Column, ...]:
    return (
        Column("mean", words.text("column.mean"), Form.WHOLE),
        Column("lo80", words.text("column.low"), Form.WHOLE),
        Column("hi80", words.text("column.high"), Form.WHOLE),
    )


def _known(rows: pl.DataFrame, words: Labels) -> list[str]:
    return [
        words.text(f"forecast_word.{'yes' if ahead else 'no'}") for ahead in rows["is_forecast"]
    ]


def _association(name: Any, words: Labels) -> str:
    return words.text("supply.together") if name == _ALL else str(name)
