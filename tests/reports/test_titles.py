"""Titles of findings are short: at most fifteen words, whatever was invented to fill them.

Belongs here: counting the words of every title of the report in every language. Does not belong
here: whether a title is true (`sections/test_truth_*.py`); the small pages, whose parts have a
question as a title and the finding as a sentence under it (`test_reading.py` holds its length).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reports import findings
from reports.blocks import Chart, Picture, Section, Table
from reports.document import Document, read_document
from reports.labels import Labels, languages, load_labels, uncapital
from reports.sections import (
    associations,
    base,
    bridge,
    definitions,
    drivers,
    keys,
    misses,
    projects_carried,
    quota,
    ranges,
    routes,
    sensitivity,
    stays,
    supply,
    unmet,
)
from reports.told import Origin, pieces_of, tell
from tests.reports.sections import (
    test_truth_counts,
    test_truth_parties,
    test_truth_parts,
    test_truth_trends,
)
from tests.reports.sections.truth import Asked

pytestmark = pytest.mark.unit

MOST = 15
NO_TITLES = {
    "limits: points",
    "promise: enough",
    "published: distance",
    "scenarios: of ten",
    "support: euros",
    "unmet: first page",
    "waiting: first page",
}
"""What truth tables ask for that stands in a paragraph or on the first page, never as a title."""
ASKED: dict[str, Asked] = {
    name: asked
    for module in (test_truth_counts, test_truth_parties, test_truth_parts, test_truth_trends)
    for name, asked in module.ASKED.items()
    if name not in NO_TITLES
}
LONG_NAME = "Nuenen, Gerwen en Nederwetten"


def title_of(finding: str) -> str:
    return findings.split(finding)[0]


def too_long(titles: dict[str, str]) -> dict[str, str]:
    """Give the titles with more words than a title may have; a number counts as a word."""
    return {name: title for name, title in titles.items() if len(title.split()) > MOST}


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("section", ASKED)
def test_a_title_is_short_for_every_invented_input(section: str, language: str) -> None:
    told = dict(ASKED[section](load_labels(language)))
    assert told
    assert too_long({name: title_of(one.sentence) for name, one in told.items()}) == {}


@pytest.mark.parametrize("language", languages())
def test_every_title_of_the_invented_release_is_short(release_folder: Path, language: str) -> None:
    titles = dict(_titles(read_document(release_folder, language=language)))
    assert len(titles) > 40
    assert too_long(titles) == {}
    assert [name for name, title in titles.items() if "\n" in title or title.endswith(".")] == []


def _titles(document: Document) -> Iterator[tuple[str, str]]:
    for section in document.sections:
        yield section.section_id, section.finding
        for chart in section.charts:
            yield f"{section.section_id}: {chart.chart_id}", chart.title


def _row(key: str, code: str, mean: float, width: float) -> dict[str, Any]:
    return {key: code, "mean": mean, "p10": mean - width, "p90": mean + width}


def _of_codes(words: Labels) -> Iterator[tuple[str, str]]:
    """Give the titles that name a code of ours, for every code, certain and doubted."""
    for width in (100.0, 5000.0):
        for code in words.codes("driver"):
            rows = [_row("driver", code, 4321.0, width)]
            yield f"driver {code} {width}", drivers.driver_finding(rows, words)
        for code in words.codes("definition"):
            rows = [_row("definition", code, 4321.0, width)]
            yield f"definition {code} {width}", definitions.definition_finding(rows, words)
        for code in words.codes("bridge_step"):
            ends = [_row("step", "published", 1450, 0), _row("step", "ours", 1255, 900)]
            rows = [*ends, _row("step", code, 4321.0, width)]
            yield f"step {code} {width}", bridge.bridge_finding(rows, words)
    for code in words.codes("parameter"):
        for group in ("all", *words.codes("group")):
            row = {"parameter": code, "target_group": group}
            row |= {"headline_low": 1125.0, "headline_high": -1360.0}
            yield f"{code} {group}", sensitivity.sensitivity_finding(row, 5, words)
    for code in words.codes("group"):
        row = {"target_group": code, **_row("at", "x", 990, 300)}
        yield f"left {code}", unmet.group_finding([row], words)
        curve = {"target_group": code, "complexity": "complex", "month": 11, "fitted": 0.5}
        frame = pl.DataFrame([{**curve, "kaplan_meier": 0.44}])
        yield f"stay {code}", stays.fit_finding(frame, words)
    for code in words.codes("supply_measure"):
        for far in (0.0, 900.0):
            past = {"year": 2025, "measure": code, "is_forecast": False, "mean": 2179.0}
            ahead = {**past, "year": 2035, "is_forecast": True, "mean": 2250.0 + far}
            frame = pl.DataFrame(
                [
                    {**past, "lo80": 2179.0, "hi80": 2179.0},
                    {**ahead, "lo80": 2100.0 + far, "hi80": 2400.0 + far},
                ]
            )
            yield f"supply {code} {far}", supply.supply_finding(frame, words)
    reasons = words.codes("miss")
    for code in reasons:
        counts = {reason: 12 if reason == code else 4 for reason in reasons}
        yield f"miss {code}", misses.misses_finding(counts, "2026 (tot nu toe)", words)


@pytest.mark.parametrize("language", languages())
def test_a_title_is_short_whichever_code_of_ours_it_names(language: str) -> None:
    titles = dict(_of_codes(load_labels(language)))
    assert len(titles) > 300
    assert too_long({name: title_of(said) for name, said in titles.items()}) == {}


def _of_names(words: Labels) -> Iterator[tuple[str, str]]:
    """Give whole findings that name one or several parties with the longest of names."""
    for count in (1, 2, 3):
        places = [f"{LONG_NAME} {letter}" for letter in "ABC"[:count]]
        small = "Klein"
        owed: list[dict[str, Any]] = [
            {"municipality_name": name, "municipality_code": name, "quota": 34, "at_most": 40}
            for name in places
        ]
        owed.append({**owed[0], "municipality_name": small, "municipality_code": "k", "quota": 2})
        yield f"quota {count}", quota.quota_finding(owed, 2026, words)
        asked = [{"association": name, "quota": 34, "municipalities": 1} for name in places]
        yield (
            f"association {count}",
            associations.associations_finding([*asked, {**asked[0], "quota": 0}], 2026, words),
        )
        carried = [{"municipality_name": name, "carried": 38} for name in places]
        yield f"projects {count}", projects_carried.most_finding(carried, words)
        judged = [
            {"year": 2027, "assessment_table": name, **_row("at", "x", 30, 0)} for name in places
        ]
        other = {**judged[0], "assessment_table": small, "mean": 3.0, "p10": 3.0, "p90": 3.0}
        yield f"panel {count}", routes.load_finding([*judged, other], words)
        spread = [
            {"municipality_name": name, "municipality_code": name, "low": 30, "high": 34}
            for name in places
        ]
        own = pl.DataFrame(
            {
                "municipality_name": places,
                "municipality_code": places,
                "year_total": [178] * count,
                "key_share": [1 / count] * count,
            }
        )
        yield f"weights {count}", keys.keys_finding(spread, own, words)
    row: dict[str, Any] = {"municipality_name": LONG_NAME, "municipality_code": "GM9001"}
    row |= {"demand_low": 611, "demand_high": 1010, "cap": 837}
    yield "ranges", ranges.ranges_finding([row], words)


@pytest.mark.parametrize("language", languages())
def test_long_names_move_below_the_title_and_none_is_lost(language: str) -> None:
    said = dict(_of_names(load_labels(language)))
    assert too_long({name: title_of(one) for name, one in said.items()}) == {}
    assert [name for name, one in said.items() if LONG_NAME not in one] == []


def test_a_title_that_is_too_long_is_found() -> None:
    assert too_long({"a": "woord " * 16, "b": "woord " * 15}) == {"a": "woord " * 16}


def test_the_shorter_of_two_labels_is_taken_only_where_the_title_needs_it(words: Labels) -> None:
    gaps = {"low": "1", "high": "2"}
    short = base.finding(words, "sensitivity.finding", parameter="instroom", **gaps)
    assert title_of(short).endswith("instroom")
    name = uncapital(words.code("parameter", "outside_home_share"))
    long = base.finding(words, "sensitivity.finding", parameter=name, **gaps)
    assert name not in title_of(long)
    assert name in long


def test_what_a_chart_does_not_say_in_its_title_opens_its_subtitle() -> None:
    told = tell("77", Origin("mart_run", "-", "draws"))
    finding = "De vraag verandert\nVan " + told + " naar 84\nMeer niet"
    chart = _chart(finding)
    assert chart.title == "De vraag verandert"
    assert chart.subtitle == "Van 77 naar 84. Meer niet. Woningen per jaar."
    assert ("77", Origin("mart_run", "-", "draws")) in pieces_of(chart.subtitle)
    assert chart.alternative == "Lijn. De vraag verandert. Van 77 naar 84. Meer niet."
    assert _chart("De vraag verandert").subtitle == "Woningen per jaar."


def test_what_a_section_without_a_chart_leaves_out_opens_its_paragraphs() -> None:
    finding = "Er is iets\nDat is meer"
    bare = Section("x", "Kop", finding, ("Nog iets.",))
    assert (bare.finding, bare.paragraphs) == ("Er is iets", ("Dat is meer.", "Nog iets."))
    shown = Section("x", "Kop", finding, ("Nog iets.",), (_chart(finding),))
    assert shown.paragraphs == ("Nog iets.",)


def _chart(finding: str) -> Chart:
    picture = Picture((), Table(pl.DataFrame(), ()))
    return Chart("x", finding, "Woningen per jaar.", f"Lijn. {finding}.", picture, "bron")
