"""Sections on quotas and keys: kinds apart, other keys, findings, low and high demand."""

import polars as pl
import pytest

from tests.reports.conftest import Reader
from tests.reports.invented_release import Frames

pytestmark = pytest.mark.unit


def _set(frames: Frames, name: str, **values: object) -> None:
    frame = frames[name]
    frames[name] = frame.with_columns(
        pl.lit(value, dtype=frame.schema[key]).alias(key) for key, value in values.items()
    )


def test_weights_that_nobody_published_are_called_unconfirmed(
    reader: Reader, frames: Frames
) -> None:
    section = reader.section("keys", frames)
    assert "De gewichten (huishoudens 50% en corporatiewoningen 50%) zijn nog niet bevestigd." in (
        section.paragraphs
    )
    heads = [column.head for column in section.tables[-1].table.columns]
    assert heads == [
        "Gemeente",
        "Huishoudens",
        "Huishoudens, aandeel",
        "Corporatiewoningen",
        "Corporatiewoningen, aandeel",
        "Aandeel in de sleutel",
    ]


def test_confirmed_weights_are_called_confirmed(reader: Reader, frames: Frames) -> None:
    _set(frames, "mart_quota__key", weight_confirmed=True)
    assert any("bevestigd: " in text for text in reader.section("keys", frames).paragraphs)
    assert len(reader.summary(frames).quotas.notes) == 1


def test_at_most_and_owed_are_two_columns(reader: Reader, frames: Frames) -> None:
    columns = [
        column.head for column in reader.section("quota", frames).charts[0].picture.table.columns
    ]
    assert columns[1:3] == ["Ten hoogste (woningen)", "Opgave (woningen)"]


def test_the_home_after_those_of_the_year_is_named(reader: Reader, frames: Frames) -> None:
    homes = frames["mart_quota__home"]
    row = homes.filter(pl.col("is_next") & (pl.col("year") == 2026)).row(0, named=True)
    said = " ".join(reader.section("quota", frames).paragraphs)
    assert f"nog een woning komen, dan gaat die naar {row['municipality_name']}" in said


def test_a_bid_stands_beside_the_quota(reader: Reader, frames: Frames) -> None:
    assert "bood" not in " ".join(reader.section("quota", frames).paragraphs)
    _set(frames, "mart_quota__yearly_municipality", bid=4)
    section = reader.section("quota", frames)
    assert "Duinstad bood 4 woningen" in " ".join(section.paragraphs)
    assert section.charts[0].picture.table.columns[-1].head == "Bod (woningen)"


def test_another_key_shows_for_whom_it_makes_most_difference(
    reader: Reader, frames: Frames
) -> None:
    own = frames["mart_quota__key_share"]
    moved = {"Duinstad": -6, "Havendorp": 6}
    other = own.with_columns(
        key_id=pl.lit("anders"),
        key_label=pl.lit("Anders gewogen"),
        is_in_force=pl.lit(value=False),
        position=pl.lit(2, pl.Int64),
        year_homes=pl.col("year_homes")
        + pl.col("municipality_name").replace_strict(moved, default=0, return_dtype=pl.Int64),
    )
    frames["mart_quota__key_share"] = pl.concat([own, other])
    section = reader.section("keys", frames)
    assert section.finding == (
        "Andere gewichten schelen Duinstad en Havendorp het meest: elk 6 van de "
        f"{own['year_total'][0]} woningen"
    )
    beside = section.tables[0].table.frame["key"].to_list()
    assert beside == ["Huishoudens en corporatiewoningen (geldt nu)", "Anders gewogen"]


def test_a_home_that_hangs_on_a_rounding_is_named(reader: Reader, frames: Frames) -> None:
    said = " ".join(reader.section("keys", frames).paragraphs)
    assert "van Havendorp in 31%" in said
    _set(frames, "mart_quota__stability", share_moved=0.0)
    assert "bleef elk aantal voor 2027 gelijk" in " ".join(
        reader.section("keys", frames).paragraphs
    )


def test_a_correction_is_told_with_its_indicator(reader: Reader, frames: Frames) -> None:
    plain = reader.section("keys", frames)
    assert "De sleutel corrigeert niet voor zorgdruk." in plain.paragraphs
    _set(
        frames,
        "mart_quota__key_share",
        indicator="Wmo-gebruik naar woonplaats",
        pressure=1.5,
        reference=1.2,
        correction=0.8,
        correction_confirmed=False,
    )
    section = reader.section("keys", frames)
    assert any(
        "nog niet bevestigd" in text and "Wmo-gebruik" in text for text in section.paragraphs
    )
    assert section.tables[-1].table_id == "quota-correction"


@pytest.mark.parametrize(
    ("severity", "finding"),
    [
        ("refused", "De controle vindt één punt waarop de sleutel niet te verdedigen is"),
        ("warning", "De controle vindt één punt om op te letten"),
        ("note", "De controle vindt niets ernstigs; één opmerking"),
    ],
)
def test_findings_of_the_control_are_told_with_their_counter_example(
    severity, finding, reader: Reader, frames: Frames
) -> None:
    frames["mart_quota__finding"] = frames["mart_quota__finding"].with_columns(
        severity=pl.lit(severity, frames["mart_quota__finding"]["severity"].dtype)
    )
    section = reader.section("lint", frames)
    assert section.finding == finding
    (sentence,) = section.tables[0].table.frame["sentence"]
    assert sentence.startswith("De factoren huishoudens en ")
    assert "100 procent" in sentence


def test_a_key_without_findings_says_so(reader: Reader, frames: Frames) -> None:
    frames["mart_quota__finding"] = frames["mart_quota__finding"].clear()
    assert reader.section("lint", frames).finding == "De controle van de sleutel vindt niets"


def test_low_middle_and_high_demand_stand_beside_the_cap(reader: Reader, frames: Frames) -> None:
    section = reader.section("ranges", frames)
    assert section.finding == (
        "Duinstad heeft 611 tot 1.010 woningen nodig; het deel van het plafond is 837"
    )
    assert section.charts[0].subtitle.startswith("Dat is over tien jaar. ")
    table = section.charts[0].picture.table.frame
    assert table.row(-1, named=True)["demand_high"] == 2150
    assert "Het krapst is het in Klein & Fijn <i>aan Zee</i>: 21%" in " ".join(section.paragraphs)
    _set(frames, "mart_quota__supply", chance_above=0.3)
    assert "de vraag groter dan" in " ".join(reader.section("ranges", frames).paragraphs)


@pytest.mark.parametrize("section", ["keys", "lint", "ranges"])
def test_a_region_without_a_key_has_no_such_section(
    section, reader: Reader, frames: Frames
) -> None:
    for name in ("mart_quota__key_share", "mart_quota__range"):
        frames[name] = frames[name].clear()
    assert reader.section(section, frames) is None


def test_municipalities_and_target_groups_stand_in_one_table_with_both_totals(
    reader: Reader, frames: Frames
) -> None:
    tables = {table.table_id: table for table in reader.section("quota", frames).tables}
    frame = tables["quota-groups"].table.frame
    groups = frame.columns[1:-1]
    assert (frame["all"] == frame.select(pl.sum_horizontal(groups)).to_series()).all()
    assert frame.row(-1)[1:] == tuple(frame[:-1].select(pl.exclude("name").sum()).row(0))
