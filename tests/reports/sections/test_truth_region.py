"""The map, homes missed, earlier outcomes and laws: findings that hold, parts that add up."""

import polars as pl
import pytest

from reports.labels import Labels
from reports.sections.laws import laws_finding
from reports.sections.misses import misses_finding
from reports.sections.realised import realised_finding
from reports.sections.region_map import map_finding
from tests.reports.invented_release import MUNICIPALITIES, Frames
from tests.reports.quick_reader import QuickReader

pytestmark = pytest.mark.unit


@pytest.fixture
def reader(words: Labels) -> QuickReader:
    return QuickReader(words)


def homes(**quotas: int | None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "municipality_code": [f"GM000{at}" for at in range(len(quotas))],
            "municipality_name": list(quotas),
            "quota": list(quotas.values()),
        },
        schema_overrides={"quota": pl.Int64},
    )


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (homes(A=80, B=34, C=24), "Meer dan de helft van de 138 woningen staat in A: 80"),
        (homes(A=10, B=34, C=34), "komt in B en C\nSamen zijn dat er 68 in 2026"),
        (homes(A=5, B=5), "komt in A en B\nSamen zijn dat er 10 in 2026"),
        (homes(A=5, B=None), "staat in A: 5"),
        (homes(A=0, B=0), "voor geen enkele gemeente een opgave"),
        (homes(A=None, B=None), "voor geen enkele gemeente een opgave"),
    ],
)
def test_the_map_names_the_fewest_that_hold_more_than_half(
    words: Labels, shown: pl.DataFrame, said: str
) -> None:
    assert said in map_finding(shown, 2026, words)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (
            (5, 2, 4, 2),
            "Het vaakst genoemd bij de 13 gemiste woningen: 'er kwam geen woning vrij' (5)",
        ),
        (
            (5, 5, 4, 2),
            "het vaakst genoemd: elk 5\nDat zijn 'er kwam geen woning vrij' en 'er was geen",
        ),
        ((0, 0, 0, 3), "De reden steeds: 'de begeleiding was niet gereed'"),
        ((0, 0, 0, 0), "geen enkele woning van de opgave gemist"),
        ((1, 1, 1, 1), "het vaakst genoemd: elk 1"),
        ((0, 1, 0, 0), "In 2026 is 1 woning van de opgave niet verhuurd\nDe reden: 'er was geen"),
    ],
)
def test_the_reason_that_explains_most_is_named(
    words: Labels, parts: tuple[int, ...], said: str
) -> None:
    reasons = ("no_vacancy", "no_candidate", "no_match", "no_care_ready")
    assert said in misses_finding(dict(zip(reasons, parts, strict=True)), 2026, words)


@pytest.mark.parametrize(
    ("kind", "agreed", "realised", "said"),
    [
        ("target", 1850, 1823, "1.823 woningen verhuurd: 27 minder dan het doel van 1.850"),
        ("target", 1850, 1850, "precies het doel"),
        ("target", 1850, 1900, "50 meer dan het doel"),
        ("cap", 1800, 1785, "1.785 woningen verhuurd, van ten hoogste 1.800"),
        ("cap", 1800, 1800, "zoveel als ten hoogste was afgesproken"),
        ("cap", 1800, 1801, "1 meer dan het plafond van 1.800"),
        ("cap", 0, 0, "zoveel als ten hoogste"),
    ],
)
def test_a_ceiling_is_never_told_as_a_target(
    words: Labels, kind: str, agreed: int, realised: int, said: str
) -> None:
    row = {"kind": kind, "agreed": agreed, "realised": realised, "year": 2020}
    finding = realised_finding(row, words)
    assert said in finding
    assert ("doel" in finding) == (kind == "target")


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["in_force", "in_force"], "waren alle genoemde wetten van kracht"),
        (
            ["in_force", "bill"],
            "nog niet alle genoemde wetten van kracht\nNog niet van kracht: wet 1; de andere",
        ),
        (
            ["adopted", "intention"],
            "geen van de genoemde wetten van kracht\nNog niet van kracht: wet 0 en wet 1",
        ),
    ],
)
def test_a_law_that_is_not_in_force_is_named(words: Labels, statuses: list[str], said: str) -> None:
    laws = pl.DataFrame(
        {
            "name": [f"wet {at}" for at in range(len(statuses))],
            "legal_status": statuses,
            "status_on": [f"2026-01-0{at + 2}" for at in range(len(statuses))],
        }
    )
    assert said in laws_finding(laws, words)


def test_reasons_add_up_in_every_row_and_over_the_municipalities(
    reader: QuickReader, frames: Frames
) -> None:
    (chart,) = reader.section("misses", frames).charts
    rows = chart.picture.table.shown.to_dicts()
    reasons = ("no_vacancy", "no_candidate", "no_match", "no_care_ready")
    for row in rows:
        assert sum(row[reason] for reason in reasons) == row["missed"], row
    for key in (*reasons, "missed"):
        assert sum(row[key] for row in rows[:-1]) == rows[-1][key]


def test_a_year_that_is_not_over_is_said_to_run(reader: QuickReader, frames: Frames) -> None:
    def under_title() -> str:
        return reader.section("misses", frames).charts[0].subtitle

    running = under_title()
    name = "mart_quota__miss"
    frames[name] = frames[name].with_columns(year=pl.lit(2025, pl.Int32))

    assert "zijn in 2026 (tot nu toe) niet verhuurd" in running
    assert "zijn in 2025 niet verhuurd" in under_title()


def test_the_map_draws_squares_and_no_ground(reader: QuickReader, frames: Frames) -> None:
    (chart,) = reader.section("region_map", frames).charts
    (panel,) = chart.picture.panels
    assert {trace.type for trace in panel.figure.data} == {"scatter"}
    assert {trace.fill for trace in panel.figure.data} == {"toself"}
    assert len(panel.figure.data) == len(MUNICIPALITIES) == chart.picture.table.shown.height
    for trace in panel.figure.data:
        assert max(trace.x) - min(trace.x) == pytest.approx(max(trace.y) - min(trace.y))
    said = [note.text for note in panel.figure.layout.annotations]
    assert any("&lt;i&gt;" in text for text in said)
    for quota in chart.picture.table.frame["quota"]:
        assert f"<b>{quota}</b>" in said


def test_one_municipality_needs_no_map(reader: QuickReader, frames: Frames) -> None:
    name = "mart_municipality__tile"
    frames[name] = frames[name].head(1)
    assert reader.section("region_map", frames) is None


@pytest.mark.parametrize(
    ("section_id", "table"),
    [
        ("misses", "mart_quota__miss"),
        ("realised", "mart_agreement__realised"),
        ("laws", "mart_agreement__law"),
        ("region_map", "mart_municipality__tile"),
    ],
)
def test_a_section_without_its_table_is_left_out_by_name(
    reader: QuickReader, frames: Frames, section_id: str, table: str
) -> None:
    frames[table] = frames[table].clear()
    section = reader.section(section_id, frames)
    assert section.is_missing
    assert section.heading
