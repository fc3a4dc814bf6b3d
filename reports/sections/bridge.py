"""From a published number to our outcome in named steps, and what must be true for the number.

Belongs here: the bridge of the headline's reading and the inverse search. Does not belong here: the
published number beside our range (`published.py`).
"""

from typing import Any

import polars as pl

from models.units import ALL_GROUPS, Unit
from reports import findings, theme
from reports.blocks import Chart, Column, Form, Section, Table, TitledTable
from reports.labels import Labels, uncapital
from reports.sections import base
from reports.sections.sensitivity import parameter_value
from reports.sections.waterfalls import Step, draw_steps
from reports.told import join

TABLES = ("mart_demand__bridge", "mart_demand__inverse")

_START, _END, _UNEXPLAINED = "published", "ours", "unexplained"
_COLOURS = {_START: theme.REFERENCE, _UNEXPLAINED: theme.REFERENCE}


def build_bridge(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on the way from the published number to ours."""
    every = tables.frame("mart_demand__bridge")
    steps = every.filter(pl.col("is_headline_reading")).sort("position").to_dicts()
    inverse = inverse_table(tables.frame("mart_demand__inverse"), words)
    if not steps and inverse is None:
        return base.missing_section("bridge", words)
    more = () if inverse is None else (inverse,)
    heading = words.text("bridge.heading")
    if not steps:
        return Section("bridge", heading, words.text("bridge.no_steps"), tables=more)
    finding = bridge_finding(steps, words)
    numbers = words.numbers
    picture = draw_steps(
        [
            Step(
                words.code("bridge_step", row["step"]),
                row,
                row["step"] in {_START, _END},
                _COLOURS.get(row["step"], theme.DEMAND),
            )
            for row in steps
        ],
        words.text("column.step"),
        words,
    )
    chart = Chart(
        "bridge",
        finding,
        words.text("bridge.subtitle"),
        words.text("bridge.alternative", finding=finding),
        picture,
        base.model_source(facts, words),
        (
            words.text(
                "bridge.months",
                then=numbers.month(steps[0]["as_of_then"]),
                now=numbers.month(steps[0]["as_of"]),
            ),
            words.text("bridge.exact"),
        ),
    )
    return Section("bridge", heading, finding, _readings(every, words), (chart,), more)


def bridge_finding(steps: list[dict[str, Any]], words: Labels) -> str:
    """Name the largest step of the bridge, and doubt it where its range holds zero."""
    by_name = {row["step"]: base.estimate(row) for row in steps}
    parts = [(name, part) for name, part in by_name.items() if name not in {_START, _END}]
    found = findings.largest(parts)
    ends = {
        "number": _published(words.numbers.whole(by_name[_START].mean), steps),
        "ours": words.numbers.about(by_name[_END]),
    }
    if found is None:
        return words.text("bridge.finding_none", **ends)
    name, part = found
    verdict = "unexplained" if name == _UNEXPLAINED else "step"
    doubt = "_unclear" if findings.spans_zero(part) else ""
    return words.text(
        f"bridge.finding_{verdict}{doubt}",
        step=uncapital(words.code("bridge_step", name)),
        value=words.numbers.signed_value(part),
        span=words.numbers.signed_span(part),
        **ends,
    )


def _published(text: str, steps: list[dict[str, Any]]) -> str:
    row = next(row for row in steps if row["step"] == _START)
    return base.from_cell(text, "mart_demand__bridge", row, "mean")


def _readings(every: pl.DataFrame, words: Labels) -> tuple[str, ...]:
    """Say what stays unexplained by each way of reading the published number."""
    missed = every.filter(pl.col("step") == _UNEXPLAINED).sort(
        "is_headline_reading", "reading", descending=[True, False]
    )
    parts = [
        words.text(
            "bridge.reading",
            reading=uncapital(words.code("measure", row["reading"])),
            value=words.numbers.signed_value(base.estimate(row)),
            span=words.numbers.signed_span(base.estimate(row)),
        )
        for row in missed.iter_rows(named=True)
    ]
    if not parts:
        return ()
    return (f"{words.text('bridge.readings')} " + join("; ", parts) + ".",)


_INVERSE = "mart_demand__inverse"


def inverse_table(inverse: pl.DataFrame, words: Labels) -> TitledTable | None:
    """Tabulate, assumption by assumption, what must be true for the published number."""
    if inverse.is_empty():
        return None
    rows = inverse.sort("reachable", "parameter", descending=[True, False]).to_dicts()
    numbers, first = words.numbers, rows[0]
    frame = pl.DataFrame(
        {
            "assumption": [inverse_name(row, words) for row in rows],
            "in_force": [_in_force(row, words) for row in rows],
            "needed": [inverse_sentence(row, words) for row in rows],
        }
    )
    columns = (
        Column("assumption", words.text("bridge.assumption")),
        Column("in_force", words.text("bridge.in_force"), Form.RANGE),
        Column("needed", words.text("bridge.needed")),
    )
    wanted = base.from_cell(numbers.whole(first["wanted"]), _INVERSE, first, "wanted")
    notes = words.text(
        "bridge.one_at_a_time",
        month=numbers.month(first["as_of"]),
        in_force=base.from_cell(
            numbers.whole(first["headline_in_force"], _STEP), _INVERSE, first, "headline_in_force"
        ),
    )
    title = words.text("bridge.true_title", number=wanted)
    return TitledTable("inverse", title, Table(frame, columns), (notes,))


_STEP = 10
"""A mean headline of few draws is written in tens of homes."""


def inverse_name(row: base.Row, words: Labels) -> str:
    """Name what is moved, with its target group where it is about one."""
    name = words.code("parameter", row["parameter"])
    if row["target_group"] == ALL_GROUPS:
        return name
    group = words.code("group", row["target_group"])
    return words.text("bridge.of_group", assumption=name, group=group)


def inverse_sentence(row: base.Row, words: Labels) -> str:
    """Say which value the assumption must have, or that none of the tried range is enough."""
    numbers = words.numbers
    if row["reachable"] and row["value_needed"] is not None:
        verdict = findings.certain_trend(row["value_in_force"], row["value_needed"], step=0.0)
        return words.text(
            f"bridge.needed_{verdict.value}", value=_value(row, "value_needed", words)
        )
    return words.text(
        "bridge.needed_none",
        low=_value(row, "lowest", words),
        high=_value(row, "highest", words),
        at_low=base.from_cell(
            numbers.whole(row["headline_at_low"], _STEP), _INVERSE, row, "headline_at_low"
        ),
        at_high=base.from_cell(
            numbers.whole(row["headline_at_high"], _STEP), _INVERSE, row, "headline_at_high"
        ),
    )


def _in_force(row: base.Row, words: Labels) -> str:
    if row["unit"] == Unit.FACTOR and row["value_in_force"] == 1.0:
        return words.text("bridge.as_now")
    return _value(row, "value_in_force", words)


def _value(row: base.Row, key: str, words: Labels) -> str:
    return parameter_value(row[key], row["unit"], words)
