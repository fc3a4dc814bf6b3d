"""People who get support in their home, at the end of each year, and what it costs at a tariff.

Belongs here: the section on the support caseload. Does not belong here: people in places
(`places.py`).
"""

import polars as pl

from reports import theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table
from reports.charts.yearly import draw_range_per_year
from reports.labels import Labels
from reports.sections import base
from reports.sections.places import year_ends

TABLES = ("mart_support__yearly_region",)


def build_support(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on support."""
    support = tables.frame("mart_support__yearly_region").sort("year")
    shown = year_ends(support, facts)
    if shown.is_empty():
        return base.missing_section("support", words)
    finding = base.trend_sentence(shown, "support.", words)
    last = base.estimate(shown.row(-1, named=True))
    panel = draw_range_per_year(
        shown,
        colour=theme.INK,
        unit=words.text("axis.persons"),
        end_label=words.text("support.label", value=words.numbers.value(last)),
        words=words,
    )
    has_euros = support["euro_mean"].null_count() == 0
    euros = (
        Column("euro_mean", words.text("column.euro"), Form.EURO),
        Column("euro_p10", words.text("column.low"), Form.EURO),
        Column("euro_p90", words.text("column.high"), Form.EURO),
    )
    columns = (
        base.year_column(words),
        base.months_column(words),
        *base.range_columns(words),
        Column("support_months_mean", words.text("column.support_months"), Form.WHOLE),
        *(euros if has_euros else ()),
    )
    chart = Chart(
        "support",
        finding,
        words.text("support.subtitle" if facts.cap is not None else "support.subtitle_open"),
        words.text("support.alternative", finding=finding),
        Picture((panel,), Table(support, columns)),
        base.model_source(facts, words),
    )
    return Section(
        "support",
        words.text("support.heading"),
        finding,
        (euro_sentence(support, words),),
        (chart,),
    )


def euro_sentence(support: pl.DataFrame, words: Labels) -> str:
    """Say what support costs in the first and the last whole year; without a tariff, that."""
    full = base.full_years(support).filter(pl.col("euro_mean").is_not_null())
    if full.is_empty():
        return words.text("support.no_tariff")
    first, last = full.row(0, named=True), full.row(-1, named=True)
    start, end = base.estimate(first, "euro_"), base.estimate(last, "euro_")
    numbers = words.numbers
    return words.text(
        "support.euro" if full.height > 1 else "support.euro_one",
        first=numbers.euro_value(start),
        first_span=numbers.euro_span(start),
        first_year=first["year"],
        last=numbers.euro_value(end),
        last_span=numbers.euro_span(end),
        last_year=last["year"],
    )
