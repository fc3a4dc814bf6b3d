"""The parties' sections: true titles, lawful sentences, what is unknown, and no person in sight."""

from typing import Any

import polars as pl
import pytest

from models.marts.parties import GATES, STATUSES, QuotaProject
from models.quota.clash import BoundKind
from models.quota.pacing import Course
from models.quota.vacancies import CLAIMS
from models.tables import MARTS
from reports.labels import Labels
from reports.sections import associations, claims, origin, progress, projects_carried
from tests.reports.conftest import Reader
from tests.reports.invented_parties import clash_rows
from tests.reports.invented_release import Frames

pytestmark = pytest.mark.unit

PARTIES = ("progress", "associations", "claims", "origin", "projects_carried")


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        ("ground", list(CLAIMS)),
        ("course", [item.value for item in Course]),
        ("gate", list(GATES)),
        ("project_status", list(STATUSES)),
        ("project_kind", list(QuotaProject.kind.categories)),
    ],
)
def test_every_code_of_the_parties_has_a_label(
    words: Labels, family: str, codes: list[str]
) -> None:
    assert codes
    assert [code for code in codes if not words.has(f"{family}.{code}")] == []


@pytest.mark.parametrize("section_id", PARTIES)
def test_every_chart_has_the_sections_finding_as_its_title(
    reader: Reader, frames: Frames, section_id: str
) -> None:
    section = reader.section(section_id, frames)
    assert len(section.charts) == 1
    assert section.finding == section.charts[0].title
    assert not section.finding.endswith(".")


# --- progress ------------------------------------------------------------------------------------


def whole(realised: int, norm: float, state: str, **more: Any) -> dict[str, Any]:
    row = {
        "year": 2026,
        "of_months": 12,
        "quota": 178,
        "realised": realised,
        "norm": norm,
        "state": state,
    }
    return {**row, **more}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            whole(140, 148.333333, "behind"),
            "Tot en met oktober 2026 zijn 140 woningen verhuurd: minder dan de norm (148,3)\n"
            "De opgave is 178 in het hele jaar",
        ),
        (
            whole(160, 148.333333, "ahead"),
            "Tot en met oktober 2026 zijn 160 woningen verhuurd: meer dan de norm (148,3)\n"
            "De opgave is 178 in het hele jaar",
        ),
        (
            whole(148, 148.333333, "on_course"),
            "Tot en met oktober 2026 zijn 148 woningen verhuurd: dat is op koers\n"
            "De opgave is 178 in het hele jaar",
        ),
        (whole(3, 0.0, "ahead", quota=0), "In 2026 is er geen opgave"),
    ],
)
def test_progress_says_more_or_fewer_than_the_norm(
    reader: Reader, frames: Frames, words: Labels, row: dict[str, Any], sentence: str
) -> None:
    from reports.sections import base

    facts = base.read_facts(reader.release(frames))
    assert progress.progress_finding(row, facts, words) == sentence


def test_every_municipality_is_named_once_as_ahead_on_course_or_behind(
    reader: Reader, frames: Frames
) -> None:
    said = " ".join(reader.section("progress", frames).paragraphs)
    assert "Voor op de norm: Duinstad." in said
    assert "Op koers: Polderwijk en Zandoever." in said
    assert "Achter op de norm: Havendorp en Klein & Fijn" in said
    assert "halfjaar" not in said


def test_half_years_show_the_backlog_of_the_one_before(reader: Reader, frames: Frames) -> None:
    name = "mart_quota__progress"
    frames[name] = frames[name].with_columns(
        of_months=pl.lit(6, pl.Int32), months_passed=pl.lit(4, pl.Int32)
    )
    section = reader.section("progress", frames)
    assert any("per halfjaar" in text for text in section.paragraphs)
    assert "De norm tot nu is 4/6 van wat het halfjaar vraagt" in section.charts[0].notes[0]
    assert section.finding == (
        "In dit halfjaar zijn 140 woningen verhuurd: minder dan de norm (142,5)"
    )
    assert section.charts[0].subtitle.startswith("Geteld is tot en met oktober 2026. ")
    heads = [column.head for column in section.charts[0].picture.table.columns]
    assert "Achterstand uit het vorige halfjaar (woningen)" in heads


def test_without_quotas_there_is_no_progress(reader: Reader, frames: Frames) -> None:
    frames["mart_quota__progress"] = frames["mart_quota__progress"].clear()
    assert reader.section("progress", frames) is None


# --- associations --------------------------------------------------------------------------------


def test_the_association_with_most_homes_is_named_and_the_table_adds_up(
    reader: Reader, frames: Frames
) -> None:
    section = reader.section("associations", frames)
    assert section.finding == (
        "Van Wonen Duin worden in 2026 de meeste woningen gevraagd: 120 van de 171"
    )
    table = section.charts[0].picture.table
    assert table.total_rows == 1
    assert table.frame["quota"].to_list() == [120, 51, 171]
    heads = [column.head for column in section.tables[0].table.columns]
    assert "Verdeelsysteem" in heads
    assert section.tables[1].folded


def test_one_allocation_system_needs_no_column(reader: Reader, frames: Frames) -> None:
    name = "mart_quota__yearly_association"
    frames[name] = frames[name].with_columns(allocation_system=pl.lit("WoningNet"))
    heads = [
        column.key for column in reader.section("associations", frames).tables[0].table.columns
    ]
    assert "allocation_system" not in heads


def test_bounds_are_said_to_be_unknown_partly_known_reached_or_never(
    reader: Reader, frames: Frames
) -> None:
    name = "mart_quota__yearly_association"
    said = " ".join(reader.section("associations", frames).paragraphs)
    assert "Van Stichting Havenhuis in Klein & Fijn" in said
    assert "Die grens wordt nergens bereikt." in said
    at_bound = (pl.col("association") == "Wonen Duin") & (pl.col("municipality_code") == "GM9003")
    reached = {**frames, name: frames[name].with_columns(is_bound=at_bound)}
    said = " ".join(reader.section("associations", reached).paragraphs)
    assert "wordt die grens bereikt door Wonen Duin in Polderwijk." in said
    unknown = {**frames, name: frames[name].with_columns(bound=pl.lit(None, pl.Int64))}
    said = " ".join(reader.section("associations", unknown).paragraphs)
    assert "Er is daarom geen grens gebruikt." in said
    assert "nergens bereikt" not in said


def test_a_clash_is_one_sentence_with_every_bound_in_place_of_the_municipalitys_rows(
    reader: Reader, frames: Frames
) -> None:
    name = "mart_quota__association_clash"
    rows = [{"region_id": "duinstreek", **row} for row in clash_rows("GM9002", "Havendorp")]
    frames[name] = pl.DataFrame(rows, schema=frames[name].schema)
    quotas = "mart_quota__yearly_association"
    frames[quotas] = frames[quotas].filter(
        (pl.col("municipality_code") != "GM9002") | (pl.col("year") < 2031)
    )
    section = reader.section("associations", frames)
    assert (
        "De opgave van Havendorp in 2031 (37 woningen) past niet bij wat er naar verwachting "
        "vrijkomt bij Stichting Havenhuis (9) en Wonen Duin (24): er zijn 4 woningen te weinig. "
        "Vanaf dat jaar is de opgave van deze gemeente daarom niet over corporaties verdeeld."
    ) in section.paragraphs
    wide = section.tables[1].table.frame.filter(municipality_name="Havendorp")
    assert wide["2031"].to_list() == [None, None]
    assert wide["2030"].null_count() == 0
    frames[quotas] = frames[quotas].clear()
    alone = reader.section("associations", frames)
    assert alone.finding.startswith("Een verdeling over corporaties past niet")
    assert len(alone.paragraphs) == 1
    assert not alone.charts
    assert not alone.is_missing


def test_only_quotas_and_maxima_are_named_in_a_clash() -> None:
    """The sentence knows these two kinds; another kind needs words of its own."""
    kinds = {row["kind"] for row in clash_rows("GM9002", "Havendorp")}
    assert kinds == {BoundKind.ROW_TOTAL, BoundKind.MAXIMUM}


@pytest.mark.parametrize(
    ("emptied", "reason"),
    [
        (("mart_quota__yearly_association",), "hoeveel woningen zij per gemeente hebben, is niet"),
        (
            ("mart_quota__yearly_association", "mart_quota__yearly_municipality"),
            "een verdeling over gemeenten is niet afgesproken",
        ),
    ],
)
def test_no_split_is_a_lawful_sentence_with_its_reason(
    reader: Reader, frames: Frames, emptied: tuple[str, ...], reason: str
) -> None:
    for name in emptied:
        frames[name] = frames[name].clear()
    section = reader.section("associations", frames)
    assert reason in section.finding
    assert not section.is_missing
    assert not section.tables


def test_a_municipality_without_stock_is_named(reader: Reader, frames: Frames) -> None:
    name = "mart_quota__yearly_association"
    frames[name] = frames[name].filter(pl.col("municipality_code") != "GM9004")
    assert (
        "Voor Zandoever is geen bezit van corporaties geleverd; daar is de opgave niet verdeeld."
    ) in reader.section("associations", frames).paragraphs


def test_one_association_and_no_homes_have_sentences_of_their_own(words: Labels) -> None:
    one = [{"association": "Woon", "quota": 7, "municipalities": 1}]
    said = associations.associations_finding(one, 2026, words)
    assert said == "In 2026 worden van Woon 7 woningen gevraagd"
    none = [{**one[0], "quota": 0}]
    said = associations.associations_finding(none, 2026, words)
    assert said == "In 2026 wordt van geen enkele corporatie een woning gevraagd"


# --- claims --------------------------------------------------------------------------------------


def test_claims_name_the_largest_and_what_is_unknown(reader: Reader, frames: Frames) -> None:
    section = reader.section("claims", frames)
    assert section.finding == (
        "Verhuurd per 100 passende woningen die in 2025 vrijkwamen: 25,8 voor statushouders"
    )
    assert section.charts[0].subtitle.startswith(
        "De grootste groepen: 25,8 voor statushouders, 12,9 voor uitstroom en 10,3 voor mensen met "
        "urgentie. "
    )
    assert section.paragraphs == (
        "Over verhuringen voor anderen met voorrang en gewone woningzoekenden is niets geleverd: "
        "dat aantal is onbekend, niet nul.",
        "In 2027 vraagt de opgave 174 woningen: 13,4 op elke 100 passende woningen die dan naar "
        "verwachting vrijkomen. Hoeveel woningen anderen dan vragen, is onbekend.",
    )
    table = section.charts[0].picture.table
    unknown = {column.missing for column in table.columns if column.form.is_number}
    assert unknown == {"onbekend"}
    assert table.frame.filter(pl.col("claim") == "regular")["dwellings"].null_count() == 4


def test_without_suitable_homes_all_that_came_free_are_the_measure(
    reader: Reader, frames: Frames
) -> None:
    name = "mart_quota__claim"
    empty = {key: pl.lit(None, pl.Float64) for key in ("suitable_relets", "per_100_suitable")}
    frames[name] = frames[name].with_columns(**empty)
    section = reader.section("claims", frames)
    assert section.finding.startswith("Verhuurd per 100 woningen die in 2025 vrijkwamen")
    assert "niet geleverd" in section.charts[0].subtitle
    assert len(section.paragraphs) == 1


def test_claims_without_any_number_are_missing(reader: Reader, frames: Frames) -> None:
    frames["mart_quota__claim"] = frames["mart_quota__claim"].clear()
    assert reader.section("claims", frames).is_missing


def test_nobody_housed_on_a_known_ground_is_said_as_nothing(words: Labels) -> None:
    rows = [{"year": 2025, "claim": "outflow", "per_100_suitable": 0.0}]
    said = claims.claims_finding(rows, "per_100_suitable", words)
    assert said == "In 2025 is op geen enkele bekende grond een woning verhuurd"


# --- origins -------------------------------------------------------------------------------------


def test_origins_show_totals_of_three_whole_years_and_no_way_of_a_person(
    reader: Reader, frames: Frames
) -> None:
    section = reader.section("origin", frames)
    assert section.finding.startswith("Van de woningen ging ")
    assert section.charts[0].subtitle.startswith("In 2023 t/m 2025 waren dat er ")
    table = section.charts[0].picture.table
    assert [column.key for column in table.columns] == [
        "municipality_name",
        "housed",
        "net",
        "network_net",
    ]
    assert table.frame["net"].sum() == 0
    accounts = frames["mart_quota__override"].filter(pl.col("year").is_between(2023, 2025))
    town = accounts.filter(municipality_code="GM9001")["net"].sum()
    assert table.frame.filter(municipality_code="GM9001")["net"].to_list() == [town]
    assert any("niet bekend" in text for text in section.paragraphs)


def test_who_led_is_said_only_where_the_network_did(words: Labels) -> None:
    rows = pl.DataFrame({"dwellings": [190, 10], "network_led": [0, 3]})
    said = origin.network_sentence(rows, "2023 t/m 2025", words)
    assert "lag 1,5% van de woningen in de gemeente van het netwerk" in said
    none = origin.network_sentence(rows.head(1), "2023 t/m 2025", words)
    assert "geen woning gevonden" in none


def test_origins_that_nobody_delivered_are_missing(reader: Reader, frames: Frames) -> None:
    name = "mart_quota__origin"
    frames[name] = frames[name].filter(pl.col("origin_code") == "unknown")
    assert reader.section("origin", frames).is_missing


# --- projects ------------------------------------------------------------------------------------


def test_projects_say_who_carries_what_and_which_gates_are_open(
    reader: Reader, frames: Frames
) -> None:
    section = reader.section("projects_carried", frames)
    assert section.finding == "Duinstad draagt de meeste plekken in projecten: 38"
    assert section.paragraphs[:2] == (
        "Projecten tellen 90 plekken: 38 open, 24 in aanbouw, 8 besloten en 20 een bod.",
        "Projecten komen in één keer en staan naast de stroom van gewone woningen. Zij tellen "
        "nooit mee in de opgave en veranderen haar niet.",
    )
    assert (
        "Om een plek van de soort 'Domus' vragen in 2027 gemiddeld 11 mensen (7 tot 15); er is "
        "nog geen plek open."
    ) in section.paragraphs
    assert "Bij 3 van de 3 projecten die nog niet open zijn, staat een voorwaarde open." in (
        section.paragraphs
    )
    listed = section.tables[0].table.frame
    assert listed["gates"].to_list() == [
        "alles geregeld",
        "alles geregeld",
        "nog open: budget",
        "nog open: begeleiding en aanbesteding",
        "nog open: voorrang",
    ]
    assert [table.table_id for table in section.tables] == [
        "projects-list",
        "projects-need",
        "quota-bids",
    ]


def test_a_region_without_projects_gets_one_lawful_sentence(reader: Reader, frames: Frames) -> None:
    for name in ("mart_quota__project", "mart_quota__project_need", "mart_quota__bid"):
        frames[name] = MARTS[name].create_empty()
    section = reader.section("projects_carried", frames)
    assert section.finding == "Er zijn geen projecten aangeleverd"
    assert section.paragraphs[-1] == "Een bod van een gemeente is niet bekend."
    assert not section.is_missing
    assert not section.charts
    assert not section.tables


def test_ideas_and_stopped_projects_are_nothing_firm(reader: Reader, frames: Frames) -> None:
    name = "mart_quota__project"
    kind = frames[name].schema["status"]
    frames[name] = frames[name].with_columns(status=pl.lit("idee").cast(kind))
    said = projects_carried.projects_finding(frames[name], reader.words)
    assert said.startswith("Er zijn projecten aangeleverd, maar nog geen met een bod")


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (("met",) * 4, "alles geregeld"),
        (("met", None, "met", "met"), "onbekend"),
        (("open", None, "met", "met"), "nog open: voorrang"),
    ],
)
def test_a_gate_that_nobody_told_is_not_called_met(
    words: Labels, states: tuple[str | None, ...], said: str
) -> None:
    row = {f"gate_{gate}": state for gate, state in zip(GATES, states, strict=True)}
    assert projects_carried.gate_words(row, words) == said
