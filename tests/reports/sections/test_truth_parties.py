"""Truth tables of findings about municipalities, associations and projects."""

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from reports.labels import Labels
from reports.sections import (
    associations,
    claims,
    eligibility,
    keys,
    lint,
    misses,
    origin,
    progress,
    projects_carried,
    quota,
    ranges,
    realised,
    region_map,
)
from tests.reports.sections import truth
from tests.reports.sections.truth import Asked, Told, facts

pytestmark = pytest.mark.unit

YEARS = range(2020, 2041)
LARGEST = {
    "nl": ("heeft in 2026 de grootste", "worden in 2026 de meeste", "draagt de meeste"),
    "en": ("owes the largest", "is asked for the most", "carries the most"),
}
MONTHS = ("oktober 2026", "October 2026")


def _names(count: int) -> list[str]:
    return [f"Gemeente {chr(65 + place // 26)}{chr(65 + place % 26)}" for place in range(count)]


def _about_most(
    said: str, named: list[tuple[str, float]], words: Labels, *, more: tuple[float, ...] = ()
) -> Told:
    """Work out who may be called the largest: one alone, or all that have as much."""
    top = max(number for _, number in named)
    names = [name for name, _ in named]
    tied = [name for name, number in named if number == top]
    numbers = [(float(number), 0.0) for number in (top, sum(n for _, n in named), *more)]
    if top == 0:
        return Told(said, numbers, None, YEARS, (*names, *MONTHS), must_not=LARGEST[words.language])
    told_all = tuple(tied) if len(tied) <= 3 else (str(len(tied)),)
    alone = LARGEST[words.language] if len(tied) > 1 else ()
    return Told(
        said,
        [*numbers, (float(len(tied)), 0.0)],
        None,
        YEARS,
        (*names, *MONTHS),
        must=told_all,
        must_not=alone,
    )


def _quota(words: Labels) -> Iterator[tuple[str, Told]]:
    for is_capped in (False, True):
        for case, found in truth.amounts().items():
            named = list(zip(_names(len(found)), found, strict=True))
            rows = [
                {
                    "municipality_name": name,
                    "municipality_code": f"GM{place:04d}",
                    "quota": int(number),
                    "at_most": int(number) + 7 if is_capped else None,
                }
                for place, (name, number) in enumerate(named)
            ]
            said = quota.quota_finding(rows, 2026, words)
            more = (max(found) + 7,) if is_capped else ()
            yield f"{case}, {is_capped}", _about_most(said, named, words, more=more)


def _associations(words: Labels) -> Iterator[tuple[str, Told]]:
    for case, found in truth.amounts().items():
        named = list(zip(_names(len(found)), found, strict=True))
        frame = pl.DataFrame(
            {
                "association": [name for name, _ in named],
                "quota": [int(number) for number in found],
                "municipality_code": ["GM0001"] * len(found),
            }
        )
        totals = associations.association_totals(frame)
        said = associations.associations_finding(totals, 2026, words)
        yield case, _about_most(said, named, words)


def _projects_most(words: Labels) -> Iterator[tuple[str, Told]]:
    for case, found in truth.amounts().items():
        named = list(zip(_names(len(found)), found, strict=True))
        rows = [
            {"municipality_name": name, "carried": int(number)}
            for name, number in sorted(named, key=lambda one: -one[1])
        ]
        said = projects_carried.most_finding(rows, words)
        yield case, _about_most(said, named, words)


def _projects(words: Labels) -> Iterator[tuple[str, Told]]:
    statuses = ("open", "in_aanbouw", "besluit", "bod", "idee", "gestopt")
    for case, found in truth.amounts().items():
        values = [int(number) for number in found]
        rows = [
            {"status": statuses[place % len(statuses)], "places": number}
            for place, number in enumerate(values)
        ]
        said = projects_carried.projects_finding(pl.DataFrame(rows), words)
        firm = [
            sum(row["places"] for row in rows if row["status"] == status) for status in statuses[:4]
        ]
        numbers = [(float(number), 0.0) for number in (*firm, sum(firm))]
        yield case, Told(said, numbers)
    nothing = pl.DataFrame({"status": [], "places": []})
    yield "none", Told(projects_carried.projects_finding(nothing, words))


def _keys(words: Labels) -> Iterator[tuple[str, Told]]:
    for moves in (False, True):
        for case, found in truth.amounts().items():
            if len(found) < 2 or sum(found) == 0:
                continue
            names = _names(len(found))
            total = int(sum(found))
            shares = [number / total for number in found]
            spread = [
                {"municipality_name": name, "municipality_code": name, "homes": int(number)}
                | {"low": int(number), "high": int(number) * (2 if moves else 1)}
                for name, number in zip(names, found, strict=True)
            ]
            own = pl.DataFrame(
                {
                    "municipality_name": names,
                    "municipality_code": names,
                    "key_share": shares,
                    "year_total": [total] * len(names),
                }
            )
            said = keys.keys_finding(spread, own, words)
            top = max(found)
            tied = [name for name, number in zip(names, found, strict=True) if number == top]
            numbers = [(float(one), 0.0) for one in (top, 2 * top, total, len(tied))]
            numbers.append((top / total, 0.0))
            must = tuple(tied) if len(tied) <= 3 else (str(len(tied)),)
            yield f"{case}, {moves}", Told(said, numbers, None, YEARS, names, must=must)


def _progress(words: Labels) -> Iterator[tuple[str, Told]]:
    for of_months in (12, 6):
        for case, found in truth.amounts().items():
            realised_homes, norm = int(found[0]), float(found[-1]) + 0.5
            apart = realised_homes - norm
            state = "ahead" if apart > 1 else "behind" if apart < -1 else "on_course"
            whole = {
                "quota": int(sum(found)),
                "of_months": of_months,
                "year": 2026,
                "state": state,
                "realised": realised_homes,
                "norm": norm,
            }
            said = progress.progress_finding(whole, facts(), words)
            ways = {
                "nl": {"ahead": "meer dan", "behind": "minder dan", "on_course": "op koers"},
                "en": {"ahead": "more than", "behind": "fewer than", "on_course": "on course"},
            }[words.language]
            is_zero = whole["quota"] == 0
            numbers = [(float(one), 0.0) for one in (realised_homes, norm, sum(found))]
            must = () if is_zero else (ways[state],)
            wrong = tuple(text for way, text in ways.items() if is_zero or way != state)
            yield (
                f"{case}, {of_months}",
                Told(said, numbers, None, YEARS, MONTHS, must=must, must_not=wrong),
            )


def _origin(words: Labels) -> Iterator[tuple[str, Told]]:
    for case, found in truth.amounts().items():
        total, moved = int(sum(found)), int(found[0])
        known = pl.DataFrame({"dwellings": [int(number) for number in found]})
        totals = pl.DataFrame({"housed_for_others": [moved]})
        said = origin.origin_finding(known, totals, "2023", words)
        numbers = [(float(total), 0.0), (float(moved), 0.0)]
        numbers.append((moved / total if total else 0.0, 0.0))
        none = {"nl": "Geen enkele woning", "en": "Not a single home"}[words.language]
        is_none = moved == 0
        yield (
            case,
            Told(
                said,
                numbers,
                None,
                YEARS,
                must=(none,) if is_none else (),
                must_not=() if is_none else (none,),
            ),
        )


def _claims(words: Labels) -> Iterator[tuple[str, Told]]:
    grounds = ("outflow", "tailored", "housing_first", "status_holder", "urgent", "other")
    for measure in ("per_100_suitable", "per_100_relets"):
        for case, found in truth.amounts().items():
            rows = [
                {"claim": ground, "year": 2025, measure: float(number) / 4}
                for ground, number in zip(grounds, found, strict=False)
            ]
            rows.append({"claim": "regular", "year": 2025, measure: None})
            said = claims.claims_finding(rows, measure, words)
            numbers = [(row[measure], 0.0) for row in rows if row[measure] is not None]
            every = {"nl": "100 ", "en": "100 "}[words.language]
            silent = {"nl": "geen enkele bekende grond", "en": "no home was let"}[words.language]
            must = (every,) if any(number > 0 for number, _ in numbers) else (silent,)
            regular = words.code("ground", "regular")
            yield (
                f"{case}, {measure}",
                Told(said, [*numbers, (100.0, 0.0)], None, YEARS, must=must, must_not=(regular,)),
            )


def _eligibility(words: Labels) -> Iterator[tuple[str, Told]]:
    for case, ranges_of in truth.trajectories().items():
        rules = [f"Regel {chr(97 + place)}" for place in range(len(ranges_of))]
        frame = pl.DataFrame(
            [
                {"rule_id": rule, "label": rule, "year": 2027, "mean": float(mean)}
                | {"p10": float(low), "p90": float(high)}
                for rule, (mean, low, high) in zip(rules, ranges_of, strict=True)
            ]
        )
        said = eligibility.eligibility_finding(frame, words)
        top = max(mean for mean, _, _ in ranges_of)
        numbers = [(float(len(rules)), 0.0)]
        numbers += [
            (number, high - low)
            for mean, low, high in ranges_of
            if mean == top
            for number in (mean, low, high)
        ]
        none = {"nl": "geen enkele regel", "en": "no rule"}[words.language]
        must = (none,) if top < 0.5 else ()
        yield case, Told(said, numbers, None, YEARS, rules, must=must)


def _ranges(words: Labels) -> Iterator[tuple[str, Told]]:
    short = {"nl": "lager", "en": "lower"}[words.language]
    for case, found in truth.trajectories().items():
        _, low, high = (int(number) for number in found[0])
        for cap in (None, low - 1, low, high, high + 1):
            row: dict[str, Any] = {"municipality_name": "Gemeente A", "cap": cap}
            row |= {"demand_low": low, "demand_high": high}
            said = ranges.ranges_finding([row], words)
            numbers = [(float(low), 0.0), (float(high), 0.0)]
            is_short = cap is not None and cap < low
            numbers += [] if cap is None else [(float(cap), 0.0)]
            yield (
                f"{case}, {cap}",
                Told(
                    said,
                    numbers,
                    None,
                    names=("Gemeente A",),
                    must=(short,) if is_short else (),
                    must_not=() if is_short else (short,),
                ),
            )


def _lint(words: Labels) -> Iterator[tuple[str, Told]]:
    for refused in range(3):
        for warning in range(4):
            for note in range(3):
                severities = ["refused"] * refused + ["warning"] * warning + ["note"] * note
                frame = pl.DataFrame({"severity": severities}, schema={"severity": pl.String})
                said = lint.lint_finding(frame, words)
                gravest = refused or warning or note
                count = (str(gravest),) if gravest > 1 else ()
                grave = {"nl": "niet te verdedigen", "en": "cannot be defended"}[words.language]
                calm = {"nl": "niets ernstigs", "en": "nothing serious"}[words.language]
                is_calm = not refused and not warning and note
                yield (
                    f"{refused} {warning} {note}",
                    Told(
                        said,
                        [(float(gravest), 0.0)],
                        must=(
                            *count,
                            *((grave,) if refused else ()),
                            *((calm,) if is_calm else ()),
                        ),
                        must_not=(*(() if refused else (grave,)), *(() if is_calm else (calm,))),
                    ),
                )


def _misses(words: Labels) -> Iterator[tuple[str, Told]]:
    reasons = misses.MISSES
    for case, found in truth.amounts().items():
        values = {
            reason: int(found[place]) if place < len(found) else 0
            for place, reason in enumerate(reasons)
        }
        said = misses.misses_finding(values, 2025, words)
        top, total = max(values.values()), sum(values.values())
        tied = [reason for reason in reasons if values[reason] == top and total]
        labels = [words.code("miss", reason) for reason in tied]
        must = tuple(label[1:] for label in labels)
        numbers = [(float(total), 0.0), (float(top), 0.0)]
        yield case, Told(said, numbers, None, YEARS, must=must)


def _map(words: Labels) -> Iterator[tuple[str, Told]]:
    for case, found in truth.amounts().items():
        names = _names(len(found))
        frame = pl.DataFrame(
            {
                "municipality_name": names,
                "municipality_code": names,
                "quota": [int(number) for number in found],
            }
        )
        said = region_map.map_finding(frame, 2026, words)
        total = int(sum(found))
        held = sum(int(n) for name, n in zip(names, found, strict=True) if name in said)
        over = {"nl": "Meer dan de helft", "en": "More than half"}[words.language]
        is_most = total > 0 and 2 * held > total
        named = sum(name in said for name in names)
        numbers = [(float(one), 0.0) for one in (total, held, named)]
        must = (over,) if total else ()
        must_not = () if is_most else (over,)
        yield case, Told(said, numbers, None, YEARS, names, must=must, must_not=must_not)


def _realised(words: Labels) -> Iterator[tuple[str, Told]]:
    more = {"nl": " meer dan", "en": " more than"}[words.language]
    for kind in ("target", "cap"):
        for case, found in truth.amounts().items():
            let, agreed = int(found[0]), int(found[-1])
            row = {"kind": kind, "year": 2025, "realised": let, "agreed": agreed}
            said = realised.realised_finding(row, words)
            numbers = [(float(one), 0.0) for one in (let, agreed, abs(let - agreed))]
            told = Told(
                said,
                numbers,
                None,
                YEARS,
                must=(more,) if let > agreed else (),
                must_not=() if let > agreed else (more,),
            )
            yield f"{case}, {kind}", told


def _explained(words: Labels) -> Iterator[tuple[str, Told]]:
    for year in range(2010, 2045):
        said = words.text("explained.finding", year=year)
        yield str(year), Told(said, years=(year,), must=(str(year),))


ASKED: dict[str, Asked] = {
    "quota": _quota,
    "associations": _associations,
    "projects_carried": _projects_most,
    "projects_carried: how far": _projects,
    "keys": _keys,
    "progress": _progress,
    "origin": _origin,
    "claims": _claims,
    "eligibility": _eligibility,
    "ranges": _ranges,
    "lint": _lint,
    "misses": _misses,
    "region_map": _map,
    "realised": _realised,
    "explained": _explained,
}


@pytest.mark.parametrize("language", truth.LANGUAGES)
@pytest.mark.parametrize("section", ASKED)
def test_what_is_said_of_the_parties_is_true(section: str, language: str) -> None:
    assert truth.every_fault(ASKED[section], language) == []
