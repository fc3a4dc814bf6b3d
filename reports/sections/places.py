"""Places, residents, those who are ready and wait, and the list for a place, per target group.

Belongs here: the section on places. Does not belong here: people who find neither place nor home
(`unmet.py`).
"""

import polars as pl

from models.months import parse_month, year_of
from reports import findings
from reports.blocks import Chart, Column, Form, Picture, Section, Table
from reports.charts.groups import draw_intake_lists, draw_places
from reports.figures import EVERY_ROW
from reports.labels import Labels, capital
from reports.sections import base
from reports.told import Origin, tell

TABLES = ("mart_capacity__yearly_region",)


def build_places(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on places."""
    capacity = tables.frame("mart_capacity__yearly_region")
    groups = base.groups_in_order(capacity, words)
    shown = year_ends(capacity, facts)
    shown = shown.filter(pl.col("target_group").is_in(groups))
    if shown.is_empty():
        return base.missing_section("places", words)
    finding = level_sentence(shown, "places_mean", "places.places", words)
    intake = level_sentence(shown, "intake_list_mean", "places.intake", words)
    source = base.model_source(facts, words)
    order = base.order_by(capacity.sort("year"), "target_group", groups)
    charts = (
        Chart(
            "places",
            finding,
            words.text("places.subtitle"),
            words.text("places.alternative", finding=finding),
            Picture(
                draw_places(shown, groups, words),
                _table(order, ("places", "occupied", "blocked"), words),
            ),
            source,
            (words.text("places.scale"),),
        ),
        Chart(
            "intake-list",
            intake,
            words.text("places.intake_subtitle"),
            words.text("places.intake_alternative", finding=intake),
            Picture(draw_intake_lists(shown, groups, words), _table(order, ("intake",), words)),
            source,
            (words.text("places.scale"),),
        ),
    )
    return Section("places", words.text("places.heading"), finding, _blocked(shown, words), charts)


def year_ends(capacity: pl.DataFrame, facts: base.Facts) -> pl.DataFrame:
    """Keep the years whose last day lies inside the ten years (a first year may be a part)."""
    last = year_of(parse_month(facts.last_month) + 1) - 1
    return capacity.filter(pl.col("year") <= last)


def level_sentence(rows: pl.DataFrame, column: str, prefix: str, words: Labels) -> str:
    """Say how a mean over all groups goes from the first to the last year end."""
    sums = rows.group_by("year").agg(pl.col(column).sort_by("target_group").sum()).sort("year")
    first, last = sums.row(0, named=True), sums.row(-1, named=True)
    written = [
        _summed(words.numbers.whole(row[column]), row["year"], column) for row in (first, last)
    ]
    verdict = findings.seen(findings.certain_trend(first[column], last[column]), *written)
    return words.text(
        f"{prefix}_{verdict.value}",
        first=written[0],
        last=written[1],
        first_year=first["year"],
        last_year=last["year"],
    )


def _every(year: object, column: str) -> Origin:
    """Name a column of a year, of every group."""
    return base.cell(
        "mart_capacity__yearly_region", {"year": year, "target_group": EVERY_ROW}, column
    )


def _summed(text: str, year: object, column: str) -> str:
    return tell(text, _every(year, column))


def _blocked(shown: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    year = shown["year"].max()
    last = shown.filter(pl.col("year") == year)
    blocked, occupied = float(last["blocked_mean"].sum()), float(last["occupied_mean"].sum())
    if occupied == 0:
        return ()
    return (
        words.text(
            "places.blocked",
            year=year,
            blocked=_summed(words.numbers.whole(blocked), year, "blocked_mean"),
            share=base.worked_out(
                words.numbers.share(blocked / occupied),
                "share",
                _every(year, "blocked_mean"),
                of=(_every(year, "occupied_mean"),),
            ),
        ),
    )


def _table(rows: pl.DataFrame, names: tuple[str, ...], words: Labels) -> Table:
    keys = {
        "places": "places_mean",
        "occupied": "occupied_mean",
        "blocked": "blocked_mean",
        "intake": "intake_list_mean",
    }
    columns = (
        Column("target_group", words.text("column.group")),
        base.year_column(words),
        base.months_column(words),
        *(Column(keys[name], words.text(f"column.{name}"), Form.TENTH) for name in names),
    )
    labelled = [capital(words.code("group", group)) for group in rows["target_group"]]
    return Table(rows.with_columns(pl.Series("target_group", labelled)), columns)
