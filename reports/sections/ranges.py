"""Homes per municipality under uncertainty: low, middle and high demand, and the cap, side by side.

Belongs here: the section on the split of ten years' demand and the suitable homes beside it. Does
not belong here: the quota of a year (`quota.py`), the demand of the region (`demand.py`).
"""

from typing import Any

import polars as pl

from reports import theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table, TitledTable
from reports.charts import rows as row_charts
from reports.charts.anatomy import safe
from reports.labels import Labels
from reports.sections import base

TABLES = ("mart_quota__range", "mart_quota__supply")


def build_ranges(tables: base.Tables, facts: base.Facts, words: Labels) -> Section | None:
    """Build the section; None where the region splits nothing."""
    ranges = tables.frame("mart_quota__range")
    if ranges.is_empty():
        return None
    rows = _wide(ranges)
    finding = ranges_finding(rows, words)
    supply = tables.frame("mart_quota__supply")
    notes = [words.text("ranges.per_draw"), *_supply_words(supply, words)]
    return Section(
        "ranges",
        words.text("ranges.heading"),
        finding,
        tuple(notes),
        (_chart(rows, ranges, finding, facts, words),),
        (_supply_table(supply, words),) if supply.height else (),
    )


def ranges_finding(rows: list[dict[str, Any]], words: Labels) -> str:
    """Say what the largest municipality needs at low and high demand, beside its ceiling."""
    first = rows[0]

    def told(basis: str) -> str:
        written = words.numbers.whole(first[basis])
        return base.from_cell(written, "mart_quota__range", {**first, "basis": basis}, "dwellings")

    gaps = {
        "municipality": first["municipality_name"],
        "low": told("demand_low"),
        "high": told("demand_high"),
    }
    if first.get("cap") is None:
        return words.text("ranges.finding_open", **gaps)
    if first["cap"] < first["demand_low"]:
        return words.text("ranges.finding_short", cap=told("cap"), **gaps)
    return base.finding(words, "ranges.finding", cap=told("cap"), **gaps)


def _wide(ranges: pl.DataFrame) -> list[dict[str, Any]]:
    keys = ["municipality_code", "municipality_name"]
    wide = ranges.with_columns(pl.col("basis").cast(pl.String)).pivot(
        on="basis", index=keys, values="dwellings"
    )
    return wide.sort("demand_middle", "municipality_code", descending=[True, False]).to_dicts()


def _chart(
    rows: list[dict[str, Any]],
    ranges: pl.DataFrame,
    finding: str,
    facts: base.Facts,
    words: Labels,
) -> Chart:
    whole = words.numbers.whole
    drawn = []
    for row in rows:
        text = words.text(
            "number.within",
            value=whole(row["demand_middle"]),
            span=words.text(
                "number.span", low=whole(row["demand_low"]), high=whole(row["demand_high"])
            ),
        )
        cap = row.get("cap")
        hover = text if cap is None else words.text("ranges.hover", text=text, cap=whole(cap))
        drawn.append(
            row_charts.Row(
                row["municipality_name"],
                row["demand_middle"],
                text,
                theme.DEMAND,
                f"{safe(row['municipality_name'])}: {hover}",
                low=row["demand_low"],
                high=row["demand_high"],
                mark=cap,
                narrow_text=whole(row["demand_middle"]),
            )
        )
    has_cap = rows[0].get("cap") is not None
    totals = dict(ranges.select(pl.col("basis").cast(pl.String), "total").unique().iter_rows())
    total = {"municipality_name": words.text("region_total"), **totals}
    columns = [Column("municipality_name", words.text("column.municipality"))]
    columns += [
        Column(basis, words.text(f"ranges.column_{basis}"), Form.WHOLE)
        for basis in ("demand_low", "demand_middle", "demand_high", "cap")
        if basis != "cap" or has_cap
    ]
    frame = pl.concat([pl.DataFrame(rows), pl.DataFrame([total])], how="diagonal_relaxed")
    return Chart(
        "ranges",
        finding,
        words.text("ranges.subtitle" if has_cap else "ranges.subtitle_open"),
        words.text("ranges.alternative", finding=finding),
        Picture((row_charts.ranges(drawn),), Table(frame, tuple(columns), total_rows=1)),
        base.model_source(facts, words),
        (words.text("ranges.cap_is_no_demand"),) if has_cap else (),
    )


def _supply_words(supply: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say whether demand can exceed the suitable homes that come free anywhere."""
    if supply.is_empty():
        return (words.text("ranges.supply_unknown"),)
    numbers = words.numbers
    period = numbers.through(str(supply["first_year"][0]), str(supply["last_year"][0]))
    most = supply.sort("chance_above", "municipality_code", descending=[True, False]).row(
        0, named=True
    )
    if most["chance_above"] > 0.0:
        return (
            words.text(
                "ranges.supply_short",
                municipality=most["municipality_name"],
                draws=base.of_ten(
                    most["chance_above"],
                    words,
                    base.cell("mart_quota__supply", most, "chance_above"),
                ),
                period=period,
            ),
        )
    known = supply.filter(pl.col("share").is_not_null())
    if known.is_empty():
        return ()
    tightest = known.sort("share", "municipality_code", descending=[True, False]).row(0, named=True)
    return (
        words.text(
            "ranges.supply_enough",
            municipality=tightest["municipality_name"],
            share=base.from_cell(
                numbers.share(tightest["share"]), "mart_quota__supply", tightest, "share"
            ),
            period=period,
        ),
    )


def _supply_table(supply: pl.DataFrame, words: Labels) -> TitledTable:
    period = words.numbers.through(str(supply["first_year"][0]), str(supply["last_year"][0]))
    columns = (
        Column("municipality_name", words.text("column.municipality")),
        Column("demand", words.text("ranges.column_needed"), Form.WHOLE),
        Column("suitable", words.text("ranges.column_suitable"), Form.WHOLE),
        Column(
            "share",
            words.text("ranges.column_share"),
            Form.SHARE,
            words.text("ranges.share_unknown"),
        ),
        Column("chance_above", words.text("ranges.column_chance"), Form.SHARE),
    )
    return TitledTable(
        "ranges-supply",
        words.text("ranges.supply_title", period=period),
        Table(supply.sort("municipality_code"), columns),
    )
