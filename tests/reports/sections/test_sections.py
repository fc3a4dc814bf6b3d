"""Sections and first screen as they come out of a release."""

import re

import polars as pl
import pytest

from reports import theme
from reports.blocks import Section
from tests.reports import invented_release
from tests.reports.conftest import Reader
from tests.reports.invented_release import Frames

pytestmark = pytest.mark.unit


def _set(frames: Frames, name: str, **values: object) -> None:
    frame = frames[name]
    frames[name] = frame.with_columns(
        pl.lit(value, dtype=frame.schema[key]).alias(key) for key, value in values.items()
    )


def _last_year(frames: Frames, **values: float) -> None:
    name = "mart_wait__yearly_region"
    is_last = pl.col("year") == pl.col("year").max()
    frames[name] = frames[name].with_columns(
        pl.when(is_last).then(pl.lit(value)).otherwise(pl.col(key)).alias(key)
        for key, value in values.items()
    )


def test_the_first_screen_answers_the_six_questions(reader: Reader, frames: Frames) -> None:
    front = reader.summary(frames)
    assert front.headline == "Ongeveer 1.450"
    assert front.range_sentence == ("In 8 van de 10 doorrekeningen ligt het tussen 1.000 en 1.820.")
    assert "58 woningen per jaar" in front.definition
    assert "2019 t/m 2021" in front.definition
    assert [row.value for row in front.measures] == ["2.030", "1.450", "530", "1.320"]
    assert [row.is_headline for row in front.measures] == [False, True, False, False]
    cap, decide, let, matters, left, since = front.answers
    assert cap.lead.startswith(
        "Met dat plafond groeit de wachtlijst met ongeveer 385: van 84 naar ongeveer 470"
    )
    assert cap.sentences == (
        "Ten hoogste 178 is een plafond: geen plan en geen behoefte.",
        "Nodig zijn gemiddeld 203 per jaar (158 tot 240).",
        "Het aantal om af te spreken is 245 per jaar: het kleinste waarmee het streven in elk jaar "
        "dat telt met ten minste 90% zekerheid wordt gehaald.",
    )
    assert [bar.value for bar in let.bars][-4:] == ["105", "150", "162", "168"]
    assert let.sentences == ("In 2026 tot en met oktober: 141.",)
    assert (
        matters.lead
        == "Aandeel mensen zonder plek dat direct een woning krijgt, bij beschermd wonen."
    )
    assert matters.sentences[0] == (
        "Laag (30%): 1.200 extra woningen. Hoog (74%): 1.690 extra woningen."
    )
    assert left.kind == "alarm"
    assert since.lead == (
        "Sinds de uitgave van april 2026 ging de uitkomst van 1.398 naar 1.446: 48 meer. "
        "Vergeleken is met de laatste definitieve uitgave."
    )
    assert since.sentences == (
        "Herziene gegevens: \N{MINUS SIGN}6. Nieuwe maanden: +42. Besluiten en aannames: +12.",
    )
    assert decide.lead == (
        "Spreek ten minste 245 woningen per jaar af, of pas het streven van 6 maanden aan."
    )
    assert decide.sentences[0] == (
        "Ten hoogste 178 is niet genoeg: 2028 is het eerste jaar waarin het streven vaker niet dan "
        "wel wordt gehaald."
    )
    assert decide.sentences[-1] == (
        "Daarna: de gewichten van de verdeelsleutel en de aanname die het meest telt."
    )


def test_this_year_is_the_calendar_year_of_the_as_of_month(reader: Reader, frames: Frames) -> None:
    quotas = reader.summary(frames).quotas
    assert quotas.heading == "Woningen per gemeente in 2026"
    assert [(row.name, row.at_most, row.owed) for row in quotas.rows[:2]] == [
        ("Duinstad", "84", "80"),
        ("Havendorp", "35", "34"),
    ]
    assert quotas.total is not None
    assert (quotas.total.at_most, quotas.total.owed) == ("178", "171")


def test_without_a_ceiling_the_column_says_that_none_was_agreed(
    reader: Reader, frames: Frames
) -> None:
    _set(frames, "mart_quota__yearly_municipality", at_most=None)
    quotas = reader.summary(frames).quotas
    assert {row.at_most for row in quotas.rows} == {"niet afgesproken"}
    assert quotas.total is not None
    assert quotas.total.at_most == "niet afgesproken"


@pytest.mark.parametrize(
    ("low", "high", "words_of_list"),
    [
        (345.0, 820.0, "groeit de wachtlijst met ongeveer 385: van 84 naar ongeveer 470"),
        (40.0, 820.0, "staat niet vast of de wachtlijst groeit"),
        (0.0, 60.0, "krimpt de wachtlijst met 54: van 84 naar 30"),
    ],
)
def test_the_list_grows_only_when_its_whole_range_lies_above_now(
    reader: Reader, frames: Frames, low: float, high: float, words_of_list: str
) -> None:
    mean = 470.0 if high > 100 else 30.0
    _last_year(frames, list_end_mean=mean, list_end_p10=low, list_end_p50=mean, list_end_p90=high)
    section = reader.section("waiting", frames)
    without_change = re.sub(" met [^:]*:", "", words_of_list)
    assert without_change in section.finding
    assert words_of_list in reader.summary(frames).answers[0].lead


def test_a_promise_that_is_never_likelier_broken_is_said_so(reader: Reader, frames: Frames) -> None:
    _set(frames, "mart_promise__region", first_year_broken=None)
    assert reader.section("promise", frames).finding == (
        "In elk heel kalenderjaar wordt het streven van 6 maanden vaker wel dan niet gehaald"
    )


@pytest.mark.parametrize(
    ("commitment", "name", "sentence"),
    [
        ("inspanning", "het streven", "een inspanning, geen garantie"),
        ("garantie", "de garantie", "De regio garandeert"),
        ("anders", "de afspraak", "hoe bindend dat is, is niet geleverd"),
    ],
)
def test_the_words_for_the_promise_follow_its_commitment(
    reader: Reader, frames: Frames, commitment: str, name: str, sentence: str
) -> None:
    _set(frames, "mart_agreement", commitment=commitment)
    section = reader.section("promise", frames)
    assert f"wordt {name} van 6 maanden voor het eerst vaker gemist dan gehaald" in section.finding
    assert sentence in section.paragraphs[0]


def test_a_region_without_a_promise_gets_one_lawful_sentence(
    reader: Reader, frames: Frames
) -> None:
    invented_release.without_agreements(frames)
    section = reader.section("promise", frames)
    assert section.finding == "Een termijn voor het aanbod is niet afgesproken"
    assert not section.charts
    assert not section.is_missing
    waiting = reader.section("waiting", frames)
    assert [chart.chart_id for chart in waiting.charts] == ["housing-list"]
    assert waiting.finding.startswith("Zonder plafond")


def test_people_left_over_stay_off_the_first_screen_when_they_fall(
    reader: Reader, frames: Frames
) -> None:
    name = "mart_demand__yearly_region"
    falling = 1.0 - 0.08 * (pl.col("year") - 2026)
    is_unmet = pl.col("measure") == "unmet_persons"
    frames[name] = frames[name].with_columns(
        pl.when(is_unmet).then(100 * falling * share).otherwise(pl.col(key)).alias(key)
        for key, share in (("mean", 1.0), ("p10", 0.9), ("p50", 1.0), ("p90", 1.1))
    )
    front = reader.summary(frames)
    assert [answer.target for answer in front.answers] == [
        "waiting",
        "decision",
        "demand",
        "sensitivity",
        "changed",
    ]
    assert "daalt" in reader.section("unmet", frames).finding


@pytest.mark.parametrize(
    ("high", "said"),
    [(60.0, "of er meer of minder nodig zijn, staat niet vast"), (-20.0, "er minder nodig")],
)
def test_a_negative_headline_is_not_called_extra_homes_needed(
    reader: Reader, frames: Frames, high: float, said: str
) -> None:
    name = "mart_demand__ten_year"
    is_headline = pl.col("measure") == "extra_current_lettings"
    frames[name] = frames[name].with_columns(
        pl.when(is_headline).then(pl.lit(value)).otherwise(pl.col(key)).alias(key)
        for key, value in (("mean", -120.0), ("p10", -300.0), ("p50", -120.0), ("p90", high))
    )
    front = reader.summary(frames)
    assert front.headline == "Ongeveer \N{MINUS SIGN}120"
    assert said in front.headline_label
    assert "extra woningen nodig" not in front.headline_label


def test_partial_years_stand_in_the_table_and_not_in_the_line(
    reader: Reader, frames: Frames
) -> None:
    section = reader.section("demand", frames)
    chart = section.charts[0]
    table = chart.picture.table.frame
    assert table.filter(pl.col("mean").is_not_null())["year"].to_list() == list(range(2026, 2037))
    traces = chart.picture.panels[0].figure.data
    (drawn,) = (
        trace
        for trace in traces
        if trace.type == "scatter" and trace.hovertext and trace.line.color == theme.DEMAND
    )
    assert list(drawn.x) == list(range(2027, 2036))
    hollow = [trace for trace in traces if trace.type == "bar"][-1]
    assert list(hollow.x) == [2026]
    assert hollow.marker.color == "#FFFFFF"
    assert any("2026 tot en met oktober 2026: nog geen heel jaar" in note for note in chart.notes)


@pytest.mark.parametrize(
    ("total", "end"),
    [(1780, "staat niet vast"), (1200, "toe: te weinig"), (2600, "toe: genoeg")],
)
def test_the_ceiling_is_called_enough_only_when_the_whole_range_says_so(
    reader: Reader, frames: Frames, total: int, end: str
) -> None:
    name = "mart_wait__yearly_region"
    frames[name] = frames[name].with_columns(
        (pl.col("months_covered") * total / 120).round().cast(pl.Int64).alias("cap_dwellings")
    )
    assert reader.section("demand", frames).charts[1].title.endswith(end)


def test_the_waterfall_ends_at_gross_and_its_difference_is_the_headline(
    reader: Reader, frames: Frames
) -> None:
    bars = reader.section("drivers", frames).charts[0].picture.panels[0].figure.data
    ends = [bar.base[0] + bar.x[0] for bar in bars]
    assert ends[-1] == pytest.approx(2026.4)
    assert ends[-2] == pytest.approx(ends[-1], abs=1)
    assert ends[-1] - ends[0] == pytest.approx(1446.4)
    whiskers = reader.section("drivers", frames).charts[0].picture.table.frame
    assert whiskers.columns == ["name", "mean", "p10", "p90"]


def test_the_share_of_people_without_a_place_who_get_a_home_is_named(
    reader: Reader, frames: Frames
) -> None:
    section = reader.section("drivers", frames)
    assert "beschermd wonen 50% (25% tot 80%)" in section.paragraphs[1]
    assert "maatschappelijke opvang (24 uur) 15% (5% tot 30%)" in section.paragraphs[1]


def test_planned_changes_are_named_by_kind_with_what_is_decided(
    reader: Reader, frames: Frames
) -> None:
    planned = reader.section("drivers", frames).paragraphs[0]
    assert "sluiten zodra iemand vertrekt 100 (waarvan 60 besloten)" in planned
    assert "overgaan naar de Wlz 20 (waarvan 20 besloten)" in planned
    frames["mart_capacity__plan"] = frames["mart_capacity__plan"].clear()
    assert "geen wijzigingen" in reader.section("drivers", frames).paragraphs[0]


@pytest.mark.parametrize(("confirmed", "said"), [(False, True), (True, False)])
def test_the_promise_says_what_of_it_is_not_confirmed(
    reader: Reader, frames: Frames, confirmed: bool, said: bool
) -> None:
    frames["mart_promise__region"] = frames["mart_promise__region"].with_columns(
        clock_confirmed=pl.lit(confirmed), share_norm_confirmed=pl.lit(confirmed)
    )
    text = " ".join(reader.section("promise", frames).paragraphs)
    assert "goedkeuring van de aanvraag" in text
    assert ("nog niet is bevestigd" in text) is said


def test_one_scenario_makes_no_section_and_several_do(reader: Reader, frames: Frames) -> None:
    section = reader.section("scenarios", frames)
    assert isinstance(section, Section)
    assert section.tables[0].table.frame["label"].to_list() == ["Basis", "Sneller sluiten"]
    alone = invented_release.build_frames(scenarios=("baseline",))
    assert reader.section("scenarios", alone) is None


def test_the_published_number_is_never_compared_with_the_years_of_now(
    reader: Reader, frames: Frames
) -> None:
    section = reader.section("published", frames)
    assert section.paragraphs[0] == (
        "Vergelijk dit getal niet met de tien jaren van nu (november 2026 t/m oktober 2036): het "
        "gaat over een andere periode en een andere beginstand."
    )
    assert "december 2021" in section.charts[0].subtitle


def test_an_unknown_reason_is_shown_neutrally(reader: Reader, frames: Frames) -> None:
    counted, whole = reader.section("deliveries", frames).tables[1:3]
    assert "Een andere reden (code 'a_new_reason')" in counted.table.frame["said"].to_list()
    assert whole.folded
    assert whole.table.frame["place"].to_list() == [
        "datum aanvraag",
        "datum aanbod",
        "datum aanmelding",
    ]
    assert counted.table.frame["rows"].sum() == whole.table.frame["rows"].sum() == 7


def test_an_unknown_assumption_and_a_changed_one_are_marked(reader: Reader, frames: Frames) -> None:
    table = reader.section("assumptions", frames).tables[0].table.frame
    names = table["parameter"].to_list()
    assert "aanname 'a_new_parameter'" in names
    assert any(name.endswith("(gewijzigd in dit scenario)") for name in names)
    stays = table.filter(pl.col("parameter").str.starts_with("Verblijfsduur")).row(0, named=True)
    assert (stays["value"], stays["range"]) == ("4 jaar", "3,2 jaar tot 5,1 jaar")


def test_agreements_stand_in_order_of_weight_with_the_associations(
    reader: Reader, frames: Frames
) -> None:
    section = reader.section("agreements", frames)
    assert section.paragraphs == ("Corporaties in de regio: Woonduin en Stichting Havenhuis.",)
    table = section.tables[0].table.frame
    assert table["what"].to_list() == ["Plafond", "Termijn voor een aanbod", "Verdeelsleutel"]
    assert table["value"].to_list() == ["178 woningen", "6 maanden", ""]
    assert table["confirmed"].to_list() == ["ja", "ja", "nog niet bevestigd"]
    assert set(table["commitment"]) == {"inspanning (streven)"}


def test_reasons_are_counted_as_faults_since_a_row_may_have_several(
    reader: Reader, frames: Frames
) -> None:
    tables = {table.table_id: table for table in reader.section("deliveries", frames).tables}
    assert tables["deliveries-reasons"].table.columns[-1].head == "Gebreken"
    assert tables["deliveries-reasons-files"].table.columns[-1].head == "Rijen"
