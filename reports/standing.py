"""How a region stands: homes let beside the quota so far, and decisions that are still open.

Belongs here: the parts that the progress page and the pages of municipalities share. Does not
belong here: the pages, the norm (`models.quota.pacing`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from models.quota.pacing import Course
from models.together import are_together
from reports import together
from reports.figures import Bullet, Figure, Grid, Line, Part, Sentence, read_figure, say
from reports.labels import Labels, capital
from reports.sections import base
from reports.sections.sensitivity import parameter_value

PACE, AGREEMENTS = "mart_quota__progress", "mart_agreement"

OPEN_STATES = ("concept", "stuurgroep", "colleges")
"""States of a decision that is still to be taken, in the order in which they follow."""

ALL = "all"
_HALF_YEAR = 6

Row = Mapping[str, Any]


def pace_part(progress: pl.DataFrame, month: str, words: Labels) -> Part:
    """Set the homes let so far beside the norm, per municipality."""
    heading = words.text("progress_page.pace")
    if progress.is_empty():
        return Part("pace", heading, say(words, "progress_page.pace_not_agreed"))
    whole = progress.filter(pl.col("municipality_code") == ALL).row(0, named=True)
    named = together.named(progress.filter(pl.col("municipality_code") != ALL), words)
    named = named.sort(*together.ORDER)
    own, heads_of = named.to_dicts(), together.as_heads(named).to_dicts()
    shown = heads_of if len(own) == 1 else [*heads_of, whole]
    most = max([1, *(max(row["realised"], row["norm"], row["at_most"] or 0) for row in own)])
    lines = tuple(_pace_line(row, most, words) for row in shown)
    heads = ("municipality", "let_so_far", "norm", "state", "quota_year", "at_most_year")
    norm = norm_words(whole, words)
    return Part(
        "pace",
        heading,
        behind_sentence(own, words),
        "realised",
        grid=Grid(
            words.text("progress_page.pace_caption", year=whole["year"], month=month),
            tuple(words.text(f"column.{head}") for head in heads),
            lines,
            texts=(3,),
            bullet_head=words.text("progress_page.bullet_head"),
        ),
        notes=(norm, words.text("progress_page.pace_note"), words.text("progress.no_duty")),
    )


def is_public(row: Row) -> bool:
    """Say whether a row is from a release for everybody: rounded, without exact differences."""
    return row.get("difference", 0.0) is None


def norm_words(whole: Row, words: Labels) -> str:
    """Say what the norm is, and what on course means."""
    is_half = whole["of_months"] == _HALF_YEAR
    return words.text(
        "progress.norm_open" if is_public(whole) else "progress.norm",
        months=base.from_cell(str(whole["months_passed"]), PACE, whole, "months_passed"),
        of_months=base.from_cell(str(whole["of_months"]), PACE, whole, "of_months"),
        task=words.text("progress.task_half" if is_half else "progress.task_year"),
    )


def course_words(row: Row, words: Labels) -> str:
    """Say where a municipality stands; over three years that were not all agreed, nothing."""
    if row["state"] is None:
        return words.text("progress.state_none")
    return words.code("course", row["state"])


def behind_sentence(rows: Sequence[Row], words: Labels) -> Sentence:
    """Name the municipalities that are behind the norm, of all that share the quota."""
    behind = [row for row in rows if row["state"] == Course.BEHIND.value]
    names = [row["municipality_name"] for row in behind]
    counts = {
        "count": base.from_rows(words.numbers.whole(len(names)), PACE, behind, how="count"),
        "all": base.from_rows(words.numbers.whole(len(rows)), PACE, rows, how="count"),
    }
    if rows and is_public(rows[0]):
        many = "none" if not names else "one" if len(names) == 1 else "many"
        is_known = any(row["state"] is not None for row in rows)
        if any(are_together(row["municipality_code"]) for row in rows):
            many = "together" if names else "together_none"
        return say(
            words,
            f"progress_page.years_behind_{many}" if is_known else "progress_page.years_unknown",
            **counts,
            names=words.numbers.join(names),
        )
    if len(rows) == 1:
        label = "single_behind" if names else "single_not_behind"
        return say(words, f"progress_page.{label}", name=rows[0]["municipality_name"])
    label = "behind_none" if not names else "behind_one" if len(names) == 1 else "behind_many"
    return say(
        words,
        f"progress_page.{label}",
        **counts,
        names=words.numbers.join(names),
    )


def _pace_line(row: Row, most: float, words: Labels) -> Line:
    numbers, open_end = words.numbers, words.text("not_agreed")
    is_total = row["municipality_code"] == ALL
    count = numbers.count if is_public(row) else numbers.whole
    cells = (
        read_figure(PACE, row, "realised", count),
        read_figure(PACE, row, "norm", tenth(words)),
        Figure(course_words(row, words)),
        read_figure(PACE, row, "quota", numbers.whole),
        read_figure(PACE, row, "at_most", numbers.whole, open_end),
    )
    name = words.text("region_total") if is_total else row["municipality_name"]
    return Line(name, cells, is_total, None if is_total else bullet(row, most))


def bullet(row: Row, most: float) -> Bullet:
    """Give the bar of a municipality's year in percent of the longest one."""
    at_most = row["at_most"]
    return Bullet(
        round(100 * row["realised"] / most, 3),
        round(100 * row["norm"] / most, 3),
        None if at_most is None else round(100 * at_most / most, 3),
    )


def pace_sentence(row: Row, month: str, words: Labels) -> Sentence:
    """Say how many homes were let so far, and how many the quota asks by now."""
    if row["quota"] == 0:
        return say(words, "progress.zero", year=row["year"])
    is_half, numbers = row["of_months"] == _HALF_YEAR, words.numbers
    label = f"half_{row['state']}" if is_half else row["state"]
    return say(
        words,
        "progress.open" if is_public(row) else f"progress.{label}",
        month=month,
        year=row["year"],
        realised=read_figure(
            PACE, row, "realised", numbers.spoken if is_public(row) else numbers.whole
        ),
        norm=read_figure(PACE, row, "norm", tenth(words)),
        quota=read_figure(PACE, row, "quota", words.numbers.whole),
    )


def decisions_part(agreements: pl.DataFrame, words: Labels) -> Part:
    """List the agreements that are not settled yet."""
    heading = words.text("progress_page.decisions")
    if agreements.is_empty():
        return Part("decisions", heading, say(words, "agreements.none"))
    waiting = open_decisions(agreements)
    if not waiting:
        count = base.from_table(words.numbers.whole(agreements.height), AGREEMENTS)
        label = "progress_page.decided_one" if agreements.height == 1 else "progress_page.decided"
        return Part("decisions", heading, say(words, label, count=count))
    label = "one" if len(waiting) == 1 else "many"
    written = words.numbers.whole(len(waiting))
    finding = say(
        words,
        f"progress_page.decisions_{label}",
        count=base.from_rows(written, AGREEMENTS, waiting, how="count"),
    )
    lines = tuple(
        Line(
            f"{capital(words.code('agreement_kind', row['kind']))}: {row['scope']}",
            (
                agreed_value(row, words),
                Figure(words.code("state", row["state"])),
                Figure(row["body"]),
            ),
        )
        for row in waiting
    )
    heads = ("progress_page.column_decision", "column.agreed_value", "column.state", "column.body")
    return Part(
        "decisions",
        heading,
        finding,
        "cap",
        grid=Grid(
            words.text("progress_page.decisions_caption"),
            tuple(words.text(head) for head in heads),
            lines,
            texts=(2, 3),
        ),
    )


def open_decisions(agreements: pl.DataFrame) -> list[dict[str, Any]]:
    """Give the agreements that are not settled yet, the least far first."""
    waiting = agreements.filter(pl.col("state").is_in(OPEN_STATES)).sort("agreement_id")
    return base.order_by(waiting, "state", OPEN_STATES).to_dicts()


def agreed_value(row: Row, words: Labels) -> Figure:
    """Give the number of an agreement with its unit; one without a number says nothing."""

    def write(value: float) -> str:
        if row["unit"]:
            return parameter_value(value, row["unit"], words)
        return words.numbers.decimal(value, 2)

    return read_figure(AGREEMENTS, row, "value", write, words.text("progress_page.no_number"))


def tenth(words: Labels) -> Callable[[float], str]:
    """Give the writer of numbers with at most one decimal."""
    return lambda value: words.numbers.decimal(value, 1)
