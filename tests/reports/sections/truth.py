"""Truth tables of findings: what a generated sentence may say, worked out from the numbers alone.

Belongs here: the invented inputs that every section is asked about, the reading of a sentence
(direction, doubt, numbers), and the faults that a sentence has against its numbers. Does not
belong here: how a section is asked (`test_truth_*.py`), the sentences of one input
(`test_findings_in_words.py`).

The rules are written without the code under test: a direction is true only where the two ranges
have no number in common, and only where the two written numbers differ; a number is true only
where the table holds it, rounded by at most a hundredth of its range; a sentence is never empty,
and holds no gap that was not filled.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import polars as pl

from reports.labels import Labels, load_labels
from reports.sections import base

LANGUAGES = ("nl", "en")
FEWEST = 30
"""Fewest invented inputs of a section."""

Range = tuple[float, float, float]
"""Mean, a tenth below, a tenth above."""


class Claim(StrEnum):
    """What a sentence claims about the way from one number to another."""

    UP = "up"
    DOWN = "down"
    LEVEL = "level"
    NONE = "none"


def trajectories() -> dict[str, list[Range]]:
    """Give the invented years of a number with a range; at least `FEWEST` of them, by name."""
    return {
        "surely up": [(164, 150, 180), (190, 170, 210), (229, 190, 270)],
        "surely down": [(229, 190, 270), (200, 180, 220), (164, 150, 180)],
        "up, ranges overlap": [(164, 130, 200), (229, 170, 290)],
        "down, ranges overlap": [(229, 170, 290), (164, 130, 200)],
        "up, ranges touch": [(164, 150, 190), (229, 190, 270)],
        "down, ranges touch": [(229, 190, 270), (164, 150, 190)],
        "the same without a range": [(58, 58, 58), (58, 58, 58)],
        "the same with a range": [(58, 40, 70), (58, 40, 70)],
        "the same mean, another range": [(58, 57, 59), (58, 20, 90)],
        "nothing at all": [(0, 0, 0), (0, 0, 0)],
        "from nothing": [(0, 0, 0), (12, 5, 20)],
        "to nothing": [(12, 5, 20), (0, 0, 0)],
        "from nothing, perhaps": [(0, 0, 0), (3, 0, 8)],
        "to nothing, perhaps": [(3, 0, 8), (0, 0, 0)],
        "one year": [(164, 130, 200)],
        "one year of nothing": [(0, 0, 0)],
        "one year without a range": [(41, 41, 41)],
        "hugely up": [(1_000_000, 900_000, 1_100_000), (9_000_000, 8_000_000, 9_900_000)],
        "hugely down": [(9_000_000, 8_000_000, 9_900_000), (1_000_000, 900_000, 1_100_000)],
        "huge, ranges overlap": [(2_000_000, 400_000, 5_000_000), (3_000_000, 900_000, 7_000_000)],
        "up by less than is seen": [(164.1, 164.0, 164.15), (164.3, 164.2, 164.4)],
        "down by less than is seen": [(164.3, 164.2, 164.4), (164.1, 164.0, 164.15)],
        "up by more, and still not seen": [(163.6, 163.55, 163.65), (164.4, 164.35, 164.45)],
        "down by more, and still not seen": [(164.4, 164.35, 164.45), (163.6, 163.55, 163.65)],
        "up over a rounding": [(164.4, 164.3, 164.45), (164.6, 164.55, 164.7)],
        "down over a rounding": [(164.6, 164.55, 164.7), (164.4, 164.3, 164.45)],
        "up by one": [(10, 10, 10), (11, 11, 11)],
        "less than one": [(0.2, 0.1, 0.3), (0.4, 0.35, 0.45)],
        "another middle, up": [(100, 90, 110), (900, 800, 990), (120, 115, 130)],
        "another middle, down": [(120, 115, 130), (1, 0, 3), (100, 90, 110)],
        "first exact, last around it": [(84, 84, 84), (470, 60, 820)],
        "first exact, last above it": [(84, 84, 84), (470, 345, 820)],
        "first exact, last below it": [(84, 84, 84), (20, 0, 60)],
        "last exact, first around it": [(470, 60, 820), (84, 84, 84)],
        "one range inside the other": [(100, 10, 400), (120, 110, 130)],
        "a mean beside its range": [(100, 10, 40), (120, 110, 130)],
        "ten years up": [(100 + 10 * year, 99 + 10 * year, 101 + 10 * year) for year in range(10)],
        "ten years the same": [(77, 77, 77)] * 10,
        "a coarse first, a fine last": [(1470, 200, 5200), (1480, 1479, 1481)],
    }


def amounts() -> dict[str, list[float]]:
    """Give the invented numbers of some parties in one year; at least `FEWEST` lists, by name."""
    return {
        "one": [34],
        "one of nothing": [0],
        "one of one": [1],
        "one huge": [1_234_567],
        "two": [34, 77],
        "two, the first most": [77, 34],
        "two alike": [34, 34],
        "two of nothing": [0, 0],
        "one of two": [0, 1],
        "two huge": [1_000_000, 2_000_000],
        "three": [1, 2, 3],
        "three alike": [5, 5, 5],
        "three, two share the top": [5, 9, 9],
        "three of nothing": [0, 0, 0],
        "nearly all": [1, 1, 998],
        "nearly nothing": [0, 0, 1],
        "five": [80, 34, 24, 21, 12],
        "five, last most": [12, 21, 24, 34, 80],
        "five alike": [20] * 5,
        "ten": list(range(1, 11)),
        "ten alike": [7] * 10,
        "ten of nothing": [0] * 10,
        "ten, one of them something": [0] * 9 + [4],
        "thousands": [1450, 2030, 580],
        "thousands alike": [1450, 1450],
        "a steep one": [1, 10, 100, 1000, 10_000],
        "close": [999, 1000],
        "closer": [1000, 1000, 999],
        "thirty": list(range(30)),
        "thirty alike": [3] * 30,
        "the top three times": [8, 8, 8, 2],
        "small ones": [1, 1, 0, 0],
        "a half and two quarters": [50, 25, 25],
        "huge and nothing": [0, 5_000_000],
    }


def parts() -> dict[str, list[Range]]:
    """Give the invented parts of a difference; at least `FEWEST` lists, by name."""
    alone = {
        f"one part, {name}": [part]
        for name, part in {
            "up": (120, 80, 160),
            "down": (-120, -160, -80),
            "of nothing": (0, 0, 0),
            "around zero": (40, -100, 200),
            "around zero, down": (-40, -200, 100),
            "from zero": (40, 0, 90),
            "up to zero": (-40, -90, 0),
            "of one": (1, 1, 1),
            "of minus one": (-1, -1, -1),
            "of less than is seen": (0.2, 0.1, 0.3),
            "of less than is seen, down": (-0.2, -0.3, -0.1),
            "huge": (4_000_000, 3_000_000, 5_000_000),
            "huge, down": (-4_000_000, -5_000_000, -3_000_000),
            "small in a wide range": (3, -2000, 2000),
            "with its mean beside its range": (50, 60, 70),
            "exact": (48, 48, 48),
            "zero on average": (0, -80, 80),
        }.items()
    }
    up, down, wide = (120.0, 80.0, 160.0), (-400.0, -700.0, -100.0), (300.0, -50.0, 600.0)
    nothing = (0.0, 0.0, 0.0)
    return {
        **alone,
        "no part": [],
        "the fall is larger": [up, down],
        "the rise is larger": [(531, 182, 664), (-90, -300, 20)],
        "the largest is in doubt": [up, wide],
        "the second is in doubt": [(900, 700, 1100), wide],
        "all of nothing": [nothing] * 4,
        "all alike": [up] * 4,
        "up and down alike": [up, (-120, -160, -80)],
        "one of many": [nothing, nothing, up, nothing],
        "many": [(10.0 * place, 8.0 * place, 12.0 * place) for place in range(1, 7)],
        "many, down": [(-10.0 * place, -12.0 * place, -8.0 * place) for place in range(1, 7)],
        "all in doubt": [wide, (-200, -600, 200), (10, -5, 30)],
        "huge and small": [(2_000_000, 1_000_000, 3_000_000), (1, 0, 2)],
        "less than is seen, all": [(0.1, 0.05, 0.2), (-0.2, -0.3, -0.1)],
        "thousands": [(1450, 1000, 1820), (-580, -600, -560)],
        "six of which one counts": [nothing] * 5 + [(-7, -9, -5)],
    }


@dataclass(frozen=True)
class Told:
    """A sentence, and what is known of the numbers that it was made from.

    Attributes:
        sentence: What the section says.
        numbers: Every number that it may name, with the width of its range.
        direction: The claim that is true of it; None where it may claim none at all.
        years: Calendar years that it may name.
        names: Texts in it that are no claims: names, labels, months.
        must: What must stand in it.
        must_not: What must not stand in it.
    """

    sentence: str
    numbers: Iterable[tuple[float, float]] = ()
    direction: Claim | None = None
    years: Iterable[int] = ()
    names: Iterable[str] = ()
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()


Asked = Callable[[Labels], Iterator[tuple[str, Told]]]

_UP = {
    "nl": r"\bstijgt\b|\bgroeit\b|\bneemt gemiddeld toe\b|\been stijging van\b|\bloopt dit op\b",
    "en": r"\brises\b|\bgrows\b|\bgoes up\b|\ba rise from\b",
}
_DOWN = {
    "nl": r"\bdaalt\b|\bkrimpt\b|\bneemt gemiddeld af\b|\been daling van\b",
    "en": r"\bfalls\b|\bshrinks\b|\bgoes down\b|\ba fall from\b",
}
_LEVEL = {"nl": r"\bblijft\b(?! gemiddeld \d+ mensen)", "en": r"\bstays\b"}
_DOUBT = {
    "nl": "overlappen|staat niet vast|sluit nul niet uit|staat geen verandering vast",
    "en": "overlap|not certain|does not rule out zero|no change is certain",
}
_TENTHS = {
    "nl": r"\b[1-9] van de 10\b",
    "en": r"\b[1-9] out of 10\b",
}
_BOUND = re.compile(r"(minder dan|meer dan|less than|more than) $")
"""Stands before a share that is nearly nothing or nearly all."""
_MORE = ("meer dan", "more than")
_BAD = re.compile(r"\bNone\b(?! of\b)|\b[nN]a[nN]\b|\binf\b|[{}]|  |<br>|^\s|\s$")
_NUMBER = {
    "nl": re.compile(
        r"(?P<sign>[+\N{MINUS SIGN}-]?)(?P<digits>\d+(?:\.\d{3})*(?:,\d+)?)(?P<of>%?)"
    ),
    "en": re.compile(
        r"(?P<sign>[+\N{MINUS SIGN}-]?)(?P<digits>\d+(?:,\d{3})*(?:\.\d+)?)(?P<of>%?)"
    ),
}


@dataclass(frozen=True)
class Written:
    """A number as it stands in a sentence, and the size of its last digit."""

    value: float
    unit: float


def claim_of(sentence: str, language: str) -> Claim:
    """Read which way a sentence says that a number goes; a doubted way is no claim."""
    if re.search(_DOUBT[language], sentence):
        return Claim.NONE
    for claim, telltale in ((Claim.UP, _UP), (Claim.DOWN, _DOWN), (Claim.LEVEL, _LEVEL)):
        if re.search(telltale[language], sentence):
            return claim
    return Claim.NONE


def true_claim(first: Range, last: Range) -> Claim:
    """Work out which way may be claimed: only where the ranges have no number in common."""
    if last[1] > first[2]:
        return Claim.UP
    if last[2] < first[1]:
        return Claim.DOWN
    return Claim.LEVEL if len({*first, *last}) == 1 else Claim.NONE


def written_numbers(sentence: str, language: str) -> list[Written]:
    """Read the numbers of a sentence; percentages as shares."""
    point, comma = (".", ",") if language == "nl" else (",", ".")
    found = []
    whole = re.sub(_TENTHS[language], "", sentence)
    for match in _NUMBER[language].finditer(whole):
        plain = match["digits"].replace(point, "").replace(comma, ".")
        size = 0.01 if match["of"] else 1.0
        sign = -1.0 if match["sign"] in {"-", "\N{MINUS SIGN}"} else 1.0
        decimals = len(plain.partition(".")[2])
        bound = _BOUND.search(whole[: match.start()]) if match["of"] else None
        unit = size * 10.0**-decimals
        value = sign * float(plain) * size
        if bound is not None:
            value += unit / 4 if bound[1] in _MORE else -unit / 4
            unit *= 2
        found.append(Written(value, unit))
    return found


def faults(told: Told, language: str) -> list[str]:
    """List what is wrong with a sentence."""
    sentence = told.sentence
    if not sentence.strip():
        return ["it is empty"]
    found = []
    if bad := _BAD.search(sentence):
        found.append(f"it holds {bad.group()!r}")
    found += [f"it lacks {text!r}" for text in told.must if text not in sentence]
    found += [f"it holds {text!r}" for text in told.must_not if text in sentence]
    bare = sentence
    for name in sorted(told.names, key=len, reverse=True):
        bare = re.sub(re.escape(name), " ", bare, flags=re.IGNORECASE)
    years = set(told.years)
    seen = [one for one in written_numbers(bare, language) if one.value not in years]
    allowed = list(told.numbers)
    for one in seen:
        if not any(_is(one, value, width) for value, width in allowed):
            found.append(f"it names {one.value:g}, which no table holds")
    return [*found, *_direction_faults(told, seen, language)]


def _is(one: Written, value: float, width: float) -> bool:
    """Say whether a written number is a rounding of a number whose range is so wide."""
    return abs(one.value - value) <= max(one.unit / 2, width / 100) * (1 + 1e-9) + 1e-9


def _direction_faults(told: Told, seen: list[Written], language: str) -> list[str]:
    claim = claim_of(told.sentence, language)
    if told.direction is None:
        return [f"it claims {claim.value}"] if claim in {Claim.UP, Claim.DOWN} else []
    differ = len(seen) > 1 and seen[0].value != seen[-1].value
    if claim is Claim.LEVEL:
        alike = len({round(value) for value, _ in told.numbers}) <= 1
        is_sure = told.direction in {Claim.LEVEL, Claim.UP, Claim.DOWN}
        return [] if is_sure and (alike or not differ) else ["it claims level"]
    if claim is Claim.NONE:
        silent = told.direction in {Claim.UP, Claim.DOWN} and differ
        return [f"it does not say {told.direction.value}"] if silent else []
    if claim is not told.direction:
        return [f"it claims {claim.value}, true is {told.direction.value}"]
    rises = len(seen) > 1 and seen[-1].value > seen[0].value
    falls = len(seen) > 1 and seen[-1].value < seen[0].value
    return [] if (rises if claim is Claim.UP else falls) else [f"{claim.value} is not seen"]


def every_fault(asked: Asked, language: str) -> list[str]:
    """Ask a section about all its inputs, and list what is wrong with what it says."""
    told = dict(asked(load_labels(language)))
    assert len(told) >= FEWEST, f"only {len(told)} inputs"
    return [
        f"{name}: {fault}: {one.sentence}"
        for name, one in told.items()
        for fault in faults(one, language)
    ]


@dataclass
class FakeTables:
    """Tables as a section reads them, from invented frames; one that is not given is empty."""

    frames: dict[str, pl.DataFrame] = field(default_factory=dict)

    def frame(self, name: str) -> pl.DataFrame:
        """Give a table."""
        return self.frames.get(name, pl.DataFrame())

    def every_scenario(self, name: str) -> pl.DataFrame:
        """Give a table of every scenario."""
        return self.frame(name)

    def speaker(self, name: str, column: str, words: Labels) -> Callable[[float], str]:
        """Give the writer of numbers in a sentence: nothing is rounded."""
        return words.numbers.whole


def facts(**changes: Any) -> base.Facts:
    """Give facts of an invented run."""
    known: dict[str, Any] = {
        "scenario_id": "baseline",
        "as_of": "2026-10",
        "first_month": "2026-11",
        "last_month": "2036-10",
        "synthetic": True,
        "person_word": "uitstromer",
        "cap": 178,
        "promise_months": 6,
        "commitment": "inspanning",
        "years": (2027, 2028),
        "run": {"draws": 2048, "scenario_label": "Basis", "current_lettings_yearly": 58.0},
        "promise": {
            "share_norm": 0.9,
            "certainty": 0.9,
            "first_year_broken": 2028,
            "backlog_persons": 84,
        },
    }
    return base.Facts(**{**known, **changes})


def yearly(ranges: list[Range], *, first: int = 2027, prefix: str = "") -> pl.DataFrame:
    """Give years with a mean and a range."""
    schema = {
        "year": pl.Int64,
        "months_covered": pl.Int64,
        f"{prefix}mean": pl.Float64,
        f"{prefix}p10": pl.Float64,
        f"{prefix}p90": pl.Float64,
    }
    rows = [
        (first + step, 12, *(float(number) for number in numbers))
        for step, numbers in enumerate(ranges)
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def ends(ranges: list[Range]) -> list[tuple[float, float]]:
    """Give the first and the last mean with the width of its range."""
    return [(one[0], one[2] - one[1]) for one in (ranges[0], ranges[-1])]


def way(ranges: list[Range]) -> Claim:
    """Work out what may be claimed about some years."""
    return Claim.NONE if len(ranges) == 1 else true_claim(ranges[0], ranges[-1])
