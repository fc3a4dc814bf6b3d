"""Charts over years and months on a slide: which columns they draw, the words at their lines.

Belongs here: one function a chart. Does not belong here: charts of rows (`deck_rows`), the XML
(`deck_charts`), the slides (`deck_slides`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from reports import theme
from reports.blocks import Chart
from reports.charts import anatomy
from reports.document import Document
from reports.export import deck_text
from reports.export.deck_charts import PERCENT, TEXT_PT, Frame, Kind, Label, NativeChart, Series
from reports.export.deck_parts import Size, axis_format, every, known, on_lines, said, width_of
from reports.export.deck_sheet import Sheet
from reports.labels import Labels
from reports.sections import base

_LEFT, _TOP, _BOTTOM = 0.62, 0.4, 0.38
_LABEL_ROOM = 0.18
_LEAST_RIGHT = 0.3
_YEAR_WIDE, _YEAR_END_WIDE = 0.52, 1.3
_HALF, _NEAR_HALF = 0.5, 0.005
_EDGE = 0.12
_WIDE = 8.0
_FULL = 12
_LABEL_IN = TEXT_PT * 1.35 / 72


@dataclass(frozen=True)
class End:
    """What stands at the end of a line."""

    series: Series
    value: float
    text: str
    colour: str


def yearly_demand(chart: Chart, document: Document, size: Size) -> NativeChart:
    """Draw homes let as bars, homes needed as a line with its range, the ceiling as a dashed line.

    Rows about a part of a year to come are in the sheet and not in the chart.
    """
    sheet, words = Sheet(chart.picture.table, document.words), document.words
    frame = chart.picture.table.frame
    rows = [
        place
        for place, row in enumerate(frame.iter_rows(named=True))
        if row["dwellings"] is not None or row["months_covered"] == _FULL
    ]
    ahead = [row for row in rows if frame["mean"][row] is not None]
    hollow = frozenset(
        place
        for place, row in enumerate(rows)
        if frame["dwellings"][row] is not None and frame["months_covered"][row] < _FULL
    )
    series = [
        Series(Kind.BAR, sheet.place("dwellings"), theme.REALISED, hollow=hollow),
        Series(Kind.BAR, sheet.place("p10"), theme.DEMAND, strength=0.0),
        Series(Kind.BAR, width_of(sheet, frame, words), theme.DEMAND, strength=theme.INNER_TINT),
        Series(
            Kind.LINE,
            sheet.place("dwellings"),
            theme.REALISED,
            points=0.0,
            labels=_let(frame, rows, words),
        ),
    ]
    ends = []
    if ahead:
        last = base.estimate(frame.row(ahead[-1], named=True))
        line = Series(Kind.LINE, sheet.place("mean"), theme.DEMAND)
        ends.append(End(line, last.mean, said("chart.needed", last, words), theme.DEMAND))
        cap = frame["cap_dwellings"][ahead[-1]]
        if cap is not None:
            text = on_lines(words.text("chart.at_most", value=words.numbers.whole(cap)))
            dashed = Series(
                Kind.LINE, sheet.place("cap_dwellings"), theme.CAP, dash="dash", points=2.0
            )
            ends.append(End(dashed, cap, text, theme.CAP))
    shown = frame[rows]
    axis = anatomy.scale(known(shown, "p90", "mean", "dwellings", "cap_dwellings"))
    return _over_years(
        sheet,
        rows,
        series,
        ends,
        axis,
        size,
        words=words,
        unit=words.text("axis.dwellings_year"),
        stacked=True,
    )


def cumulative_demand(chart: Chart, document: Document, size: Size) -> NativeChart:
    """Draw homes needed since the start with their range, the ceiling and the reference."""
    sheet, words = Sheet(chart.picture.table, document.words), document.words
    frame = chart.picture.table.frame
    rows = list(range(frame.height))
    last = frame.row(-1, named=True)
    areas = _band(sheet, frame, theme.DEMAND, document)
    needed = base.estimate(last)
    ends = [
        End(
            Series(Kind.LINE, sheet.place("mean"), theme.DEMAND),
            needed.mean,
            said("chart.needed", needed, words),
            theme.DEMAND,
        )
    ]
    for key, label, colour, dash in (
        ("cap_total", "chart.at_most", theme.CAP, "dash"),
        ("reference_total", "chart.reference", theme.REFERENCE, "sysDot"),
    ):
        if last[key]:
            text = on_lines(words.text(label, value=words.numbers.whole(last[key])))
            line = Series(Kind.LINE, sheet.place(key), colour, dash=dash, points=2.0)
            ends.append(End(line, last[key], text, colour))
    axis = anatomy.scale(known(frame, "p90", "mean", "cap_total", "reference_total"))
    unit = words.text("axis.dwellings_total")
    december = "-12"
    named = [
        words.text("deck.year_end", year=month[:4])
        if month.endswith(december)
        else words.numbers.month(month)
        for month in frame["month"].to_list()
    ]
    category = sheet.add(words.text("deck.axis"), named)
    skip = every(rows, _YEAR_END_WIDE, size.wide - 2)
    return _over_years(
        sheet,
        rows,
        areas,
        ends,
        axis,
        size,
        words=words,
        unit=unit,
        category=category,
        skip=skip,
        joined=True,
    )


def housing_list(chart: Chart, document: Document, size: Size) -> NativeChart:
    """Draw the list by month: what is known, then what is computed with its range."""
    sheet, words = Sheet(chart.picture.table, document.words), document.words
    frame = chart.picture.table.frame
    months = frame["month"].to_list()
    first = next((row for row, month in enumerate(months) if month.endswith("-01")), 0)
    rows = list(range(first, frame.height))
    seen = [row for row in rows if frame["is_observed"][row]]
    whole = base.estimate(frame.row(-1, named=True))
    labels = {}
    if seen:
        value = words.numbers.whole(frame["mean"][seen[-1]])
        labels[seen[-1] - first] = Label(
            words.text("deck.now", value=value), theme.WAITING, "t", -0.07
        )
    line = Series(Kind.LINE, sheet.place("mean"), theme.WAITING, labels=labels)
    ends = [End(line, whole.mean, said("chart.mean", whole, words), theme.WAITING)]
    areas = _band(sheet, frame, theme.WAITING, document)
    axis = anatomy.scale(known(frame, "p90", "mean"))
    unit = words.text("axis.applications")
    category = sheet.add(words.text("column.year"), [int(month[:4]) for month in months])
    years = 2 if size.wide > _WIDE else 4
    return _over_years(
        sheet,
        rows,
        areas,
        ends,
        axis,
        size,
        words=words,
        unit=unit,
        category=category,
        skip=years * 12,
        joined=True,
    )


def chance_per_year(chart: Chart, document: Document, size: Size) -> NativeChart:
    """Draw the chance per year that the promise is kept, with the agreed certainty."""
    sheet, words = Sheet(chart.picture.table, document.words), document.words
    frame = chart.picture.table.frame
    rows, column = list(range(frame.height)), sheet.place("kept_probability")
    values = frame["kept_probability"].to_list()
    colours = {place: theme.ALARM for place, value in enumerate(values) if value < _HALF}
    step = every(rows, _YEAR_WIDE, size.wide - _LEFT - 1.2)
    labels = {
        place: Label(
            words.numbers.share(
                value, 1 if value != _HALF and abs(value - _HALF) < _NEAR_HALF else 0
            ),
            colours.get(place, theme.WAITING),
            "outEnd",
        )
        for place, value in enumerate(values)
        if place % step == 0
    }
    bars = Series(Kind.BAR, column, theme.WAITING, colours=colours, labels=labels)
    ends = []
    certainty = None if document.facts.promise is None else document.facts.promise["certainty"]
    if certainty is not None:
        text = on_lines(words.text("chart.norm", value=words.numbers.share(certainty)))
        norm = sheet.add(text.replace("\n", " "), [certainty] * frame.height)
        line = Series(Kind.LINE, norm, theme.REFERENCE, dash="sysDot", points=1.5)
        ends.append(End(line, certainty, text, theme.REFERENCE))
    return _over_years(
        sheet,
        rows,
        [bars],
        ends,
        anatomy.Scale(1.12, 0.25),
        size,
        words=words,
        unit=words.text("axis.chance"),
        number_format=PERCENT,
    )


def range_per_year(chart: Chart, document: Document, size: Size) -> NativeChart:
    """Draw people without a place and a home per full year, with the range."""
    sheet, words = Sheet(chart.picture.table, document.words), document.words
    frame = chart.picture.table.frame
    rows = [row for row in range(frame.height) if frame["months_covered"][row] == _FULL]
    whole = base.estimate(frame.row(rows[-1], named=True))
    line = Series(Kind.LINE, sheet.place("mean"), theme.ALARM, dots=True)
    ends = [End(line, whole.mean, said("chart.mean", whole, words), theme.ALARM)]
    areas = _band(sheet, frame, theme.ALARM, document)
    axis = anatomy.scale(known(frame[rows], "p90", "mean"))
    return _over_years(
        sheet, rows, areas, ends, axis, size, words=words, unit=words.text("axis.persons_year")
    )


def places_of_group(chart: Chart, document: Document, size: Size, group: str) -> NativeChart:
    """Draw places as a line over residents, with those who are ready and wait set apart."""
    sheet, words = Sheet(chart.picture.table, document.words), document.words
    frame = chart.picture.table.frame
    rows = [row for row in range(frame.height) if frame["target_group"][row] == group]
    others = [
        whole - ready
        for whole, ready in zip(frame["occupied_mean"], frame["blocked_mean"], strict=True)
    ]
    column = sheet.add(words.text("deck.others"), others)
    series = [
        Series(Kind.BAR, column, theme.REFERENCE, strength=theme.INNER_TINT),
        Series(Kind.BAR, sheet.place("blocked_mean"), theme.WAITING),
        Series(Kind.LINE, sheet.place("places_mean"), theme.INK, points=2.0),
    ]
    part = frame[rows]
    axis = anatomy.scale(known(part, "places_mean", "occupied_mean"), lines=3)
    skip = every(rows, _YEAR_WIDE, size.wide - _LEFT - 0.2)
    year = sheet.place("year")
    return NativeChart(
        sheet,
        rows,
        year if skip == 1 else sheet.thin(year, rows, skip, words.text("deck.axis")),
        series,
        axis,
        size.wide,
        size.high,
        Frame(_LEFT, _EDGE, 0.2, _BOTTOM),
        number_format=axis_format(axis, words),
        stacked=True,
        skip=skip,
        gap=25,
    )


def _over_years(
    sheet: Sheet,
    rows: Sequence[int],
    under: Sequence[Series],
    ends: Sequence[End],
    axis: anatomy.Scale,
    size: Size,
    *,
    words: Labels,
    unit: str,
    number_format: str = "",
    category: int | None = None,
    skip: int = 0,
    joined: bool = False,
    stacked: bool = False,
) -> NativeChart:
    """Make a chart over years or months, with the words of its lines at their ends."""
    wide = [deck_text.width(line, TEXT_PT) for end in ends for line in end.text.split("\n")]
    right = max([_LEAST_RIGHT, *(one + _LABEL_ROOM for one in wide)])
    slot = 0.0 if joined else (size.wide - _LEFT - right) / (len(rows) + 0.5)
    plot = size.high - _TOP - _BOTTOM
    gaps = [_LABEL_IN * (end.text.count("\n") + 1) * axis.top / plot for end in ends]
    moved = anatomy.spread([end.value for end in ends], gaps)
    lines = []
    for end, target in zip(ends, moved, strict=True):
        drop = (end.value - target) / axis.top * plot / size.high
        label = Label(end.text, end.colour, "r", drop, slot * _HALF / size.wide)
        lines.append(_with_label(end.series, _last(sheet, end.series, rows), label))
    if category is None:
        category = sheet.place("year")
    skip = skip or every(rows, _YEAR_WIDE, size.wide - _LEFT - right)
    return NativeChart(
        sheet,
        rows,
        category if skip == 1 else sheet.thin(category, rows, skip, words.text("deck.axis")),
        [*under, *lines],
        axis,
        size.wide,
        size.high,
        Frame(_LEFT, _TOP, right, _BOTTOM),
        title=unit,
        number_format=number_format or axis_format(axis, words),
        stacked=stacked,
        joined=joined,
        skip=skip,
    )


def _band(sheet: Sheet, frame: pl.DataFrame, colour: str, document: Document) -> list[Series]:
    """Draw the range as a tinted area that stands on an unseen one."""
    words = document.words
    return [
        Series(Kind.AREA, sheet.place("p10"), colour, strength=0.0),
        Series(Kind.AREA, width_of(sheet, frame, words), colour, strength=theme.OUTER_TINT),
    ]


def _let(frame: pl.DataFrame, rows: Sequence[int], words: Labels) -> dict[int, Label]:
    """Label the last whole year of homes let, and the year that is not over."""
    seen = [
        (place, frame["dwellings"][row])
        for place, row in enumerate(rows)
        if frame["dwellings"][row] is not None
    ]
    if not seen:
        return {}
    first = seen[min(1, len(seen) - 1)][0]
    return {
        place: Label(
            f"{words.text('chart.let')}\n{words.numbers.whole(value)}"
            if place == first
            else words.numbers.whole(value),
            theme.REALISED,
            "t",
        )
        for place, value in seen
    }


def _with_label(series: Series, place: int, label: Label) -> Series:
    return replace(series, labels={**series.labels, place: label})


def _last(sheet: Sheet, series: Series, rows: Sequence[int]) -> int:
    """Give the place of the last row in which a series has a value."""
    return max(
        place for place, row in enumerate(rows) if sheet.columns[series.column][row] is not None
    )
