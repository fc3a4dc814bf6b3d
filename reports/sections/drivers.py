"""Why the demand is what it is: the waterfall from what was let to all homes needed.

Belongs here: the section on drivers. Does not belong here: assumptions one by one
(`sensitivity.py`).
"""

from typing import Any

import polars as pl

from models.units import ALL_GROUPS
from reports import findings, theme
from reports.blocks import Chart, Picture, Section
from reports.labels import Labels, capital, uncapital
from reports.sections import base
from reports.sections.waterfalls import Step, draw_steps
from reports.told import join

TABLES = ("mart_demand__drivers", "mart_parameter", "mart_capacity__plan")

_START, _END, _TOGETHER = "reference", "gross", "interaction"
_NOTABLE_SHARE = 0.2
_DIVERSION = "divert_unplaced_share"
_DECIDED = "besloten"


def build_drivers(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on drivers."""
    drivers = tables.rows("mart_demand__drivers")
    drivers.sort(key=lambda row: row["position"])
    if not drivers:
        return base.missing_section("drivers", words)
    finding = driver_finding(drivers, words)
    chart = Chart(
        "drivers",
        finding,
        words.text("drivers.subtitle"),
        words.text("drivers.alternative", finding=finding),
        _picture(drivers, words),
        base.model_source(facts, words),
        (words.text("drivers.exact"), *interaction_note(drivers, words)),
    )
    return Section(
        "drivers",
        words.text("drivers.heading"),
        finding,
        (
            *_planned_paragraph(tables, words),
            *_closing_paragraph(tables, words),
            words.text("drivers.closing_kinds"),
        ),
        (chart,),
    )


def driver_finding(drivers: list[dict[str, Any]], words: Labels) -> str:
    """Name the largest part of the waterfall, and say so when its range does not exclude zero."""
    numbers = words.numbers
    parts = [
        (row["driver"], base.estimate(row))
        for row in drivers
        if row["driver"] not in {_START, _END, _TOGETHER}
    ]
    found = findings.largest(parts)
    if found is None:
        return words.text("drivers.finding_none")
    name, part = found
    low, high = numbers.ends(part)
    return words.text(
        "drivers.finding_unclear" if findings.spans_zero(part) else "drivers.finding",
        driver=uncapital(words.code("driver", name)),
        value=numbers.signed_value(part),
        low=low,
        high=high,
    )


def interaction_note(drivers: list[dict[str, Any]], words: Labels) -> tuple[str, ...]:
    """Say what the parts do together: a warning above a fifth of the whole change."""
    by_name = {row["driver"]: row for row in drivers}
    if not {_START, _END, _TOGETHER} <= set(by_name):
        return ()
    together = base.estimate(by_name[_TOGETHER])
    change = by_name[_END]["mean"] - by_name[_START]["mean"]
    is_large = abs(together.mean) > _NOTABLE_SHARE * abs(change)
    label = "drivers.interaction" if is_large else "drivers.interaction_small"
    return (words.text(label, value=words.numbers.signed_value(together)),)


def _picture(drivers: list[dict[str, Any]], words: Labels) -> Picture:
    steps = [
        Step(
            words.code("driver", row["driver"]),
            row,
            row["driver"] in {_START, _END},
            theme.REALISED if row["driver"] == _START else theme.DEMAND,
        )
        for row in drivers
    ]
    return draw_steps(steps, words.text("column.driver"), words)


def _planned_paragraph(tables: base.Tables, words: Labels) -> tuple[str, ...]:
    """Name the planned changes by kind, and how many of them are decided."""
    plan = tables.frame("mart_capacity__plan")
    if plan.is_empty():
        return (words.text("drivers.no_plan"),)
    kinds = []
    for kind in plan["change_kind"].unique().sort().to_list():
        rows = plan.filter(pl.col("change_kind") == kind)
        kinds.append(
            words.text(
                "drivers.planned_kind",
                kind=words.code("change_kind", kind),
                places=_told_places(rows, words),
                decided=_told_places(rows.filter(pl.col("status") == _DECIDED), words),
            )
        )
    return (words.text("drivers.planned", kinds=join("; ", kinds)),)


def _told_places(plan: pl.DataFrame, words: Labels) -> str:
    written, rows = words.numbers.whole(_places(plan)), plan.to_dicts()
    return base.from_rows(written, "mart_capacity__plan", rows, "places_change", "size")


def _places(plan: pl.DataFrame) -> int:
    return sum(abs(change) for change in plan["places_change"].to_list())


def _closing_paragraph(tables: base.Tables, words: Labels) -> tuple[str, ...]:
    parameters = tables.frame("mart_parameter").filter(pl.col("parameter") == _DIVERSION)
    shares = []
    for group in [*base.groups_in_order(parameters, words), ALL_GROUPS]:
        for row in parameters.filter(pl.col("target_group") == group).to_dicts():
            share, low, high = (
                base.from_cell(
                    "" if row[name] is None else words.numbers.share(row[name]),
                    "mart_parameter",
                    row,
                    name,
                )
                for name in ("value", "low", "high")
            )
            if row["low"] is not None and row["high"] is not None and row["low"] < row["high"]:
                span = low if low == high else words.text("number.span", low=low, high=high)
                share = words.text("number.within", value=share, span=span)
            shares.append(
                words.text("drivers.closing_group", group=words.code("group", group), share=share)
            )
    if not shares:
        return ()
    return (capital(words.text("drivers.closing", shares=join("; ", shares))),)
