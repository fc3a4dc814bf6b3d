"""Truth tables of findings that name the largest part, or count what agrees."""

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from reports.labels import Labels, uncapital
from reports.numbers import Estimate, round_to
from reports.sections import (
    bridge,
    changed,
    checks,
    definitions,
    differences,
    drivers,
    routes,
    scenarios,
    scores,
    sensitivity,
    stays,
    unmet,
)
from tests.reports.sections import truth
from tests.reports.sections.truth import Asked, Range, Told

pytestmark = pytest.mark.unit

YEARS = range(2020, 2041)
DOUBT = {"nl": "sluit nul niet uit", "en": "does not rule out zero"}
NONE = {
    "drivers": {"nl": "Geen enkele oorzaak", "en": "No cause"},
    "bridge": {"nl": "geen enkele stap", "en": "not a single step"},
    "definitions": {"nl": "verandert de uitkomst niet", "en": "does not change the outcome"},
    "differences": {"nl": "Geen enkel scenario", "en": "No scenario"},
}
NAMES = {
    "drivers": ("todays_outflow", "backlog", "inflow", "longer_stays", "closing_places", "relapse"),
    "bridge": ("plan", "backlog", "inflow", "longer_stays", "moment", "reference"),
    "definitions": ("with_ambulant", "with_interested", "any_home", "a", "b", "c"),
}


def _row(key: str, name: str, part: Range) -> dict[str, Any]:
    mean, low, high = (float(number) for number in part)
    return {key: name, "mean": mean, "p10": low, "p90": high}


def _truth_of(
    said: str, named: list[tuple[str, Range]], kind: str, words: Labels, more: list[tuple[str, Any]]
) -> Told:
    """Work out what a finding about the largest of some parts may say.

    Nothing is the largest where every part is nothing with all of its range; the largest is
    doubted where its range holds zero; its number has its sign.
    """
    numbers = [(value, 0.0) for _, value in more]
    counted = [(name, part) for name, part in named if any(round_to(end) for end in part)]
    if not counted:
        return Told(said, numbers, None, must=(NONE[kind][words.language],))
    name, part = max(counted, key=lambda one: abs(one[1][0]))
    mean, low, high = part
    is_doubted = low <= 0 <= high
    doubt = DOUBT[words.language]
    step = Estimate(mean, low, high).step
    signs = ("+",) if round_to(mean, step) > 0 else ()
    return Told(
        said,
        [*numbers, *((number, high - low) for number in part)],
        None,
        names=(name,),
        must=(name, *signs, *((doubt,) if is_doubted else ())),
        must_not=() if is_doubted else (doubt,),
    )


def _drivers(words: Labels) -> Iterator[tuple[str, Told]]:
    for name, found in truth.parts().items():
        names = NAMES["drivers"][: len(found)]
        rows = [_row("driver", one, part) for one, part in zip(names, found, strict=True)]
        outer = [_row("driver", one, (580, 580, 580)) for one in ("reference", "gross")]
        together = _row("driver", "interaction", (99_999_999, 1, 2))
        said = drivers.driver_finding([*outer, *rows, together], words)
        labels = [uncapital(words.code("driver", one)) for one in names]
        yield name, _truth_of(said, list(zip(labels, found, strict=True)), "drivers", words, [])


def _bridge(words: Labels) -> Iterator[tuple[str, Told]]:
    for name, found in truth.parts().items():
        names = NAMES["bridge"][: len(found)]
        rows = [_row("step", one, part) for one, part in zip(names, found, strict=True)]
        outer = [
            _row("step", "published", (1450, 1450, 1450)),
            _row("step", "ours", (998, 998, 998)),
        ]
        said = bridge.bridge_finding([*outer, *rows], words)
        labels = [uncapital(words.code("bridge_step", one)) for one in names]
        more = [("published", 1450.0), ("ours", 998.0)]
        yield name, _truth_of(said, list(zip(labels, found, strict=True)), "bridge", words, more)


def _definitions(words: Labels) -> Iterator[tuple[str, Told]]:
    for name, found in truth.parts().items():
        names = NAMES["definitions"][: len(found)]
        rows = [_row("definition", one, part) for one, part in zip(names, found, strict=True)]
        usual = _row("definition", "usual", (998, 998, 998))
        said = definitions.definition_finding([usual, *rows], words)
        labels = [uncapital(words.code("definition", one)) for one in names]
        more = [("usual", 998.0)]
        yield (
            name,
            _truth_of(said, list(zip(labels, found, strict=True)), "definitions", words, more),
        )


def _differences(words: Labels) -> Iterator[tuple[str, Told]]:
    for name, found in truth.parts().items():
        labels = [f"Scenario {letter}" for letter in "abcdef"][: len(found)]
        rows = [
            {**_row("label", label, part), "share_above": 0.0 if part[2] < 0 else 1.0}
            for label, part in zip(labels, found, strict=True)
        ]
        said = differences.difference_finding(rows, words)
        yield name, _truth_of(said, list(zip(labels, found, strict=True)), "differences", words, [])


def _scenarios(words: Labels) -> Iterator[tuple[str, Told]]:
    key = "extra_current_lettings_"
    for name, found in (truth.parts() | truth.trajectories()).items():
        if not found:
            continue
        labels = [f"Scenario {letter}" for letter in "abcdefghij"][: len(found)]
        rows = [
            {"label": label, f"{key}mean": float(mean), f"{key}p10": float(low)}
            | {f"{key}p90": float(high)}
            for label, (mean, low, high) in zip(labels, found, strict=True)
        ]
        said = scenarios.scenario_finding(rows, words)
        numbers = [(mean, max(part[2] - part[1] for part in found)) for mean, _, _ in found]
        told = Told(said, numbers, None, names=labels)
        seen = [one.value for one in truth.written_numbers(_bare(said, labels), words.language)]
        assert seen == sorted(seen), said
        yield name, told


def _bare(said: str, names: list[str]) -> str:
    for name in names:
        said = said.replace(name, "")
    return said


def _sensitivity(words: Labels) -> Iterator[tuple[str, Told]]:
    name = uncapital(words.code("parameter", "own_home_share"))
    for case, found in (truth.parts() | truth.trajectories()).items():
        if not found:
            continue
        _, low, high = found[0]
        row = {"parameter": "own_home_share", "target_group": "all"}
        row |= {"headline_low": float(high), "headline_high": float(low)}
        said = sensitivity.sensitivity_finding(row, 1, words)
        is_seen = round_to(low) != round_to(high)
        silent = {"nl": "Geen enkele aanname", "en": "No assumption"}[words.language]
        must = (name,) if is_seen else (silent,)
        yield case, Told(said, [(low, 0.0), (high, 0.0)], None, names=(name,), must=must)


def _changed(words: Labels) -> Iterator[tuple[str, Told]]:
    ways = {
        "nl": {1: " meer", -1: " minder", 0: "even hoog", None: "dezelfde"},
        "en": {1: " more", -1: " fewer", 0: "On balance", None: "is the same"},
    }[words.language]
    for name, found in truth.parts().items():
        start = 1450.3
        rows = [("previous", start)]
        rows += [(f"part {place}", float(part[0])) for place, part in enumerate(found)]
        rows.append(("current", start + sum(part[0] for part in found)))
        frame = pl.DataFrame(
            {
                "measure": ["gross"] * len(rows),
                "position": list(range(len(rows))),
                "part": [part for part, _ in rows],
                "mean": [mean for _, mean in rows],
                "previous_as_of": ["2026-04"] * len(rows),
            }
        )
        change = changed.read_change(frame)
        said = changed.change_finding(change, words)
        before, after = round_to(start), round_to(rows[-1][1])
        side = (after > before) - (after < before)
        level, moved = start, False
        for _, mean in rows[1:-1]:
            moved |= round_to(level + mean) != round_to(level)
            level += mean
        true = ways[side] if side or moved else ways[None]
        numbers = [(before, 0.0), (after, 0.0), (abs(after - before), 0.0)]
        yield name, Told(said, numbers, None, names=("april 2026", "April 2026"), must=(true,))
    first = changed.change_finding(None, words)
    yield "a first edition", Told(first)


def _routes(words: Labels) -> Iterator[tuple[str, Told]]:
    others = ("in_between", "own_network", "other_care", "other_region", "left")
    for name, found in truth.amounts().items():
        values = [float(value) for value in found][: len(others) + 1]
        names = ("own_home", *others)[: len(values)]
        rows = [
            {"year": 2027, "destination": one, "mean": value}
            for one, value in zip(names, values, strict=True)
        ]
        said = routes.destination_finding(rows, words)
        total, home, top = sum(values), values[0], max(values)
        numbers = [(value, 0.0) for value in (total, home, top)]
        numbers.append((home / total if total else 0.0, 0.0))
        largest = {"nl": "dat is de grootste groep", "en": "that is the largest group"}
        is_alone = home == top and values.count(top) == 1 and total > 0
        is_less = home < top
        claim = largest[words.language]
        yield (
            name,
            Told(
                said,
                numbers,
                None,
                YEARS,
                must=(claim,) if is_alone else (),
                must_not=(claim,) if is_less or (total and not is_alone) else (),
            ),
        )


def _load(words: Labels) -> Iterator[tuple[str, Told]]:
    for name, found in truth.amounts().items():
        rows = [
            {"year": 2027, "assessment_table": f"Tafel {chr(97 + place)}"}
            | _row("at", "x", (value, value, value))
            for place, value in enumerate(found)
        ]
        said = routes.load_finding(rows, words)
        tables = [row["assessment_table"] for row in rows]
        numbers = [(float(one), 0.0) for one in (max(found), sum(found), found.count(max(found)))]
        most = {"nl": "de meeste", "en": "the most"}[words.language]
        is_tied = found.count(max(found)) > 1
        must_not = (most,) if is_tied else ()
        yield name, Told(said, numbers, None, YEARS, tables, must_not=must_not)


def _groups_left(words: Labels) -> Iterator[tuple[str, Told]]:
    codes = ("sheltered_living", "shelter", "refuge", "youth", "forensic", "clinic")
    for name, found in truth.amounts().items():
        values = [float(value) for value in found][: len(codes)]
        rows = [
            {"target_group": code, **_row("at", "x", (value, value, value))}
            for code, value in zip(codes, values, strict=False)
        ]
        said = unmet.group_finding(rows, words)
        labels = [words.code("group", code) for code in codes]
        names = [
            label for label, value in zip(labels, values, strict=False) if value == max(values)
        ]
        must = names if max(values) > 0 else ()
        yield name, Told(said, [(max(values), 0.0)], None, names=labels, must=tuple(must))


def _checks(words: Labels) -> Iterator[tuple[str, Told]]:
    for all_of in range(1, 9):
        for same in range(all_of + 1):
            rows = [{"note": "agrees" if place < same else "x"} for place in range(all_of)]
            said = checks.check_finding(rows, words)
            numbers = [(float(same), 0.0), (float(all_of), 0.0)]
            yield f"{same} of {all_of}", Told(said, numbers, None, must=_counts(same, all_of))


def _counts(count: int, all_of: int) -> tuple[str, ...]:
    return (str(count), str(all_of)) if all_of > 1 and 0 < count < all_of else ()


def _hindcast(words: Labels) -> Iterator[tuple[str, Told]]:
    for all_of in range(1, 9):
        for inside in range(all_of + 1):
            known = pl.DataFrame({"inside": [place < inside for place in range(all_of)]})
            said = scores.hindcast_finding(known, words)
            numbers = [(float(inside), 0.0), (float(all_of), 0.0)]
            yield f"{inside} of {all_of}", Told(said, numbers, None, must=_counts(inside, all_of))


def _series(words: Labels) -> Iterator[tuple[str, Told]]:
    for all_of in range(9):
        for better in range(all_of + 1):
            frame = pl.DataFrame(
                {
                    "series_kind": ["inflow"] * all_of,
                    "series_id": [f"group {place}" for place in range(all_of)],
                    "horizon_years": [1] * all_of,
                    "beats_naive": [place < better for place in range(all_of)],
                }
            )
            said = scores.score_finding(frame, words)
            numbers = [(float(better), 0.0), (float(all_of), 0.0)]
            yield f"{better} of {all_of}", Told(said, numbers, None, must=_counts(better, all_of))


def _stays(words: Labels) -> Iterator[tuple[str, Told]]:
    gaps = [0.0, 1e-9, 0.0001, 0.004, 0.005, 0.0099, 0.01, 0.0101, 0.05, 0.15, 0.5, 0.99, 1.0]
    same = {"nl": "is gelijk aan", "en": "is the same as"}[words.language]
    for gap in gaps:
        for month in (0, 1, 12, 120):
            rows = pl.DataFrame(
                {
                    "target_group": ["shelter", "shelter"],
                    "complexity": ["all", "all"],
                    "month": [month + 1, month],
                    "kaplan_meier": [1.0, 1.0],
                    "fitted": [1.0, 1.0 - gap],
                }
            )
            said = stays.fit_finding(rows, words)
            group = words.code("group", "shelter")
            numbers = [(float(month), 0.0), (100 * gap, 100.0)]
            is_same = gap < 1e-7
            told = Told(
                said,
                numbers,
                names=(group,),
                must=(same,) if is_same else (group,),
                must_not=() if is_same else (same,),
            )
            yield f"{gap} after {month}", told
    none = rows.with_columns(kaplan_meier=pl.lit(None, pl.Float64))
    yield "nothing seen", Told(stays.fit_finding(none, words))


ASKED: dict[str, Asked] = {
    "drivers": _drivers,
    "bridge": _bridge,
    "definitions": _definitions,
    "scenarios": _scenarios,
    "scenarios: differences": _differences,
    "sensitivity": _sensitivity,
    "changed": _changed,
    "routes": _routes,
    "routes: assessments": _load,
    "unmet: groups": _groups_left,
    "checks": _checks,
    "scores": _hindcast,
    "scores: series": _series,
    "stays": _stays,
}


@pytest.mark.parametrize("language", truth.LANGUAGES)
@pytest.mark.parametrize("section", ASKED)
def test_what_is_said_of_the_parts_is_true(section: str, language: str) -> None:
    assert truth.every_fault(ASKED[section], language) == []
