"""Tables as plain text, for whoever asks a question on the command line.

Belongs here: columns of text from a comparison, a bridge or an explanation. Does not belong here:
the words (label files), the figures, printing.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from models.units import ALL_GROUPS
from reports import ladder
from reports.explained import Explanation
from reports.labels import Labels, load_labels

_GAP = "  "
_LEFT = 2
"""Columns that stand to the left: what it is, and its unit."""

Row = Mapping[str, object]


def comparison_lines(
    table: pl.DataFrame,
    *,
    region_id: str,
    as_of: str,
    names: tuple[str, str],
    language: str = "nl",
) -> list[str]:
    """Write two scenarios side by side, over ten years and gross demand by year.

    Args:
        table: What `models.outflow.compare.differences` gives.
        region_id: The region.
        as_of: Last month that counts as known, "YYYY-MM".
        names: The two scenarios in words.
        language: Language of the text.
    """
    words = load_labels(language)
    heads = [words.text("compare.unit"), *names, words.text("compare.difference")]
    heads.append(words.text("compare.above"))
    parts = {
        words.text("compare.measure"): table.filter(pl.col("year").is_null()),
        words.text("compare.year"): table.filter(pl.col("year").is_not_null()),
    }
    lines = [words.text("compare.title", region=region_id, first=names[0], second=names[1])]
    lines.append(words.text("compare.known", month=words.numbers.month(as_of)))
    for head, part in parts.items():
        rows = [_compared(words, row) for row in part.iter_rows(named=True)]
        lines += ["", *aligned([[head, *heads], *rows])]
    return [*lines, "", words.text("compare.explained")]


def _compared(words: Labels, row: Row) -> list[str]:
    name = words.code("measure", str(row["measure"]))
    return [
        name if row["year"] is None else str(row["year"]),
        _unit(words, row),
        range_text(words, row, "first_"),
        range_text(words, row, "second_"),
        range_text(words, row, signed=True),
        words.numbers.share(_number(row, "share_above")),
    ]


def bridge_lines(
    bridge: pl.DataFrame, inverse: pl.DataFrame, *, region_id: str, language: str = "nl"
) -> list[str]:
    """Write the bridge by the reading of our headline, the other readings, and what must be true.

    Args:
        bridge: `mart_demand__bridge`, with or without region.
        inverse: `mart_demand__inverse`, likewise.
        region_id: The region.
        language: Language of the text.
    """
    words = load_labels(language)
    steps = bridge.filter(pl.col("is_headline_reading")).sort("position")
    first, last = steps.row(0, named=True), steps.row(-1, named=True)
    number = words.numbers.whole(_number(first, "mean"))
    lines = [words.text("bridge.title", region=region_id, number=number)]
    then, now = (words.numbers.month(str(last[key])) for key in ("as_of_then", "as_of"))
    lines += [words.text("bridge.months", then=then, now=now), ""]
    levels = ("published", "ours")
    rows = [
        [words.code("bridge_step", str(row["step"])),
         range_text(words, row, signed=row["step"] not in levels)]
        for row in steps.iter_rows(named=True)
    ]  # fmt: skip
    lines += aligned(rows, left=1)
    lines += ["", words.text("bridge.readings")]
    missed = bridge.filter(pl.col("step") == "unexplained")
    rows = [
        [words.code("measure", str(row["reading"])), range_text(words, row, signed=True)]
        for row in missed.iter_rows(named=True)
    ]
    lines += aligned(rows, left=1)
    moved = words.numbers.month(str(inverse["as_of"][0]))
    lines += ["", words.text("bridge.true", number=number, month=moved), ""]
    heads = [words.text(f"bridge.{key}") for key in ("assumption", "unit", "in_force", "needed")]
    lines += aligned([heads, *(_needed(words, row) for row in inverse.iter_rows(named=True))])
    return lines


def _needed(words: Labels, row: Row) -> list[str]:
    name = words.code("parameter", str(row["parameter"]))
    if row["target_group"] != ALL_GROUPS:
        group = words.code("group", str(row["target_group"]))
        name = words.text("bridge.of_group", assumption=name, group=group)
    write = words.numbers.decimal
    in_force = write(_number(row, "value_in_force"), 2)
    if row["reachable"]:
        needed = write(_number(row, "value_needed"), 2)
    else:
        ends = ("lowest", "highest", "headline_at_low", "headline_at_high")
        low, high, at_low, at_high = (_number(row, key) for key in ends)
        needed = words.text(
            "bridge.unreachable",
            low=write(low, 2),
            high=write(high, 2),
            at_low=words.numbers.whole(at_low),
            at_high=words.numbers.whole(at_high),
        )
    return [name, words.code("unit", str(row["unit"])), in_force, needed]


def _unit(words: Labels, row: Row) -> str:
    if row["unit"] == "share":
        return words.text("compare.percent")
    return words.code("unit", str(row["unit"]))


def range_text(words: Labels, row: Row, prefix: str = "", *, signed: bool = False) -> str:
    """Write mean and 80 % interval of a row: 1.450 (1.000 tot 1.800); shares in percents."""
    numbers = words.numbers
    values = [_number(row, f"{prefix}{key}") for key in ("mean", "p10", "p90")]
    if row["unit"] == "share":
        shown = [numbers.decimal(100.0 * value, 1, fixed=True) for value in values]
        shown = [
            f"+{text}" if signed and value > 0 else text
            for text, value in zip(shown, values, strict=True)
        ]
    else:
        shown = [numbers.signed(value) if signed else numbers.whole(value) for value in values]
    return words.text("compare.range", mean=shown[0], low=shown[1], high=shown[2])


def explanation_lines(item: Explanation, words: Labels) -> list[str]:
    """Write the explanation of a municipality's number: the same as its page, without drawings."""
    text, name = words.text, item.row["municipality_name"]
    lines = [item.heading, item.ceiling, "", text("explained.short_heading")]
    lines += [f"{at}. {sentence}" for at, sentence in enumerate(item.short, start=1)]
    lines += ["", text("explained.steps_heading")]
    steps = [*item.share_steps, *item.home_steps]
    rows = [[step.label, step.outcome, step.working] for step in steps]
    widths = [max(len(row[at]) for row in rows) for at in range(2)]
    lines += [
        f"  {label:<{widths[0]}}{_GAP}{outcome:>{widths[1]}}{_GAP}{working}".rstrip()
        for label, outcome, working in rows
    ]
    lines += [item.precision, "", text("explained.list_heading", municipality=name), *item.in_list]
    lines += ["", text("explained.household_heading"), *item.household]
    if item.open_points:
        lines += ["", text("explained.open_heading"), *item.open_points]
    return [*lines, "", text("explained.text_years"), *_year_lines(item, words)]


def _year_lines(item: Explanation, words: Labels) -> list[str]:
    names = ("total", "exact", "carried", "claim", "quota", "next", "at_most")
    heads = [words.text("column.year"), *(words.text(f"explained.text_{name}") for name in names)]
    rows = [heads]
    for row in item.years:
        at_most = row["at_most"]
        rows.append(
            [
                str(row["year"]),
                words.numbers.whole(row["total"]),
                ladder.decimal(row["exact"], ladder.LEAST_DIGITS, words),
                ladder.signed(row["carried"], ladder.LEAST_DIGITS, words),
                ladder.decimal(row["claim"], ladder.LEAST_DIGITS, words),
                words.numbers.whole(row["quota"]),
                ladder.signed(row["carried_on"], ladder.LEAST_DIGITS, words),
                words.text("not_agreed") if at_most is None else words.numbers.whole(at_most),
            ]
        )
    return aligned(rows, left=1)


def aligned(rows: Sequence[Sequence[str]], *, left: int = _LEFT) -> list[str]:
    """Write rows as columns of one width, the first ones to the left, the others to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        _GAP.join(
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _number(row: Row, key: str) -> float:
    return float(str(row[key]))
