"""How demand changes when it is counted by another definition: parts that add up.

Belongs here: the bridge between definitions. Does not belong here: a published number
(`bridge.py`), another future (`scenarios.py`).
"""

from typing import Any

from reports import findings
from reports.blocks import Chart, Column, Section
from reports.labels import Labels, uncapital
from reports.sections import base
from reports.sections.waterfalls import Step, draw_steps

TABLE = "mart_demand__definition"
TABLES = (TABLE,)

_START, _END, _TOGETHER = "usual", "all_together", "interaction"
_COUNTED = ("with_ambulant", "with_interested")
"""Definitions that add people who must have been delivered to count."""


def build_definitions(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on definitions."""
    rows = tables.frame(TABLE).sort("position").to_dicts()
    if not rows:
        return base.missing_section("definitions", words)
    finding = definition_finding(rows, words)
    picture = draw_steps(
        [
            Step(
                words.code("definition", row["definition"]),
                row,
                row["definition"] in {_START, _END},
            )
            for row in rows
        ],
        words.text("column.definition"),
        words,
        more=(Column("observed", words.text("column.observed"), tables.form(TABLE, "observed")),),
    )
    chart = Chart(
        "definitions",
        finding,
        words.text("definitions.subtitle"),
        words.text("definitions.alternative", finding=finding),
        picture,
        base.model_source(facts, words),
        (words.text("definitions.exact"),),
    )
    return Section(
        "definitions",
        words.text("definitions.heading"),
        finding,
        (
            words.text("definitions.explanation"),
            *level_sentences(rows, words),
            *observed_sentences(rows, words, is_rounded=tables.rounds(TABLE, "observed")),
        ),
        (chart,),
    )


def definition_finding(rows: list[dict[str, Any]], words: Labels) -> str:
    """Name the definition that changes the count most."""
    by_name = {row["definition"]: base.estimate(row) for row in rows}
    parts = [
        (name, part) for name, part in by_name.items() if name not in {_START, _END, _TOGETHER}
    ]
    usual = words.numbers.about(by_name[_START]) if _START in by_name else words.text("not_known")
    found = findings.largest(parts)
    if found is None:
        return words.text("definitions.finding_none", usual=usual)
    name, part = found
    return words.text(
        "definitions.finding_unclear" if findings.spans_zero(part) else "definitions.finding",
        definition=uncapital(words.code("definition", name)),
        value=words.numbers.signed_value(part),
        span=words.numbers.signed_span(part),
        usual=usual,
    )


def level_sentences(rows: list[dict[str, Any]], words: Labels) -> tuple[str, ...]:
    """Give the whole demand by each definition on its own, where it differs from the usual one."""
    return tuple(
        words.text(
            "definitions.level",
            definition=uncapital(words.code("definition", row["definition"])),
            value=words.numbers.about(base.estimate(row, "level_")),
            span=words.numbers.span(base.estimate(row, "level_")),
        )
        for row in rows
        if row["level_mean"] is not None and row["mean"] != 0.0
    )


def observed_sentences(
    rows: list[dict[str, Any]], words: Labels, *, is_rounded: bool = False
) -> tuple[str, ...]:
    """Say on how many delivered people a part rests, and that it is nothing without any.

    A rounded number below ten is not told, so that it is never called nothing either.
    """
    write = words.numbers.spoken if is_rounded else words.numbers.whole
    said = []
    for row in rows:
        if row["definition"] not in _COUNTED:
            continue
        counted = row["observed"] or 0
        is_told = counted or is_rounded
        label = "definitions.observed" if is_told else "definitions.observed_none"
        said.append(
            words.text(
                label,
                definition=words.code("definition", row["definition"]),
                count=base.from_cell(write(counted), "mart_demand__definition", row, "observed"),
            )
        )
    return tuple(said)
