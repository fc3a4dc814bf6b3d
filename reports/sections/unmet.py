"""People without a place and without a home: per year, and per target group.

Belongs here: the section on people who are left over. Does not belong here: the lists for a place
(`places.py`) and for a home (`waiting.py`).
"""

from typing import Any

import polars as pl

from models.units import ALL_GROUPS
from reports import findings, theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table
from reports.charts import rows as row_charts
from reports.charts.yearly import draw_range_per_year
from reports.labels import Labels, capital
from reports.numbers import round_to
from reports.sections import base

TABLES = ("mart_demand__yearly_region", "mart_demand__ten_year")

_MEASURE = "unmet_persons"


def build_unmet(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on people without a place and without a home."""
    yearly = unmet_per_year(tables)
    full = base.full_years(yearly)
    if full.is_empty():
        return base.missing_section("unmet", words)
    finding = base.trend_sentence(full, "unmet.", words)
    last = base.estimate(full.row(-1, named=True))
    panel = draw_range_per_year(
        full,
        colour=theme.ALARM,
        unit=words.text("axis.persons_year"),
        end_label=words.text("unmet.label", value=words.numbers.value(last)),
        words=words,
    )
    columns = (
        base.year_column(words),
        base.months_column(words),
        *base.range_columns(words),
    )
    source = base.model_source(facts, words)
    charts = [
        Chart(
            "unmet-yearly",
            finding,
            words.text("unmet.subtitle"),
            words.text("unmet.alternative", finding=finding),
            Picture((panel,), Table(yearly, columns)),
            source,
        )
    ]
    groups = _group_rows(tables, words)
    if groups:
        said = group_finding(groups, words)
        charts.append(
            Chart(
                "unmet-groups",
                said,
                words.text("unmet.groups_subtitle"),
                words.text("unmet.groups_alternative", finding=said),
                _group_picture(groups, words),
                source,
            )
        )
    return Section(
        "unmet",
        words.text("unmet.heading"),
        finding,
        (words.text("unmet.explanation"), words.text("unmet.adding")),
        tuple(charts),
    )


def unmet_per_year(tables: base.Tables) -> pl.DataFrame:
    """Give people without a place and a home a year, all groups together."""
    yearly = base.all_groups(tables.frame("mart_demand__yearly_region"))
    return yearly.filter(pl.col("measure") == _MEASURE).sort("year")


def rise(full: pl.DataFrame) -> findings.Trend | None:
    """Say whether the number rises: surely (up), in the mean only (unclear), or not (None)."""
    if full.height < 2:
        return None
    first, last = (base.estimate(full.row(place, named=True)) for place in (0, -1))
    verdict = findings.trend(first, last)
    if verdict is findings.Trend.UNCLEAR and last.mean - first.mean < 0.5:
        return None
    if round_to(first.mean, first.step) == round_to(last.mean, last.step):
        return None
    return verdict if verdict in {findings.Trend.UP, findings.Trend.UNCLEAR} else None


def group_finding(groups: list[dict[str, Any]], words: Labels) -> str:
    """Name the target group in which most people are left over."""
    most = max(groups, key=lambda row: row["mean"])
    if words.numbers.whole(most["mean"]) == words.numbers.whole(0):
        return words.text("unmet.groups_none")
    value = words.numbers.about(base.estimate(most))
    names = [
        words.code("group", row["target_group"])
        for row in groups
        if words.numbers.about(base.estimate(row)) == value
    ]
    return base.finding(
        words,
        "unmet.groups" if len(names) == 1 else "unmet.groups_several",
        group=words.numbers.join(names),
        value=value,
    )


def _group_rows(tables: base.Tables, words: Labels) -> list[dict[str, Any]]:
    ten = tables.frame("mart_demand__ten_year").filter(pl.col("measure") == _MEASURE)
    ten = ten.filter(pl.col("target_group") != ALL_GROUPS)
    return base.order_by(ten, "target_group", base.groups_in_order(ten, words)).to_dicts()


def _group_picture(groups: list[dict[str, Any]], words: Labels) -> Picture:
    drawn = [
        row_charts.estimate_row(
            capital(words.code("group", row["target_group"])),
            base.estimate(row),
            words,
            colour=theme.ALARM,
        )
        for row in groups
    ]
    frame = pl.DataFrame(
        {
            "group": [capital(words.code("group", row["target_group"])) for row in groups],
            **{key: [row[key] for row in groups] for key in ("mean", "p10", "p90")},
        }
    )
    columns = (Column("group", words.text("column.group")), *base.range_columns(words, Form.WHOLE))
    return Picture((row_charts.ranges(drawn),), Table(frame, columns))
