"""The counts of the progress page: looking up what happened, where and how long, as figures.

Belongs here: reading `mart_progress__monthly` for a reader. Does not belong here: what the page
says of it (`progress_page`), counting (`pipelines.monthly_progress`).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from models.marts.progress import FLOWS, LEAST_IN_MEDIAN
from models.months import format_month, parse_month
from reports.figures import Figure, Sentence, read_figure, say
from reports.labels import Labels
from reports.numbers import is_clear, is_few

COUNTS = "mart_progress__monthly"
ALL = "all"

Row = Mapping[str, Any]


class Counts:
    """The counts of `mart_progress__monthly` about the whole region, as figures.

    Args:
        frame: The mart.
        as_of: The as-of month.
        words: Labels.
        base: What the counts were rounded to; 0 where they were not.
    """

    def __init__(self, frame: pl.DataFrame, as_of: str, words: Labels, *, base: int = 0) -> None:
        rows = frame.filter(pl.col("municipality_code") == ALL).to_dicts()
        self._rows = {(row["month"], row["measure"], row["period"]): row for row in rows}
        self._as_of, self._words, self.base = parse_month(as_of), words, base
        self.is_empty = not any(measure in FLOWS for _, measure, _ in self._rows)

    def value(self, measure: str, period: str, ago: int = 0) -> int | None:
        """Give a count so many months ago; None where it is not known."""
        row = self._row(measure, period, ago)
        return None if row is None else int(row["dwellings"])

    def figure(self, measure: str, period: str, ago: int = 0) -> Figure:
        """Give a count as a figure."""
        row = self._row(measure, period, ago)
        if row is None:
            return Figure(self._words.text("not_known"))
        numbers = self._words.numbers
        return read_figure(COUNTS, row, "dwellings", numbers.count if self.base else numbers.whole)

    def spoken(self, measure: str, period: str, ago: int = 0) -> Figure:
        """Give a count as a figure in a sentence."""
        row = self._row(measure, period, ago)
        if row is None or not self.base:
            return self.figure(measure, period, ago)
        return read_figure(COUNTS, row, "dwellings", self._words.numbers.spoken)

    def is_few(self, measure: str, period: str, ago: int = 0) -> bool:
        """Say whether a count is rounded and too small to be told: it may be none."""
        value = self.value(measure, period, ago)
        return bool(self.base) and value is not None and is_few(value)

    def verdict(self, measure: str, period: str, ago: int) -> str:
        """Say how a count stands beside an earlier one: up, down, same, about or alone."""
        now, before = self.value(measure, period), self.value(measure, period, ago)
        if now is None or before is None or not self.base:
            return verdict(now or 0, before)
        return verdict(now, before) if is_clear(now, before, self.base) else "about"

    def counted(self, measure: str, period: str, noun: str, ago: int = 0) -> Sentence:
        """Give a count with its noun: no applications, 1 application, 70 applications."""
        value = self.value(measure, period, ago)
        number = "none" if value == 0 else "one" if value == 1 else "many"
        if self.base:
            number = "many"
        count = self.spoken(measure, period, ago)
        return say(self._words, f"progress_page.{noun}_{number}", count=count)

    def median(self, measure: str, ago: int = 0) -> float | None:
        """Give the median of a wait (months) in twelve months; None below ten applications."""
        row = self._row(measure, "year", ago)
        return None if row is None else row["median_months"]

    def median_figure(self, measure: str, ago: int = 0) -> Figure:
        """Give the median of a wait as a figure."""
        words, row = self._words, self._row(measure, "year", ago)
        if row is None:
            return Figure(words.text("not_known"))
        few = words.text("progress_page.too_few", least=LEAST_IN_MEDIAN)
        return read_figure(COUNTS, row, "median_months", words.numbers.months, few)

    def month(self, ago: int) -> str:
        """Give the month so many months ago, "YYYY-MM"."""
        return format_month(self._as_of - ago)

    def _row(self, measure: str, period: str, ago: int) -> Row | None:
        return self._rows.get((self.month(ago), measure, period))


def verdict(now: int, before: int | None) -> str:
    """Say how an exact count stands beside an earlier one: up, down, same or alone."""
    if before is None:
        return "alone"
    return "same" if now == before else "up" if now > before else "down"
