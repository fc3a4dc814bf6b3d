"""What changed, in words: up, down, level, balanced, unsplit, first; what is shown adds up."""

import random

import polars as pl
import pytest

from models.outflow.changes import STEPS, change_table
from reports.labels import Labels
from reports.sections import changed
from tests.reports.invented_release import Frames
from tests.reports.quick_reader import QuickReader

pytestmark = pytest.mark.unit


@pytest.fixture
def reader(words: Labels) -> QuickReader:
    return QuickReader(words)


MINUS = "\N{MINUS SIGN}"


def table(previous: float, parts: list[float] | None, current: float) -> pl.DataFrame:
    chain = None
    if parts is not None:
        levels = [previous + sum(parts[: at + 1]) for at in range(4)]
        chain = {step: {"gross": level} for step, level in zip(STEPS[:-1], levels, strict=True)}
    made = change_table({"gross": previous}, chain, {"gross": current})
    return made.with_columns(previous_as_of=pl.lit("2026-04"))


TRUTH = [
    (1400.0, [0.0, -6.0, 42.0, 0.0], 1446.0, "ging de uitkomst van 1.400 naar 1.446: 46 meer"),
    (1400.0, [0.0, -6.0, 42.0, 0.0], 1390.0, "ging de uitkomst van 1.400 naar 1.390: 10 minder"),
    (1400.0, [0.0, 0.0, 0.0, 0.0], 1400.0, "De uitkomst is dezelfde als"),
    (1400.0, [5.0, 0.0, 0.0, 0.0], 1400.0, "De uitkomst is per saldo even hoog als"),
    (1400.2, [0.1, 0.0, 0.0, 0.0], 1400.4, "De uitkomst is dezelfde als"),
    (0.0, [0.0, 0.0, 0.0, 0.0], 0.0, "De uitkomst is dezelfde als"),
    (0.0, [0.0, 0.0, 3.0, 0.0], 3.0, "van 0 naar 3: 3 meer"),
    (-120.0, [0.0, 0.0, 20.0, 0.0], -100.0, f"van {MINUS}120 naar {MINUS}100: 20 meer"),
    (30.0, [0.0, -50.0, 0.0, 0.0], -20.0, f"van 30 naar {MINUS}20: 50 minder"),
    (1400.0, None, 1446.0, "van 1.400 naar 1.446: 46 meer"),
    (1400.0, None, 1400.0, "De uitkomst is dezelfde als"),
]


@pytest.mark.parametrize(("previous", "parts", "current", "said"), TRUTH)
def test_a_change_is_said_as_it_is(
    words: Labels, previous: float, parts: list[float] | None, current: float, said: str
) -> None:
    change = changed.read_change(table(previous, parts, current))
    finding = changed.change_finding(change, words)
    assert said in finding
    assert "april 2026" in finding


def test_a_first_edition_says_so(words: Labels) -> None:
    assert "eerste editie" in changed.change_finding(None, words)
    assert changed.change_sentences(None, words) == ()


@pytest.mark.parametrize("seed", range(30))
def test_what_a_reader_sees_adds_up(words: Labels, seed: int) -> None:
    dice = random.Random(seed)
    parts = [dice.choice([0.0, dice.uniform(-80, 80)]) for _ in range(4)]
    previous = dice.uniform(-50, 3000)
    current = previous + sum(parts) + dice.choice([0.0, dice.uniform(-80, 80)])
    change = changed.read_change(table(previous, parts, current))
    assert change is not None
    assert change.before + sum(bar.value for bar in change.parts) == change.after
    assert abs(change.after - current) <= 0.5 + 1e-6
    said = " ".join(changed.change_sentences(change, words))
    for bar in change.parts:
        assert (words.code("change_part", bar.part) in said) == (bar.value != 0), bar


@pytest.mark.parametrize("seed", range(20))
def test_stored_parts_add_up_to_the_sixth_decimal(seed: int) -> None:
    dice = random.Random(seed)
    parts = [dice.uniform(-80, 80) / 3 for _ in range(4)]
    previous, current = dice.uniform(0, 3000) / 7, dice.uniform(0, 3000) / 7
    found = dict(table(previous, parts, current).select("part", "mean").iter_rows())
    total = found["previous"] + sum(found[step] for step in STEPS)
    assert round(total, 6) == found["current"]
    assert list(found) == ["previous", *STEPS, "current"]


def test_a_change_that_cannot_be_split_says_so_and_draws_nothing(
    reader: QuickReader, frames: Frames
) -> None:
    name = "mart_demand__changes"
    frames[name] = frames[name].filter(pl.col("part").is_in(["previous", "current"]))
    section = reader.section("changed", frames)
    assert section.charts == ()
    assert any("niet uit te splitsen" in text for text in section.paragraphs)


def test_the_table_holds_what_the_picture_shows(reader: QuickReader, frames: Frames) -> None:
    (chart,) = reader.section("changed", frames).charts
    rows = chart.picture.table.shown.to_dicts()
    levels = [row["level"] for row in rows if row["level"] is not None]
    parts = [row["apart"] for row in rows if row["apart"] is not None]
    assert (len(levels), len(parts)) == (2, 5)
    assert levels[0] + sum(parts) == levels[1]
    assert "1.398" in chart.title
    assert "1.446" in chart.title


def test_a_release_without_the_headline_tells_the_change_of_gross_demand(
    reader: QuickReader, frames: Frames
) -> None:
    name = "mart_demand__changes"
    frames[name] = frames[name].filter(pl.col("measure") == "gross")
    assert "van 1.978 naar 2.026" in reader.section("changed", frames).finding


def test_without_rows_the_section_is_there_and_says_why(
    reader: QuickReader, frames: Frames
) -> None:
    frames["mart_demand__changes"] = frames["mart_demand__changes"].clear()
    section = reader.section("changed", frames)
    assert not section.is_missing
    assert section.charts == ()
