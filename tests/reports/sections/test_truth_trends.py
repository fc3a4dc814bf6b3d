"""Truth tables of findings about numbers that go from one year to another."""

import re
from collections.abc import Iterator

import polars as pl
import pytest

from reports.labels import Labels
from reports.numbers import Estimate
from reports.sections import (
    base,
    demand,
    inflow,
    places,
    published,
    summary,
    supply,
    support,
    unmet,
    waiting,
)
from tests.reports.sections import truth
from tests.reports.sections.truth import Asked, Claim, FakeTables, Range, Told, facts, yearly

pytestmark = pytest.mark.unit

YEARS = range(2020, 2041)
BESIDE = re.compile(r" (?:met|by) (?:ongeveer |about )?[\d.,]+(?=:)| \([^()]*\)")
"""By how much a list grows or shrinks, and the range of its end."""
MONTHS = ("oktober 2036", "October 2036", "december 2021", "December 2021")


def _trend(prefix: str) -> Asked:
    def asked(words: Labels) -> Iterator[tuple[str, Told]]:
        for name, ranges in truth.trajectories().items():
            said = base.trend_sentence(yearly(ranges), prefix, words)
            yield name, Told(said, truth.ends(ranges), truth.way(ranges), YEARS)

    return asked


def _euros(words: Labels) -> Iterator[tuple[str, Told]]:
    for name, ranges in truth.trajectories().items():
        rows = yearly(ranges, prefix="euro_")
        numbers = [(value, high - low) for _, low, high in ranges for value in (low, high)]
        said = support.euro_sentence(rows, words)
        yield name, Told(said, [*truth.ends(ranges), *numbers], None, YEARS)


def _cumulative(words: Labels) -> Iterator[tuple[str, Told]]:
    for cap in (None, 178):
        for name, ranges in truth.trajectories().items():
            mean, low, high = ranges[-1]
            allowed = None if cap is None else float(cap * len(ranges))
            said = demand.cumulative_finding(Estimate(mean, low, high), allowed, words)
            numbers = [(mean, high - low)]
            must: tuple[str, ...] = ()
            if cap is not None:
                total = float(cap * len(ranges))
                numbers.append((total, 0.0))
                verdict = "below" if high < total else "above" if low > total else "unclear"
                words_of = {
                    "nl": {
                        "below": "toe: genoeg",
                        "above": "te weinig",
                        "unclear": "staat niet vast",
                    },
                    "en": {"below": "that is enough", "above": "too few", "unclear": "not certain"},
                }[words.language]
                must = (words_of[verdict],)
            yield f"{name}, {cap}", Told(said, numbers, None, must=must)


def _within(words: Labels) -> Iterator[tuple[str, Told]]:
    for name, ranges in truth.trajectories().items():
        top = max(high for _, _, high in ranges) or 1.0
        shares: list[Range] = [(mean / top, low / top, high / top) for mean, low, high in ranges]
        said = waiting.within_finding(yearly(shares), facts(), words)
        numbers = [(value, 0.0) for value, _ in truth.ends(shares)]
        months = ("6 maanden", "6 months")
        yield name, Told(said, numbers, truth.way(shares), YEARS, months)


def _list(prefix: str) -> Asked:
    def asked(words: Labels) -> Iterator[tuple[str, Told]]:
        for cap in (None, 178):
            for name, ranges in truth.trajectories().items():
                start, end = ranges[0][0], ranges[-1]
                monthly = pl.DataFrame(
                    {
                        "measure": ["housing_list"],
                        "month": ["2026-10"],
                        "is_observed": [True],
                        "mean": [float(start)],
                    }
                )
                tables = FakeTables(
                    {
                        "mart_wait__monthly_list": monthly,
                        "mart_wait__yearly_region": yearly([end], prefix="list_end_"),
                    }
                )
                about = facts(cap=cap)
                if prefix == "summary":
                    said = summary.list_sentence(tables, about, words)  # type: ignore[arg-type]
                else:
                    said = waiting.list_finding(tables, about, words, "waiting.list")  # type: ignore[arg-type]
                numbers = [(start, 0.0), *((number, end[2] - end[1]) for number in end)]
                names = [*MONTHS, "178 woningen", "178 homes"]
                true = truth.true_claim((start, start, start), end)
                beside = "".join(match.group() for match in BESIDE.finditer(said))
                if beside:
                    by = [(abs(number - start), end[2] - end[1]) for number in end]
                    yield f"{name}, {cap}, beside", Told(beside.strip(), [*numbers, *by])
                said = BESIDE.sub("", said)
                yield f"{name}, {cap}", Told(said, numbers, true, names=names)

    return asked


def _places(column: str) -> Asked:
    def asked(words: Labels) -> Iterator[tuple[str, Told]]:
        for name, ranges in truth.trajectories().items():
            years = [year for year in range(2026, 2026 + len(ranges)) for _ in range(2)]
            means = [mean / 2 for mean, _, _ in ranges for _ in range(2)]
            frame = pl.DataFrame(
                {
                    "year": years,
                    "target_group": ["shelter", "youth"] * len(ranges),
                    f"{column}_mean": means,
                }
            )
            said = places.level_sentence(frame, f"{column}_mean", f"places.{column}", words)
            exact: list[Range] = [(mean, mean, mean) for mean, _, _ in ranges]
            yield name, Told(said, truth.ends(exact), truth.true_claim(exact[0], exact[-1]), YEARS)

    return asked


def _supply(words: Labels) -> Iterator[tuple[str, Told]]:
    for name, ranges in truth.trajectories().items():
        for known in (True, False):
            if not known and len(ranges) > 1:
                continue
            rows = []
            if known:
                mean = float(ranges[0][0])
                rows.append(("suitable_relets", 2025, False, mean, mean, mean))
            if len(ranges) > 1 or not known:
                mean, low, high = (float(number) for number in ranges[-1])
                rows.append(("suitable_relets", 2035, True, mean, low, high))
            schema = ("measure", "year", "is_forecast", "mean", "lo80", "hi80")
            said = supply.supply_finding(pl.DataFrame(rows, schema=schema, orient="row"), words)
            start, end = ranges[0][0], ranges[-1]
            width = end[2] - end[1]
            numbers = [(start, 0.0), *((number, width) for number in end)]
            way = truth.true_claim((start, start, start), end) if len(rows) > 1 else Claim.NONE
            yield f"{name}, {known}", Told(said, numbers, way, YEARS)


def _front_unmet(words: Labels) -> Iterator[tuple[str, Told]]:
    silence = {"nl": "Hierover staat niets.", "en": "Nothing is said of this."}[words.language]
    for name, ranges in truth.trajectories().items():
        rise = unmet.rise(yearly(ranges))
        true = truth.way(ranges)
        if rise is None:
            is_hidden = true is Claim.UP and ranges[-1][0] - ranges[0][0] >= 1
            yield name, Told(silence, must=("a sure rise",) if is_hidden else ())
            continue
        said = base.trend_sentence(yearly(ranges), "summary.unmet_", words)
        yield name, Told(said, truth.ends(ranges), true, YEARS)


def _inflow(words: Labels) -> Iterator[tuple[str, Told]]:
    for name, ranges in truth.trajectories().items():
        now = float(ranges[0][0])
        rows: list[dict[str, object]] = []
        ahead = ranges[1:]
        for place, (mean, low, high) in enumerate(ahead):
            series = {"series_id": f"group {place}"}
            rows.append(
                {**series, "year": 2025, "is_forecast": False, "mean": now, "lo80": now}
                | {"hi80": now}
            )
            rows.append(
                {**series, "year": 2035, "is_forecast": True, "mean": float(mean)}
                | {"lo80": float(low), "hi80": float(high)}
            )
        if not rows:
            rows = [
                {"series_id": "group 0", "year": 2035, "is_forecast": True, "mean": now}
                | {"lo80": now, "hi80": now}
            ]
        groups = sorted({str(row["series_id"]) for row in rows})
        said = inflow.inflow_finding(pl.DataFrame(rows), groups, words)
        up = sum(low > now for _, low, _ in ahead)
        down = sum(high < now for _, _, high in ahead)
        numbers = [(float(count), 0.0) for count in (up, down, len(groups) - up - down)]
        numbers.append((float(len(groups)), 0.0))
        counted = (
            [f"{up} ", f"{down} "]
            if up + down
            else [{"nl": "geen enkele", "en": "no target group"}[words.language]]
        )
        yield name, Told(said, numbers, None, YEARS, must=tuple(counted))


def _published(words: Labels) -> Iterator[tuple[str, Told]]:
    sides = {
        "nl": {"in": "ligt binnen", "low": "ligt onder", "high": "ligt boven"},
        "en": {"in": "lies within", "low": "lies below", "high": "lies above"},
    }[words.language]
    for name, ranges in truth.trajectories().items():
        number = float(ranges[0][0])
        mean, low, high = ranges[-1]
        row = {"mean": mean, "p10": low, "p90": high, "published": number, "as_of": "2021-12"}
        row["measure"] = "gross"
        side = "low" if number < low else "high" if number > high else "in"
        said = published.published_finding(row, words)
        yield name, Told(said, [(number, 0.0)], None, names=MONTHS, must=(sides[side],))


def _distance(words: Labels) -> Iterator[tuple[str, Told]]:
    sides = {
        "nl": {"up": " meer dan", "down": " minder dan", "level": "gelijk aan"},
        "en": {"up": " more than", "down": " fewer than", "level": "equal to"},
    }[words.language]
    for name, ranges in truth.trajectories().items():
        number = float(ranges[0][0])
        mean, low, high = ranges[-1]
        row = {"mean": mean, "p10": low, "p90": high, "published": number, "measure": "gross"}
        said = published.distance_sentence(row, words)
        width = high - low
        numbers = [(one, width) for one in (mean, low, high, abs(mean - number))]
        apart = sorted(sides.values())
        other = [text for side, text in sides.items() if side == "up" and mean < number]
        other += [text for side, text in sides.items() if side == "down" and mean > number]
        assert any(text in said for text in apart), said
        yield name, Told(said, numbers, None, must_not=tuple(other))


ASKED: dict[str, Asked] = {
    "demand": _trend("demand.yearly_"),
    "demand: cumulative": _cumulative,
    "unmet": _trend("unmet."),
    "unmet: first page": _front_unmet,
    "support": _trend("support."),
    "support: euros": _euros,
    "waiting": _list("waiting"),
    "waiting: first page": _list("summary"),
    "waiting: on time": _within,
    "places": _places("places"),
    "places: waiting": _places("intake"),
    "supply": _supply,
    "inflow": _inflow,
    "published": _published,
    "published: distance": _distance,
}


@pytest.mark.parametrize("language", truth.LANGUAGES)
@pytest.mark.parametrize("section", ASKED)
def test_what_is_said_of_the_years_is_true(section: str, language: str) -> None:
    assert truth.every_fault(ASKED[section], language) == []
