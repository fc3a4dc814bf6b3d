"""Charts of rows on a slide: which columns they draw, the words right of every row.

Belongs here: one function a chart. Does not belong here: charts over years (`deck_years`), the XML
(`deck_charts`), the slides (`deck_slides`).
"""

from collections.abc import Mapping, Sequence

from reports import theme
from reports.blocks import Chart
from reports.charts import anatomy
from reports.charts.rows import axis_start
from reports.document import Document
from reports.export import deck_text
from reports.export.deck_charts import TEXT_PT, Frame, Kind, Label, NativeChart, Series
from reports.export.deck_parts import Size, reach_of, within
from reports.export.deck_sheet import Sheet
from reports.labels import Labels
from reports.sections import base, sensitivity

_LABEL_ROOM = 0.18
_THICKEST = 0.42
_LEAST_ROW = 0.29
_NAME_SHARE = 0.42
_THIN = "\u00a0"


def waterfall(chart: Chart, document: Document, size: Size) -> NativeChart:
    """Draw parts that follow on each other from the first level to the last."""
    sheet, words = Sheet(chart.picture.table, document.words), document.words
    frame = chart.picture.table.frame
    count = frame.height
    means = frame["mean"].to_list()
    starts, ends = [0.0] * count, list(means)
    for place in range(1, count - 1):
        starts[place] = ends[place - 1]
        ends[place] = starts[place] + means[place]
    texts = []
    for place, row in enumerate(frame.iter_rows(named=True)):
        part = base.estimate(row)
        is_level = place in (0, count - 1)
        value = words.numbers.value(part) if is_level else words.numbers.signed_value(part)
        texts.append(within(value, words.numbers.span(part), words))
    reaches = [
        (start + row["p10"], start + row["p90"])
        for start, row in zip(starts, frame.iter_rows(named=True), strict=True)
    ]
    colours = {0: theme.REALISED}
    solid = {0, count - 1}
    least = min([0.0, *starts, *ends])
    return _floating(
        sheet,
        list(range(count)),
        starts,
        ends,
        reaches,
        texts,
        size,
        document,
        colours,
        solid,
        least=least,
    )


def spans(chart: Chart, document: Document, size: Size) -> NativeChart:
    """Draw the headline from its low to its high for the assumptions that move it most."""
    sheet, words = Sheet(chart.picture.table, document.words), document.words
    frame = chart.picture.table.frame
    lows, highs = frame["headline_low"].to_list(), frame["headline_high"].to_list()
    step = headline_step(document)
    texts = [
        words.text(
            "number.span",
            low=words.numbers.whole(min(ends), step),
            high=words.numbers.whole(max(ends), step),
        )
        for ends in zip(lows, highs, strict=True)
    ]
    named = sheet.add(
        words.text("deck.shown_name"),
        [
            words.text("sensitivity.of_group", parameter=name, group=group)
            if group != words.code("group", "all")
            else name
            for name, group in frame.select("name", "group").iter_rows()
        ],
    )
    rows = list(range(min(frame.height, _most_rows(sheet, named, size))))
    least = axis_start([end for row in rows for end in (lows[row], highs[row])])
    return _floating(
        sheet,
        rows,
        lows,
        highs,
        None,
        texts,
        size,
        document,
        {},
        set(),
        category=named,
        least=least,
    )


def scenarios(chart: Chart, document: Document, size: Size) -> NativeChart:
    """Draw the headline of every scenario as a bar with its range; the default in colour."""
    sheet, words = Sheet(chart.picture.table, document.words), document.words
    frame = chart.picture.table.frame
    prefix = "extra_current_lettings_"
    found = [base.estimate(row, prefix) for row in frame.iter_rows(named=True)]
    rows = list(range(min(frame.height, _most_rows(sheet, sheet.place("label"), size))))
    reach = reach_of(sheet, found, words)
    colours = {place: theme.REFERENCE for place in rows if not frame["is_default"][place]}
    bars = Series(
        Kind.BAR,
        sheet.place(f"{prefix}mean"),
        theme.DEMAND,
        strength=0.45,
        colours=colours,
        spread=reach,
    )
    texts = [within(words.numbers.value(one), words.numbers.span(one), words) for one in found]
    reaches = [max(one.high, one.mean, 0.0) for one in found]
    least = min([0.0, *(one.low for one in found)])
    return _beside(
        sheet, rows, sheet.place("label"), [bars], reaches, texts, size, words, least=least
    )


def progress(chart: Chart, document: Document, size: Size) -> NativeChart:
    """Draw homes let per municipality inside the frame of the norm until now."""
    sheet, words = Sheet(chart.picture.table, document.words), document.words
    frame = chart.picture.table.frame
    own = frame.height - chart.picture.table.total_rows
    names = sheet.place("municipality_name")
    rows = list(range(min(own, _most_rows(sheet, names, size))))
    series = [
        Series(Kind.BAR, sheet.place("realised"), theme.REALISED, strength=0.75),
        Series(Kind.BAR, sheet.place("norm"), theme.INK, strength=0.0, outline=True, dash="dash"),
    ]
    texts, reaches = [], []
    for row in frame.iter_rows(named=True):
        said = words.text("progress.bullet", norm=words.numbers.decimal(row["norm"]))
        texts.append(within(words.numbers.whole(row["realised"]), said, words))
        reaches.append(float(max(row["realised"], row["norm"])))
    return _beside(sheet, rows, names, series, reaches, texts, size, words)


def headline_step(document: Document) -> int:
    """Give the step in which the headline is written."""
    tables = base.Tables(document.release, sensitivity.TABLES, document.facts.scenario_id)
    return sensitivity.headline_step(tables)


def _floating(
    sheet: Sheet,
    rows: Sequence[int],
    starts: Sequence[float],
    ends: Sequence[float],
    reaches: Sequence[tuple[float, float]] | None,
    texts: Sequence[str],
    size: Size,
    document: Document,
    colours: Mapping[int, str],
    solid: set[int],
    *,
    category: int | None = None,
    least: float = 0.0,
) -> NativeChart:
    """Draw bars that begin and end anywhere: an unseen bar below, the bar, room, its words."""
    words = document.words
    category = 0 if category is None else category
    lows = [min(pair) for pair in zip(starts, ends, strict=True)]
    highs = [max(pair) for pair in zip(starts, ends, strict=True)]
    unseen = [
        max(low, 0.0) if high > 0 else min(high, 0.0) for low, high in zip(lows, highs, strict=True)
    ]
    above = [max(high, 0.0) - max(low, 0.0) for low, high in zip(lows, highs, strict=True)]
    below = [min(low, 0.0) - min(high, 0.0) for low, high in zip(lows, highs, strict=True)]
    far = [max(pair) for pair in reaches] if reaches else list(highs)
    room = [max(reach, high, 0.0) - max(high, 0.0) for reach, high in zip(far, highs, strict=True)]
    helper = sheet.add(words.text("deck.unseen"), unseen)
    up = sheet.add(words.text("deck.part_up"), above)
    spread_up, spread_unseen = None, None
    if reaches:
        rising = [end >= start for start, end in zip(starts, ends, strict=True)]
        tails = [
            (end - min(reach), max(reach) - end) for end, reach in zip(ends, reaches, strict=True)
        ]
        spread_up = _whiskers(sheet, tails, rising, words)
        spread_unseen = _whiskers(sheet, tails, [not one for one in rising], words)
    shade = {place: theme.blend(theme.DEMAND, 0.45) for place in rows if place not in solid}
    if not solid:
        shade = {}
    series = [
        Series(Kind.BAR, helper, theme.INK, strength=0.0, spread=spread_unseen),
        Series(Kind.BAR, up, theme.DEMAND, colours={**shade, **colours}, spread=spread_up),
    ]
    if any(below[row] for row in rows):
        down = sheet.add(words.text("deck.part_down"), below)
        series.append(Series(Kind.BAR, down, theme.DEMAND, colours=shade))
    if any(room[row] > 0 for row in rows):
        series.append(
            Series(Kind.BAR, sheet.add(words.text("deck.room"), room), theme.INK, strength=0.0)
        )
    return _finish_rows(
        sheet,
        rows,
        category,
        series,
        [max(a, b, 0.0) for a, b in zip(far, highs, strict=True)],
        least,
        texts,
        size,
        words,
        stacked=True,
    )


def _beside(
    sheet: Sheet,
    rows: Sequence[int],
    category: int,
    series: Sequence[Series],
    reaches: Sequence[float],
    texts: Sequence[str],
    size: Size,
    words: Labels,
    *,
    least: float = 0.0,
) -> NativeChart:
    """Draw bars from zero with their words right of the furthest mark of the row."""
    return _finish_rows(
        sheet, rows, category, series, reaches, least, texts, size, words, stacked=False
    )


def _finish_rows(
    sheet: Sheet,
    rows: Sequence[int],
    category: int,
    series: Sequence[Series],
    reaches: Sequence[float],
    least: float,
    texts: Sequence[str],
    size: Size,
    words: Labels,
    *,
    stacked: bool,
) -> NativeChart:
    """Add the words at the right of every row, and room for them."""
    most = max([1e-9, *(reaches[row] for row in rows)])
    left = _name_room(sheet, category, rows, size)
    plot = size.wide - left
    needed = max(deck_text.width(texts[row], TEXT_PT) for row in rows) + _LABEL_ROOM
    top = least + (most - least) / max(1 - needed / plot, 0.2)
    if stacked:
        column = sheet.add(words.text("deck.text"), [top - max(reach, 0.0) for reach in reaches])
    else:
        column = sheet.add(words.text("deck.text"), list(reaches))
    place = "inBase" if stacked else "outEnd"
    labels = {
        spot: Label(f"{_THIN}{texts[row]}", theme.INK, place) for spot, row in enumerate(rows)
    }
    carrier = Series(Kind.BAR, column, theme.INK, strength=0.0, labels=labels)
    return NativeChart(
        sheet,
        rows,
        category,
        [*series, carrier],
        anatomy.Scale(top, top),
        size.wide,
        size.high,
        Frame(left, 0.05, 0.02, 0.05),
        least=least,
        horizontal=True,
        stacked=stacked,
        gap=max(45, round(((size.high - 0.1) / len(rows) / _THICKEST - 1) * 100)),
    )


def _whiskers(
    sheet: Sheet, tails: Sequence[tuple[float, float]], where: Sequence[bool], words: Labels
) -> tuple[int, int]:
    """Add how far the range reaches below and above an end, in the rows where it belongs."""
    low = [tail[0] if here else 0.0 for tail, here in zip(tails, where, strict=True)]
    high = [tail[1] if here else 0.0 for tail, here in zip(tails, where, strict=True)]
    return (
        sheet.add(words.text("deck.reach_below"), low),
        sheet.add(words.text("deck.reach_above"), high),
    )


def _name_room(sheet: Sheet, category: int, rows: Sequence[int], size: Size) -> float:
    """Give the width for the names: as wide as the longest, at most a share of the chart."""
    names = [str(sheet.columns[category][row]) for row in rows]
    longest = max(deck_text.width(name, TEXT_PT) for name in names) + 0.2
    return min(longest, size.wide * _NAME_SHARE)


def _most_rows(sheet: Sheet, category: int, size: Size) -> int:
    """Give how many rows fit with their names written out."""
    rows = range(sheet.height)
    room = _name_room(sheet, category, rows, size) - 0.2
    names = [str(sheet.columns[category][row]) for row in rows]
    tallest = max(deck_text.height(name, TEXT_PT, room) for name in names) + 0.06
    return max(1, int((size.high - 0.1) / max(tallest, _LEAST_ROW)))
