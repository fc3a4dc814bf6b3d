"""What changed since the last final edition, in parts that add up as they are shown.

Belongs here: the section, and the answer on the first screen. Does not belong here: how the parts
were computed.
"""

from dataclasses import dataclass

import polars as pl

from reports import theme
from reports.blocks import Chart, Column, Form, Picture, Section, Table
from reports.charts import rows as row_charts
from reports.labels import Labels, uncapital
from reports.numbers import round_to
from reports.sections import base
from reports.told import join

TABLES = ("mart_demand__changes",)

_MEASURES = ("extra_current_lettings", "gross")
"""The headline; where a release holds none, gross demand."""
_PREVIOUS, _CURRENT = "previous", "current"


@dataclass(frozen=True)
class Bar:
    """A level or a part in whole homes.

    Attributes:
        part: What it is.
        value: Homes; every level is rounded, and a part is the difference between two of them, so
            that what a reader sees adds up.
        level: The level after it.
    """

    part: str
    value: int
    level: int


@dataclass(frozen=True)
class Change:
    """What changed, as it is shown.

    Attributes:
        measure: What is counted.
        previous_as_of: Last month that counted as known then.
        bars: The level of then, the parts (none where they cannot be told apart), the level of now.
    """

    measure: str
    previous_as_of: str
    bars: tuple[Bar, ...]

    @property
    def before(self) -> int:
        """The level of then."""
        return self.bars[0].value

    @property
    def after(self) -> int:
        """The level of now."""
        return self.bars[-1].value

    @property
    def parts(self) -> tuple[Bar, ...]:
        """The parts between the two."""
        return self.bars[1:-1]


def read_change(frame: pl.DataFrame) -> Change | None:
    """Read the change of the headline from `mart_demand__changes`; None in a first edition."""
    known = set(frame["measure"].to_list())
    measure = next((name for name in _MEASURES if name in known), None)
    if measure is None:
        return None
    rows = frame.filter(pl.col("measure") == measure).sort("position").to_dicts()
    bars, exact, level = [], 0.0, 0
    for row in rows:
        is_level = row["part"] in {_PREVIOUS, _CURRENT}
        exact = row["mean"] if is_level else exact + row["mean"]
        reached = int(round_to(exact))
        bars.append(Bar(row["part"], reached if is_level else reached - level, reached))
        level = reached
    return Change(measure, rows[0]["previous_as_of"], tuple(bars))


def build_changed(tables: base.Tables, facts: base.Facts, words: Labels) -> Section:
    """Build the section on what changed; a first edition has one sentence."""
    if tables.is_dropped("mart_demand__changes"):
        return base.missing_section("changed", words)
    heading = words.text("changed.heading")
    change = read_change(tables.frame("mart_demand__changes"))
    finding = change_finding(change, words)
    if change is None:
        return Section("changed", heading, finding, (words.text("changed.first_why"),))
    if not change.parts:
        return Section("changed", heading, finding, (words.text("changed.unsplit"),))
    chart = Chart(
        "changed",
        finding,
        words.text("changed.subtitle", measure=words.code("measure", change.measure)),
        words.text("changed.alternative", finding=finding),
        _picture(change, words),
        base.model_source(facts, words),
        (words.text("changed.exact"),),
    )
    return Section("changed", heading, finding, tuple(words.under("changed.meaning")), (chart,))


def change_finding(change: Change | None, words: Labels) -> str:
    """Say from where to where the outcome went."""
    if change is None:
        return words.text("changed.first")
    whole, apart = words.numbers.whole, change.after - change.before
    moved = any(bar.value for bar in change.parts)
    verdict = "more" if apart > 0 else "fewer" if apart < 0 else "balanced" if moved else "same"
    return words.text(
        f"changed.{verdict}",
        month=words.numbers.month(change.previous_as_of),
        before=_level(change, 1, words),
        after=_level(change, len(change.bars), words),
        change=_between(whole(abs(apart)), change, 1, len(change.bars)),
    )


def change_sentences(change: Change | None, words: Labels) -> tuple[str, ...]:
    """Name every part that moved the outcome, and say when nothing can be told apart."""
    if change is None:
        return ()
    if not change.parts:
        return (words.text("changed.unsplit"),) if change.after != change.before else ()
    said = [
        words.text(
            "changed.part",
            part=words.code("change_part", bar.part),
            value=_part(change, place, words),
        )
        for place, bar in enumerate(change.bars, start=1)
        if bar in change.parts and bar.value
    ]
    return (join(" ", said),) if said else ()


def _level(change: Change, position: int, words: Labels) -> str:
    """Write the level at a position, counted from 1; it remembers its cell."""
    row = {"measure": change.measure, "position": position}
    written = words.numbers.whole(change.bars[position - 1].value)
    return base.from_cell(written, "mart_demand__changes", row, "mean")


def _between(text: str, change: Change, first: int, last: int) -> str:
    """Let the difference of two levels, each in whole homes, remember them."""
    then, now = (
        base.cell("mart_demand__changes", {"measure": change.measure, "position": place}, "mean")
        for place in (first, last)
    )
    return base.worked_out(text, "whole_apart", now, of=(then,))


def _part(change: Change, place: int, words: Labels) -> str:
    """Write a part, which stands in the file of the chart: it follows from rounded levels."""
    return base.from_file(_signed(change.bars[place - 1], words), "changed", place, "apart")


def _signed(bar: Bar, words: Labels) -> str:
    return words.numbers.signed(bar.value)


def _picture(change: Change, words: Labels) -> Picture:
    drawn: list[row_charts.Row] = []
    rows: list[dict[str, object]] = []
    for bar in change.bars:
        is_level = bar.part in {_PREVIOUS, _CURRENT}
        name = words.code("change_part", bar.part)
        if bar.part == _PREVIOUS:
            name = words.text(
                "changed.of_month", part=name, month=words.numbers.month(change.previous_as_of)
            )
        value = words.numbers.whole(bar.value) if is_level else _signed(bar, words)
        apart, level = (None, bar.value) if is_level else (bar.value, None)
        rows.append({"part": name, "level": level, "apart": apart})
        drawn.append(
            row_charts.Row(
                name,
                bar.level,
                value,
                theme.REFERENCE if bar.part == _PREVIOUS else theme.DEMAND,
                words.text("changed.hover", part=uncapital(name), value=value),
                base=0.0 if is_level else float(bar.level - bar.value),
                narrow_text=value,
            )
        )
    frame = pl.DataFrame(rows, schema={"part": pl.String, "level": pl.Int64, "apart": pl.Int64})
    columns = (
        Column("part", words.text("column.step")),
        Column("level", words.text("changed.column_level"), Form.WHOLE),
        Column("apart", words.text("changed.column_part"), Form.SIGNED),
    )
    panel = row_charts.waterfall(drawn, solid=(0, len(drawn) - 1))
    return Picture((panel,), Table(frame, columns))
