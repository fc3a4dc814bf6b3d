"""People who get support in their home, at the end of each year.

Belongs here: the section on the support caseload. Does not belong here: people in places
(`places.py`).
"""

from reports import theme
from reports.blocks import Chart, Picture, Section, Table
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
    columns = (
        base.year_column(words),
        base.months_column(words),
        *base.range_columns(words),
    )
    chart = Chart(
        "support",
        finding,
        words.text("support.subtitle" if facts.cap is not None else "support.subtitle_open"),
        words.text("support.alternative", finding=finding),
        Picture((panel,), Table(support, columns)),
        base.model_source(facts, words),
    )
    return Section("support", words.text("support.heading"), finding, charts=(chart,))
