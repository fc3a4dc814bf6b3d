"""Truth tables of the small pages and of the first page's decision."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import polars as pl
import pytest

from models.months import format_month, parse_month
from reports import progress_page, standing
from reports.labels import Labels
from reports.progress_counts import Counts
from reports.sections import decision
from tests.reports.sections import truth
from tests.reports.sections.truth import Asked, FakeTables, Told, facts

pytestmark = pytest.mark.unit

AS_OF = "2026-10"
YEARS = range(2024, 2041)
NAMES = ("6 maanden", "6 months", "oktober 2026", "October 2026", "6 month")
PAIRS: list[tuple[int | None, int | None]] = [
    *product((0, 1, 2, 84, 1450), (None, 0, 1, 84, 1450, 1451)),
    (1_000_000, 3),
    (3, 1_000_000),
]


def _counts(
    measure: str, period: str, now: int | None, before: int | None, words: Labels
) -> Counts:
    last = parse_month(AS_OF)
    rows: list[dict[str, Any]] = [_row(last, "applied", "month", 3)]
    rows += [] if now is None else [_row(last, measure, period, now)]
    rows += [] if before is None else [_row(last - 12, measure, period, before)]
    return Counts(pl.DataFrame(rows), AS_OF, words)


def _row(month: int, measure: str, period: str, count: int) -> dict[str, Any]:
    return {
        "month": format_month(month),
        "municipality_code": "all",
        "measure": measure,
        "period": period,
        "dwellings": count,
        "median_months": None,
        "region_id": "x",
    }


def _beside(now: int, before: int | None, words: Labels) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give what must and what must not be said of a count beside an earlier one."""
    ways = {
        "nl": {"up": "meer dan de", "down": "minder dan de", "same": "evenveel als"},
        "en": {"up": "more than the", "down": "fewer than the", "same": "as many as"},
    }[words.language]
    if before is None:
        return (), tuple(ways.values())
    true = "same" if now == before else "up" if now > before else "down"
    return (ways[true],), tuple(text for way, text in ways.items() if way != true)


def _moved(words: Labels) -> Iterator[tuple[str, Told]]:
    for now, before in PAIRS:
        counts = _counts("moved", "year", now, before, words)
        said = str(progress_page._happened(counts, "oktober 2026", words).finding)
        must, must_not = _beside(now or 0, before, words)
        numbers = [(float(one), 0.0) for one in (now, before) if one is not None]
        yield f"{now} {before}", Told(said, numbers, None, YEARS, NAMES, must, must_not)


def _list(words: Labels) -> Iterator[tuple[str, Told]]:
    for now, before in PAIRS:
        counts = _counts("on_list", "end", now, before, words)
        said = str(progress_page._list(counts, facts(), words).finding)
        must, must_not = _beside(now or 0, before, words)
        numbers = [(float(one), 0.0) for one in (now, before) if one is not None]
        yield f"{now} {before}", Told(said, numbers, None, YEARS, NAMES, must, must_not)
    counts = _counts("on_list", "end", None, 84, words)
    _, claims = _beside(0, None, words)
    said = str(progress_page._list(counts, facts(), words).finding)
    yield "not known now", Told(said, [(84.0, 0.0)], None, YEARS, NAMES, must_not=claims)


def _late(words: Labels) -> Iterator[tuple[str, Told]]:
    for now, before in [*PAIRS, (None, 3), (None, None)]:
        counts = _counts("over_promise", "end", now, before, words)
        said = str(progress_page.late_sentence(counts, facts(), words))
        numbers = [(float(one), 0.0) for one in (now, before) if one is not None]
        yield f"{now} {before}", Told(said, numbers, None, YEARS, NAMES)


def _waits(words: Labels) -> Iterator[tuple[str, Told]]:
    ways = {
        "nl": {"up": "langer dan", "down": "korter dan", "same": "precies"},
        "en": {"up": "longer than", "down": "shorter than", "same": "exactly"},
    }[words.language]
    medians = [None, *(tenth / 10 for tenth in (0, 1, 10, 55, 59, 60, 61, 65, 100, 240))]
    for median, months in product(medians, (None, 6, 12)):
        about = facts(promise_months=months)
        figure = progress_page.Figure("?" if median is None else words.numbers.months(median))
        said = str(progress_page.wait_finding(median, figure, about, words))
        numbers = [(float(one), 0.0) for one in (median, months, 10) if one is not None]
        silent = median is None or months is None
        true = (
            None if silent else "same" if median == months else "up" if median > months else "down"
        )  # type: ignore[operator]
        must = () if true is None else (ways[true],)
        wrong = tuple(text for way, text in ways.items() if way != true)
        yield f"{median} {months}", Told(said, numbers, must=must, must_not=wrong)


def _behind(words: Labels) -> Iterator[tuple[str, Told]]:
    for every in range(1, 9):
        for behind in range(every + 1):
            names = [f"Gemeente {chr(65 + place)}" for place in range(every)]
            rows = [
                {"municipality_name": name, "state": "behind" if place < behind else "ahead"}
                for place, name in enumerate(names)
            ]
            said = str(standing.behind_sentence(rows, words))
            numbers = [(float(behind), 0.0), (float(every), 0.0)]
            others = tuple(names[behind:]) if every > 1 else ()
            yield (
                f"{behind} of {every}",
                Told(said, numbers, None, names=names, must=tuple(names[:behind]), must_not=others),
            )


def _decision(words: Labels) -> Iterator[tuple[str, Told]]:
    agreement = {"kind": "cap", "scope": "wonen", "state": "concept", "body": "raad"}
    bids = (decision.Bid("Velsen", 30, 34), decision.Bid("Haarlem", 70, 77))
    empty = {
        "mart_demand__ten_year": pl.DataFrame(
            schema={"target_group": pl.String, "measure": pl.String}
        )
    }
    options = product(
        (None, agreement), (None, 178), (None, 6), (None, 2028), (None, 150, 245), (0, 1, 2)
    )
    for place, (opened, cap, months, year, smallest, bid) in enumerate(options):
        now = decision.Situation(
            open_agreement=opened,
            cap=cap,
            promise_months=months,
            first_year_broken=year,
            smallest=smallest,
            has_split=place % 2 == 0,
            weights_open=place % 3 == 0,
            short_bids=bids[:bid],
            open_assumption="Instroom per jaar" if place % 5 == 0 else "",
        )
        about = facts(cap=cap, promise_months=months, promise={"certainty": 0.9})
        lead, why = decision.decision_words(now, FakeTables(empty), about, words)  # type: ignore[arg-type]
        known = [cap, smallest, 30, 34, 70, 77]
        numbers = [(float(one), 0.0) for one in known if one is not None]
        said = " ".join((lead, *why))
        asks = {"nl": "Spreek ten minste", "en": "Agree at least"}[words.language]
        wrong = () if now.asks_more else (asks,)
        yield str(place), Told(said, [*numbers, (0.9, 0.0)], None, YEARS, NAMES, must_not=wrong)


ASKED: dict[str, Asked] = {
    "moved": _moved,
    "list": _list,
    "late": _late,
    "waits": _waits,
    "behind": _behind,
    "decision": _decision,
}


@pytest.mark.parametrize("language", truth.LANGUAGES)
@pytest.mark.parametrize("part", ASKED)
def test_what_the_small_pages_say_is_true(part: str, language: str) -> None:
    assert truth.every_fault(ASKED[part], language) == []
