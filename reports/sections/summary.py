"""The first screen: the answers that somebody with three minutes came for.

Belongs here: the headline with its three definitions, what was let, what the ceiling does, this
year per municipality, the assumption that matters most, people left over, what changed, the one
decision to take. Does not belong here: charts with axes, or what a section says at length.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports import findings
from reports.figures import EVERY_ROW, row_key
from reports.labels import Labels, capital
from reports.numbers import Estimate
from reports.sections import (
    base,
    changed,
    decision,
    demand,
    quota,
    sensitivity,
    unmet,
    waiting,
)
from reports.told import Made, from_ends

TABLES = (
    "mart_demand__ten_year",
    "mart_demand__yearly_region",
    "mart_wait__monthly_list",
    "mart_wait__yearly_region",
    "mart_promise__region",
    "mart_quota__yearly_municipality",
    "mart_quota__key",
    "mart_quota__key_share",
    "mart_letting__yearly_municipality",
    "mart_sensitivity__region",
    "mart_parameter",
    "mart_agreement",
    "mart_demand__changes",
)

_HEADLINE = "extra_current_lettings"
_LETTINGS = "mart_letting__yearly_municipality"
_MEASURES = ("gross", _HEADLINE, "extra_constant_capacity", "unmet_persons")
_PROMISE = "mart_promise__region"
_YEARS = 10


@dataclass(frozen=True)
class MeasureRow:
    """One way of counting the ten years: words, and where its range stands between 0 and 100.

    `row` names the row of `mart_demand__ten_year` that it was read from.
    """

    label: str
    value: str
    span: str
    kind: str
    is_headline: bool
    low: float
    mean: float
    high: float
    zero: float
    row: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar of the small chart of homes let: label, value in words, height between 0 and 1."""

    label: str
    value: str
    height: float


@dataclass(frozen=True)
class Answer:
    """A question with the sentences that answer it; the first is the one to remember.

    Attributes:
        heading: The question or subject.
        lead: The sentence to remember.
        sentences: What a reader must know besides.
        kind: Kind of number, which gives the colour of its rule.
        bars: A small chart, where there is one.
        bars_label: What the small chart shows.
        target: The section where the answer is taken further.
    """

    heading: str
    lead: str
    sentences: tuple[str, ...]
    kind: str
    target: str
    bars: tuple[Bar, ...] = ()
    bars_label: str = ""


@dataclass(frozen=True)
class QuotaRow:
    """A municipality's numbers of the year, in words.

    `row` names the row of `mart_quota__yearly_municipality`, with `*` where rows were added up;
    `has_ceiling` says whether there is a number of homes at most; `code` is the municipality's.
    """

    name: str
    at_most: str
    owed: str
    row: str = ""
    has_ceiling: bool = True
    code: str = ""


@dataclass(frozen=True)
class Quotas:
    """This year's numbers per municipality; no rows where no split was agreed."""

    heading: str
    caption: str
    rows: tuple[QuotaRow, ...]
    total: QuotaRow | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """The first screen."""

    headline: str
    headline_label: str
    range_sentence: str
    definition: str
    measures: tuple[MeasureRow, ...]
    quotas: Quotas
    answers: tuple[Answer, ...]
    decisions: str = ""
    """How far the decisions have come that numbers rest on, as a sentence."""
    decision_states: str = ""
    """The same without its opening words, for a cover."""


def build_summary(tables: base.Tables, facts: base.Facts, words: Labels) -> Summary:
    """Build the first screen."""
    numbers = words.numbers
    ten = {
        row["measure"]: row
        for row in base.all_groups(tables.frame("mart_demand__ten_year")).to_dicts()
    }
    run = facts.run
    years = numbers.years(run["reference_first_year"], run["reference_last_year"])
    lettings = base.from_cell(
        numbers.whole(run["current_lettings_yearly"]), "mart_run", run, "current_lettings_yearly"
    )
    headline, label, spoken = words.text("not_known"), words.text("summary.no_headline"), ""
    if _HEADLINE in ten:
        whole = base.estimate(ten[_HEADLINE])
        headline = numbers.about(whole)
        more = "more" if whole.mean >= 0 else "fewer"
        if numbers.value(whole) == numbers.whole(0):
            more = "same"
        elif whole.low < 0 < whole.high:
            more = "unclear"
        label = words.text(f"summary.headline_{more}")
        spoken = words.text("summary.range", inside=numbers.inside(whole))
    answers = (
        _cap_answer(tables, facts, ten, words),
        _decision_answer(tables, facts, words),
        _let_answer(tables, facts, lettings, years, words),
        _sensitivity_answer(tables, words),
        *_unmet_answer(tables, ten, words),
        *_change_answer(tables, words),
    )
    return Summary(
        capital(headline),
        label,
        spoken,
        words.text(_definition(facts), lettings=lettings, years=years),
        _measure_rows(ten, words),
        _quotas(tables, facts, words),
        answers,
        decision.state_line(tables.frame("mart_agreement"), words),
        decision.state_parts(tables.frame("mart_agreement"), words)
        or words.text("decision.states_none"),
    )


def _measure_rows(ten: dict[str, dict[str, Any]], words: Labels) -> tuple[MeasureRow, ...]:
    shown = [(measure, base.estimate(ten[measure])) for measure in _MEASURES if measure in ten]
    if not shown:
        return ()
    lowest = min(0.0, *(whole.low for _, whole in shown))
    highest = max(1.0, *(whole.high for _, whole in shown))

    def place(value: float) -> float:
        return round(100 * (value - lowest) / (highest - lowest), 3)

    rows = []
    for measure, whole in shown:
        is_persons = measure == "unmet_persons"
        label = words.text(f"measure.{measure}")
        rows.append(
            MeasureRow(
                words.text("summary.persons", label=label) if is_persons else label,
                words.numbers.value(whole),
                words.numbers.span(whole),
                "alarm" if is_persons else "demand",
                measure == _HEADLINE,
                place(whole.low),
                place(min(max(whole.mean, lowest), highest)),
                place(whole.high),
                place(0.0),
                row_key("mart_demand__ten_year", ten[measure]),
            )
        )
    return tuple(rows)


def _cap_answer(
    tables: base.Tables, facts: base.Facts, ten: dict[str, dict[str, Any]], words: Labels
) -> Answer:
    numbers = words.numbers
    sentences = []
    cap = base.cap_words(facts, words)
    if cap is None:
        sentences.append(words.text("summary.cap_none"))
    else:
        sentences.append(words.text("summary.ceiling", cap=cap))
    if "gross" in ten:
        yearly = base.estimate(ten["gross"]).scaled(1 / _YEARS)
        sentences.append(
            words.text(
                "summary.needed_yearly",
                needed=numbers.value(yearly),
                span=numbers.span(yearly),
            )
        )
    now = decision.read_situation(tables, facts, words)
    if not decision.BROKEN & set(decision.open_decisions(now)[:1]):  # else the decision says it
        sentences += promise_sentences(facts, words)
    sentences += enough_sentences(facts, words)
    return Answer(
        words.text("summary.cap_heading_none")
        if cap is None
        else words.text("summary.cap_heading", cap=cap),
        list_sentence(tables, facts, words),
        tuple(sentences),
        "cap" if cap is not None else "waiting",
        "waiting",
    )


def list_sentence(tables: base.Tables, facts: base.Facts, words: Labels) -> str:
    """Say what becomes of the housing list over the ten years."""
    numbers = words.numbers
    ends = waiting.list_ends(tables, facts)
    if ends is None:
        return words.text("summary.list_unknown")
    start, end = ends
    certain = findings.trend(Estimate(start, start, start), end)
    verdict = findings.seen(certain, numbers.whole(start), numbers.value(end))
    about = verdict is not findings.Trend.UNCLEAR
    return words.text(
        f"summary.list_{verdict.value}",
        under=words.text("summary.under_none" if facts.cap is None else "summary.under_cap"),
        start=waiting.start_words(tables, start, words),
        change=_change(tables, facts, _about(end, start, verdict, words), verdict),
        end=waiting.end_told(numbers.about(end) if about else numbers.value(end), facts),
        month=numbers.month(facts.last_month),
        span=waiting.end_told(_bracketed(end, words), facts),
    )


def _bracketed(estimate: Estimate, words: Labels) -> str:
    """Give the range in brackets; nothing where it is written as the mean is."""
    span = words.numbers.span(estimate)
    is_same = span == words.numbers.value(estimate)
    return "" if is_same else words.text("summary.bracketed", span=span)


def promise_sentences(facts: base.Facts, words: Labels) -> list[str]:
    """Say when the promise is first likelier broken than kept."""
    if facts.promise_months is None or facts.promise is None:
        return [words.text("summary.promise_none")]
    named = base.promise_words(facts, words)
    year = facts.promise["first_year_broken"]
    if year is None:
        return [words.text("summary.never_broken", **named)]
    written = base.from_cell(str(year), _PROMISE, facts.promise, "first_year_broken")
    return [words.text("summary.broken", year=written, **named)]


def _about(end: Estimate, start: float, verdict: findings.Trend, words: Labels) -> str:
    """Write by how much the list grows or shrinks."""
    way = -1 if verdict is findings.Trend.DOWN else 1
    ends = sorted(way * (number - start) for number in (end.low, end.high))
    return words.numbers.about(Estimate(way * (end.mean - start), *ends))


def _change(tables: base.Tables, facts: base.Facts, written: str, verdict: findings.Trend) -> str:
    """Let the growth of the list remember the list at its end and at its start."""
    start, year = waiting.start_cell(tables), facts.last_year
    names = {"mean": "list_end_mean", "low": "list_end_p10", "high": "list_end_p90"}
    if verdict is findings.Trend.DOWN:  # what shrinks is told without its sign
        names = {**names, "low": names["high"], "high": names["low"]}
    sources = {
        end: Made(
            "apart", (base.cell("mart_wait__yearly_region", {"year": year}, column),), (start,)
        )
        for end, column in names.items()
    }
    return from_ends(written, sources)


def enough_sentences(facts: base.Facts, words: Labels) -> list[str]:
    """Say which yearly number is the one to agree on, where one was looked for."""
    row = facts.promise
    if row is None or facts.promise_months is None or row["certainty"] is None:
        return []
    named = base.promise_words(facts, words)
    homes = row["smallest_quota"]
    if homes is None:
        searched = row["smallest_quota_error"] is not None
        return [words.text("summary.enough_none", **named)] if searched else []
    is_exact = row["smallest_quota_exact"] and row["probability_below"] is not None
    return [
        words.text(
            "summary.enough" if is_exact else "summary.enough_at_most",
            homes=base.from_cell(words.numbers.whole(homes), _PROMISE, row, "smallest_quota"),
            certainty=base.from_cell(
                words.numbers.share(row["certainty"]), _PROMISE, row, "certainty"
            ),
            **named,
        )
    ]


def _change_answer(tables: base.Tables, words: Labels) -> tuple[Answer, ...]:
    if tables.is_dropped("mart_demand__changes"):
        return ()
    change = changed.read_change(tables.frame("mart_demand__changes"))
    lead = findings.whole(changed.change_finding(change, words)) + "."
    sentences = changed.change_sentences(change, words)
    return (Answer(words.text("changed.heading"), lead, sentences, "reference", "changed"),)


def _decision_answer(tables: base.Tables, facts: base.Facts, words: Labels) -> Answer:
    now = decision.read_situation(tables, facts, words)
    lead, sentences = decision.decision_words(now, tables, facts, words)
    return Answer(words.text("decision.heading"), lead, sentences, "decision", "decision")


def _definition(facts: base.Facts) -> str:
    is_national = facts.run["national_rates"]
    return "summary.definition_national" if is_national else "summary.definition"


def _let_reference(facts: base.Facts) -> str:
    is_national = facts.run["national_rates"]
    return "summary.let_reference_national" if is_national else "summary.let_reference"


def _let_answer(
    tables: base.Tables, facts: base.Facts, lettings: str, years: str, words: Labels
) -> Answer:
    numbers = words.numbers
    past = demand.lettings_per_year(tables)
    full = base.full_years(past)
    part = past.filter(
        (pl.col("months_covered") < base.FULL_YEAR) & (pl.col("year") == facts.as_of_year)
    ).to_dicts()
    sentences = [
        words.text(
            "summary.let_part",
            year=row["year"],
            month=numbers.month(facts.as_of).split()[0],
            value=_let_in(tables.speaker(_LETTINGS, "dwellings", words), row),
        )
        for row in part
    ]
    if past.is_empty():
        sentences.append(words.text("summary.let_none"))
    most = max([*full["dwellings"].to_list(), 1])
    write = tables.writer(_LETTINGS, "dwellings", words)
    bars = tuple(
        Bar(str(row["year"]), _let_in(write, row), round(row["dwellings"] / most, 4))
        for row in full.to_dicts()
    )
    return Answer(
        words.text("summary.let_heading"),
        words.text(_let_reference(facts), lettings=lettings, years=years),
        tuple(sentences),
        "realised",
        "demand",
        bars,
        words.text("summary.let_bars"),
    )


def _let_in(write: Callable[[float], str], row: base.Row) -> str:
    """Write the homes let in a year in all municipalities; the number remembers its cells."""
    key = {"year": row["year"], "municipality_code": EVERY_ROW, "ground": demand.COUNTED_GROUND}
    return base.from_cell(write(row["dwellings"]), _LETTINGS, key, "dwellings")


def _sensitivity_answer(tables: base.Tables, words: Labels) -> Answer:
    heading = words.text("summary.sensitivity_heading")
    rows = tables.frame("mart_sensitivity__region").sort("rank").to_dicts()
    if not rows:
        return Answer(heading, words.text("summary.sensitivity_none"), (), "demand", "sensitivity")
    row, step = rows[0], sensitivity.headline_step(tables)
    lead = words.text("summary.sensitivity_what", parameter=sensitivity.parameter_name(row, words))
    ends = words.text(
        "summary.sensitivity_ends",
        low=sensitivity.end_value(row, "low", words),
        high=sensitivity.end_value(row, "high", words),
        headline_low=sensitivity.headline(row, "headline_low", step, words),
        headline_high=sensitivity.headline(row, "headline_high", step, words),
    )
    parameters = tables.frame("mart_parameter").filter(
        (pl.col("parameter") == row["parameter"]) & (pl.col("target_group") == row["target_group"])
    )
    is_open = parameters.height > 0 and not parameters["confirmed"].all()
    more = (words.text("summary.sensitivity_unconfirmed"),) if is_open else ()
    return Answer(heading, lead, (ends, *more), "demand", "sensitivity")


def _unmet_answer(
    tables: base.Tables, ten: dict[str, dict[str, Any]], words: Labels
) -> tuple[Answer, ...]:
    full = base.full_years(unmet.unmet_per_year(tables))
    verdict = unmet.rise(full)
    if verdict is None:
        return ()
    sentences = []
    if "unmet_persons" in ten:
        whole = base.estimate(ten["unmet_persons"])
        sentences.append(
            words.text(
                "summary.unmet_total",
                total=words.numbers.about(whole),
                span=words.numbers.span(whole),
            )
        )
    lead = base.trend_sentence(full, "summary.unmet_", words)
    heading = words.text("summary.unmet_heading")
    return (Answer(heading, lead, tuple(sentences), "alarm", "unmet"),)


def _quotas(tables: base.Tables, facts: base.Facts, words: Labels) -> Quotas:
    frame = tables.frame("mart_quota__yearly_municipality")
    if tables.is_dropped("mart_quota__yearly_municipality"):
        heading = words.text("summary.quota_none_heading")
        return Quotas(heading, "", (), None, (words.text("summary.quota_withheld"),))
    if frame.is_empty():
        heading = words.text("summary.quota_none_heading")
        return Quotas(heading, "", (), None, (words.text("summary.quota_none"),))
    year = quota.quota_year(frame, facts)
    rows = frame.filter(pl.col("year") == year).sort("municipality_code").to_dicts()
    is_capped = all(row["at_most"] is not None for row in rows)

    def write(name: str, at_most: int | None, owed: int, code: str) -> QuotaRow:
        ceiling = words.text("not_agreed") if at_most is None else words.numbers.whole(at_most)
        row = row_key("mart_quota__yearly_municipality", {"year": year, "municipality_code": code})
        return QuotaRow(name, ceiling, words.numbers.whole(owed), row, at_most is not None, code)

    contingent = base.shared_contingent(tables, facts)
    notes = [words.text("summary.quota_note" if is_capped else "summary.quota_note_open")]
    if contingent is not None:
        notes = [words.text("summary.quota_note_contingent", scope=contingent)]
    shares = tables.frame("mart_quota__key_share").filter(pl.col("is_in_force"))
    key = tables.frame("mart_quota__key").filter(
        pl.col("key_id").is_in(shares["key_id"].unique().to_list())
    )
    if key.height and not key["weight_confirmed"].all():
        notes.append(words.text("summary.quota_unconfirmed"))
    return Quotas(
        words.text("summary.quota_heading", year=year),
        words.text("summary.quota_caption", year=year),
        tuple(
            write(row["municipality_name"], row["at_most"], row["quota"], row["municipality_code"])
            for row in rows
        ),
        write(
            words.text("region_total"),
            sum(row["at_most"] for row in rows) if is_capped else None,
            sum(row["quota"] for row in rows),
            EVERY_ROW,
        ),
        tuple(notes),
    )
