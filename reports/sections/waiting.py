"""The housing list under the ceiling, and the share that gets an offer in time.

Belongs here: the section on waiting. Does not belong here: the chance that the promise is kept
(`promise.py`), the list for a place (`places.py`).
"""

import polars as pl

from reports import findings, theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table
from reports.charts.lists import draw_list
from reports.charts.yearly import draw_range_per_year
from reports.labels import Labels
from reports.numbers import Estimate
from reports.sections import base
from reports.told import Origin, from_ends, tell

LIST = "mart_wait__monthly_list"
TABLES = (LIST, "mart_wait__yearly_region", "mart_promise__region")

_YEARLY = "mart_wait__yearly_region"


def build_waiting(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on the housing list."""
    monthly = housing_list(tables)
    if monthly.is_empty():
        return base.missing_section("waiting", words)
    finding = list_finding(tables, facts, words, "waiting.list")
    charts = [
        Chart(
            "housing-list",
            finding,
            words.text("waiting.list_subtitle"),
            words.text("waiting.list_alternative", finding=finding),
            draw_list(
                monthly,
                as_of=facts.as_of,
                unit=words.text("axis.applications"),
                words=words,
                form=tables.form(LIST, "mean"),
            ),
            base.model_source(facts, words),
        )
    ]
    paragraphs = [words.text("waiting.one_application")]
    within = base.full_years(tables.frame("mart_wait__yearly_region"))
    if facts.promise_months is None:
        paragraphs.append(words.text("waiting.within_none"))
    elif within.height:
        charts.append(_within_chart(within, facts, words))
    return Section(
        "waiting", words.text("waiting.heading"), finding, tuple(paragraphs), tuple(charts)
    )


def housing_list(tables: base.Tables) -> pl.DataFrame:
    """Give the housing list by month."""
    monthly = tables.frame(LIST)
    return monthly.filter(pl.col("measure") == "housing_list").sort("month")


def list_ends(tables: base.Tables, facts: base.Facts) -> tuple[float, Estimate] | None:
    """Give the housing list now and at the end of the ten years; None where it is not known.

    Now is the last observed month, else the list at the start of the run.
    """
    yearly = tables.frame("mart_wait__yearly_region").sort("year").tail(1).to_dicts()
    if not yearly:
        return None
    end = base.estimate(yearly[0], "list_end_")
    seen = housing_list(tables).filter(pl.col("is_observed")).tail(1).to_dicts()
    if seen:
        return seen[0]["mean"], end
    backlog = None if facts.promise is None else facts.promise["backlog_persons"]
    return None if backlog is None else (float(backlog), end)


def start_words(tables: base.Tables, start: float, words: Labels) -> str:
    """Write the list of now, as `list_ends` gives it; the number remembers its cell."""
    return tell(tables.speaker(LIST, "mean", words)(start), start_cell(tables))


def end_told(text: str, facts: base.Facts) -> str:
    """Let the list at the end of the ten years remember its cells, also where it has no range."""
    names = {"mean": "list_end_mean", "low": "list_end_p10", "high": "list_end_p90"}
    row = {"year": facts.last_year}
    return from_ends(text, {end: base.cell(_YEARLY, row, column) for end, column in names.items()})


def start_cell(tables: base.Tables) -> Origin:
    """Name the cell of the list of now, as `list_ends` gives it."""
    seen = housing_list(tables).filter(pl.col("is_observed")).tail(1).to_dicts()
    if seen:
        return base.cell(LIST, seen[0], "mean")
    return base.cell("mart_promise__region", {}, "backlog_persons")


def list_finding(tables: base.Tables, facts: base.Facts, words: Labels, prefix: str) -> str:
    """Say whether the housing list grows over the ten years, as far as its range allows."""
    numbers = words.numbers
    ends = list_ends(tables, facts)
    if ends is None:
        return words.text("missing.section")
    start, end = ends
    certain = findings.trend(Estimate(start, start, start), end)
    verdict = findings.seen(certain, numbers.whole(start), numbers.value(end)).value
    ceiling = ""
    if facts.cap is not None:
        ceiling = words.text("waiting.ceiling", cap=base.cap_words(facts, words))
    return words.text(
        f"{prefix}_{verdict}",
        under=words.text("waiting.title_cap" if ceiling else "waiting.title_none"),
        ceiling=ceiling,
        start=start_words(tables, start, words),
        end=end_told(numbers.value(end) if verdict == "unclear" else numbers.about(end), facts),
        month=numbers.month(facts.last_month),
        span=end_told(numbers.span(end), facts),
    )


def within_finding(rows: pl.DataFrame, facts: base.Facts, words: Labels) -> str:
    """Say how the share that is offered a home in time goes from the first to the last year.

    Args:
        rows: year, mean, p10, p90 (shares); at least one row, in order.
        facts: The facts of the run.
        words: Labels.
    """
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    written = [
        base.from_cell(words.numbers.share(row["mean"]), _YEARLY, row, "within_share_mean")
        for row in (first, last)
    ]
    certain = findings.trend(base.estimate(first), base.estimate(last))
    verdict = findings.seen(certain, *written).value
    return base.finding(
        words,
        f"waiting.within_{verdict if rows.height > 1 else 'one'}",
        first=written[0],
        last=written[1],
        first_year=first["year"],
        last_year=last["year"],
        months=base.promise_words(facts, words)["months"],
    )


def _within_chart(within: pl.DataFrame, facts: base.Facts, words: Labels) -> Chart:
    numbers = words.numbers
    rows = within.select(
        "year",
        pl.col("within_share_mean").alias("mean"),
        pl.col("within_share_p10").alias("p10"),
        pl.col("within_share_p90").alias("p90"),
    )
    last = rows.row(-1, named=True)
    finding = within_finding(rows, facts, words)
    norm = None if facts.promise is None else facts.promise["share_norm"]
    panel = draw_range_per_year(
        rows,
        colour=theme.WAITING,
        unit=words.text("axis.share_on_time"),
        end_label=words.text("waiting.within_label", value=numbers.share(last["mean"])),
        words=words,
        shares=True,
        norm=None
        if norm is None
        else (norm, words.text("chart.share_norm", value=numbers.share(norm))),
        dots=True,
    )
    return Chart(
        "offered-in-time",
        finding,
        words.text("waiting.within_subtitle"),
        words.text("waiting.within_alternative", finding=finding),
        Picture((panel,), Table(within, _within_columns(words))),
        base.model_source(facts, words),
    )


def _within_columns(words: Labels) -> tuple[Column, ...]:
    return (
        base.year_column(words),
        Column("cohort_mean", words.text("column.cohort"), Form.WHOLE),
        Column("within_share_mean", words.text("column.within_mean"), Form.SHARE),
        Column("within_share_p10", words.text("column.low"), Form.SHARE),
        Column("within_share_p90", words.text("column.high"), Form.SHARE),
        Column(
            "waiting_months_mean",
            words.text("column.waiting_months"),
            Form.TENTH,
            words.text("not_known"),
        ),
        Column("offered_mean", words.text("column.offered"), Form.WHOLE),
        Column("cap_dwellings", words.text("column.at_most"), Form.WHOLE, words.text("not_agreed")),
        Column("list_end_mean", words.text("column.list_end"), Form.WHOLE),
    )
