"""Truth tables of findings that count: promises, assumptions, agreements, sources, deliveries."""

from collections.abc import Iterator

import polars as pl
import pytest

from reports.labels import Labels, capital
from reports.sections import (
    agreements,
    assumptions,
    base,
    deliveries,
    enough,
    laws,
    limits,
    method,
    promise,
    provenance,
    sources,
    terms,
)
from tests.reports.sections import truth
from tests.reports.sections.truth import Asked, FakeTables, Told, facts

pytestmark = pytest.mark.unit

YEARS = range(2020, 2061)
MET = {
    "nl": ("vaker gemist dan gehaald", "vaker wel dan niet", "niet afgesproken"),
    "en": ("missed more often than met", "met more often than missed", "not been agreed"),
}
NAMED = {
    "inspanning": {"nl": "het streven", "en": "the aim"},
    "garantie": {"nl": "de garantie", "en": "the guarantee"},
    "": {"nl": "de afspraak", "en": "the agreement"},
}


def _promise(words: Labels) -> Iterator[tuple[str, Told]]:
    broken, kept, none = MET[words.language]
    for commitment, named in NAMED.items():
        for months in (None, 1, 3, 6, 6.5, 12):
            for year in (None, 2027, 2036):
                about = facts(
                    commitment=commitment,
                    promise_months=months,
                    promise={"first_year_broken": year},
                )
                said = promise.promise_finding(about, words)
                true = none if months is None else kept if year is None else broken
                name = () if months is None else (named[words.language],)
                others = {broken, kept, none} - {true}
                guarantee = NAMED["garantie"][words.language]
                wrong = (guarantee,) if commitment != "garantie" else ()
                yield (
                    f"{commitment} {months} {year}",
                    Told(
                        said,
                        [] if months is None else [(float(months), 0.0)],
                        None,
                        () if year is None else (year,),
                        must=(true, *name),
                        must_not=(*others, *wrong),
                    ),
                )


def _enough(words: Labels) -> Iterator[tuple[str, Told]]:
    fails = {"nl": "met {} niet", "en": "with {} it is not"}[words.language]
    for homes in (1, 60, 178, 245, 1450):
        for chance in (0.9, 0.9018, 0.95, 0.9999):
            for below in (None, 0.8999, 0.5):
                row = {
                    "certainty": 0.9,
                    "smallest_quota": homes,
                    "smallest_quota_exact": below is not None,
                    "smallest_quota_probability": chance,
                    "probability_below": below,
                    "counted_from_year": 2028,
                }
                said = enough._smallest(row, facts(promise=row), words)
                numbers = [(float(homes), 0.0), (float(homes - 1), 0.0), (0.9, 0.0), (chance, 0.0)]
                numbers += [] if below is None else [(below, 0.0)]
                text = fails.format(words.numbers.whole(homes - 1))
                yield (
                    f"{homes} {chance} {below}",
                    Told(
                        said,
                        numbers,
                        None,
                        YEARS,
                        must=() if below is None else (text,),
                        must_not=(text,) if below is None else (),
                    ),
                )


def _assumptions(words: Labels) -> Iterator[tuple[str, Told]]:
    doubt = {"nl": "nog niet bevestigd", "en": "not yet been confirmed"}[words.language]
    for every in range(1, 9):
        for confirmed in range(every + 1):
            frame = pl.DataFrame({"confirmed": [place < confirmed for place in range(every)]})
            said = assumptions.assumption_finding(frame, words)
            numbers = [(float(every - confirmed), 0.0), (float(every), 0.0)]
            must = (doubt,) if confirmed < every else ()
            must_not = () if confirmed < every else (doubt,)
            yield f"{confirmed} of {every}", Told(said, numbers, must=must, must_not=must_not)


def _agreements(words: Labels) -> Iterator[tuple[str, Told]]:
    aims_only = {"nl": "geen garanties", "en": "not guarantees"}[words.language]
    for aims in range(5):
        for guarantees in range(4):
            for others in range(3):
                kinds = ["inspanning"] * aims + ["garantie"] * guarantees + [None] * others
                if not kinds:
                    continue
                frame = pl.DataFrame({"commitment": kinds}, schema={"commitment": pl.String})
                said = agreements.agreement_finding(frame, words)
                is_aims = aims == len(kinds) > 1
                numbers = [(float(len(kinds)), 0.0), (float(guarantees), 0.0)]
                yield (
                    f"{aims} {guarantees} {others}",
                    Told(
                        said,
                        numbers,
                        must=(aims_only,) if is_aims else (),
                        must_not=() if is_aims else (aims_only,),
                    ),
                )


def _deliveries(words: Labels) -> Iterator[tuple[str, Told]]:
    clean = {"nl": "Alle ", "en": "All "}[words.language]
    for accepted in (0, 1, 2, 905, 12_345):
        for apart in (0, 1, 7, 1000):
            for empty in (0, 2, 50):
                total = accepted + apart + empty
                counts = {"rows_in": [total], "accepted": [accepted], "quarantined": [apart]}
                said = deliveries.delivery_finding(
                    pl.DataFrame({**counts, "non_data": [empty]}), words
                )
                is_clean = total == accepted > 0
                numbers = [(float(one), 0.0) for one in (total, accepted, apart, empty)]
                yield (
                    f"{accepted} {apart} {empty}",
                    Told(
                        said,
                        numbers,
                        must=(clean,) if is_clean else (),
                        must_not=() if is_clean else (clean,),
                    ),
                )


def _sources(words: Labels) -> Iterator[tuple[str, Told]]:
    for count in (*range(1, 31), 1000):
        frame = pl.DataFrame(
            {
                "title": ["x"] * count,
                "producer": ["x"] * count,
                "licence": ["x"] * count,
                "vintage": ["x"] * count,
                "accessed": ["2026-11-21"] * count,
                "sha256": ["0" * 64] * count,
            }
        )
        tables = FakeTables({"mart_source": frame})
        said = sources.build_sources(tables, facts(), words).finding  # type: ignore[arg-type]
        yield str(count), Told(said, [(float(count), 0.0)], must=(words.numbers.whole(count),))


def _method(words: Labels) -> Iterator[tuple[str, Told]]:
    for draws in (1, 2, *range(64, 2048, 64), 1_000_000):
        about = facts(run={"draws": draws})
        said = method.build_method(FakeTables(), about, words).finding  # type: ignore[arg-type]
        yield str(draws), Told(said, [(float(draws), 0.0)])


def _provenance(words: Labels) -> Iterator[tuple[str, Told]]:
    hashes = {"scenario_label": "Basis", "code_sha256": "c" * 64, "parameters_sha256": "p" * 64}
    for draws in (1, 2, *range(64, 2048, 64), 1_000_000):
        about = facts(run={"draws": draws, "seed": 20220101, **hashes})
        said = provenance.build_provenance(FakeTables(), about, words).finding  # type: ignore[arg-type]
        yield str(draws), Told(said, [(float(draws), 0.0), (20220101.0, 0.0)])


def _terms(words: Labels) -> Iterator[tuple[str, Told]]:
    for cap in (None, *range(1, 40)):
        about = facts(cap=cap, promise_months=cap)
        section = terms.build_terms(FakeTables(), about, words)  # type: ignore[arg-type]
        known = section.tables[0].table.frame["term"].to_list()
        names = [words.text(f"term.{code}.name") for code in ("cap", "promise", "certainty")]
        assert [capital(name) in known for name in names] == [cap is not None] * 3
        yield str(cap), Told(section.finding, [])


def _laws(words: Labels) -> Iterator[tuple[str, Told]]:
    waits = {"nl": "nog niet van kracht", "en": "not yet in force"}[words.language]
    for every in range(1, 9):
        for waiting in range(every + 1):
            names = [f"Wet {chr(97 + place)}" for place in range(every)]
            frame = pl.DataFrame(
                {
                    "name": names,
                    "legal_status": [
                        "bill" if place < waiting else "in_force" for place in range(every)
                    ],
                    "status_on": ["2026-11-21"] * every,
                }
            )
            said = laws.laws_finding(frame, words)
            yield (
                f"{waiting} of {every}",
                Told(
                    said,
                    [(21.0, 0.0)],
                    None,
                    YEARS,
                    must=tuple(names[:waiting]),
                    must_not=(*names[waiting:], *(() if waiting else (waits,))),
                ),
            )


def _limits(words: Labels) -> Iterator[tuple[str, Told]]:
    doubt = {"nl": "nog niet bevestigd", "en": "not yet been confirmed"}[words.language]
    fewer = {"nl": "het zijn er minder", "en": "fewer"}[words.language]
    for every in range(1, 9):
        for good in range(every + 1):
            flags = [place < good for place in range(every)]
            expected = round(0.8 * every)
            known = pl.DataFrame(
                {
                    "as_of": ["2021-12"] * every,
                    "measure": ["let"] * every,
                    "year": [2022 + place for place in range(every)],
                    "months_covered": [12] * every,
                    "observed": [1.0] * every,
                    "inside": flags,
                }
            )
            tables = FakeTables(
                {
                    "mart_forecast__hindcast": known,
                    "mart_parameter": pl.DataFrame(
                        {
                            "parameter": [f"p{place}" for place in range(every)],
                            "target_group": ["all"] * every,
                            "confirmed": flags,
                        }
                    ),
                }
            )
            (said,) = limits.assumption_sentence(tables, words)  # type: ignore[arg-type]
            numbers = [(float(one), 0.0) for one in (every, every - good)]
            must = (doubt,) if good < every else ()
            must_not = () if good < every else (doubt,)
            yield f"open {good} of {every}", Told(said, numbers, must=must, must_not=must_not)
            said = limits.range_sentence(tables, words)  # type: ignore[arg-type]
            numbers = [(float(one), 0.0) for one in (every, good, expected, 8, 10)]
            is_fewer = good < expected
            yield (
                f"history {good} of {every}",
                Told(
                    said,
                    numbers,
                    must=(fewer,) if is_fewer else (),
                    must_not=() if is_fewer else (fewer,),
                ),
            )


def _of_ten(words: Labels) -> Iterator[tuple[str, Told]]:
    for hundredth in range(101):
        said = base.of_ten(hundredth / 100, words)
        none = {"nl": "geen enkele", "en": "none of"}[words.language]
        every = {"nl": "in alle", "en": "every"}[words.language]
        must = (none,) if hundredth == 0 else (every,) if hundredth == 100 else ()
        must_not = tuple(text for text in (none, every) if text not in must)
        yield str(hundredth), Told(said, [(1.0, 0.0), (9.0, 0.0)], must=must, must_not=must_not)


ASKED: dict[str, Asked] = {
    "promise": _promise,
    "promise: enough": _enough,
    "assumptions": _assumptions,
    "agreements": _agreements,
    "deliveries": _deliveries,
    "sources": _sources,
    "method": _method,
    "provenance": _provenance,
    "terms": _terms,
    "laws": _laws,
    "limits: points": _limits,
    "scenarios: of ten": _of_ten,
}


@pytest.mark.parametrize("language", truth.LANGUAGES)
@pytest.mark.parametrize("section", ASKED)
def test_what_is_said_of_the_counts_is_true(section: str, language: str) -> None:
    assert truth.every_fault(ASKED[section], language) == []
