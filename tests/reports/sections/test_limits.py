"""What the figures say and do not say: each point is true of the release that it stands in."""

import polars as pl
import pytest

from reports import findings
from reports.blocks import Section
from reports.labels import Labels
from reports.sections import limits
from tests.reports.invented_release import Frames
from tests.reports.quick_reader import QuickReader

pytestmark = pytest.mark.unit

QUOTAS = "mart_quota__yearly_municipality"


@pytest.fixture
def reader(words: Labels) -> QuickReader:
    return QuickReader(words)


def limits_of(reader: QuickReader, frames: Frames) -> Section:
    section = reader.section("limits", frames)
    assert section is not None
    return section


def points(reader: QuickReader, frames: Frames) -> str:
    return " ".join(limits_of(reader, frames).paragraphs)


def test_the_points_are_few_and_come_first(reader: QuickReader, frames: Frames) -> None:
    section = limits_of(reader, frames)
    assert section.is_list
    assert 5 <= len(section.paragraphs) <= 8
    assert section.charts == section.tables == ()
    assert all(text.endswith(".") for text in section.paragraphs)


def test_a_ceiling_is_called_a_maximum_and_never_a_plan(
    reader: QuickReader, frames: Frames
) -> None:
    said = points(reader, frames)
    assert "Ten hoogste 178 woningen per jaar is een maximum: geen plan" in said
    name = "mart_promise__region"
    frames[name] = frames[name].with_columns(cap_dwellings=pl.lit(None, pl.Int64))
    said = points(reader, frames)
    assert "Een plafond is niet afgesproken" in said
    assert "178" not in said


def test_a_contingent_in_the_place_of_a_ceiling_is_named(
    reader: QuickReader, frames: Frames
) -> None:
    name = "mart_promise__region"
    frames[name] = frames[name].with_columns(cap_dwellings=pl.lit(None, pl.Int64))
    name = "mart_agreement"
    frames[name] = frames[name].with_columns(
        kind=pl.lit("contingent"), value=pl.lit(50.0), scope=pl.lit("maatwerk")
    )
    assert "Afgesproken is: maatwerk" in points(reader, frames)


def test_a_quota_names_nobody_and_is_only_spoken_of_where_it_is_agreed(
    reader: QuickReader, frames: Frames
) -> None:
    assert "hoeveel woningen een gemeente vrijmaakt, niet voor wie" in points(reader, frames)
    frames[QUOTAS] = frames[QUOTAS].clear()
    said = points(reader, frames)
    assert "Een verdeling over gemeenten is niet afgesproken" in said
    assert "vrijmaakt" not in said


def test_the_history_of_our_ranges_is_counted_or_said_to_be_missing(
    reader: QuickReader, frames: Frames
) -> None:
    name = "mart_forecast__hindcast"
    known = frames[name].filter((pl.col("months_covered") == 12) & pl.col("observed").is_not_null())
    inside = known.filter(pl.col("observed").is_between(pl.col("p10"), pl.col("p90"))).height
    said = points(reader, frames)
    assert f"in {inside} van de {known.height} metingen binnen de marge" in said
    assert f"houdt er ongeveer {round(0.8 * known.height)}" in said
    frames[name] = frames[name].clear()
    assert "is niet nagerekend" in points(reader, frames)


def test_assumptions_that_nobody_confirmed_are_counted(reader: QuickReader, frames: Frames) -> None:
    name = "mart_parameter"
    waiting = frames[name].filter(~pl.col("confirmed")).height
    assert waiting > 0
    assert f"{waiting} van de {frames[name].height} aannames" in points(reader, frames)
    assert "Blijkt een aanname anders" in points(reader, frames)
    frames[name] = frames[name].with_columns(confirmed=pl.lit(value=True))
    said = points(reader, frames)
    assert "aannames zijn bevestigd" in said
    assert "Blijkt" not in said


def test_invented_national_and_delivered_data_are_told_apart(
    reader: QuickReader, frames: Frames
) -> None:
    assert "verzonnen" in points(reader, frames)
    for name in ("mart_delivery", "mart_run"):
        frames[name] = frames[name].with_columns(synthetic=pl.lit(value=False))
    assert "rusten op wat partijen leverden" in points(reader, frames)
    frames["mart_run"] = frames["mart_run"].with_columns(national_rates=pl.lit(value=True))
    assert "landelijke kengetallen" in points(reader, frames)


def test_what_nobody_delivered_is_named_and_what_the_region_wrote_itself_is_not(
    reader: QuickReader, frames: Frames, words: Labels
) -> None:
    assert frames["mart_agreement"].height and frames["mart_quota__project"].height
    present = set(
        frames["mart_delivery"].filter(pl.col("verdict").str.starts_with("accepted"))["contract"]
    )
    last = limits_of(reader, frames).paragraphs[-1]
    assert last.startswith("Niet geleverd: ")
    for code in words.codes("contract"):
        is_absent = code not in {*present, "agreements", "projects"}
        assert (words.code("contract", code) in last) == is_absent, code
    empty = frames["mart_delivery"].clear()
    frames["mart_delivery"] = empty
    assert words.code("contract", "capacity") in points(reader, frames)


def test_a_table_that_stays_behind_is_not_called_undelivered(words: Labels) -> None:
    class Withheld:
        base = 5

        def is_dropped(self, name: str) -> bool:
            return True

    tables = Withheld()
    assert limits.absent_sentence(tables, words) == ()  # type: ignore[arg-type]
    assert "staat niet in deze uitgave" in limits.quota_sentence(tables, words)  # type: ignore[arg-type]


@pytest.mark.parametrize(("base_of", "is_said"), [(0, False), (5, True)])
def test_rounding_is_said_only_where_counts_are_rounded(
    words: Labels, base_of: int, is_said: bool
) -> None:
    from tests.reports.sections.truth import facts

    class Rounded:
        base = base_of

    said = limits.data_sentence(Rounded(), facts(), words)  # type: ignore[arg-type]
    assert ("zijn afgerond" in said) == is_said


def test_the_finding_is_a_short_title(reader: QuickReader, frames: Frames) -> None:
    assert findings.is_short(limits_of(reader, frames).finding)
