"""The demand for homes: per year beside what was let, added up, and per target group.

Belongs here: the section on demand and the preparation of its tables. Does not belong here: why
the demand is what it is (`drivers.py`), or what a ceiling does to the list (`waiting.py`).
"""

from itertools import accumulate

import polars as pl

from models.months import format_month, month_of, parse_month
from models.units import ALL_GROUPS
from reports import findings
from reports.blocks import Chart, Column, Form, Section, Table, TitledTable
from reports.charts.demand import draw_cumulative_demand, draw_yearly_demand
from reports.labels import Labels, capital
from reports.numbers import Estimate
from reports.sections import base

TABLES = (
    "mart_demand__yearly_region",
    "mart_demand__ten_year",
    "mart_demand__cumulative_region",
    "mart_wait__yearly_region",
    "mart_letting__yearly_municipality",
)

COUNTED_GROUND = "outflow"
"""The ground of letting that counts here, as in the reference of the headline; the other grounds
are competing claims on the same homes and are never added."""

_MEASURES = ("gross", "extra_current_lettings", "extra_constant_capacity", "unmet_persons")


def build_demand(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on demand."""
    if base.full_years(gross_per_year(tables)).is_empty():
        return base.missing_section("demand", words)
    yearly = _yearly_chart(tables, facts, words)
    charts = [yearly]
    if tables.frame("mart_demand__cumulative_region").height:
        charts.append(_cumulative_chart(tables, facts, words))
    groups = group_table(tables, words)
    return Section(
        "demand",
        words.text("demand.heading"),
        yearly.title,
        (words.text("demand.definition"), *_cap_paragraph(tables, facts, words)),
        tuple(charts),
        () if groups is None else (groups,),
    )


def lettings_per_year(tables: base.Tables) -> pl.DataFrame:
    """Add up the homes let per year (year, months_covered, dwellings) on the counted ground."""
    lettings = tables.frame("mart_letting__yearly_municipality")
    return (
        lettings.filter(pl.col("ground") == COUNTED_GROUND)
        .group_by("year")
        .agg(pl.col("months_covered").max(), pl.col("dwellings").sum())
        .sort("year")
    )


def yearly_finding(facts: base.Facts, demand: pl.DataFrame, words: Labels) -> str:
    """Say how the yearly demand goes from the first to the last whole year."""
    full = base.full_years(demand)
    return base.trend_sentence(full, "demand.yearly_", words)


def gross_per_year(tables: base.Tables) -> pl.DataFrame:
    """Give gross demand of all groups a year, with the ceiling and the people left beside it."""
    yearly = base.all_groups(tables.frame("mart_demand__yearly_region"))
    gross = yearly.filter(pl.col("measure") == "gross")
    unmet = yearly.filter(pl.col("measure") == "unmet_persons")
    caps = tables.frame("mart_wait__yearly_region").select("year", "cap_dwellings")
    return (
        gross.select("year", "months_covered", "mean", "p10", "p90")
        .join(caps, on="year", how="left", validate="1:1")
        .join(
            unmet.select("year", pl.col("mean").alias("unmet_persons")),
            on="year",
            how="left",
            validate="1:1",
        )
        .sort("year")
    )


def cap_total(tables: base.Tables) -> float | None:
    """Add up the ceiling over the ten years; None where any covered month has none."""
    caps = tables.frame("mart_wait__yearly_region")["cap_dwellings"]
    if caps.is_empty() or caps.null_count():
        return None
    return float(caps.sum())


def cumulative_finding(final: Estimate, total: float | None, words: Labels) -> str:
    """Say whether what the ceiling allows in all is enough for the homes needed in ten years."""
    numbers = words.numbers
    verdict = "none" if total is None else findings.against(final, total).value
    return words.text(
        f"demand.cumulative_{verdict}",
        needed=numbers.about(final) if verdict != "unclear" else numbers.value(final),
        total=base.from_table(
            numbers.whole(total or 0), "mart_wait__yearly_region", "cap_dwellings", "sum"
        ),
    )


def group_table(tables: base.Tables, words: Labels) -> TitledTable | None:
    """Tabulate the ten years per target group, with the people left beside the homes."""
    ten = tables.frame("mart_demand__ten_year")
    if ten.is_empty():
        return None
    order = [*base.groups_in_order(ten, words), ALL_GROUPS]
    rows = []
    for group in order:
        part = ten.filter(pl.col("target_group") == group)
        row: dict[str, object] = {"group": capital(words.code("group", group))}
        for measure in _MEASURES:
            found = part.filter(pl.col("measure") == measure).to_dicts()
            row[measure] = found[0]["mean"] if found else None
            row[f"{measure}_range"] = words.numbers.span(base.estimate(found[0])) if found else None
        rows.append(row)
    columns = [Column("group", words.text("column.group"))]
    for measure in ("gross", "extra_current_lettings", "extra_constant_capacity", "unmet_persons"):
        columns.append(Column(measure, words.text(f"measure.{measure}"), Form.WHOLE))
        columns.append(Column(f"{measure}_range", words.text("column.range"), Form.RANGE))
    frame = pl.DataFrame(rows, infer_schema_length=None)
    present = [column for column in columns if frame[column.key].null_count() == 0]
    return TitledTable(
        "demand-groups",
        words.text("demand.groups_title"),
        Table(frame, tuple(present), total_rows=1),
    )


def _yearly_chart(tables: base.Tables, facts: base.Facts, words: Labels) -> Chart:
    demand = gross_per_year(tables)
    lettings = lettings_per_year(tables)
    finding = yearly_finding(facts, demand, words)
    years = facts.years
    past = lettings["year"].to_list()
    notes = []
    if demand.filter(pl.col("months_covered") != base.FULL_YEAR).height:
        notes.append(
            words.text(
                "demand.whole_years",
                first=words.numbers.month(facts.first_month),
                last=words.numbers.month(facts.last_month),
            )
        )
    notes += [
        words.text("demand.part_year", year=year, month=words.numbers.month(facts.as_of))
        for year in lettings.filter(pl.col("months_covered") != base.FULL_YEAR)["year"]
        if year == facts.as_of_year
    ]
    if past:
        notes.append(words.text("demand.grounds", ground=words.code("ground", COUNTED_GROUND)))
    return Chart(
        "demand-yearly",
        finding,
        words.text("demand.yearly_subtitle"),
        words.text(
            "demand.yearly_alternative",
            past=words.numbers.years(past[0], past[-1]) if past else words.text("not_known"),
            future=words.numbers.years(years[0], years[-1]),
            finding=finding,
        ),
        draw_yearly_demand(
            demand,
            lettings,
            as_of=facts.as_of,
            words=words,
            form=tables.form("mart_letting__yearly_municipality", "dwellings"),
        ),
        words.text("source_line.both", month=words.numbers.month(facts.as_of)),
        tuple(notes),
    )


def _cumulative_chart(tables: base.Tables, facts: base.Facts, words: Labels) -> Chart:
    numbers = words.numbers
    rows = tables.frame("mart_demand__cumulative_region").sort("year")
    caps = tables.frame("mart_wait__yearly_region").select("year", "cap_dwellings")
    joined = rows.join(caps, on="year", how="left", validate="1:1").sort("year")
    lettings = facts.run["current_lettings_yearly"]
    months = list(accumulate(joined["months_covered"].to_list()))
    end = parse_month(facts.last_month)
    prepared = joined.with_columns(
        pl.Series(
            "month",
            [format_month(min(month_of(year, 12), end)) for year in joined["year"]],
        ),
        pl.col("cap_dwellings").cum_sum().cast(pl.Float64).alias("cap_total"),
        pl.Series("reference_total", [lettings * count / 12 for count in months]),
    )
    picture = draw_cumulative_demand(
        prepared,
        start=format_month(parse_month(facts.first_month) - 1),
        end=facts.last_month,
        words=words,
    )
    final = base.estimate(prepared.row(-1, named=True))
    finding = cumulative_finding(final, cap_total(tables), words)
    return Chart(
        "demand-cumulative",
        finding,
        words.text("demand.cumulative_subtitle", first=numbers.month(facts.first_month)),
        words.text("demand.cumulative_alternative", finding=finding),
        picture,
        base.model_source(facts, words),
    )


def _cap_paragraph(tables: base.Tables, facts: base.Facts, words: Labels) -> tuple[str, ...]:
    full = base.full_years(gross_per_year(tables)).filter(pl.col("cap_dwellings").is_not_null())
    if full.is_empty():
        return ()
    above = [
        findings.against(Estimate(row["mean"], row["p10"], row["p90"]), float(row["cap_dwellings"]))
        for row in full.iter_rows(named=True)
    ]
    table, rows = "mart_wait__yearly_region", full.to_dicts()
    over = [
        row for row, verdict in zip(rows, above, strict=True) if verdict is findings.Against.ABOVE
    ]
    every = base.from_rows(str(len(rows)), table, rows, how="count")
    if not over:
        return (words.text("demand.above_cap_none", all=every),)
    count = base.from_rows(str(len(over)), table, over, how="count")
    return (words.text("demand.above_cap", count=count, all=every),)
