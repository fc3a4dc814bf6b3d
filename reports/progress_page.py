"""The monthly progress page: where applications are, how long they take, who is on course.

Belongs here: what the page says, as a view that its PDF shows too, and writing the page. Does not
belong here: counting (`pipelines.monthly_progress`), the norm (`models.quota.pacing`), the report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from babel.dates import format_date

from models.marts.progress import FLOWS, LEAST_IN_MEDIAN, REFUSALS, WAITS
from models.months import MONTHS_PER_YEAR, parse_month
from models.protect import LEAST_SHOWN
from reports.document import Document
from reports.figures import Bar, Bars, Figure, Grid, Line, Part, Sentence, say
from reports.labels import Labels, capital
from reports.pages import document_view, render_small
from reports.progress_counts import COUNTS, Counts, Row, verdict
from reports.sections import base
from reports.standing import AGREEMENTS, ALL, PACE, decisions_part, pace_part, pace_sentence

FILE = "voortgang.html"
"""Name of the page, beside the report's page."""
TEMPLATE = "progress.html.j2"

TABLES = (COUNTS, PACE, AGREEMENTS)
"""Tables of the page."""

_STAGES = (
    ("applied", "month"),
    ("in_assessment", "end"),
    ("approved", "month"),
    ("on_list", "end"),
    ("offered", "month"),
    ("home_in_sight", "end"),
    ("moved", "month"),
)
"""The way of an application: what happened in the month, and where applications are at its end."""


@dataclass(frozen=True)
class Stage:
    """A stop on the way of applications.

    Attributes:
        label: What it is.
        figure: What happened in the month, or how many are there at its end.
        year: The twelve months up to it; None for a stop where applications are.
        more: What stands under it.
        kind: Kind of number, which gives its colour.
    """

    label: str
    figure: Figure
    year: Figure | None
    more: Sentence
    kind: str


@dataclass(frozen=True)
class ProgressView:
    """The progress page in words and figures, for every format.

    Attributes:
        title: What the page is.
        stand: Up to when its figures go.
        lead: The sentence to remember.
        stages: The way of applications; none where nothing was delivered.
        stages_label: What the stages show.
        parts: The parts of the page, in reading order.
    """

    title: str
    stand: str
    lead: Sentence
    stages: tuple[Stage, ...]
    stages_label: str
    parts: tuple[Part, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Give every figure of the page, in reading order."""
        staged = [one for item in self.stages for one in (item.figure, item.year) if one]
        held = [figure for part in self.parts for figure in part.figures]
        return (*self.lead.figures, *staged, *held)


def progress_view(document: Document) -> ProgressView:
    """Give what the page says, from the release alone."""
    facts, words = document.facts, document.words
    tables = base.Tables(document.release, TABLES, facts.scenario_id)
    base_of_counts = tables.base if tables.rounds(COUNTS, "dwellings") else 0
    counts = Counts(tables.frame(COUNTS), facts.as_of, words, base=base_of_counts)
    agreements = tables.frame(AGREEMENTS)
    progress = tables.frame(PACE)
    pace = pace_part(progress, document.month, words)
    whole = progress.filter(pl.col("municipality_code") == ALL).to_dicts()
    parts = (
        (_nothing(words),)
        if counts.is_empty
        else (
            _happened(counts, document.month, words),
            _list(counts, facts, words),
            _waits(counts, facts, words),
            _refusals(counts, words),
        )
    )
    return ProgressView(
        words.text("progress_page.title", month=document.month),
        words.text("progress_page.as_of", month=document.month),
        _lead(whole, document.month, parts, words) or pace.finding,
        () if counts.is_empty else _stages(counts, words),
        words.text("progress_page.stages", month=document.month),
        (*parts, pace, decisions_part(agreements, words)),
    )


def _lead(
    whole: Sequence[Row], month: str, parts: Sequence[Part], words: Labels
) -> Sentence | None:
    """Give the sentence to remember: the pace of the quota, else the list."""
    if whole:
        return pace_sentence(whole[0], month, words)
    return parts[1].finding if len(parts) > 1 else None


def render_progress(document: Document) -> str:
    """Render the page."""
    view = progress_view(document)
    return render_small(
        TEMPLATE, document.words, view=view, back="index.html", **document_view(document)
    )


def write_progress(document: Document, folder: Path) -> list[Path]:
    """Write the page into the report's folder, where the font lies."""
    file = folder / FILE
    file.write_text(render_progress(document), encoding="utf-8", newline="\n")
    return [file]


# --- the parts -----------------------------------------------------------------------------------


def _nothing(words: Labels) -> Part:
    return Part(
        "happened",
        words.text("progress_page.happened"),
        say(words, "progress_page.not_delivered"),
        "waiting",
    )


def _stages(counts: Counts, words: Labels) -> tuple[Stage, ...]:
    return tuple(
        Stage(
            words.text(f"progress_page.stage_{measure}"),
            counts.figure(measure, period),
            counts.figure(measure, "year") if period == "month" else None,
            say(words, "progress_page.at_end")
            if period == "end"
            else say(words, "progress_page.in_twelve", count=counts.figure(measure, "year")),
            "realised" if measure == "moved" else "waiting" if period == "end" else "ink",
        )
        for measure, period in _STAGES
    )


def _happened(counts: Counts, month: str, words: Labels) -> Part:
    if counts.value("moved", "year") is None:
        finding = say(
            words,
            "progress_page.moved_month",
            month=month,
            moves=counts.counted("moved", "month", "moves"),
        )
    else:
        finding = say(
            words,
            f"progress_page.moved_{counts.verdict('moved', 'year', MONTHS_PER_YEAR)}",
            moves=counts.counted("moved", "year", "moves"),
            before=counts.spoken("moved", "year", MONTHS_PER_YEAR),
        )
    lines = tuple(
        Line(
            words.text(f"progress_page.flow_{measure}"),
            (
                counts.figure(measure, "month"),
                counts.figure(measure, "year"),
                counts.figure(measure, "year", MONTHS_PER_YEAR),
            ),
        )
        for measure in FLOWS
    )
    heads = ("column_event", "column_month", "column_year", "column_before")
    grid = Grid(
        words.text("progress_page.happened_caption"),
        tuple(words.text(f"progress_page.{head}", month=capital(month)) for head in heads),
        lines,
    )
    return Part("happened", words.text("progress_page.happened"), finding, "realised", (), grid)


def _list(counts: Counts, facts: base.Facts, words: Labels) -> Part:
    side = counts.verdict("on_list", "end", MONTHS_PER_YEAR)
    finding = say(
        words,
        f"progress_page.list_{'unknown' if counts.value('on_list', 'end') is None else side}",
        applications=counts.counted("on_list", "end", "applications"),
        before=counts.spoken("on_list", "end", MONTHS_PER_YEAR),
    )
    known = [
        ago
        for ago in range(MONTHS_PER_YEAR, -1, -1)
        if counts.value("on_list", "end", ago) is not None
    ]
    most = max([1, *(counts.value("on_list", "end", ago) or 0 for ago in known)])
    late = "" if facts.promise_months is None else base.promise_words(facts, words)["months"]
    bars = Bars(
        words.text(f"progress_page.list_unit{'_late' if late else ''}", months=late),
        words.text(
            "progress_page.list_alternative",
            first=counts.figure("on_list", "end", known[0]),
            first_month=words.numbers.month(counts.month(known[0])),
            last=counts.figure("on_list", "end"),
            last_month=words.numbers.month(counts.month(0)),
        ),
        tuple(
            Bar(
                _short_month(counts.month(ago), words),
                counts.month(ago)[:4] if ago == known[0] or counts.month(ago)[5:] == "01" else "",
                counts.figure("on_list", "end", ago),
                round((counts.value("on_list", "end", ago) or 0) / most, 4),
                round((counts.value("over_promise", "end", ago) or 0) / most, 4),
            )
            for ago in known
        ),
    )
    sentences = [late_sentence(counts, facts, words)]
    return Part(
        "list",
        words.text("progress_page.list"),
        finding,
        "waiting",
        tuple(sentences),
        bars=bars,
    )


def late_sentence(counts: Counts, facts: base.Facts, words: Labels) -> Sentence:
    """Say how many applications are open for longer than the promised months."""
    if facts.promise_months is None:
        return say(words, "progress_page.late_not_agreed")
    named = base.promise_words(facts, words)
    late = counts.value("over_promise", "end")
    if late is None:
        return say(words, "progress_page.late_unknown", **named)
    label = "none" if late == 0 else "one" if late == 1 else "many"
    if counts.base:
        label = "few" if counts.is_few("over_promise", "end") else "many"
    return say(
        words,
        f"progress_page.late_{label}",
        least=LEAST_SHOWN,
        count=counts.figure("over_promise", "end"),
        before=counts.spoken("over_promise", "end", MONTHS_PER_YEAR),
        **named,
    )


def _waits(counts: Counts, facts: base.Facts, words: Labels) -> Part:
    lines = tuple(
        Line(
            words.text(f"progress_page.{measure}"),
            (
                counts.median_figure(measure),
                counts.median_figure(measure, MONTHS_PER_YEAR),
                counts.figure(measure, "year"),
            ),
        )
        for measure in WAITS
    )
    heads = ("column_step", "column_median", "column_median_before", "column_measured")
    clock = "" if facts.promise is None else str(facts.promise["clock_start"] or "")
    start = words.code("clock_start", clock or "approval")
    return Part(
        "waits",
        words.text("progress_page.waits"),
        wait_finding(
            counts.median("wait_offer"),
            counts.median_figure("wait_offer"),
            facts,
            words,
            is_whole=counts.base > 0,
        ),
        "waiting",
        grid=Grid(
            words.text("progress_page.waits_caption"),
            tuple(words.text(f"progress_page.{head}") for head in heads),
            lines,
        ),
        notes=(words.text("progress_page.waits_note", start=start, least=LEAST_IN_MEDIAN),),
    )


def wait_finding(
    median: float | None,
    figure: Figure,
    facts: base.Facts,
    words: Labels,
    *,
    is_whole: bool = False,
) -> Sentence:
    """Say how long half of the applications waited for an offer, beside the promise.

    Args:
        median: The median (months); None below ten applications.
        figure: The same as a figure.
        facts: The facts of the run.
        words: Labels.
        is_whole: Whether medians are in whole months: then the same is about the same.
    """
    if median is None:
        return say(words, "progress_page.wait_unknown", least=LEAST_IN_MEDIAN)
    if facts.promise_months is None:
        return say(words, "progress_page.wait_no_promise", median=figure)
    side = verdict(round(10 * median), 10 * facts.promise_months)
    if side == "same" and is_whole:
        side = "about"
    return say(
        words, f"progress_page.wait_{side}", median=figure, **base.promise_words(facts, words)
    )


def _refusals(counts: Counts, words: Labels) -> Part:
    period = "month" if counts.value("offered", "year") is None else "year"
    heads = ("column_refused", "column_month", "column_year", "column_before")
    lines = tuple(
        Line(
            words.text(f"progress_page.{measure}"),
            (
                counts.figure(measure, "month"),
                counts.figure(measure, "year"),
                counts.figure(measure, "year", MONTHS_PER_YEAR),
            ),
        )
        for measure in REFUSALS
    )
    month = capital(words.numbers.month(counts.month(0)))
    return Part(
        "refusals",
        words.text("progress_page.refusals"),
        refusal_finding(counts, period, words),
        "reference",
        grid=Grid(
            words.text("progress_page.refusals_caption"),
            tuple(words.text(f"progress_page.{head}", month=month) for head in heads),
            lines,
        ),
        notes=(words.text("progress_page.refusals_note"),),
    )


def refusal_finding(counts: Counts, period: str, words: Labels) -> Sentence:
    """Say how many of the offers were refused, and by whom."""
    when = words.text(f"progress_page.in_{period}")
    offered = counts.value("offered", period) or 0
    if counts.is_few("offered", period):
        return say(words, "progress_page.offered_few", when=when, least=LEAST_SHOWN)
    if offered == 0:
        return say(words, "progress_page.offered_none", when=when)
    refused = [
        name for name in REFUSALS if counts.value(name, period) and not counts.is_few(name, period)
    ]
    offers = counts.counted("offered", period, "offers")
    if not refused:
        label = "progress_page.refused_few" if counts.base else "progress_page.refused_none"
        return say(words, label, when=when, offers=offers, least=LEAST_SHOWN)
    parts = [
        say(
            words,
            "progress_page.refused_part",
            who=words.text(f"progress_page.by_{name.removeprefix('refused_')}"),
            count=counts.figure(name, period),
        )
        for name in refused
    ]
    return say(
        words, "progress_page.refused", when=when, offers=offers, parts=_joined(parts, words)
    )


def _joined(parts: Sequence[Sentence], words: Labels) -> Sentence:
    found = parts[0]
    for place, part in enumerate(parts[1:], 2):
        if place == len(parts):
            found = say(words, "number.and", first=found, last=part)
        else:
            found = Sentence((*found.parts, ", ", *part.parts))
    return found


def _short_month(month: str, words: Labels) -> str:
    number = parse_month(month)
    day = date(number // MONTHS_PER_YEAR, number % MONTHS_PER_YEAR + 1, 1)
    return format_date(day, "MMM", locale=words.numbers.locale).rstrip(".")
